internal import FerryCore

/// A line of a text, without its line feed.
struct TextLine {
  var range: Range<Int>
  /// Its number in the file, from 1.
  var number: Int
  /// Whether it has a `>`, without which it has no arrow.
  var hasGreaterThan = false
  /// How many bytes it has that may mean more than themselves: `<`, `{`, `&`, or the SubRip writer's joiner.
  var marks = 0
}

/// The lines of a text that ends them by line feeds, and what each needs to be asked: one pass over the bytes for all.
struct LineScanner {
  private let text: [UInt8]
  private var position = 0
  private var number = 0

  init(_ text: [UInt8]) { self.text = text }

  /// The next line; `nil` at the end of the text.
  mutating func next() -> TextLine? {
    guard position < text.count else { return nil }
    number += 1
    var line = TextLine(range: position..<position, number: number)
    text.withUnsafeBufferPointer { text in
      var end = LineScanner.endOfPlain(text, from: position)
      scan: while end < text.count {
        switch text[end] {
        case 0x0A: break scan
        case UInt8(ascii: ">"): line.hasGreaterThan = true
        case UInt8(ascii: "<"), UInt8(ascii: "&"), UInt8(ascii: "{"): line.marks += 1
        case 0xE2: if end + 2 < text.count, text[end + 1] == 0x81, text[end + 2] == 0xA0 { line.marks += 1 }
        default: break
        }
        end = LineScanner.endOfPlain(text, from: end + 1)
      }
      line.range = position..<end
    }
    position = line.range.upperBound + 1
    return line
  }

  /// Where the next byte is that ends a line or may mean more than itself: eight bytes at a time.
  @inline(__always)
  private static func endOfPlain(_ text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    var index = start
    let ones: UInt64 = 0x0101_0101_0101_0101
    let high: UInt64 = 0x8080_8080_8080_8080
    // The lowest bit that is set marks the first such byte; those above it may be carries.
    func marks(_ word: UInt64, _ byte: UInt64) -> UInt64 {
      let zero = word ^ (byte &* ones)
      return (zero &- ones) & ~zero
    }
    while index + 8 <= text.count {
      let word = UnsafeRawBufferPointer(text).loadUnaligned(fromByteOffset: index, as: UInt64.self).littleEndian
      // `<` and `>` differ in one bit.
      let found =
        marks(word, 0x0A) | marks(word | (0x02 &* ones), 0x3E) | marks(word, 0x26) | marks(word, 0x7B)
        | marks(word, 0xE2)
      let first = found & high
      if first != 0 { return index + first.trailingZeroBitCount / 8 }
      index += 8
    }
    while index < text.count {
      switch text[index] {
      case 0x0A, 0x3C, 0x3E, 0x26, 0x7B, 0xE2: return index
      default: index += 1
      }
    }
    return index
  }

  /// Makes `line` the next one again.
  mutating func unread(_ line: TextLine) {
    position = line.range.lowerBound
    number = line.number - 1
  }
}

extension [UInt8] {
  /// Whether no byte is above 0x7F, eight at a time.
  var isASCII: Bool {
    withUnsafeBytes { bytes in
      var index = 0
      var all: UInt64 = 0
      while index + 8 <= bytes.count {
        all |= bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
        index += 8
      }
      return all & 0x8080_8080_8080_8080 == 0 && bytes[index...].allSatisfy { $0 < 0x80 }
    }
  }

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

  /// Everything but line feeds at the ends.
  var withoutBlankEnds: Range<Int> {
    var (start, end) = (0, count)
    while start < end, self[start] == 0x0A { start += 1 }
    while start < end, self[end - 1] == 0x0A { end -= 1 }
    return start..<end
  }

  /// A line of a cue's text that has no markup.
  func plainLine(_ range: Range<Int>) -> [Run] { range.isEmpty || isBlankStandIn(range) ? [] : [Run(string(range))] }

  /// A no-break space alone on a line is how the writers keep a blank line from ending the cue.
  private func isBlankStandIn(_ range: Range<Int>) -> Bool {
    range.count == 2 && self[range.lowerBound] == 0xC2 && self[range.lowerBound + 1] == 0xA0
  }
}
