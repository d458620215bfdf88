package import FerryCore

/// SubRip (`.srt`), as found in the field: there is no specification, so the reader takes what programs write.
package enum SubRip {
  /// The cues of a text; what is wrong or was repaired goes to `findings`.
  static func read(_ text: [UInt8], findings: inout Findings) -> (cues: [Cue], lines: [Int]) {
    var reader = Reader(text: text, findings: findings)
    reader.read()
    findings = reader.findings
    return (reader.cues, reader.cueLines)
  }

  /// The file that holds `cues`, numbered from 1.
  ///
  /// SubRip has no names for speakers and no positions; those stay behind.
  package static func text(of cues: [Cue]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(cues.count * 80)
    for (index, cue) in cues.enumerated() {
      text += "\(index + 1)\n".utf8
      ClockText.append(cue.start, point: ",", to: &text)
      text += " --> ".utf8
      ClockText.append(cue.end, point: ",", to: &text)
      text.append(0x0A)
      CueText.append(cue.lines, as: .subRip, to: &text)
      text.append(0x0A)
    }
    return String(decoding: text, as: UTF8.self)
  }
}

extension SubRip {
  /// The text of one cue alone, as Matroska carries it.
  package static func body(of cue: Cue) -> [UInt8] {
    var text: [UInt8] = []
    CueText.append(cue.lines, as: .subRip, to: &text)
    while text.last == 0x0A { text.removeLast() }
    return text
  }

  /// The cue that Matroska carries as text alone.
  static func cue(body: [UInt8], start: CueTime, end: CueTime, note: (Repair) -> Void) -> Cue {
    let content = body.withoutBlankEnds
    let lines = content.isEmpty ? [] : SubRipMarkup.lines(body, content, note: note)
    if lines.isEmpty { note(.emptyCue) }
    return Cue(start: start, end: end, lines: lines)
  }
}

/// Reads line by line and decides at each line of times what of the lines before it belongs to which cue.
private struct Reader {
  let text: [UInt8]
  var findings: Findings
  var cues: [Cue] = []
  var cueLines: [Int] = []
  /// Lines since the last line of times.
  private var content: [Line] = []
  private var state = State.start
  /// A number after a blank line that is the next cue's, but has no times of its own so far.
  private var stray: (number: Int, line: Int)?

  private struct Line {
    var text: TextLine
    var kind: Kind

    var range: Range<Int> { text.range }
    var number: Int { text.number }
  }

  private enum Kind: Equatable {
    case blank, text
    case number(Int)
  }

  private enum State {
    /// Before the first line of times.
    case start
    case cue(Opening)
    /// After a line of times that cannot be read; its text has no cue to go to.
    case broken
  }

  private struct Opening {
    var identifier: String?
    var number: Int?
    var times: SubRipTimes
    var line: Int
  }

  init(text: [UInt8], findings: Findings) {
    self.text = text
    self.findings = findings
  }

  mutating func read() {
    // A cue seldom takes less; growing an array of this size costs more than reading the file.
    cues.reserveCapacity(text.count / 64)
    cueLines.reserveCapacity(text.count / 64)
    var scanner = LineScanner(text)
    while let next = scanner.next() {
      let line = Line(text: next, kind: kind(next.range))
      if line.kind == .text, let times = times(line) {
        begin(times, line)
      } else {
        append(line)
      }
    }
    if case .start = state, !findings.hasErrors {
      return findings.error(
        "fmt.empty", "the file has no cues: no line says times such as 00:00:01,000 --> 00:00:02,500",
        hint: FileKind.hint)
    }
    endContent(nextNumber: nil)
  }

  private func kind(_ range: Range<Int>) -> Kind {
    let trimmed = text.trimmed(range)
    guard let first = trimmed.first else { return .blank }
    guard text[first].isASCIIDigit, trimmed.count <= 9, text[trimmed].allSatisfy(\.isASCIIDigit) else { return .text }
    return .number(text[trimmed].reduce(0) { $0 * 10 + Int($1 & 0x0F) })
  }

  private mutating func append(_ line: Line) {
    if case .number(let number) = line.kind, content.last?.kind == .blank, case .cue(let opening) = state,
      number == (opening.number ?? -1) + 1, stray == nil
    {
      stray = (number, line.number)
    }
    content.append(line)
  }

  /// The times that a line says, if it stands where times can stand; one that tries and fails is an error.
  private mutating func times(_ line: Line) -> SubRipTimes? {
    if let times = SubRipTimes(strict: text, line.range) { return times }
    guard SubRipTimes.mayBegin(text, line.range) || line.text.hasGreaterThan && text.hasArrow(in: line.range)
    else { return nil }
    let standsFirst = isAtBlockStart
    do {
      let times = try SubRipTimes(lenient: text, line.range)
      // Amid a cue's text, only a line that can be nothing else begins another cue.
      return standsFirst || times.isComplete ? times : nil
    } catch {
      guard standsFirst, isAttempt(line.range) else { return nil }
      report(error, line)
      if case .number = content.last?.kind {
        content.removeLast()
        stray = nil
      }
      endContent(nextNumber: nil)
      state = .broken
      return nil
    }
  }

  /// Whether a cue can begin here: before any other, after a blank line, or after a number that follows one.
  private var isAtBlockStart: Bool {
    if case .start = state { return true }
    if case .number = content.last?.kind { return content.dropLast().last?.kind == .blank }
    return content.last?.kind == .blank
  }

  /// Whether a line that says no times was meant to: it has a number above it, or an arrow and two colons.
  private func isAttempt(_ range: Range<Int>) -> Bool {
    guard text.hasArrow(in: range) else { return false }
    if case .number = content.last?.kind { return true }
    return text[range].count { $0 == UInt8(ascii: ":") } >= 2
  }

  private mutating func report(_ fault: SubRipTimes.Fault, _ line: Line) {
    let example = "write them as 00:00:01,000 --> 00:00:02,500"
    switch fault {
    case .malformed(let column):
      findings.error("fmt.parse", line: line.number, column: column, "these times cannot be read", hint: example)
    case .outOfRange(let column):
      findings.error(
        "fmt.parse", line: line.number, column: column, "minutes and seconds go from 00 to 59",
        hint: "correct the time in the program that wrote it")
    case .negative(let column):
      findings.error(
        "time.negative", line: line.number, column: column, "the time is before the beginning",
        hint: "shift the track so that its first cue is at 00:00:00,000 or later")
    case .frames(let column):
      findings.error(
        "fmt.parse", line: line.number, column: column, "the time counts frames, and SubRip says no frame rate",
        hint: example)
    }
  }

  /// Ends the cue before `line` and begins the one whose times it says.
  private mutating func begin(_ times: SubRipTimes, _ line: Line) {
    let number = takeNumber()
    let isAfterText = content.last.map { $0.kind != .blank } ?? false
    endContent(nextNumber: number?.value)
    if isAfterText, case .cue = state { findings.note(.noBlankLine, line: line.number) }
    if number == nil { findings.note(.noNumber, line: line.number) }
    for repair in times.repairs { findings.note(repair, line: line.number, column: times.startColumn) }
    if times.end <= times.start {
      findings.error(
        "time.negative", line: line.number, column: times.endColumn, "the cue does not end after it starts",
        hint: "correct the end time")
    }
    state = .cue(Opening(identifier: number?.text, number: number?.value, times: times, line: line.number))
  }

  /// Takes from the lines above a line of times the cue's number, if the last of them is one.
  private mutating func takeNumber() -> (value: Int, text: String)? {
    guard let index = content.lastIndex(where: { $0.kind != .blank }), case .number(let value) = content[index].kind,
      isNumberOfNextCue(value, at: index)
    else { return nil }
    let text = text.string(text.trimmed(content[index].range))
    content.removeSubrange(index...)
    return (value, text)
  }

  /// Whether a number above a line of times is the cue's own and not the last line of the text before it.
  private func isNumberOfNextCue(_ number: Int, at index: Int) -> Bool {
    guard case .cue(let opening) = state else { return true }
    let before = content[..<index].last?.kind
    let continues = opening.number.map { number == $0 + 1 } ?? false
    // A blank line between the number and the times, or none before the number, needs more to believe.
    guard index == content.indices.last else { return before == .blank && continues }
    return before == .blank || continues || before != nil && opening.number != nil
  }

  /// Turns the lines since the last times into that cue's text.
  private mutating func endContent(nextNumber: Int?) {
    defer {
      content.removeAll(keepingCapacity: true)
      stray = nil
    }
    // A number without times is only text when the cue that it counts comes later after all.
    if let stray, stray.number != nextNumber {
      findings.error(
        "fmt.parse", line: stray.line, "cue \(stray.number) has no times", hint: "add them, or remove the number")
    }
    guard let first = content.firstIndex(where: { $0.kind != .blank }),
      let last = content.lastIndex(where: { $0.kind != .blank })
    else { return endCue([]) }
    guard case .cue = state else {
      if case .start = state {
        findings.error(
          "fmt.parse", line: content[first].number, "text before the first cue belongs to no cue",
          hint: "give it times or remove it")
      }
      return
    }
    if let blank = content[first..<last].firstIndex(where: { $0.kind == .blank }) {
      findings.note(.blankLineInCue, line: content[blank].number)
    }
    endCue(content[first...last])
  }

  private mutating func endCue(_ payload: ArraySlice<Line>) {
    guard case .cue(let opening) = state else { return }
    let lines = Reader.lines(text, payload) { findings.note($0, line: opening.line) }
    if lines.isEmpty { findings.note(.emptyCue, line: opening.line) }
    cues.append(
      Cue(
        identifier: opening.identifier, start: CueTime(milliseconds: opening.times.start),
        end: CueTime(milliseconds: opening.times.end), lines: lines,
        settings: String(decoding: opening.times.rest, as: UTF8.self)))
    cueLines.append(opening.line)
  }

  /// Static, so that `note` may change the findings without a copy of the reader.
  private static func lines(_ text: [UInt8], _ payload: ArraySlice<Line>, note: (Repair) -> Void) -> [[Run]] {
    guard let first = payload.first, let last = payload.last else { return [] }
    let marks = payload.reduce(0) { max($0, $1.text.marks) }
    if marks == 0 { return payload.map { $0.kind == .blank ? [] : text.plainLine($0.range) } }
    return SubRipMarkup.lines(text, first.range.lowerBound..<last.range.upperBound, marks: marks, note: note)
  }
}
