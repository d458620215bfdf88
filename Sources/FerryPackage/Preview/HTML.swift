internal import FerryMarkup

/// Text as HTML: element content and quoted attribute values, in one way that is safe in both.
enum HTML {
  static func escaped(_ text: String) -> String {
    var out = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "\"": out += "&quot;"
      case "'": out += "&#39;"
      case _ where scalar != "\n" && PlainText.isHarmful(scalar): continue
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out
  }

  /// One line of a stranger's words, kept apart from the direction of the text around it.
  static func words(_ text: String, language: String? = nil) -> String {
    let mark = language.map { " lang=\"\(escaped($0))\"" } ?? ""
    return "<bdi\(mark)>\(escaped(PlainText.line(text)))</bdi>"
  }
}

/// Words of the page itself, in both of its languages.
struct Phrase {
  let english: String
  let chinese: String

  init(_ english: String, _ chinese: String) { (self.english, self.chinese) = (english, chinese) }

  /// The script shows the reader's language; without it the page is in English.
  var html: String { "<span \(attributes())>\(HTML.escaped(english))</span>" }

  /// For an element that has other attributes too.
  func attributes() -> String {
    "data-en=\"\(HTML.escaped(english))\" data-zh=\"\(HTML.escaped(chinese))\""
  }

  /// A name for an element whose content does not say it.
  var label: String {
    let name = HTML.escaped(english)
    return "aria-label=\"\(name)\" data-label-en=\"\(name)\" data-label-zh=\"\(HTML.escaped(chinese))\""
  }
}
