internal import FerryCore

/// A file's text as the readers want it: UTF-8, lines ended by a line feed alone, no byte-order mark, no NUL.
struct SourceText {
  let utf8: [UInt8]
  let decision: EncodingDecision

  /// Decodes strictly and says on what evidence, or records in `findings` why it cannot and returns `nil`.
  ///
  /// The order: the encoding that the job forces, the byte-order mark, the pattern of NUL bytes, strict UTF-8, then
  /// GB18030 against Big5 by evidence, the last only where the declared language is Chinese. No step guesses: bytes
  /// that fit none of them, or two of them, are an error.
  init?(_ bytes: [UInt8], language: LanguageTag, forced: TextEncoding?, findings: inout Findings) {
    var ladder = Ladder(bytes: bytes, isChinese: language.language == "zh", findings: findings)
    let decoded = ladder.decode(forced: forced)
    findings = ladder.findings
    guard let (text, decision) = decoded else { return nil }
    self.decision = decision
    utf8 = cleaned(text, findings: &findings)
  }
}

/// The steps from bytes to text, in order.
private struct Ladder {
  let bytes: [UInt8]
  let isChinese: Bool
  var findings: Findings

  typealias Decoded = (text: [UInt8], decision: EncodingDecision)

  mutating func decode(forced: TextEncoding?) -> Decoded? {
    let mark = ByteOrderMark(bytes)
    if let mark, mark.encoding == nil {
      fail("enc.unsupported", at: 0, in: [], "the file is UTF-32, which ferry does not read", hint: "save it as UTF-8")
      return nil
    }
    if let forced { return decode(as: forced, mark: mark) }
    if let mark, let encoding = mark.encoding { return decode(as: encoding, behind: mark) }
    if let (encoding, evidence) = nulPattern() {
      guard let text = converted(encoding, code: "enc.undetermined", because: "the NUL bytes say \(encoding.rawValue)")
      else { return nil }
      return (text, EncodingDecision(encoding: encoding, method: .nulPattern, evidence: evidence))
    }
    let broken = firstByteThatIsNotUTF8(bytes)
    if broken == nil { return strictUTF8() }
    return score(firstBrokenByte: broken ?? 0)
  }

  /// What the job forces must decode to the last byte and agree with what the file says of itself.
  private mutating func decode(as forced: TextEncoding, mark: ByteOrderMark?) -> Decoded? {
    if let mark, let own = mark.encoding, own != forced {
      fail(
        "enc.explicit", at: 0, in: [],
        "the job forces \(forced.rawValue), but the file begins with the byte-order mark of \(own.rawValue)",
        hint: "set 'encoding: \(own.rawValue)', or leave 'encoding' out")
      return nil
    }
    let others = self
    guard
      let text = converted(
        forced, from: mark?.length ?? 0, code: "enc.explicit", because: "the job forces \(forced.rawValue)",
        hint: { others.likeness(except: forced) })
    else { return nil }
    // Text in UTF-8 often converts as GB18030 too, to garbage: valid UTF-8 of that length is no accident.
    if forced == .gb18030 || forced == .big5, firstByteThatIsNotUTF8(bytes) == nil,
      bytes.contains(where: { $0 >= 0xE0 }),
      !HanEvidence(forced, bytes: bytes, text: text).isChinese
    {
      fail(
        "enc.explicit", at: 0, in: [], "the job forces \(forced.rawValue), but the file is UTF-8",
        hint: "set 'encoding: utf-8', or leave 'encoding' out")
      return nil
    }
    return (text, EncodingDecision(encoding: forced, method: .explicit, evidence: "set in the job"))
  }

  private mutating func decode(as encoding: TextEncoding, behind mark: ByteOrderMark) -> Decoded? {
    let claim = "the file begins with the byte-order mark of \(encoding.rawValue)"
    guard let text = converted(encoding, from: mark.length, code: "enc.byte-order-mark", because: claim) else {
      return nil
    }
    let evidence = bytes.prefix(mark.length).map(hex).joined(separator: " ")
    return (text, EncodingDecision(encoding: encoding, method: .byteOrderMark, evidence: evidence))
  }

  /// UTF-16 without a mark: digits, line ends and arrows put a NUL into every second byte, on one side only.
  private func nulPattern() -> (TextEncoding, String)? {
    guard bytes.count % 2 == 0, bytes.prefix(4096).contains(0) else { return nil }
    var even = 0
    var odd = 0
    for index in stride(from: 0, to: bytes.count, by: 2) {
      if bytes[index] == 0 { even += 1 }
      if bytes[index + 1] == 0 { odd += 1 }
    }
    let units = bytes.count / 2
    // Han characters such as U+4E00 end in a zero byte themselves, so the other side is rarely but not never NUL.
    guard max(even, odd) * 5 >= units, min(even, odd) * 4 <= max(even, odd) else { return nil }
    let evidence = "\(max(even, odd)) of \(units) code units have a NUL \(odd > even ? "high" : "first") byte"
    return (odd > even ? .utf16LittleEndian : .utf16BigEndian, evidence)
  }

  private mutating func strictUTF8() -> Decoded? {
    let isASCII = !bytes.contains { $0 >= 0x80 }
    // A few Chinese characters in GB18030 can be Greek or Cyrillic in UTF-8; UTF-8 Chinese needs bytes from E0 on.
    if isChinese, !isASCII, !bytes.contains(where: { $0 >= 0xE0 }),
      let evidence = evidence(for: .gb18030)?.1, evidence.isChinese
    {
      fail(
        "enc.undetermined", at: 0, in: [], "the file can be read as utf-8 without Chinese or as gb18030 with",
        hint: "set 'encoding:' in the job, or save the file as UTF-8 with a byte-order mark")
      return nil
    }
    let evidence = isASCII ? "ASCII only" : "every byte sequence is valid"
    return (bytes, EncodingDecision(encoding: .utf8, method: .strictUTF8, evidence: evidence))
  }

  private mutating func score(firstBrokenByte broken: Int) -> Decoded? {
    if let mixture = mixture() {
      fail(
        "enc.mixed", at: mixture.offset, in: Array(bytes[..<mixture.offset]),
        "byte \(hex(bytes[mixture.offset])) at offset \(mixture.offset) is not UTF-8, but \(mixture.valid) other "
          + "\(mixture.valid == 1 ? "line is" : "lines are"): the file mixes encodings or is damaged",
        hint: "save the parts in one encoding, UTF-8")
      return nil
    }
    if case .missing = conversion(.gb18030, from: bytes.count) {
      failUnavailable(.gb18030)
      return nil
    }
    let candidates = [evidence(for: .gb18030), evidence(for: .big5)].compactMap { $0 }
    let chinese = candidates.filter(\.1.isChinese)
    if isChinese, chinese.count == 1, let (text, winner) = chinese.first {
      if text.loneEuros > 0 { findings.note(.loneEuro) }
      let other = candidates.first { $0.1.encoding != winner.encoding }?.1
      let loser: TextEncoding = winner.encoding == .gb18030 ? .big5 : .gb18030
      let evidence = winner.description + "; " + (other?.description ?? "\(loser.rawValue): does not decode")
      return (text.utf8, EncodingDecision(encoding: winner.encoding, method: .score, evidence: evidence))
    }
    let reason =
      switch chinese.count {
      case 0: "no other encoding that ferry reads fits"
      case 1: "a track that is not Chinese is not read as \(chinese[0].1.encoding.rawValue) unasked"
      default: "both gb18030 and big5 fit"
      }
    let message = "byte \(hex(bytes[broken])) at offset \(broken) is not UTF-8, and \(reason)"
    let readings = (chinese.isEmpty ? candidates : chinese).map { "\($0.1.encoding.rawValue) '\(preview($0.0.utf8))'" }
    let choice =
      readings.isEmpty ? "" : ", or set 'encoding:' in the job: it would read as " + readings.joined(separator: ", as ")
    fail(
      "enc.undetermined", at: broken, in: Array(bytes[..<broken]), message,
      hint: "save the file as UTF-8" + choice)
    return nil
  }

  private struct Text {
    var utf8: [UInt8]
    var loneEuros: Int
  }

  private func evidence(for encoding: TextEncoding) -> (Text, HanEvidence)? {
    guard case .whole(let text) = conversion(encoding, from: 0) else { return nil }
    return (text, HanEvidence(encoding, bytes: bytes, text: text.utf8))
  }

  private enum Conversion {
    case whole(Text)
    case stopped(offset: Int, text: [UInt8])
    case missing
  }

  private func conversion(_ encoding: TextEncoding, from start: Int) -> Conversion {
    guard let iconv = Iconv.open(from: encoding) else { return .missing }
    var text = Text(utf8: [], loneEuros: 0)
    text.utf8.reserveCapacity(bytes.count * 3 / 2)
    var start = start
    while let stop = iconv.append(bytes, from: start, to: &text.utf8) {
      // Windows' code page 936 has the euro in a byte that GB18030 leaves free. No lesson names a thousand prices.
      guard encoding == .gb18030, stop < bytes.count, bytes[stop] == 0x80, text.loneEuros < 1000 else {
        return .stopped(offset: stop, text: text.utf8)
      }
      text.utf8 += "€".utf8
      text.loneEuros += 1
      start = stop + 1
    }
    return .whole(text)
  }

  /// The whole text, or an error at the first byte that does not convert.
  private mutating func converted(
    _ encoding: TextEncoding, from start: Int = 0, code: String, because: String, hint: () -> String? = { nil }
  ) -> [UInt8]? {
    if encoding == .utf8 {
      let body = start == 0 ? bytes : Array(bytes[start...])
      guard let broken = firstByteThatIsNotUTF8(body) else { return body }
      stop(code, at: start + broken, in: Array(body[..<broken]), encoding, because, hint())
      return nil
    }
    switch conversion(encoding, from: start) {
    case .whole(let text):
      if text.loneEuros > 0 { findings.note(.loneEuro) }
      return text.utf8
    case .stopped(let offset, let text): stop(code, at: offset, in: text, encoding, because, hint())
    case .missing: failUnavailable(encoding)
    }
    return nil
  }

  private mutating func failUnavailable(_ encoding: TextEncoding) {
    fail(
      "enc.unavailable", at: 0, in: [], "this system cannot convert \(encoding.rawValue)",
      hint: "install the C library's conversions (gconv modules)")
  }

  private mutating func stop(
    _ code: String, at offset: Int, in text: [UInt8], _ encoding: TextEncoding, _ because: String, _ hint: String?
  ) {
    let byte = offset < bytes.count ? "byte \(hex(bytes[offset])) at offset \(offset)" : "the end at offset \(offset)"
    fail(
      code, at: offset, in: text, "\(because), but \(byte) is not \(encoding.rawValue)",
      hint: hint ?? "save the file as UTF-8")
  }

  /// Records an error at the place that follows `text`, which is everything before it.
  private mutating func fail(_ code: String, at offset: Int, in text: [UInt8], _ message: String, hint: String) {
    guard offset > 0 || !text.isEmpty else { return findings.error(code, message, hint: hint) }
    let place = placeAtEnd(of: text)
    findings.error(code, line: place.line, column: place.column, message, hint: hint)
  }

  /// What the file looks like when it is not what the job says.
  private func likeness(except forced: TextEncoding) -> String {
    var other = Ladder(bytes: bytes, isChinese: true, findings: Findings(file: findings.file))
    guard let (_, decision) = other.decode(forced: nil), decision.encoding != forced else {
      return "the file looks like no encoding that ferry reads: save it as UTF-8"
    }
    return
      "the file looks like \(decision.encoding.rawValue): set 'encoding: \(decision.encoding.rawValue)', or leave it out"
  }

  /// Lines of proper UTF-8 Chinese among lines that are not UTF-8; no single-byte or Chinese encoding makes those by accident.
  private func mixture() -> (offset: Int, valid: Int)? {
    var valid = 0
    var broken: Int?
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex { $0 == 0x0A || $0 == 0x0D } ?? bytes.count
      let line = Array(bytes[start..<end])
      if line.contains(where: { $0 >= 0x80 }) {
        if let offset = firstByteThatIsNotUTF8(line) {
          broken = broken ?? start + offset
        } else if line.contains(where: { $0 >= 0xE0 }) {
          valid += 1
        }
      }
      start = end + 1
    }
    guard valid > 0, let broken else { return nil }
    return (broken, valid)
  }

  /// Up to forty characters from the first line that is not ASCII.
  private func preview(_ text: [UInt8]) -> String {
    let lines = text.split { $0 == 0x0A || $0 == 0x0D }
    let line = lines.first { $0.contains { $0 >= 0x80 } } ?? []
    return String(String(decoding: line, as: UTF8.self).prefix(40))
  }
}

/// The mark that Unicode puts before a file's text.
private struct ByteOrderMark {
  /// `nil` for UTF-32, which nobody should use for a file.
  let encoding: TextEncoding?
  let length: Int

  init?(_ bytes: [UInt8]) {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      (encoding, length) = (.utf8, 3)
    } else if bytes.starts(with: [0xFF, 0xFE, 0, 0]) || bytes.starts(with: [0, 0, 0xFE, 0xFF]) {
      (encoding, length) = (nil, 4)
    } else if bytes.starts(with: [0xFF, 0xFE]) {
      (encoding, length) = (.utf16LittleEndian, 2)
    } else if bytes.starts(with: [0xFE, 0xFF]) {
      (encoding, length) = (.utf16BigEndian, 2)
    } else if bytes.starts(with: [0x84, 0x31, 0x95, 0x33]) {
      (encoding, length) = (.gb18030, 4)
    } else {
      return nil
    }
  }
}

private func firstByteThatIsNotUTF8(_ bytes: [UInt8]) -> Int? {
  do {
    _ = try UTF8Span(validating: bytes.span)
    return nil
  } catch {
    return error.byteOffsets.lowerBound
  }
}

private func hex(_ byte: UInt8) -> String {
  let digits = String(byte, radix: 16, uppercase: true)
  return "0x" + (digits.count == 1 ? "0" : "") + digits
}
