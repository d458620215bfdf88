internal import FerryCore

/// SubStation Alpha (`.ssa`) and Advanced SubStation Alpha (`.ass`), read as players show it.
///
/// No specification says how; where programs differ, libass decides, which most players are built on.
package enum ASS {
  /// The cues of a script; what is wrong, was repaired or is not carried goes to `findings`.
  static func read(_ text: [UInt8], findings: inout Findings) -> (cues: [Cue], lines: [Int]) {
    var reader = Reader(text: text, findings: findings)
    reader.read()
    findings = reader.findings
    return (reader.cues, reader.cueLines)
  }

  /// Whether a text, behind its leading blanks, begins as a script does.
  static func isSignature(_ body: ArraySlice<UInt8>) -> Bool {
    let head = String(decoding: body.prefix(20), as: UTF8.self).lowercased()
    return ["[script info]", "[v4 styles]", "[v4+ styles]", "[events]", "dialogue:"].contains(where: head.hasPrefix)
  }

  /// What a Matroska track says before its cues.
  static func header(_ text: [UInt8], findings: inout Findings) -> ASSHeader {
    var reader = Reader(text: text, findings: findings)
    reader.readLines()
    findings = reader.findings
    return reader.header
  }

  /// One cue of a Matroska track, whose packets have a fixed order of columns and no times, and its place among all.
  ///
  /// No cue where nothing of it is text that anybody sees, and no answer where the packet has too few columns.
  static func cue(
    packet: [UInt8], header: ASSHeader, start: CueTime, end: CueTime, note: (Repair) -> Void
  ) -> (cue: Cue?, order: Int)? {
    guard let fields = packetColumns.all.fields(packet, 0..<packet.count) else { return nil }
    let event = ASSEvent(packet, fields, packetColumns, note: note)
    return (event.cue(header, start: start, end: end, note: note), ASSNumber.whole(packet, fields[0]) ?? 0)
  }

  private static let packetColumns = EventColumns(
    ASSColumns("ReadOrder, Layer, Style, Name, MarginL, MarginR, MarginV, Effect, Text"))
}

private struct Reader {
  let text: [UInt8]
  var findings: Findings
  var cues: [Cue] = []
  var cueLines: [Int] = []
  var header = ASSHeader()
  private var section = Section.none
  private var styleColumns: ASSColumns?
  private var eventColumns: EventColumns?
  /// Events wait for the end, because the styles may come behind them.
  private var events: [(line: TextLine, body: Range<Int>, columns: EventColumns)] = []

  private enum Section { case none, info, styles, events, data, unknown }

  init(text: [UInt8], findings: Findings) {
    self.text = text
    self.findings = findings
  }

  mutating func read() {
    readLines()
    cues.reserveCapacity(events.count)
    cueLines.reserveCapacity(events.count)
    for event in events { readEvent(event.line, event.body, event.columns) }
    if cues.isEmpty, !findings.hasErrors {
      findings.error(
        "fmt.empty", "the file has no cues: no line of [Events] begins with 'Dialogue:' and has text",
        hint: "give the script that has the dialogue")
    }
  }

  mutating func readLines() {
    var scanner = LineScanner(text)
    while let line = scanner.next() {
      let range = text.trimmed(line.range)
      guard let first = range.first else { continue }
      if text[first] == UInt8(ascii: "["), beginSection(range, line.number) { continue }
      take(line, range)
    }
  }

  /// Embedded files are written with capitals, digits and signs only, and may have lines in brackets.
  private mutating func beginSection(_ range: Range<Int>, _ number: Int) -> Bool {
    guard let close = text[range].firstIndex(of: UInt8(ascii: "]")) else { return false }
    let name = text.string((range.lowerBound + 1)..<close)
    let known: Section? =
      switch name.lowercased() {
      case "script info": .info
      case "v4 styles", "v4+ styles", "v4++ styles": .styles
      case "events": .events
      case "fonts", "graphics": .data
      default: nil
      }
    if known == nil, section == .data, name == name.uppercased() { return false }
    section = known ?? .unknown
    switch section {
    case .styles:
      header.isSSA = name.lowercased() == "v4 styles"
      styleColumns = nil
    case .data: findings.note(.embeddedFile, line: number)
    case .unknown: if !name.lowercased().hasPrefix("aegisub") { findings.note(.unknownSection, line: number) }
    default: break
    }
    return true
  }

  private mutating func take(_ line: TextLine, _ range: Range<Int>) {
    if section == .data || text[range.lowerBound] == UInt8(ascii: ";") || text[range].starts(with: "!:".utf8) { return }
    let colon = text[range].firstIndex(of: UInt8(ascii: ":")) ?? range.upperBound
    let key = text.string(text.trimmed(range.lowerBound..<colon)).lowercased()
    let end = line.range.upperBound
    let start = text[min(colon + 1, end)..<end].firstIndex { $0 != 0x20 && $0 != 0x09 } ?? end
    let body = start..<end
    switch (section, key) {
    case (.events, _): takeEvent(key, line, body)
    case (_, "dialogue"):
      findings.error(
        "fmt.parse", line: line.number, column: 1, "a line of dialogue outside [Events], where no player looks for it",
        hint: "write '[Events]' above it")
    case (.unknown, _): break
    case (.info, _) where colon < range.upperBound: header.take(key, text.string(text.trimmed(body)))
    case (.styles, "format"): styleColumns = ASSColumns(text.string(body))
    case (.styles, "style"):
      if styleColumns == nil { findings.note(.noFormatLine, line: line.number) }
      let columns = styleColumns ?? (header.isSSA ? .ssaStyles : .assStyles)
      styleColumns = columns
      if !header.takeStyle(text, body, columns) { findings.note(.shortStyle, line: line.number) }
    default: findings.note(.unknownLine, line: line.number)
    }
  }

  private mutating func takeEvent(_ key: String, _ line: TextLine, _ body: Range<Int>) {
    switch key {
    case "format":
      let columns = ASSColumns(text.string(body))
      eventColumns = EventColumns(columns)
      for name in ["Start", "End", "Text"] where columns[name.lowercased()] == nil {
        findings.error(
          "fmt.parse", line: line.number, column: 1, "'Format' lists no column '\(name)'",
          hint: "Format: " + ASSColumns.assEventFormat)
      }
    case "dialogue":
      if eventColumns == nil { findings.note(.noFormatLine, line: line.number) }
      let columns = eventColumns ?? EventColumns(header.isSSA ? .ssaEvents : .assEvents)
      eventColumns = columns
      if columns.areComplete { events.append((line, body, columns)) }
    case "comment": findings.note(.commentEvent, line: line.number)
    case "picture", "sound", "movie", "command": findings.note(.otherEvent, line: line.number)
    default:
      findings.error(
        "fmt.parse", line: line.number, column: 1, "this line is no event, so no player shows it",
        hint: "begin it with 'Dialogue:' and its times, or join it to the line above with '\\N'")
    }
  }

  private mutating func readEvent(_ line: TextLine, _ body: Range<Int>, _ columns: EventColumns) {
    guard let fields = columns.all.fields(text, body) else {
      return findings.error(
        "fmt.parse", line: line.number, column: 1,
        "the event has fewer than the \(columns.all.names.count) columns that 'Format' lists",
        hint: "write them all, with commas between")
    }
    guard let start = time(fields, columns.start, line), let end = time(fields, columns.end, line) else { return }
    if end <= start {
      findings.error(
        "time.negative", line: line.number, column: column(fields, columns.end, line),
        "the cue does not end after it starts", hint: "correct the end time")
    }
    let event = ASSEvent(text, fields, columns) { findings.note($0, line: line.number) }
    let cue = event.cue(header, start: start, end: end) { findings.note($0, line: line.number) }
    guard let cue else { return }
    cues.append(cue)
    cueLines.append(line.number)
  }

  private func column(_ fields: [Range<Int>], _ index: Int?, _ line: TextLine) -> Int {
    text.column(of: text.trimmed(fields[index ?? 0]).lowerBound, inLineFrom: line.range.lowerBound)
  }

  private mutating func time(_ fields: [Range<Int>], _ index: Int?, _ line: TextLine) -> CueTime? {
    guard let index else { return nil }
    let column = column(fields, index, line)
    do throws(ASSTime.Fault) {
      let time = try ASSTime(text, text.trimmed(fields[index]))
      if time.isOdd { findings.note(.oddCentiseconds, line: line.number, column: column) }
      return CueTime(milliseconds: time.milliseconds)
    } catch {
      report(error, line.number, column)
      return nil
    }
  }

  private mutating func report(_ fault: ASSTime.Fault, _ line: Int, _ column: Int) {
    switch fault {
    case .malformed:
      findings.error(
        "fmt.parse", line: line, column: column, "this time cannot be read", hint: "write it as 0:00:01.50")
    case .outOfRange:
      findings.error(
        "fmt.parse", line: line, column: column, "minutes and seconds go from 00 to 59",
        hint: "correct the time in the program that wrote it")
    case .negative:
      findings.error(
        "time.negative", line: line, column: column, "the time is before the beginning",
        hint: "shift the track so that its first cue is at 0:00:00.00 or later")
    }
  }
}
