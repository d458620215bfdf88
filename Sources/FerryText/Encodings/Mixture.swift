/// UTF-8 and something else in one file: parts of two files joined, or one file damaged.
struct Mixture {
  /// The offset of the first byte that is not UTF-8.
  private(set) var broken = 0
  /// How many lines have such bytes.
  private(set) var brokenLines = 0
  /// Whether every such line is UTF-8 apart from a few bytes.
  private(set) var isDamage = true
  /// Where the first line begins that has letters in UTF-8 and nothing else.
  private(set) var firstValid = 0
  private(set) var validLines = 0
  /// The lines that are not UTF-8.
  private(set) var brokenText: [UInt8] = []

  /// `nil` when all is UTF-8, or nothing is.
  ///
  /// No other encoding makes lines that are UTF-8 with letters of three bytes by accident.
  init?(_ bytes: [UInt8], from start: Int) {
    var start = start
    let isMarked = start > 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex { $0 == 0x0A || $0 == 0x0D } ?? bytes.count
      let line = bytes[start..<end]
      if line.contains(where: { $0 >= 0x80 }) {
        if let offset = firstByteThatIsNotUTF8(line) {
          if brokenLines == 0 { broken = offset }
          brokenLines += 1
          if brokenText.count < 1 << 18 { brokenText += bytes[start..<min(bytes.count, end + 1)] }
          isDamage = isDamage && Mixture.isMostlyUTF8(line)
        } else if line.contains(where: { $0 >= 0xE0 }) {
          if validLines == 0 { firstValid = start }
          validLines += 1
        }
      }
      start = end + 1
    }
    guard brokenLines > 0, validLines > 0 || isDamage || isMarked else { return nil }
  }

  /// Whether a line has more letters of three bytes than bytes that fit nowhere.
  private static func isMostlyUTF8(_ line: ArraySlice<UInt8>) -> Bool {
    var letters = 0
    var strays = 0
    for scalar in String(decoding: line, as: UTF8.self).unicodeScalars {
      if scalar == "\u{FFFD}" { strays += 1 } else if scalar.isHan || scalar.isKana || scalar.isHangul { letters += 1 }
    }
    return letters > strays
  }
}
