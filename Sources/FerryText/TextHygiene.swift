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
  guard census.hasCarriageReturns || !census.marks.isEmpty || census.controls.contains(where: { text[$0] == 0 }) else {
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

/// Offsets of what does not belong into a subtitle.
private struct Census {
  var hasCarriageReturns = false
  var controls: [Int] = []
  var marks: [Int] = []
  var replacements: [Int] = []
  var doubleMojibake: [Int] = []

  init(_ text: UnsafeBufferPointer<UInt8>) {
    for index in text.indices {
      switch text[index] {
      case 0x20..<0x7F, 0x0A, 0x80..<0xE9, 0xEA..<0xEF, 0xF0...: break
      case 0x09: break
      case 0x0D: hasCarriageReturns = true
      case 0xEF where text[index...].starts(with: "\u{FEFF}".utf8): marks.append(index)
      case 0xEF where text[index...].starts(with: "\u{FFFD}".utf8): replacements.append(index)
      case 0xE9 where text[index...].starts(with: "锟斤拷".utf8): doubleMojibake.append(index)
      case 0xEF, 0xE9: break
      default: controls.append(index)
      }
    }
  }

  func report(_ text: [UInt8], to findings: inout Findings) {
    if let first = marks.first {
      let place = placeAtEnd(of: text[..<first])
      findings.note(.doubleByteOrderMark, line: place.line, column: place.column)
    }
    if let first = controls.first {
      let code = String(text[first], radix: 16, uppercase: true)
      let name = "U+" + String(repeating: "0", count: 4 - code.count) + code
      error("enc.control", controls, "a control character, \(name)", hint: "remove it", in: text, to: &findings)
    }
    let hint = "take the text from before it was damaged; what stood here is lost"
    error("enc.mojibake", replacements, "U+FFFD, left by a failed conversion", hint: hint, in: text, to: &findings)
    error("enc.mojibake", doubleMojibake, "'锟斤拷', left by a failed conversion", hint: hint, in: text, to: &findings)
  }

  private func error(
    _ code: String, _ offsets: [Int], _ what: String, hint: String, in text: [UInt8], to findings: inout Findings
  ) {
    guard let first = offsets.first else { return }
    let place = placeAtEnd(of: text[..<first])
    let more = offsets.count == 1 ? "" : " (and \(offsets.count - 1) more)"
    findings.error(code, line: place.line, column: place.column, "the text contains \(what)\(more)", hint: hint)
  }
}
