internal import FerryCore
internal import FerryMarkup

/// The text with plain line ends and without marks and NULs; reports what no subtitle may contain.
///
/// A NUL becomes U+FFFD, as the WebVTT specification wants, after it has been reported. `fileOffset` is where the text
/// begins in its file, where one is a part of the other.
func cleaned(_ text: [UInt8], fileOffset: Int?, findings: inout Findings) -> [UInt8] {
  let census = text.withUnsafeBufferPointer(Census.init)
  census.report(text, fileOffset: fileOffset, to: &findings)
  guard census.hasCarriageReturns || census.marks.count > 0 || census.hasNULs else {
    return text
  }
  var result: [UInt8] = []
  result.reserveCapacity(text.count)
  // Text up to here is in the result.
  var taken = 0
  for index in text.indices {
    let byte = text[index]
    if byte != 0x0D && byte != 0 && byte != 0xEF { continue }
    if byte == 0x0D {
      result += text[taken..<index]
      let isPair = index + 1 < text.count && text[index + 1] == 0x0A
      if !isPair { result.append(0x0A) }
      taken = index + 1
    } else if byte == 0 {
      result += text[taken..<index]
      result += "\u{FFFD}".utf8
      taken = index + 1
    } else if text[index...].starts(with: "\u{FEFF}".utf8) {
      result += text[taken..<index]
      taken = index + 3
    }
  }
  result += text[taken...]
  return result
}

/// What does not belong into a subtitle: where first, and how often.
private struct Census {
  struct Tally {
    var first = 0
    var count = 0

    mutating func add(_ offset: Int) {
      if count == 0 { first = offset }
      count += 1
    }
  }

  var hasCarriageReturns = false
  var hasNULs = false
  var controls = Tally()
  var marks = Tally()
  var replacements = Tally()
  var doubleMojibake = Tally()
  var uninitialised = Tally()
  /// Whether some letters could be a wrong decoding that was saved.
  var maySayMojibake = false

  init(_ text: UnsafeBufferPointer<UInt8>) {
    var index = 0
    while index < text.count {
      index = Census.endOfPlain(text, from: index)
      guard index < text.count else { break }
      let byte = text[index]
      if byte < 0x80 {
        switch byte {
        case 0x20..<0x7F, 0x0A, 0x09: break
        case 0x0D: hasCarriageReturns = true
        default:
          hasNULs = hasNULs || byte == 0
          controls.add(index)
        }
        index += 1
      } else {
        index += take(text, at: index)
      }
    }
  }

  /// Looks at a character of several bytes, and says how many.
  private mutating func take(_ text: UnsafeBufferPointer<UInt8>, at index: Int) -> Int {
    let lead = text[index]
    if lead < 0xE0 {
      if lead == 0xC2, index + 1 < text.count, text[index + 1] < 0xA0 { controls.add(index) }
      if lead == 0xC2 || lead == 0xC3, index + 2 < text.count, text[index + 2] >= 0x80 { maySayMojibake = true }
      return 2
    }
    guard lead < 0xF0, index + 2 < text.count else { return 4 }
    if Mojibake.isRareInGBK(lead, text[index + 1], text[index + 2]) { maySayMojibake = true }
    switch lead {
    case 0xEF where text[index + 1] == 0xBB && text[index + 2] == 0xBF: marks.add(index)
    case 0xEF where text[index + 1] == 0xBF && text[index + 2] == 0xBD: replacements.add(index)
    case 0xE9 where Census.stands("锟斤拷", in: text, at: index): doubleMojibake.add(index)
    case 0xE7 where Census.stands("烫烫烫", in: text, at: index), 0xE5 where Census.stands("屯屯屯", in: text, at: index):
      uninitialised.add(index)
    default: break
    }
    return 3
  }

  private static func stands(_ word: StaticString, in text: UnsafeBufferPointer<UInt8>, at index: Int) -> Bool {
    let length = word.utf8CodeUnitCount
    return text.count - index >= length
      && (0..<length).allSatisfy { text[index + $0] == word.utf8Start[$0] }
  }

  /// Where the next byte is that is a control character or no ASCII, line feeds passed over: eight bytes at a time.
  @inline(__always)
  private static func endOfPlain(_ text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    var index = start
    let high: UInt64 = 0x8080_8080_8080_8080
    let low = ~high
    while index + 8 <= text.count {
      let word = UnsafeRawBufferPointer(text).loadUnaligned(fromByteOffset: index, as: UInt64.self).littleEndian
      // Of each byte, its highest bit tells; without that bit no sum carries into the next byte.
      let byte = word & low
      let isControl = ~(byte &+ 0x6060_6060_6060_6060)
      let isOther = (byte ^ 0x0A0A_0A0A_0A0A_0A0A) &+ low
      let isDelete = ~((byte ^ low) &+ low)
      let odd = (word | isControl & isOther | isDelete) & high
      if odd != 0 { return index + odd.trailingZeroBitCount / 8 }
      index += 8
    }
    while index < text.count, text[index] &- 0x20 < 0x5F || text[index] == 0x0A { index += 1 }
    return index
  }

  func report(_ text: [UInt8], fileOffset: Int?, to findings: inout Findings) {
    if marks.count > 0 {
      let place = placeAtEnd(of: text[..<marks.first])
      findings.note(.doubleByteOrderMark, line: place.line, column: place.column)
    }
    let mojibakes = maySayMojibake ? Mojibake.all(in: text) : []
    for mojibake in mojibakes { mojibake.report(to: &findings, fileOffset: fileOffset) }
    let report = Report(text: text, fileOffset: fileOffset)
    let isTwoBytes = controls.count > 0 && text[controls.first] == 0xC2
    // Text in a wrong decoding is full of U+0080 to U+009F, and that has been said.
    if controls.count > 0, mojibakes.isEmpty || !isTwoBytes {
      let code = String(text[controls.first + (isTwoBytes ? 1 : 0)], radix: 16, uppercase: true)
      let name = "U+" + String(repeating: "0", count: 4 - code.count) + code
      report.error("enc.control", controls, "a control character, \(name)", hint: "remove it", to: &findings)
    }
    let hint = "take the text from before it was damaged; what stood here is lost"
    report.error("enc.mojibake", replacements, "U+FFFD, left by a failed conversion", hint: hint, to: &findings)
    report.error("enc.mojibake", doubleMojibake, "'锟斤拷', left by a failed conversion", hint: hint, to: &findings)
    let memory = uninitialised.count > 0 ? text.string(uninitialised.first..<(uninitialised.first + 9)) : ""
    report.error(
      "enc.mojibake", uninitialised, "'\(memory)', memory that nothing was written to", hint: hint, to: &findings)
  }

  private struct Report {
    let text: [UInt8]
    let fileOffset: Int?

    func error(_ code: String, _ tally: Tally, _ what: String, hint: String, to findings: inout Findings) {
      guard tally.count > 0 else { return }
      let place = placeAtEnd(of: text[..<tally.first])
      let more = tally.count == 1 ? "" : " (and \(tally.count - 1) more)"
      let offset = fileOffset.map { ", at offset \(tally.first + $0)" } ?? ""
      findings.error(
        code, line: place.line, column: place.column, "the text contains \(what)\(offset)\(more)", hint: hint)
    }
  }
}
