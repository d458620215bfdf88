internal import FerryCore

/// Text that was once decoded wrongly and saved so, as far as it shows: which damage, where, and whether it can be undone.
struct Mojibake {
  let damage: Damage
  /// Offset and number of the first damaged line, and the column where the damage begins.
  private(set) var offset = 0
  private(set) var line = 0
  private(set) var column = 0
  private(set) var excerpt = ""
  /// The excerpt as it should be, where the line can be restored.
  private(set) var restored: String?
  /// Damaged lines that can be restored, and those that cannot.
  private(set) var exactLines = 0
  private(set) var lostLines = 0

  /// All damage found in a text, each kind once.
  ///
  /// A line alone may look damaged by accident; what all such lines would say together decides.
  static func all(in text: [UInt8]) -> [Mojibake] {
    var suspects: [(range: Range<Int>, number: Int)] = []
    forEachLine(of: text) { range, number in
      if isSuspicious(text[range]) { suspects.append((range, number)) }
    }
    var found: [Mojibake] = []
    for damage in Damage.known where !suspects.isEmpty {
      guard let mojibake = Mojibake(damage, text, &suspects) else { continue }
      found.append(mojibake)
    }
    return found
  }

  /// Takes from `suspects` those lines that have this damage.
  private init?(_ damage: Damage, _ text: [UInt8], _ suspects: inout [(range: Range<Int>, number: Int)]) {
    guard let undoing = Undoing.open(damage) else { return nil }
    var testimony = Testimony(damage)
    var damaged: [(index: Int, exact: [UInt8]?)] = []
    for (index, suspect) in suspects.enumerated() {
      guard let bytes = undoing.bytes(text[suspect.range]), testimony.add(bytes) else { continue }
      damaged.append((index, undoing.exact(text[suspect.range])))
    }
    guard let first = damaged.first, testimony.isConvincing else { return nil }
    self.damage = damage
    let range = suspects[first.index].range
    let start = text[range].firstIndex { $0 >= 0x80 } ?? range.lowerBound
    offset = start
    line = suspects[first.index].number
    column = text.column(of: start, inLineFrom: range.lowerBound)
    excerpt = String(text.string(start..<range.upperBound).prefix(20))
    let plain = text[range.lowerBound..<start]
    restored = first.exact.map { String(String(decoding: $0.dropFirst(plain.count), as: UTF8.self).prefix(20)) }
    exactLines = damaged.count { $0.exact != nil }
    lostLines = damaged.count - exactLines
    let taken = Set(damaged.map(\.index))
    suspects = suspects.enumerated().filter { !taken.contains($0.offset) }.map(\.element)
  }

  /// Whether a line is worth a closer look: letters that follow one another as they do in no language.
  static func isSuspicious(_ line: ArraySlice<UInt8>) -> Bool {
    var letters = 0
    var rare = 0
    var index = line.startIndex
    while index < line.endIndex {
      let lead = line[index]
      if lead < 0x80 {
        index += 1
      } else if lead < 0xE0 {
        // Two signs of a Western code page side by side: the second is often a quotation mark, three bytes long.
        if lead == 0xC2 || lead == 0xC3, index + 2 < line.endIndex, line[index + 2] >= 0x80 { return true }
        letters += 1
        index += 2
      } else if lead < 0xF0 {
        guard index + 2 < line.endIndex else { return false }
        letters += 1
        if RareInGBK.contains(line[index], line[index + 1], line[index + 2]) { rare += 1 }
        index += 3
      } else {
        letters += 1
        index += 4
      }
    }
    return rare > 0 && rare * 5 >= letters
  }

  /// Whether a letter of three bytes is what UTF-8 misread as GBK is full of.
  static func isRareInGBK(_ first: UInt8, _ second: UInt8, _ third: UInt8) -> Bool {
    RareInGBK.contains(first, second, third)
  }

  func report(to findings: inout Findings, fileOffset: Int?) {
    let lines = exactLines + lostLines
    let count = lines == 1 ? "" : " (and \(lines - 1) more line\(lines == 2 ? "" : "s"))"
    let place = fileOffset.map { ", at offset \(offset + $0)" } ?? ""
    let repair = "'ferry subtitles convert --repair'"
    let example = restored.map { ", here to '\($0)'" } ?? ""
    let hint =
      if exactLines == 0 {
        "take the text from before it was damaged; some of it is lost"
      } else if lostLines == 0 {
        "\(repair) restores it exactly\(example)"
      } else {
        "\(repair) restores \(exactLines) of the lines exactly\(example); take the others from before the damage"
      }
    findings.error(
      "enc.mojibake", line: line, column: column, "'\(excerpt)' is \(damage) and saved\(place)\(count)", hint: hint)
  }
}

/// What all suspicious lines would say if they had one damage.
private struct Testimony {
  private let damage: Damage
  private var text: [UInt8] = []
  private var bytes: [UInt8] = []
  private var punctuation = 0
  private var accented = 0
  private var alphabetic = 0

  init(_ damage: Damage) { self.damage = damage }

  /// Adds a line's original bytes; `false` when this damage does not explain the line.
  mutating func add(_ line: [UInt8]) -> Bool {
    guard damage.was == .utf8 else {
      guard Testimony.hasLongRun(line) else { return false }
      bytes += line
      bytes.append(0x0A)
      return true
    }
    var letters = 0
    var strays = 0
    var signs = 0
    var accents = 0
    var others = 0
    var previous: Unicode.Scalar = " "
    let decoded = String(decoding: line, as: UTF8.self)
    for scalar in decoded.unicodeScalars where scalar.value >= 0x80 {
      switch scalar.value {
      case 0xFFFD: if previous.value != 0xFFFD { strays += 1 }
      case 0x2010...0x203A, 0x20AC, 0x2122: signs += 1
      case 0xE0...0xFF, 0xDF, 0xC9, 0xA0...0xBA: accents += 1
      case 0x391...0x44F: others += 1
      default: if scalar.isHan || scalar.isKana || scalar.isHangul { letters += 1 }
      }
      previous = scalar
    }
    if damage.readAs == .gbk { (accents, others) = (0, 0) }
    guard letters + signs + accents + others > strays else { return false }
    // A quotation mark behind a capital such as 'É' can make one letter; nothing honest makes one beside strays.
    if strays > 0, letters < 2, signs == 0 { return false }
    text += decoded.utf8
    text.append(0x0A)
    punctuation += signs
    accented += accents
    alphabetic += others
    return true
  }

  var isConvincing: Bool {
    if damage.was != .utf8 {
      guard let iconv = Iconv.open(from: damage.was) else { return false }
      var decoded: [UInt8] = []
      let stop = iconv.append(bytes, from: 0, to: &decoded)
      return stop == nil && (ReadingEvidence(damage.was, bytes: bytes, text: decoded)?.isWritten ?? false)
    }
    if punctuation > 0 || accented > 0 || alphabetic >= 4 { return true }
    return ["zh", "ko", "ja"].contains { language in
      let letters = LetterCount(text, language: language)
      // Kana and Hangul are never what Western or Chinese characters add up to by accident.
      return letters.common >= 2 && letters.weight > 0 || letters.kana >= 2
    }
  }

  /// Four signs of a Western code page in a row, as no Western language has them.
  private static func hasLongRun(_ line: [UInt8]) -> Bool {
    var run = 0
    for byte in line {
      run = byte >= 0x80 ? run + 1 : 0
      if run == 4 { return true }
    }
    return false
  }
}

/// The characters of GBK whose first byte is the first of a Chinese character in UTF-8: every second one of what UTF-8
/// is misread as, and hardly ever one of what people write.
private enum RareInGBK {
  private static let table: [Bool] = {
    var table = [Bool](repeating: false, count: 1 << 16)
    var bytes: [UInt8] = []
    for lead in (0xE2...0xEF as ClosedRange<UInt8>) {
      for trail in (0x80...0xBF as ClosedRange<UInt8>) { bytes += [lead, trail, 0x0A] }
    }
    var text: [UInt8] = []
    guard let iconv = Iconv.open(from: .gb18030), iconv.append(bytes, from: 0, to: &text) == nil else { return table }
    for scalar in String(decoding: text, as: UTF8.self).unicodeScalars where scalar.value < 1 << 16 {
      table[Int(scalar.value)] = true
    }
    table[0x0A] = false
    return table
  }()

  static func contains(_ first: UInt8, _ second: UInt8, _ third: UInt8) -> Bool {
    table[Int(first & 0x0F) << 12 | Int(second & 0x3F) << 6 | Int(third & 0x3F)]
  }
}
