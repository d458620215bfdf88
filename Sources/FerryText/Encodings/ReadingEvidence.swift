internal import FerryCore

/// How much a reading of some bytes looks like what somebody wrote in the encoding's own language.
///
/// Two witnesses, because either alone can be fooled by a short line. The form: GB 2312 and Big5 put the characters of
/// everyday use in a first level and the rest behind it, Korean is all but free of other letters than Hangul, and
/// Japanese never is without kana. The common letters: of the letters read, how many are among those that the language
/// uses most; a wrong reading draws its letters from all that the encoding has.
struct ReadingEvidence {
  let encoding: TextEncoding
  let language: String
  let form: Double
  let common: Double
  /// The natural logarithm of how much likelier so many common letters are in written text than in a wrong reading.
  let weight: Double

  /// Whether somebody wrote this, if nothing else fits as well.
  let isWritten: Bool

  /// One chance in fifty that a wrong reading has so many common letters.
  static let leastWeight = 4.0

  /// The encodings that are told apart, and whose languages they are.
  static let candidates: [(encoding: TextEncoding, language: String, name: String)] = [
    (.gb18030, "zh", "Chinese"), (.big5, "zh", "Chinese"), (.eucKR, "ko", "Korean"), (.shiftJIS, "ja", "Japanese"),
    (.eucJP, "ja", "Japanese"),
  ]

  /// The encoding with its language: `Korean in euc-kr`.
  var name: String {
    let language = ReadingEvidence.candidates.first { $0.encoding == encoding }?.name
    return (language.map { $0 + " in " } ?? "") + encoding.rawValue
  }

  var description: String {
    let witness = ["ko": "Hangul", "ja": "kana"][language] ?? "level-1"
    return "\(encoding.rawValue): \(witness) share \(form.fixed(2)), common \(common.fixed(2))"
  }

  /// `nil` for an encoding that is read only when it is forced.
  init?(_ encoding: TextEncoding, bytes: some Collection<UInt8>, text: [UInt8]) {
    guard let language = ReadingEvidence.candidates.first(where: { $0.encoding == encoding })?.language else {
      return nil
    }
    let letters = LetterCount(text, language: language)
    self.encoding = encoding
    self.language = language
    form =
      switch language {
      case "ko": share(letters.hangul, letters.all)
      case "ja": share(letters.kana, letters.all)
      // Kana prove that the text is no Chinese, whatever the rest reads like.
      default: letters.kana * 3 > letters.all ? 0 : levelOneShare(Array(bytes), encoding)
      }
    // Text of kana alone has nothing to be uncommon.
    common = letters.counted == 0 && letters.kana > 0 ? 1 : share(letters.common, letters.counted)
    weight = letters.weight + (language == "ja" ? Double(letters.kana) * 0.5 : 0)
    let fits =
      switch language {
      case "ko": form >= 0.9 && common >= 0.25
      // Chinese encodings have the kana at the codes of EUC-JP, so that there the other letters must decide.
      case "ja": form >= 0.2 && common >= 0.45 && (encoding == .shiftJIS || letters.weight > 2.3)
      // Traditional characters in GB18030 are outside of the first level.
      default: form >= 0.5 && common >= 0.25 || form >= 0.3 && common >= 0.5
      }
    isWritten = fits && weight >= ReadingEvidence.leastWeight
  }
}

/// The letters of a text beyond ASCII by script, and how many are among the most used of a language.
struct LetterCount {
  private(set) var han = 0
  private(set) var kana = 0
  private(set) var hangul = 0
  private(set) var other = 0
  private(set) var common = 0
  private let language: String

  var all: Int { han + kana + hangul + other }

  /// Kana stand at the same codes in Chinese and Japanese encodings, and prove neither.
  var counted: Int { language == "ko" ? all : all - kana }

  /// Written text has 0.3 to 0.9 common letters, a wrong reading 0.05 to 0.2; Japanese draws on fewer, and has more.
  var weight: Double {
    language == "ja"
      ? Double(common) * 1.16 - Double(counted - common) * 1.32
      : Double(common) * 1.2 - Double(counted - common) * 0.38
  }

  init(_ text: some Collection<UInt8>, language: String) {
    self.language = language
    let mostUsed = MostUsed.letters[language] ?? []
    for scalar in String(decoding: text, as: UTF8.self).unicodeScalars where scalar.value >= 0x80 {
      if scalar.isHan {
        han += 1
      } else if scalar.isKana {
        kana += 1
      } else if scalar.isHangul {
        hangul += 1
      } else if !scalar.isSymbol {
        other += 1
      }
      if mostUsed.contains(scalar) { common += 1 }
    }
  }
}

/// Of the characters that are no symbols, the share on level 1.
private func levelOneShare(_ bytes: [UInt8], _ encoding: TextEncoding) -> Double {
  var levelOne = 0
  var all = 0
  var index = 0
  while index < bytes.count {
    let lead = bytes[index]
    guard lead >= 0x81, index + 1 < bytes.count else {
      index += 1
      continue
    }
    let trail = bytes[index + 1]
    if encoding == .gb18030, (0x30...0x39).contains(trail) {
      all += 1
      index += 4
      continue
    }
    index += 2
    if encoding == .gb18030 {
      if (0xA1...0xA9).contains(lead), trail >= 0xA1 { continue }
      if (0xB0...0xD7).contains(lead), trail >= 0xA1 { levelOne += 1 }
    } else {
      if (0xA1...0xA3).contains(lead) { continue }
      if (0xA4...0xC6).contains(lead) { levelOne += 1 }
    }
    all += 1
  }
  return share(levelOne, all)
}

private func share(_ part: Int, _ all: Int) -> Double { all == 0 ? 0 : Double(part) / Double(all) }

extension Unicode.Scalar {
  /// Whether it is a Chinese character, or a stroke or radical of one; punctuation, kana and Hangul are not.
  package var isHan: Bool {
    switch value {
    case 0x2E80...0x2FDF, 0x3005, 0x3007, 0x3021...0x3029, 0x3038...0x303B, 0x3400...0x4DBF, 0x4E00...0x9FFF,
      0xF900...0xFAFF, 0x20000...0x323AF:
      true
    default: false
    }
  }

  /// Whether it is a full-width kana; the half-width ones are what single bytes are misread as.
  package var isKana: Bool { (0x3041...0x309F).contains(value) || (0x30A1...0x30FF).contains(value) }

  package var isHangul: Bool { (0xAC00...0xD7A3).contains(value) || (0x3131...0x318E).contains(value) }

  /// Whether it is punctuation or a sign that any language may use.
  fileprivate var isSymbol: Bool {
    switch value {
    case 0xA0...0xBF, 0xD7, 0xF7, 0x2000...0x2BFF, 0x3000...0x303F, 0x30FB, 0xFE10...0xFE6F, 0xFF01...0xFF65,
      0xFFE0...0xFFEF:
      true
    default: false
    }
  }
}
