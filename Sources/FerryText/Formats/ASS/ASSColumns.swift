internal import FerryCore

/// The columns that a `Format:` line lists, in lower case.
struct ASSColumns {
  let names: [String]
  private let textIndex: Int?

  init(_ format: String) {
    names = format.split(separator: ",", omittingEmptySubsequences: false).map { name in
      let name = name.drop { $0 == " " || $0 == "\t" }.lowercased()
      let trimmed = String(name.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
      return trimmed == "actor" ? "name" : trimmed
    }
    textIndex = names.firstIndex(of: "text")
  }

  subscript(_ name: String) -> Int? { names.firstIndex(of: name) }

  /// A line's columns; `nil` when there are too few. Commas belong to the text, wherever its column stands.
  func fields(_ text: [UInt8], _ line: Range<Int>) -> [Range<Int>]? {
    let front = textIndex ?? names.count - 1
    var fields: [Range<Int>] = []
    fields.reserveCapacity(names.count)
    var start = line.lowerBound
    while fields.count < front {
      guard let comma = text[start..<line.upperBound].firstIndex(of: UInt8(ascii: ",")) else { return nil }
      fields.append(start..<comma)
      start = comma + 1
    }
    var end = line.upperBound
    var behind: [Range<Int>] = []
    while fields.count + behind.count < names.count - 1 {
      guard let comma = text[start..<end].lastIndex(of: UInt8(ascii: ",")) else { return nil }
      behind.append((comma + 1)..<end)
      end = comma
    }
    return fields + [start..<end] + behind.reversed()
  }

  static let assEventFormat = "Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text"
  static let assEvents = ASSColumns(assEventFormat)
  static let ssaEvents = ASSColumns("Marked, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text")
  static let assStyles = ASSColumns(
    "Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, "
      + "StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, "
      + "MarginV, Encoding")
  static let ssaStyles = ASSColumns(
    "Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, TertiaryColour, BackColour, Bold, Italic, BorderStyle, "
      + "Outline, Shadow, Alignment, MarginL, MarginR, MarginV, AlphaLevel, Encoding")
}

/// Where an event's columns stand.
struct EventColumns {
  let all: ASSColumns
  let layer, start, end, style, name, left, right, vertical, effect, text: Int?

  /// Whether they say when something is shown, and what.
  var areComplete: Bool { start != nil && end != nil && text != nil }

  init(_ columns: ASSColumns) {
    all = columns
    layer = columns["layer"]
    start = columns["start"]
    end = columns["end"]
    style = columns["style"]
    name = columns["name"]
    left = columns["marginl"]
    right = columns["marginr"]
    vertical = columns["marginv"]
    effect = columns["effect"]
    text = columns["text"]
  }
}

enum ASSNumber {
  /// The whole number that stands in a column, alone.
  static func whole(_ text: [UInt8], _ range: Range<Int>) -> Int? {
    let digits = text[text.trimmed(range)]
    // Nine digits stay clear of overflow.
    return digits.count > 10 ? nil : Int(String(decoding: digits, as: UTF8.self))
  }
}

/// A time as scripts write it, `h:mm:ss.cc`.
struct ASSTime {
  let milliseconds: Int
  /// Whether its fraction is not two digits behind a point.
  let isOdd: Bool

  enum Fault: Error { case malformed, outOfRange, negative }

  init(_ text: [UInt8], _ range: Range<Int>) throws(Fault) {
    var index = range.lowerBound
    func digits() throws(Fault) -> Range<Int> {
      let start = index
      while index < range.upperBound, text[index].isASCIIDigit { index += 1 }
      guard start < index, index - start <= 9 else { throw .malformed }
      return start..<index
    }
    func number(_ digits: Range<Int>) -> Int { text[digits].reduce(0) { $0 * 10 + Int($1 & 0x0F) } }
    let isNegative = index < range.upperBound && text[index] == UInt8(ascii: "-")
    if isNegative { index += 1 }
    let hours = number(try digits())
    var fields: [Int] = []
    for _ in 0..<2 {
      guard index < range.upperBound, text[index] == UInt8(ascii: ":") else { throw .malformed }
      index += 1
      fields.append(number(try digits()))
    }
    var fraction = 0
    var isOdd = true
    if index < range.upperBound {
      isOdd = text[index] != UInt8(ascii: ".")
      guard !isOdd || text[index] == UInt8(ascii: ":") else { throw .malformed }
      index += 1
      let written = try digits()
      guard index == range.upperBound else { throw .malformed }
      isOdd = isOdd || written.count != 2
      fraction = number(written.prefix(3)) * [1, 100, 10, 1][min(3, written.count)]
    }
    guard !isNegative else { throw .negative }
    guard fields[0] < 60, fields[1] < 60 else { throw .outOfRange }
    milliseconds = ((hours * 60 + fields[0]) * 60 + fields[1]) * 1000 + fraction
    self.isOdd = isOdd
  }

  /// The time in whole hundredths of a second, rounded.
  static func hundredths(_ time: CueTime) -> Int { (time.milliseconds + 5) / 10 }

  static func append(hundredths: Int, to text: inout [UInt8]) {
    precondition(hundredths >= 0, "a cue cannot start before the beginning")
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    text += "\(hundredths / 360_000):\(two(hundredths / 6000 % 60)):\(two(hundredths / 100 % 60)).".utf8
    text += two(hundredths % 100).utf8
  }
}
