internal import FerryCore

/// Tags and character references in WebVTT cue text.
enum WebVTTMarkup {
  /// The lines of a cue's text, none of which has more than about `marks` places where something may begin.
  static func lines(_ text: [UInt8], _ payload: Range<Int>, marks: Int = 0, note: (Repair) -> Void) -> [[Run]] {
    var index = nextMarkup(text, from: payload.lowerBound, before: payload.upperBound)
    var parser = Parser(builder: RunBuilder(source: text, runs: marks + 1))
    // Text up to here is in the builder.
    var taken = payload.lowerBound
    while index < payload.upperBound {
      var resume = index + 1
      if text[index] == UInt8(ascii: "&") {
        if let (characters, end) = reference(text, at: index, before: payload.upperBound) {
          parser.builder.append(lines: taken..<index)
          parser.builder.append(characters.utf8)
          taken = end
          resume = end
        } else if isReferenceLike(text, at: index, before: payload.upperBound) {
          note(.unknownEntity)
        }
      } else {
        parser.builder.append(lines: taken..<index)
        taken = index
        if let (style, isClosing, end) = Run.Style.tag(text, at: index, before: payload.upperBound) {
          parser.take(style, isClosing: isClosing, note: note)
          taken = end
          resume = end
        } else if let close = tagEnd(text, at: index, before: payload.upperBound),
          parser.take(tag: text[(index + 1)..<close], note: note)
        {
          taken = close + 1
          resume = taken
        } else {
          // The specification drops a tag that it does not know, and all text after a `<` without end; ferry drops none.
          note(.unknownTag)
        }
      }
      index = nextMarkup(text, from: resume, before: payload.upperBound)
    }
    parser.builder.append(lines: taken..<payload.upperBound)
    parser.end(note: note)
    return parser.builder.finish()
  }

  /// Where the `>` is that ends the tag, if no other `<` comes first.
  private static func tagEnd(_ text: [UInt8], at index: Int, before end: Int) -> Int? {
    var other = index + 1
    while other < end, text[other] != UInt8(ascii: ">") {
      if text[other] == UInt8(ascii: "<") { return nil }
      other += 1
    }
    return other < end ? other : nil
  }

  private static func nextMarkup(_ text: [UInt8], from start: Int, before end: Int) -> Int {
    var index = start
    while index < end, text[index] != UInt8(ascii: "<"), text[index] != UInt8(ascii: "&") { index += 1 }
    return index
  }

  private struct Parser {
    var builder: RunBuilder
    private var open = OpenStyles()
    private var voices: [String?] = []

    init(builder: RunBuilder) { self.builder = builder }

    /// Acts on a tag that is a single letter, as nearly every tag is.
    mutating func take(_ style: Run.Style, isClosing: Bool, note: (Repair) -> Void) {
      if !isClosing { open.begin(style) } else if !open.end(style) { note(.unbalancedTag) }
      builder.set(style: open.style, voice: voices.last ?? nil)
    }

    /// Acts on what stands between `<` and `>`; `false` when it is no tag of WebVTT.
    mutating func take(tag: ArraySlice<UInt8>, note: (Repair) -> Void) -> Bool {
      if tag.first?.isASCIIDigit == true {
        guard tag.allSatisfy({ $0.isASCIIDigit || $0 == 0x3A || $0 == 0x2E }) else { return false }
        note(.timestampTag)
        return true
      }
      let isClosing = tag.first == UInt8(ascii: "/")
      let body = isClosing ? tag.dropFirst() : tag
      let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0C }
      let head = body.prefix { !isBlank($0) }
      let nameBytes = head.prefix { $0 != 0x2E }
      guard let name = Name(nameBytes) else { return false }
      if nameBytes.count != head.count || name == .language && !isClosing { note(.className) }
      switch name {
      case .style(let style):
        if !isClosing { open.begin(style) } else if !open.end(style) { note(.unbalancedTag) }
      case .voice:
        if !isClosing {
          voices.append(annotation(body[head.endIndex...]))
        } else if voices.popLast() == nil {
          note(.unbalancedTag)
        }
      case .ruby, .rubyText: ruby(name == .rubyText, isClosing)
      case .other, .language: return true
      }
      builder.set(style: open.style, voice: voices.last ?? nil)
      return true
    }

    private enum Name: Equatable {
      case style(Run.Style)
      case voice, ruby, rubyText, language
      /// A class span, which only style sheets give a meaning.
      case other

      init?(_ name: ArraySlice<UInt8>) {
        switch (name.count, name.first) {
        case (1, UInt8(ascii: "v")): self = .voice
        case (1, UInt8(ascii: "c")): self = .other
        case (1, let letter?):
          guard let style = Run.Style(tag: letter) else { return nil }
          self = .style(style)
        case (2, _) where name.elementsEqual("rt".utf8): self = .rubyText
        case (4, _) where name.elementsEqual("ruby".utf8): self = .ruby
        case (4, _) where name.elementsEqual("lang".utf8): self = .language
        default: return nil
        }
      }
    }

    /// A ruby's end also ends its text.
    private mutating func ruby(_ isText: Bool, _ isClosing: Bool) {
      switch (isText, isClosing) {
      case (false, false): builder.beginRubyBase()
      case (true, false): builder.beginRubyText()
      case (_, true): builder.endRubyText()
      }
    }

    /// The speaker's name: references decoded, blanks joined.
    private func annotation(_ bytes: ArraySlice<UInt8>) -> String? {
      // Nearly every name is one word behind one blank.
      if bytes.count > 1, bytes.first == 0x20, !bytes.dropFirst().contains(where: { $0 <= 0x20 || $0 == 0x26 }) {
        return String(decoding: bytes.dropFirst(), as: UTF8.self)
      }
      let raw = Array(bytes)
      var name: [UInt8] = []
      var index = 0
      while index < raw.count {
        if raw[index] == UInt8(ascii: "&"), let (characters, end) = reference(raw, at: index, before: raw.count) {
          name += characters.utf8
          index = end
        } else {
          name.append(raw[index])
          index += 1
        }
      }
      let words = name.split { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0C }
      return words.isEmpty ? nil : String(decoding: Array(words.joined(separator: [0x20])), as: UTF8.self)
    }

    /// A voice may stay open to the end of the cue; other tags should not.
    mutating func end(note: (Repair) -> Void) {
      if !open.isEmpty { note(.unbalancedTag) }
    }
  }

  /// The characters that `&…;` stands for, and where it ends.
  private static func reference(_ text: [UInt8], at index: Int, before end: Int) -> (String, end: Int)? {
    let name = text[(index + 1)..<min(end, index + 12)].prefix { $0.isASCIIAlphanumeric || $0 == UInt8(ascii: "#") }
    guard !name.isEmpty, name.endIndex < end, text[name.endIndex] == UInt8(ascii: ";") else { return nil }
    let next = name.endIndex + 1
    guard name.first == UInt8(ascii: "#") else {
      // Text that only says what it must says these two.
      if name.elementsEqual("amp".utf8) { return ("&", next) }
      if name.elementsEqual("lt".utf8) { return ("<", next) }
      return named[String(decoding: name, as: UTF8.self)].map { ($0, next) }
    }
    let digits = String(decoding: name.dropFirst(), as: UTF8.self)
    let isHexadecimal = digits.first == "x" || digits.first == "X"
    let value = isHexadecimal ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
    // NUL and control characters stay as they are written: no subtitle may contain them.
    guard let value, value >= 0x20, !(0x7F...0x9F).contains(value), let scalar = Unicode.Scalar(value) else {
      return nil
    }
    return (String(Character(scalar)), next)
  }

  private static func isReferenceLike(_ text: [UInt8], at index: Int, before end: Int) -> Bool {
    let name = text[(index + 1)..<min(end, index + 12)].prefix { $0.isASCIIAlphanumeric || $0 == UInt8(ascii: "#") }
    return !name.isEmpty && name.endIndex < end && text[name.endIndex] == UInt8(ascii: ";")
  }

  /// What subtitle programs write; HTML has two thousand more, which are kept as text and reported.
  private static let named = [
    "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": "\u{A0}", "lrm": "\u{200E}",
    "rlm": "\u{200F}", "zwj": "\u{200D}", "zwnj": "\u{200C}", "shy": "\u{AD}", "ensp": "\u{2002}",
    "emsp": "\u{2003}", "thinsp": "\u{2009}", "hellip": "…", "mdash": "—", "ndash": "–", "lsquo": "‘", "rsquo": "’",
    "ldquo": "“", "rdquo": "”", "laquo": "«", "raquo": "»", "middot": "·", "bull": "•", "times": "×", "divide": "÷",
    "deg": "°", "plusmn": "±", "copy": "©", "reg": "®", "trade": "™", "euro": "€", "pound": "£", "yen": "¥",
    "cent": "¢", "sect": "§", "para": "¶", "iexcl": "¡", "iquest": "¿", "eacute": "é", "egrave": "è", "ecirc": "ê",
    "agrave": "à", "aacute": "á", "acirc": "â", "auml": "ä", "ouml": "ö", "uuml": "ü", "Auml": "Ä", "Ouml": "Ö",
    "Uuml": "Ü", "szlig": "ß", "ccedil": "ç", "ntilde": "ñ", "oacute": "ó", "iacute": "í", "uacute": "ú", "frac12": "½",
    "sup2": "²", "sup3": "³", "micro": "µ",
  ]
}
