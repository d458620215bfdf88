internal import FerryCore

/// The line of a SubRip cue that says when it is shown.
struct SubRipTimes {
  var start = 0
  var end = 0
  /// Columns of the two times, for what is found wrong with them later.
  var startColumn = 1
  var endColumn = 1
  /// What the line has after the times.
  var rest: [UInt8] = []
  var repairs: Set<Repair> = []
  /// Whether it says hours, minutes, seconds and a fraction twice and nothing else, as no sentence does.
  var isComplete = true

  /// Why a line with an arrow says no times.
  enum Fault: Error {
    case malformed(column: Int)
    case outOfRange(column: Int)
    case negative(column: Int)
    case frames(column: Int)
  }

  /// Reads the line as written by the book, `00:00:01,000 --> 00:00:02,500`; `nil` for any other, which `init(lenient:)` may know.
  init?(strict text: [UInt8], _ line: Range<Int>) {
    guard line.count == 29, text[line.lowerBound + 13] == 0x2D, text[line.lowerBound + 14] == 0x2D,
      text[line.lowerBound + 15] == 0x3E, text[line.lowerBound + 12] == 0x20, text[line.lowerBound + 16] == 0x20,
      let start = SubRipTimes.clock(text, line.lowerBound), let end = SubRipTimes.clock(text, line.lowerBound + 17)
    else { return nil }
    self.start = start
    self.end = end
    endColumn = 18
  }

  /// Twelve bytes `hh:mm:ss,mmm` in milliseconds.
  private static func clock(_ text: [UInt8], _ at: Int) -> Int? {
    guard text[at + 2] == 0x3A, text[at + 5] == 0x3A, text[at + 8] == 0x2C else { return nil }
    var value = 0
    var valid = true
    func digit(_ offset: Int, _ weight: Int) {
      let digit = Int(text[at + offset]) - 0x30
      valid = valid && digit >= 0 && digit <= 9
      value += digit * weight
    }
    digit(0, 36_000_000)
    digit(1, 3_600_000)
    digit(3, 600_000)
    digit(4, 60_000)
    digit(6, 10_000)
    digit(7, 1000)
    digit(9, 100)
    digit(10, 10)
    digit(11, 1)
    return valid && text[at + 3] < 0x36 && text[at + 6] < 0x36 ? value : nil
  }

  /// Reads what people and programs write instead: full-width digits, other arrows, odd fractions, missing hours.
  init(lenient text: [UInt8], _ line: Range<Int>) throws(Fault) {
    let (bytes, isFullWidth) = SubRipTimes.narrowed(text, line)
    var cursor = Cursor(bytes: bytes)
    if isFullWidth {
      repairs.insert(.fullWidth)
      isComplete = false
    }
    (start, startColumn) = try cursor.time(&self)
    cursor.skipBlanks()
    let arrow = cursor.index
    while cursor.current == 0x2D { cursor.index += 1 }
    guard cursor.current == 0x3E else { throw .malformed(column: arrow + 1) }
    cursor.index += 1
    if cursor.index - arrow != 3 {
      repairs.insert(.oddArrow)
      isComplete = false
    }
    (end, endColumn) = try cursor.time(&self)
    rest = Array(bytes[cursor.index...])
    let isApart = rest.first == 0x20 || rest.first == 0x09
    rest = Array(rest[rest.trimmed(0..<rest.count)])
    if rest.isEmpty { return }
    isComplete = false
    if !isApart { throw .malformed(column: cursor.index + 1) }
    if [UInt8(ascii: "X"), UInt8(ascii: "Y")].contains(rest[0]), rest.count > 2, rest[2] == 0x3A {
      repairs.insert(.coordinates)
      rest = []
    } else if SubRipTimes.isSettings(rest) {
      repairs.insert(.settingsInSubRip)
    } else {
      throw .malformed(column: cursor.index + 1)
    }
  }

  /// Whether a line begins as times do: with a digit of either width or a minus sign.
  static func mayBegin(_ text: [UInt8], _ line: Range<Int>) -> Bool {
    let line = text.trimmed(line)
    guard let first = line.first else { return false }
    return text[first].isASCIIDigit || text[first] == 0x2D || text[first] == 0xEF
      || text[first] == 0xE3 && line.count > 2 && text[first + 1] == 0x80 && text[first + 2] == 0x80
  }

  /// Whether a line would begin a cue even amid another's text.
  static func areComplete(_ line: [UInt8]) -> Bool {
    do { return try SubRipTimes(lenient: line, 0..<line.count).isComplete } catch { return false }
  }

  /// Whether every word is a WebVTT cue setting.
  private static func isSettings(_ rest: [UInt8]) -> Bool {
    let names = ["vertical:", "line:", "position:", "size:", "align:", "region:"]
    return String(decoding: rest, as: UTF8.self).split(separator: " ").allSatisfy { word in
      names.contains { word.hasPrefix($0) && word.utf8.count > $0.utf8.count }
    }
  }

  /// One byte for each character: digits, colons, arrows and blanks as an input method types them become ASCII.
  private static func narrowed(_ text: [UInt8], _ line: Range<Int>) -> (bytes: [UInt8], isFullWidth: Bool) {
    if !text[line].contains(where: { $0 >= 0x80 }) { return (Array(text[line]), false) }
    var isFullWidth = false
    let bytes = text.string(line).unicodeScalars.map { scalar -> UInt8 in
      switch scalar.value {
      case 0xFF01...0xFF5E:
        isFullWidth = true
        return UInt8(scalar.value - 0xFEE0)
      case 0x3000, 0xA0: return 0x20
      case 0x2010...0x2015, 0x2212: return 0x2D
      case 0x2192, 0x27F6: return 0x3E
      case 0..<0x80: return UInt8(scalar.value)
      default: return 0x3F
      }
    }
    return (bytes, isFullWidth)
  }
}

/// A place in a line of times.
private struct Cursor {
  let bytes: [UInt8]
  var index = 0

  var current: UInt8? { index < bytes.count ? bytes[index] : nil }

  mutating func skipBlanks() {
    while current == 0x20 || current == 0x09 { index += 1 }
  }

  private mutating func digits() -> Range<Int> {
    let start = index
    while let byte = current, byte.isASCIIDigit { index += 1 }
    return start..<index
  }

  private func number(_ digits: Range<Int>) -> Int { bytes[digits].reduce(0) { $0 * 10 + Int($1 & 0x0F) } }

  /// One time in milliseconds, and the column where it begins.
  mutating func time(_ times: inout SubRipTimes) throws(SubRipTimes.Fault) -> (Int, Int) {
    skipBlanks()
    let column = index + 1
    let isNegative = current == 0x2D
    if isNegative { index += 1 }
    var fields = [digits()]
    while current == 0x3A || current == 0x3B {
      let isFrames = current == 0x3B
      index += 1
      fields.append(digits())
      if isFrames || fields.count == 4 { throw .frames(column: column) }
    }
    guard fields.count >= 2, fields.allSatisfy({ !$0.isEmpty && $0.count <= 5 }) else {
      throw .malformed(column: column)
    }
    let fraction = try self.fraction(&times, column)
    if isNegative { throw .negative(column: column) }
    if fields.contains(where: { $0.count != 2 }) { times.repairs.insert(.shortField) }
    if fields.count == 2 {
      // `10:00 --> 11:00` may be anything; only a fraction makes it a cue's times.
      guard fraction != nil else { throw .malformed(column: column) }
      times.repairs.insert(.noHours)
      times.isComplete = false
      fields.insert(0..<0, at: 0)
    }
    if fraction == nil {
      times.repairs.insert(.noFraction)
      times.isComplete = false
    }
    let (hours, minutes, seconds) = (number(fields[0]), number(fields[1]), number(fields[2]))
    guard minutes < 60, seconds < 60 else { throw .outOfRange(column: column) }
    return (((hours * 60 + minutes) * 60 + seconds) * 1000 + (fraction ?? 0), column)
  }

  /// The milliseconds after the seconds, `nil` if there are none.
  private mutating func fraction(_ times: inout SubRipTimes, _ column: Int) throws(SubRipTimes.Fault) -> Int? {
    guard let mark = current, mark == 0x2C || mark == 0x2E else { return nil }
    index += 1
    let written = digits()
    guard !written.isEmpty else { throw .malformed(column: column) }
    if mark == 0x2E { times.repairs.insert(.decimalPoint) }
    if mark == 0x2C, current == 0x2E {
      // Some programs print the milliseconds as a decimal number: `,69.5234375` is 69.5 ms and not 695 ms.
      index += 1
      guard !digits().isEmpty, written.count <= 3 else { throw .malformed(column: column) }
      times.repairs.insert(.decimalMilliseconds)
      return number(written)
    }
    if written.count != 3 { times.repairs.insert(.oddFraction) }
    // A fraction of a second: `,5` is 500 ms.
    return (number(written.prefix(3)) * [1, 100, 10, 1][min(3, written.count)])
  }
}
