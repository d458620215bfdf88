internal import FerryCore
internal import FerryText

/// Text that a conversion or an export destroyed: what is left is question marks, boxes or rubbish.
///
/// An editor that cannot write a character saves '?' in its place, a font that lacks one shows a box, and a failed export
/// writes the same placeholder everywhere. None of it can be restored from the file.
enum DestroyedRules {
  /// Fewer cues than this may all say the same.
  private static let fewestRepeated = 8

  static func check(_ report: inout CheckReport) {
    guard report.profile.severity("text.destroyed") != nil else { return }
    let texts = report.subjects.indices.filter { report.subjects[$0].hasText }
    let remains = texts.map { Remains(report.subjects[$0].text, report.language) }
    let destroyed = zip(texts, remains).filter { $1.isDestroyed }
    let suspects = remains.count { $0.isDestroyed || $0.isOnlyMarks }
    if suspects * 10 >= texts.count * 6, !destroyed.isEmpty || suspects >= 3 {
      let what = remains.contains { $0.isLatinRubbish } ? "letters of another code page" : "'?', boxes or blanks"
      report.flag(
        "text.destroyed", "the text is destroyed: \(suspects) of \(texts.count) cues are \(what) and hold no words",
        hint: "ask for the original and save it as UTF-8; this file cannot be repaired")
      return
    }
    if let message = repetition(report, texts) {
      report.flag(
        "text.destroyed", message, hint: "export the track again, or ask for the original; the words are not in it")
      return
    }
    for (index, remains) in destroyed {
      report.flag(
        "text.destroyed", cue: index, "the cue's text is destroyed: \(remains.what)",
        hint: "write the words again, or take the cue from the original file")
    }
  }

  /// What is wrong with a track that says the same throughout.
  private static func repetition(_ report: CheckReport, _ texts: [Int]) -> String? {
    var signs: Set<Character> = []
    var count = 0
    var shares: [String: Int] = [:]
    for index in texts {
      let text = String(report.subjects[index].text.trimmed)
      // One sign over and over is found within some cues; a long track has too many letters to gather.
      if signs.count < 2 { signs.formUnion(text.filter { !$0.isWhitespace }) }
      count += text.count
      shares[text, default: 0] += 1
    }
    if texts.count >= 3, count >= 8, signs.count == 1, let sign = signs.first, sign.isLetter || sign.isNumber {
      return "the text is destroyed: all \(texts.count) cues are the character '\(sign)' over and over"
    }
    guard texts.count >= fewestRepeated, let (text, most) = shares.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }),
      most * 10 >= texts.count * 9, Remains.isSentence(text)
    else { return nil }
    return "\(most) of \(texts.count) cues say the same: '\(TextFinding.excerpt(of: text))'"
  }
}

/// What a cue's text consists of, where it may have been destroyed.
private struct Remains {
  /// What was found, in words; empty where the text may be whole.
  private(set) var what = ""
  /// Whether there is nothing but signs that stand for lost characters; a single "???" may be meant.
  private(set) var isOnlyMarks = false
  private(set) var isLatinRubbish = false

  var isDestroyed: Bool { !what.isEmpty }

  init(_ text: String, _ language: LanguageTag) {
    var (letters, own, others, western, questions, boxes, replaced) = (0, 0, 0, 0, 0, 0, 0)
    // Signs in a row, the longest row that does not end the text, and whether a row begins it.
    var (run, inner, begins, isFirst) = (0, 0, false, true)
    for scalar in text.unicodeScalars where !scalar.properties.isWhitespace {
      let isMark = scalar == "?" || scalar == "？" || Remains.isBox(scalar)
      if isMark {
        run += 1
        begins = begins || isFirst
      } else if scalar.properties.isAlphabetic {
        inner = max(inner, run)
        run = 0
      }
      isFirst = false
      switch scalar {
      case "?", "？": questions += 1
      case "\u{FFFD}": replaced += 1
      case _ where Remains.isBox(scalar): boxes += 1
      default:
        if scalar.properties.isAlphabetic { letters += 1 }
        if scalar.isHan || scalar.isKana || scalar.isHangul { own += 1 }
        if (0xA1...0xFF).contains(scalar.value) || scalar.value == 0x152 || scalar.value == 0x153 { western += 1 }
        if !Remains.isPunctuation(scalar) { others += 1 }
      }
    }
    let marks = questions + boxes
    isOnlyMarks = marks > 0 && others == 0
    if replaced > 0 {
      what =
        "it has \(replaced) U+FFFD, which \(replaced == 1 ? "stands" : "stand") for characters that could not be read"
    } else if others == 0, questions >= 5 || boxes >= 4 {
      what = "nothing is left but \(marks) '\(questions > boxes ? "?" : "□")'"
    } else if marks >= 4, letters > 0, own == 0, begins || inner >= 3, marks * 2 >= letters {
      what = "\(marks) of its \(marks + letters) letters are '\(questions > boxes ? "?" : "□")'"
    } else if inner >= 4 {
      what = "\(inner) letters in a row are '\(questions > boxes ? "?" : "□")'"
    } else if western >= 4, western * 2 >= others, own == 0, !Remains.accented.contains(language.language) {
      what = "its letters are those of another code page"
      isLatinRubbish = true
    }
  }

  /// Whether a text has several different words or characters, and is neither a sound nor music.
  static func isSentence(_ text: String) -> Bool {
    guard let first = text.first, !"[(（【［〔♪♫#".contains(first) else { return false }
    let words = Set(text.lowercased().split { !$0.isLetter })
    return words.count > 1 || Set(words.first ?? "").count > 3
  }

  private static func isBox(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x25A0, 0x25A1, 0x25AD, 0x25AF, 0x25FB, 0x2610, 0x2B1C, 0x2395: true
    default: false
    }
  }

  private static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
      .finalPunctuation, .otherPunctuation:
      true
    default: scalar.properties.isDefaultIgnorableCodePoint
    }
  }

  /// Languages with so many accented letters that a cue may well consist of them.
  private static let accented: Set = [
    "fr", "de", "es", "it", "pt", "nl", "pl", "cs", "sk", "sv", "da", "fi", "no", "nb", "nn", "hu", "ro", "tr", "vi",
    "is", "fo", "et", "ca", "ga", "gl", "az", "lv", "lt", "hr", "sl", "sq",
  ]
}
