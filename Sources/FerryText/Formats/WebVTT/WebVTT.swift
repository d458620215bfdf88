package import FerryCore

/// WebVTT (`.vtt`), read by the parser that the W3C specification describes, section 6.
package enum WebVTT {
  /// The cues that every player finds in a text; what is wrong or was repaired goes to `findings`.
  ///
  /// The specification's parser skips in silence what it cannot read. So does this one, but says so.
  static func read(_ text: [UInt8], findings: inout Findings) -> (cues: [Cue], lines: [Int]) {
    var reader = Reader(text: text, findings: findings)
    reader.read()
    findings = reader.findings
    return (reader.cues, reader.cueLines)
  }

  /// Whether a text is WebVTT: the word alone, or with something after a blank.
  static func isSignature(_ text: ArraySlice<UInt8>) -> Bool {
    guard text.starts(with: "WEBVTT".utf8) else { return false }
    guard let next = text.dropFirst(6).first else { return true }
    return next == 0x20 || next == 0x09 || next == 0x0A
  }

  /// The file that holds `cues`.
  ///
  /// With `timestampMap`, the file says that cue time zero is this moment of the media that it is played with, on MPEG's
  /// clock of 90,000 ticks a second, as HLS has it (RFC 8216, section 3.5).
  package static func text(of cues: [Cue], timestampMap: Int? = nil) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(cues.count * 80)
    text += "WEBVTT\n".utf8
    if let timestampMap { text += "X-TIMESTAMP-MAP=MPEGTS:\(timestampMap),LOCAL:00:00:00.000\n".utf8 }
    for cue in cues {
      text.append(0x0A)
      if let identifier = cue.identifier, !identifier.isEmpty {
        let bytes = Array(identifier.utf8)
        precondition(
          !bytes.hasArrow(in: 0..<bytes.count) && !bytes.contains(0x0A), "an identifier is one line without an arrow")
        text += bytes
        text.append(0x0A)
      }
      ClockText.append(cue.start, point: ".", to: &text)
      text += " --> ".utf8
      ClockText.append(cue.end, point: ".", to: &text)
      if !cue.settings.isEmpty {
        text.append(0x20)
        text += cue.settings.utf8
      }
      text.append(0x0A)
      CueText.append(cue.lines, as: .webVTT, to: &text)
    }
    return String(decoding: text, as: UTF8.self)
  }
}

extension WebVTT {
  /// The cue that Matroska carries as text, with its settings and its name beside it.
  static func cue(
    body: [UInt8], settings: String, identifier: String?, start: CueTime, end: CueTime, note: (Repair) -> Void
  ) -> Cue {
    let content = body.withoutBlankEnds
    let lines = content.isEmpty ? [] : WebVTTMarkup.lines(body, content, note: note)
    if lines.isEmpty { note(.emptyCue) }
    // A container keeps any text there; in a file both are part of a line without an arrow.
    func isLine(_ text: String) -> Bool { !text.contains("\n") && !text.contains("\r") && !text.contains("-->") }
    if !isLine(identifier ?? "") || !isLine(settings) { note(.brokenName) }
    return Cue(
      identifier: identifier.flatMap { $0.isEmpty || !isLine($0) ? nil : $0 }, start: start, end: end, lines: lines,
      settings: isLine(settings) ? settings : "")
  }
}

private struct Reader {
  let text: [UInt8]
  var findings: Findings
  var cues: [Cue] = []
  var cueLines: [Int] = []
  private var scanner: LineScanner
  /// The lines of the block's text.
  private var payload: [TextLine] = []

  init(text: [UInt8], findings: Findings) {
    self.text = text
    self.findings = findings
    scanner = LineScanner(text)
  }

  mutating func read() {
    // A cue seldom takes less; growing an array of this size costs more than reading the file.
    cues.reserveCapacity(text.count / 64)
    cueLines.reserveCapacity(text.count / 64)
    _ = scanner.next()
    readHeader()
    while readBlock() {}
    if cues.isEmpty, !findings.hasErrors {
      findings.error(
        "fmt.empty", "the file has no cues: no line says times such as 00:00:01.000 --> 00:00:02.500",
        hint: FileKind.hint)
    }
  }

  /// Lines up to a blank one, or up to one with an arrow, which already belongs to a cue.
  private mutating func readHeader() {
    while let line = scanner.next(), !line.range.isEmpty {
      if hasArrow(line) { return scanner.unread(line) }
      let map = "X-TIMESTAMP-MAP="
      guard text[line.range].starts(with: map.utf8) else { continue }
      // Players of HLS shift the cues by it; one that shifts by nothing is what the writer writes.
      let parts = Set(text.string(text.trimmed(line.range)).dropFirst(map.count).split(separator: ","))
      if parts != ["MPEGTS:0", "LOCAL:00:00:00.000"] { findings.note(.timestampMap, line: line.number) }
    }
  }

  private func hasArrow(_ line: TextLine) -> Bool { line.hasGreaterThan && text.hasArrow(in: line.range) }

  /// One block: a cue, a comment, a style sheet or a region; `false` at the end.
  private mutating func readBlock() -> Bool {
    var first: TextLine?
    var timesLine: TextLine?
    var times: Times?
    payload.removeAll(keepingCapacity: true)
    while let line = scanner.next() {
      if line.range.isEmpty {
        if first == nil { continue }
        break
      }
      if hasArrow(line) {
        // Only the first line of a block says times, or the second below an identifier; any other begins a new block.
        let isSecond = timesLine == nil && first?.number == line.number - 1
        guard first == nil || isSecond else {
          scanner.unread(line)
          break
        }
        timesLine = line
        times = readTimes(line)
      } else if timesLine != nil {
        payload.append(line)
      }
      first = first ?? line
    }
    guard let first else { return false }
    if let times, let timesLine {
      end(times, line: timesLine.number, identifier: timesLine.number == first.number ? nil : text.string(first.range))
    } else if timesLine == nil {
      skip(first.range, line: first.number)
    }
    return true
  }

  private mutating func end(_ times: Times, line: Int, identifier: String?) {
    let lines = Reader.lines(text, payload) { findings.note($0, line: line) }
    if lines.isEmpty { findings.note(.emptyCue, line: line) }
    if times.end <= times.start {
      findings.error(
        "time.negative", line: line, column: times.endColumn, "the cue does not end after it starts",
        hint: "correct the end time")
    }
    cues.append(
      Cue(
        identifier: identifier, start: CueTime(milliseconds: times.start), end: CueTime(milliseconds: times.end),
        lines: lines, settings: text.string(times.settings)))
    cueLines.append(line)
  }

  /// Static, so that `note` may change the findings without a copy of the reader.
  private static func lines(_ text: [UInt8], _ payload: [TextLine], note: (Repair) -> Void) -> [[Run]] {
    guard let first = payload.first, let last = payload.last else { return [] }
    let marks = payload.reduce(0) { max($0, $1.marks) }
    if marks == 0 { return payload.map { text.plainLine($0.range) } }
    return WebVTTMarkup.lines(text, first.range.lowerBound..<last.range.upperBound, marks: marks, note: note)
  }

  /// A block without times: comments may be, style sheets and regions are told about, anything else is lost text.
  private mutating func skip(_ first: Range<Int>, line: Int) {
    let word = text.string(text.trimmed(first))
    if word == "NOTE" || word.hasPrefix("NOTE ") || word.hasPrefix("NOTE\t") { return }
    if word == "STYLE" || word == "REGION" {
      findings.note(cues.isEmpty ? .style : .lateStyle, line: line)
      return
    }
    findings.error(
      "fmt.parse", line: line, column: 1, "these lines have no times, so no player shows them",
      hint: "write the times above them, or 'NOTE' before a comment")
  }

  private struct Times {
    var start: Int
    var end: Int
    var endColumn: Int
    var settings: Range<Int>
  }

  private mutating func readTimes(_ textLine: TextLine) -> Times? {
    let line = textLine.range
    var index = line.lowerBound
    func skipBlanks() {
      while index < line.upperBound, [0x20, 0x09, 0x0C].contains(text[index]) { index += 1 }
    }
    skipBlanks()
    guard let start = timestamp(&index, before: line.upperBound) else { return fault(textLine, index) }
    skipBlanks()
    guard line.upperBound - index >= 3, text.hasArrow(in: index..<(index + 3)) else { return fault(textLine, index) }
    index += 3
    skipBlanks()
    let endColumn = text.column(of: index, inLineFrom: line.lowerBound)
    guard let end = timestamp(&index, before: line.upperBound) else { return fault(textLine, index) }
    return Times(start: start, end: end, endColumn: endColumn, settings: text.trimmed(index..<line.upperBound))
  }

  private mutating func fault(_ textLine: TextLine, _ index: Int) -> Times? {
    let line = textLine.range
    let column = text.column(of: index, inLineFrom: line.lowerBound)
    var message = "these times cannot be read"
    var hint = "write them as 00:00:01.000 --> 00:00:02.500"
    do {
      let times = try SubRipTimes(lenient: text, text.trimmed(line))
      var corrected: [UInt8] = []
      ClockText.append(CueTime(milliseconds: times.start), point: ".", to: &corrected)
      corrected += " --> ".utf8
      ClockText.append(CueTime(milliseconds: times.end), point: ".", to: &corrected)
      hint = "WebVTT wants \(String(decoding: corrected, as: UTF8.self))"
    } catch .outOfRange {
      message = "minutes and seconds go from 00 to 59"
      hint = "correct the time in the program that wrote it"
    } catch {
      // Not even SubRip's reader knows what it should be.
    }
    findings.error("fmt.parse", line: textLine.number, column: column, message, hint: hint)
    return nil
  }

  /// `mm:ss.mmm` or `hh:mm:ss.mmm` with any number of hour digits; `index` moves behind it or to where it fails.
  private func timestamp(_ index: inout Int, before end: Int) -> Int? {
    func digits() -> Range<Int> {
      let start = index
      while index < end, text[index].isASCIIDigit { index += 1 }
      return start..<index
    }
    func number(_ digits: Range<Int>) -> Int { text[digits].reduce(0) { $0 * 10 + Int($1 & 0x0F) } }
    func skip(_ byte: UInt8) -> Bool {
      guard index < end, text[index] == byte else { return false }
      index += 1
      return true
    }
    let first = digits()
    // Nine digits of hours are a hundred thousand years, and stay clear of overflow.
    guard !first.isEmpty, first.count <= 9, skip(0x3A) else { return nil }
    var (hours, minutes) = (0, number(first))
    var second = digits()
    guard second.count == 2 else { return nil }
    if first.count != 2 || minutes > 59 || index < end && text[index] == 0x3A {
      (hours, minutes) = (minutes, number(second))
      guard skip(0x3A) else { return nil }
      second = digits()
      guard second.count == 2 else { return nil }
    }
    guard skip(0x2E) else { return nil }
    let fraction = digits()
    let seconds = number(second)
    guard fraction.count == 3, minutes <= 59, seconds <= 59 else { return nil }
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + number(fraction)
  }
}
