internal import FerryCore

/// Where something stands that follows `text`: its line and column, counted in characters from 1.
func placeAtEnd(of text: some Collection<UInt8>) -> (line: Int, column: Int) {
  var line = 1
  var column = 1
  var previous: UInt8 = 0
  for byte in text {
    if byte == 0x0A && previous == 0x0D {
      // The second half of one line end.
    } else if byte == 0x0A || byte == 0x0D {
      (line, column) = (line + 1, 1)
    } else if byte & 0xC0 != 0x80 {
      column += 1
    }
    previous = byte
  }
  return (line, column)
}

/// The text with plain line ends and without marks and NULs; reports what no subtitle may contain.
///
/// A NUL becomes U+FFFD, as the WebVTT specification wants, after it has been reported.
func cleaned(_ text: [UInt8], findings: inout Findings) -> [UInt8] {
  let census = text.withUnsafeBufferPointer(Census.init)
  census.report(text, to: &findings)
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

  init(_ text: UnsafeBufferPointer<UInt8>) {
    for index in text.indices {
      switch text[index] {
      case 0x20..<0x7F, 0x0A, 0x80..<0xE9, 0xEA..<0xEF, 0xF0...: break
      case 0x09: break
      case 0x0D: hasCarriageReturns = true
      case 0xEF where text[index...].starts(with: "\u{FEFF}".utf8): marks.add(index)
      case 0xEF where text[index...].starts(with: "\u{FFFD}".utf8): replacements.add(index)
      case 0xE9 where text[index...].starts(with: "锟斤拷".utf8): doubleMojibake.add(index)
      case 0xEF, 0xE9: break
      default:
        hasNULs = hasNULs || text[index] == 0
        controls.add(index)
      }
    }
  }

  func report(_ text: [UInt8], to findings: inout Findings) {
    if marks.count > 0 {
      let place = placeAtEnd(of: text[..<marks.first])
      findings.note(.doubleByteOrderMark, line: place.line, column: place.column)
    }
    if controls.count > 0 {
      let code = String(text[controls.first], radix: 16, uppercase: true)
      let name = "U+" + String(repeating: "0", count: 4 - code.count) + code
      error("enc.control", controls, "a control character, \(name)", hint: "remove it", in: text, to: &findings)
    }
    let hint = "take the text from before it was damaged; what stood here is lost"
    error("enc.mojibake", replacements, "U+FFFD, left by a failed conversion", hint: hint, in: text, to: &findings)
    error("enc.mojibake", doubleMojibake, "'锟斤拷', left by a failed conversion", hint: hint, in: text, to: &findings)
  }

  private func error(
    _ code: String, _ tally: Tally, _ what: String, hint: String, in text: [UInt8], to findings: inout Findings
  ) {
    guard tally.count > 0 else { return }
    let place = placeAtEnd(of: text[..<tally.first])
    let more = tally.count == 1 ? "" : " (and \(tally.count - 1) more)"
    findings.error(code, line: place.line, column: place.column, "the text contains \(what)\(more)", hint: hint)
  }
}
