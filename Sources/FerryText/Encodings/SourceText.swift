package import FerryCore
internal import FerryMarkup

/// A file's text as the readers want it: UTF-8, lines ended by a line feed alone, no byte-order mark, no NUL.
package struct SourceText {
  package let utf8: [UInt8]
  package let decision: EncodingDecision

  /// Decodes strictly and says on what evidence, or records in `findings` why it cannot and returns `nil`.
  ///
  /// The order: the encoding that the job forces, the byte-order mark, the pattern of NUL bytes, strict UTF-8, then by
  /// evidence the encodings of Chinese, Korean and Japanese, of which only those of the declared language are read. No
  /// step guesses: bytes that fit none of them, or two of them, or another language's, are an error.
  package init?(_ bytes: [UInt8], language: LanguageTag, forced: TextEncoding?, findings: inout Findings) {
    var ladder = Ladder(bytes: bytes, language: language.language, findings: findings)
    let decoded = ladder.decode(forced: forced)
    findings = ladder.findings
    guard let (text, decision) = decoded else { return nil }
    self.decision = decision
    // Only in UTF-8 do offsets in the text lead to places in the file.
    let offset = decision.encoding == .utf8 ? bytes.count - text.count : nil
    utf8 = cleaned(text, fileOffset: offset, findings: &findings)
  }
}

/// The steps from bytes to text, in order.
private struct Ladder {
  let bytes: [UInt8]
  let language: String
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
    let broken = firstByteThatIsNotUTF8(bytes[...])
    if let declared = XMLDeclaration(bytes) {
      if broken == nil, declared.encoding == nil || declared.encoding == .utf8 {
        let evidence = "every byte sequence is valid, and it is XML\(declared.encoding == nil ? "" : " that says so")"
        return (bytes, EncodingDecision(encoding: .utf8, method: .strictUTF8, evidence: evidence))
      }
      // Programs that save XML as UTF-8 forget what its first line says; what is no UTF-8 is as it says.
      if broken != nil, let encoding = declared.encoding, encoding != .utf8 {
        let claim = "its XML declaration says \(encoding.rawValue)"
        guard let text = converted(encoding, code: "enc.explicit", because: claim) else { return nil }
        return (text, EncodingDecision(encoding: encoding, method: .explicit, evidence: "said by its XML declaration"))
      }
    }
    guard let broken else { return strictUTF8() }
    return failMixed(from: 0) ? nil : score(firstBrokenByte: broken)
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
    // Text in UTF-8 often converts as something else too, to garbage: valid UTF-8 of that length is no accident.
    if forced != .utf8, mark == nil, bytes.contains(where: { $0 >= 0xC2 }), firstByteThatIsNotUTF8(bytes[...]) == nil,
      !(ReadingEvidence(forced, bytes: bytes, text: text)?.isWritten ?? false)
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
    if encoding == .utf8, failMixed(from: mark.length) { return nil }
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
    let isASCII = bytes.isASCII
    let isTwoByte = !isASCII && !bytes.contains { $0 >= 0xE0 }
    // A few letters in an East Asian encoding can be Greek or Cyrillic in UTF-8; their own UTF-8 begins with E0 on.
    if isTwoByte, let other = likelierThanTwoByteLetters() {
      fail(
        "enc.undetermined", at: 0, in: [], "the file can be read as utf-8 or as \(other.name)",
        hint: "set 'encoding:' in the job, or save the file as UTF-8 with a byte-order mark")
      return nil
    }
    if isTwoByte, isShoutedWestern {
      fail(
        "enc.undetermined", at: 0, in: [], "the file can be read as utf-8 or as windows-1252",
        hint: "set 'encoding:' in the job, or save the file as UTF-8 with a byte-order mark")
      return nil
    }
    let evidence = isASCII ? "ASCII only" : "every byte sequence is valid"
    return (bytes, EncodingDecision(encoding: .utf8, method: .strictUTF8, evidence: evidence))
  }

  /// Whether what is beyond ASCII may be a capital and a quotation mark in windows-1252, as in `JOSÉ”`, which UTF-8 reads
  /// as a small letter at the end of a word of capitals.
  private var isShoutedWestern: Bool {
    guard bytes.count(where: { $0 >= 0x80 }) < 8 else { return false }
    let leads = bytes.indices.filter { bytes[$0] >= 0xC0 }
    return !leads.isEmpty
      && leads.allSatisfy { index in
        guard index > 0, (0x41...0x5A).contains(bytes[index - 1]), [0x85, 0x92, 0x94].contains(bytes[index + 1]) else {
          return false
        }
        return index + 2 == bytes.count || !bytes[index + 2].isASCIILetter && bytes[index + 2] < 0x80
      }
  }

  /// What text of two-byte letters is more likely to be, if anything.
  private func likelierThanTwoByteLetters() -> ReadingEvidence? {
    let letters = String(decoding: bytes, as: UTF8.self).unicodeScalars.filter { $0.value >= 0x80 }
    let isLatinOrGreek = letters.allSatisfy { $0.value < 0x180 || (0x370..<0x400).contains($0.value) }
    let isEastAsian = ReadingEvidence.candidates.contains { $0.language == language }
    // A letter with an accent stands in a word of other letters.
    let isAlone = letters.count >= bytes.count(where: \.isASCIILetter)
    if isLatinOrGreek, !isEastAsian || !isAlone { return nil }
    let readings = candidates(of: bytes).map(\.evidence)
    return readings.first { $0.weight > 0 || letters.count < 4 && (isEastAsian || isAlone || $0.form >= 0.5) }
  }

  private mutating func score(firstBrokenByte broken: Int) -> Decoded? {
    if case .missing = conversion(.gb18030, from: bytes.count) {
      failUnavailable(.gb18030)
      return nil
    }
    let readings = candidates(of: sample)
    let written = readings.filter(\.evidence.isWritten)
    let isClear = readings.dropFirst().allSatisfy {
      $0.evidence.weight <= readings[0].evidence.weight - ReadingEvidence.leastWeight
    }
    if written.count == 1, isClear, written[0].evidence.language == language {
      return accept(written[0].evidence, next: readings.dropFirst().first?.evidence)
    }
    // What could be meant, if anything: bytes in any encoding convert as some Chinese or other.
    let likely = written.isEmpty ? readings.filter { $0.evidence.form >= 0.2 && $0.evidence.weight > 0 } : written
    let names = likely.map(\.evidence.name)
    let reason =
      switch (likely.count, written.count) {
      case (0, _): "no other encoding that ferry reads fits"
      case (_, 0): "too little of it is written in another encoding to be sure which"
      case (_, 1) where !isClear: "it may be \(names[0]), but that is not sure"
      case (_, 1):
        "it looks like \(names[0]), which in a track declared '\(language)' is not read unasked"
      default: names.dropLast().joined(separator: ", ") + " and \(names[names.count - 1]) fit equally well"
      }
    let previews = (likely.isEmpty ? Array(readings.prefix(2)) : likely).map {
      "\($0.evidence.encoding.rawValue) '\(preview($0.text.utf8))'"
    }
    let choice =
      previews.isEmpty ? "" : ", or set 'encoding:' in the job: it would read as " + previews.joined(separator: ", as ")
    fail(
      "enc.undetermined", at: broken, in: Array(bytes[..<broken]),
      "byte \(hex(bytes[broken])) at offset \(broken) is not UTF-8, and \(reason)",
      hint: "save the file as UTF-8" + choice)
    return nil
  }

  /// The whole file in the encoding that a part of it decided.
  private mutating func accept(_ winner: ReadingEvidence, next: ReadingEvidence?) -> Decoded? {
    let because = "the file looks like \(winner.name)"
    guard let text = converted(winner.encoding, code: "enc.mixed", because: because) else { return nil }
    if let (line, other) = firstForeignLine(text, in: winner) {
      findings.error(
        "enc.mixed", line: line, column: 1,
        "the file mixes encodings: \(winner.encoding.rawValue), and in this line "
          + "\(other.encoding.rawValue)", hint: "save the parts in one encoding, UTF-8")
      return nil
    }
    let evidence = "\(winner.description); " + (next.map { "next \($0.description)" } ?? "nothing else decodes")
    return (text, EncodingDecision(encoding: winner.encoding, method: .score, evidence: evidence))
  }

  /// Enough of the file to know its encoding by: whole lines, those with more than ASCII.
  private var sample: ArraySlice<UInt8> {
    guard bytes.count > Ladder.sampleSize, let first = bytes.firstIndex(where: { $0 >= 0x80 }) else {
      return bytes[...]
    }
    let start = bytes[..<first].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    let end = min(bytes.count, start + Ladder.sampleSize)
    return bytes[start..<(bytes[start..<end].lastIndex(of: 0x0A).map { $0 + 1 } ?? end)]
  }

  private static let sampleSize = 1 << 18

  private struct Text {
    var utf8: [UInt8]
    var loneEuros: Int
  }

  private typealias Reading = (text: Text, evidence: ReadingEvidence)

  /// Every encoding in which the bytes decode to the last, the likeliest first.
  private func candidates(of bytes: some Collection<UInt8>) -> [Reading] {
    let part = Ladder(bytes: Array(bytes), language: language, findings: findings)
    var readings: [Reading] = []
    for (encoding, _, _) in ReadingEvidence.candidates {
      guard case .whole(let text) = part.conversion(encoding, from: 0),
        let evidence = ReadingEvidence(encoding, bytes: part.bytes, text: text.utf8)
      else { continue }
      readings.append((text, evidence))
    }
    // A reading of the wrong form is none, however common its letters are.
    return readings.sorted {
      ($0.evidence.isWritten ? 1 : 0, $0.evidence.weight) > ($1.evidence.isWritten ? 1 : 0, $1.evidence.weight)
    }
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
      guard let broken = firstByteThatIsNotUTF8(body[...]) else { return body }
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
    for language in [language, "zh", "ko", "ja"] {
      var other = Ladder(bytes: bytes, language: language, findings: Findings(file: findings.file))
      guard let (_, decision) = other.decode(forced: nil), decision.encoding != forced else { continue }
      let name = decision.encoding.rawValue
      return "the file looks like \(name): set 'encoding: \(name)', or leave it out"
    }
    return "the file looks like no encoding that ferry reads: save it as UTF-8"
  }

  /// Whether UTF-8 has something else between it, which is then an error.
  private mutating func failMixed(from start: Int) -> Bool {
    guard let mixture = Mixture(bytes, from: start) else { return false }
    let first = "byte \(hex(bytes[mixture.broken])) at offset \(mixture.broken)"
    if mixture.isDamage {
      let more =
        mixture.brokenLines == 1
        ? "" : " (and in \(mixture.brokenLines - 1) more line\(mixture.brokenLines == 2 ? "" : "s"))"
      fail(
        "enc.damaged", at: mixture.broken, in: Array(bytes[start..<mixture.broken]),
        "\(first) is not UTF-8, and all around it is: the text is damaged\(more)",
        hint: "take the file from before it was damaged, or retype the line")
      return true
    }
    let written = candidates(of: mixture.brokenText).map(\.evidence).filter(\.isWritten)
    let other = written.count == 1 ? written[0].encoding.rawValue : "another encoding"
    // A mark alone is no text: that the rest is in one encoding is a different mistake.
    if mixture.validLines == 0 {
      guard start > 0, written.count == 1 else { return false }
      fail(
        "enc.mixed", at: mixture.broken, in: Array(bytes[start..<mixture.broken]),
        "the file begins with the byte-order mark of utf-8, but from \(first) on it is \(other)",
        hint: "remove the mark or, better, save the file as UTF-8")
      return true
    }
    let (at, change) =
      mixture.firstValid < mixture.broken
      ? (mixture.broken, "utf-8 up to \(first), \(other) from there")
      : (mixture.firstValid, "\(other) up to offset \(mixture.firstValid), utf-8 from there")
    fail(
      "enc.mixed", at: at, in: Array(bytes[start..<at]), "the file mixes encodings: \(change)",
      hint: "save the parts in one encoding, UTF-8")
    return true
  }

  /// The first line that reads badly in the winner's encoding and well in another one.
  private func firstForeignLine(_ text: [UInt8], in winner: ReadingEvidence) -> (line: Int, ReadingEvidence)? {
    let isEnd = { (byte: UInt8) in byte == 0x0A }
    let texts = text.split(omittingEmptySubsequences: false, whereSeparator: isEnd)
    guard texts.count > 1 else { return nil }
    var start = bytes.startIndex
    for (index, line) in texts.enumerated() {
      let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
      let raw = bytes[start..<end]
      start = min(end + 1, bytes.count)
      guard line.contains(where: { $0 >= 0x80 }) else { continue }
      let letters = LetterCount(line, language: winner.language)
      guard letters.weight < 0, winner.language != "ja" || letters.kana == 0 else { continue }
      let others = candidates(of: raw).map(\.evidence).filter(\.isWritten)
      if let other = others.first, other.encoding != winner.encoding,
        !others.contains(where: { $0.encoding == winner.encoding })
      {
        return (index + 1, other)
      }
    }
    return nil
  }

  /// Up to forty characters from the first line that is not ASCII.
  private func preview(_ text: [UInt8]) -> String {
    let lines = text.split { $0 == 0x0A || $0 == 0x0D }
    let line = lines.first { $0.contains { $0 >= 0x80 } } ?? []
    return String(String(decoding: line, as: UTF8.self).prefix(40))
  }
}
