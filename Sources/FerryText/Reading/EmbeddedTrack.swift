package import FerryCore

/// Timed text inside a Matroska or MP4 file, as the container gives it: packets with times, and a header for all.
package struct EmbeddedTrack: Sendable {
  package enum Coding: String, Sendable, Codable { case subRip, ass, webVTT, tx3g, ttml }

  package struct Packet: Hashable, Sendable {
    package var start: CueTime
    package var end: CueTime
    package var payload: [UInt8]
    /// WebVTT's settings and name of the cue, which Matroska keeps beside the text.
    package var settings: String
    package var identifier: String?

    package init(
      start: CueTime, end: CueTime, payload: [UInt8], settings: String = "", identifier: String? = nil
    ) {
      self.start = start
      self.end = end
      self.payload = payload
      self.settings = settings
      self.identifier = identifier
    }
  }

  package var coding: Coding
  /// What the container keeps once for all packets: Matroska's CodecPrivate, MP4's sample description.
  package var header: [UInt8]
  package var packets: [Packet]

  package init(coding: Coding, header: [UInt8], packets: [Packet]) {
    self.coding = coding
    self.header = header
    self.packets = packets
  }

  /// The track, or everything that is wrong with it; `file` is its name in messages, which say the packet's number.
  ///
  /// Text of MP4 counts as WebVTT, which alone of the formats says as much as it.
  package func read(file: String, language: LanguageTag) throws(Diagnostics) -> (
    track: Track, warnings: [Diagnostic]
  ) {
    var findings = Findings(file: file)
    var programme = self
    // Nothing shows a cue before there is a picture; what is left of it stays.
    for (index, packet) in packets.enumerated() where coding != .ttml && packet.start < .zero && packet.end > .zero {
      findings.note(.earlyCue, line: index + 1)
      programme.packets[index].start = .zero
    }
    let track = programme.read(language, findings: &findings)
    let all = findings.all.map { finding in
      var finding = finding
      if finding.place.line > 0 { finding.place = Place("\(file), packet \(finding.place.line)") }
      return finding
    }
    guard let track, !findings.hasErrors else { throw Diagnostics(all) }
    return (track, all)
  }

  private func read(_ language: LanguageTag, findings: inout Findings) -> Track? {
    if coding == .tx3g {
      let decision = EncodingDecision(encoding: .utf8, method: .explicit, evidence: "MP4 text is UTF-8")
      let cues = readTimedText(findings: &findings)
      return Track(language: language, format: .webVTT, encoding: decision, cues: cues)
    }
    if coding == .ttml { return readDocuments(language, findings: &findings) }
    // Matroska wants UTF-8; what programs copied into it as it was gives itself away only as a whole.
    let bodies = packets.enumerated().map { index, packet in
      guard let nul = packet.payload.firstIndex(of: 0) else { return packet.payload }
      if packet.payload[nul...].contains(where: { $0 != 0 }) { findings.note(.afterNUL, line: index + 1) }
      return Array(packet.payload[..<nul])
    }
    var whole = Findings(file: findings.file)
    let all = header.prefix { $0 != 0 } + bodies.joined(separator: [0x0A])
    guard let decision = SourceText(Array(all), language: language, forced: nil, findings: &whole)?.decision else {
      findings.take(whole, line: 0)
      return nil
    }
    func text(_ bytes: [UInt8], _ line: Int, _ findings: inout Findings) -> [UInt8] {
      if bytes.isEmpty { return [] }
      var own = Findings(file: findings.file)
      let text = SourceText(bytes, language: language, forced: decision.encoding, findings: &own)?.utf8 ?? []
      findings.take(own, line: line)
      return text
    }
    let head = text(Array(header.prefix { $0 != 0 }), 0, &findings)
    let script = coding == .ass ? ASS.header(head, findings: &findings) : ASSHeader()
    if coding == .webVTT, hasStyles(head) { findings.note(.style) }
    var cues: [(cue: Cue, order: Int)] = []
    for (index, packet) in packets.enumerated() {
      let line = index + 1
      let body = text(bodies[index], line, &findings)
      let read = cue(body, packet, script, index) { findings.note($0, line: line) }
      guard let read else {
        findings.error("fmt.parse", line: line, "the packet has fewer than nine columns", hint: "remux the track")
        continue
      }
      guard let cue = read.cue else { continue }
      checkTimes(packet, line, &findings)
      cues.append((cue, read.order))
    }
    // Packets come in the order of their times; the order of the script decides between equal ones.
    if coding == .ass { cues.sort { ($0.cue.start, $0.order) < ($1.cue.start, $1.order) } }
    if cues.isEmpty, !findings.hasErrors { reportNoCues(&findings) }
    let format: Track.Format = [.subRip: .subRip, .ass: .ass][coding] ?? .webVTT
    return Track(language: language, format: format, encoding: decision, cues: cues.map(\.cue))
  }

  private func cue(
    _ body: [UInt8], _ packet: Packet, _ script: ASSHeader, _ index: Int, note: (Repair) -> Void
  ) -> (cue: Cue?, order: Int)? {
    switch coding {
    case .ass: ASS.cue(packet: body, header: script, start: packet.start, end: packet.end, note: note)
    case .subRip: (SubRip.cue(body: body, start: packet.start, end: packet.end, note: note), index)
    case .webVTT, .tx3g, .ttml:
      (
        WebVTT.cue(
          body: body, settings: packet.settings, identifier: packet.identifier, start: packet.start, end: packet.end,
          note: note),
        index
      )
    }
  }

  /// Whole documents, each for its stretch of the programme: a cue that a stretch's end cuts goes on in the next one.
  private func readDocuments(_ language: LanguageTag, findings: inout Findings) -> Track? {
    var cues: [Cue] = []
    var decision: EncodingDecision?
    for (index, packet) in packets.enumerated() {
      var own = Findings(file: findings.file)
      guard let text = SourceText(packet.payload, language: language, forced: nil, findings: &own) else {
        findings.take(own, line: index + 1)
        return nil
      }
      decision = decision ?? text.decision
      let hasText =
        text.utf8.firstRange(of: Array("<p".utf8)) != nil || text.utf8.firstRange(of: Array(":p".utf8)) != nil
      guard hasText else { continue }
      for cue in TTML.read(text.utf8, findings: &own).cues {
        if let same = cues.lastIndex(where: {
          $0.end == cue.start && $0.lines == cue.lines && $0.settings == cue.settings
        }),
          cue.start == packet.start
        {
          cues[same].end = cue.end
        } else {
          cues.append(cue)
        }
      }
      findings.take(own, line: index + 1)
    }
    guard let decision else { return nil }
    if cues.isEmpty, !findings.hasErrors { reportNoCues(&findings) }
    return Track(language: language, format: .ttml, encoding: decision, cues: cues)
  }

  /// Samples without text only clear the screen.
  private func readTimedText(findings: inout Findings) -> [Cue] {
    let (style, settings) = TimedText3GPP.defaults(of: header)
    var cues: [Cue] = []
    for (index, packet) in packets.enumerated() {
      do throws(TimedText3GPP.Fault) {
        let (lines, hasOtherBoxes) = try TimedText3GPP.read(packet.payload, style: style)
        if hasOtherBoxes, !lines.isEmpty { findings.note(.modifierBox, line: index + 1) }
        if lines.allSatisfy(\.isEmpty) { continue }
        checkTimes(packet, index + 1, &findings)
        cues.append(Cue(start: packet.start, end: packet.end, lines: lines, settings: settings))
      } catch {
        findings.error("fmt.parse", line: index + 1, error.description, hint: "remux the track")
      }
    }
    if cues.isEmpty, !findings.hasErrors { reportNoCues(&findings) }
    return cues
  }

  private func checkTimes(_ packet: Packet, _ line: Int, _ findings: inout Findings) {
    if packet.start < .zero {
      findings.error(
        "time.negative", line: line, "the cue ends before the beginning", hint: "remux the track from its source")
    } else if packet.end <= packet.start {
      findings.error(
        "time.negative", line: line, "the cue does not end after it starts", hint: "remux the track from its source")
    }
  }

  private func reportNoCues(_ findings: inout Findings) {
    findings.error("fmt.empty", "the embedded track has no cues", hint: "name another track, or a subtitle file")
  }

  private func hasStyles(_ header: [UInt8]) -> Bool {
    String(decoding: header, as: UTF8.self).split(separator: "\n").contains {
      $0.hasPrefix("STYLE") || $0.hasPrefix("REGION")
    }
  }
}
