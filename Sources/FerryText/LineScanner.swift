internal import FerryCore

/// The lines of a text that ends them by line feeds, as ranges of its bytes.
struct LineScanner {
  private let text: [UInt8]
  /// Where the next line begins.
  var position = 0
  /// The number of the line that `next` returned last.
  var number = 0

  init(_ text: [UInt8]) { self.text = text }

  /// Without its line feed; `nil` at the end of the text.
  mutating func next() -> Range<Int>? {
    let start = position
    guard start < text.count else { return nil }
    var end = start
    while end < text.count, text[end] != 0x0A { end += 1 }
    position = end + 1
    number += 1
    return start..<end
  }
}

extension [UInt8] {
  func string(_ range: Range<Int>) -> String { String(decoding: self[range], as: UTF8.self) }

  /// The column, in characters from 1, of `index` in the line that begins at `start`.
  func column(of index: Int, inLineFrom start: Int) -> Int {
    1 + self[start..<Swift.max(start, index)].count { $0 & 0xC0 != 0x80 }
  }

  /// Whether `-->` stands somewhere in `range`.
  func hasArrow(in range: Range<Int>) -> Bool {
    var index = range.lowerBound + 2
    while index < range.upperBound {
      if self[index] == 0x3E, self[index - 1] == 0x2D, self[index - 2] == 0x2D { return true }
      index += 1
    }
    return false
  }

  /// `range` without blanks and tabs at its ends.
  func trimmed(_ range: Range<Int>) -> Range<Int> {
    var (start, end) = (range.lowerBound, range.upperBound)
    while start < end, self[start] == 0x20 || self[start] == 0x09 { start += 1 }
    while start < end, self[end - 1] == 0x20 || self[end - 1] == 0x09 { end -= 1 }
    return start..<end
  }

  /// The text of `range` cut into lines, where no line has markup.
  func plainLines(_ range: Range<Int>) -> [[Run]] {
    if range.isEmpty { return [] }
    let feeds = count(of: 0x0A, in: range)
    if feeds == 0 { return [plainLine(range)] }
    var lines: [[Run]] = []
    lines.reserveCapacity(feeds + 1)
    var start = range.lowerBound
    for index in range where self[index] == 0x0A {
      lines.append(plainLine(start..<index))
      start = index + 1
    }
    lines.append(plainLine(start..<range.upperBound))
    return lines
  }

  private func count(of byte: UInt8, in range: Range<Int>) -> Int {
    var count = 0
    for index in range where self[index] == byte { count += 1 }
    return count
  }

  private func plainLine(_ range: Range<Int>) -> [Run] {
    range.isEmpty || isBlankStandIn(range) ? [] : [Run(string(range))]
  }

  /// A no-break space alone on a line is how the writers keep a blank line from ending the cue.
  private func isBlankStandIn(_ range: Range<Int>) -> Bool {
    range.count == 2 && self[range.lowerBound] == 0xC2 && self[range.lowerBound + 1] == 0xA0
  }
}
