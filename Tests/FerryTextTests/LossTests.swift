import FerryCore
import Testing

@testable import FerryText

@Suite struct LossTests {
  /// A cue as it must come back: what is not listed as lost unchanged, the rest changed as the loss says.
  private func expected(_ cue: Cue, _ index: Int, _ format: Track.Format, _ losses: Set<Loss>, read: Cue) -> Cue {
    var cue = cue
    if losses.contains(.voice) {
      let isMixed = cue.onlyVoice == nil
      for line in cue.lines.indices {
        for run in cue.lines[line].indices {
          let voice = cue.lines[line][run].voice
          cue.lines[line][run].voice = format == .ass && !isMixed ? voice?.replacing(",", with: ";") : nil
        }
      }
    }
    if losses.contains(.ruby) {
      for line in cue.lines.indices {
        cue.lines[line] = cue.lines[line].map { Run($0.withRubyInBrackets, style: $0.style, voice: $0.voice) }
      }
    }
    if losses.contains(.position) { cue.settings = format == .subRip ? "" : read.settings }
    if losses.contains(.layer) { cue.layer = 0 }
    if losses.contains(.milliseconds) {
      cue.start = CueTime(milliseconds: (cue.start.milliseconds + 5) / 10 * 10)
      cue.end = CueTime(milliseconds: max(cue.start.milliseconds + 10, (cue.end.milliseconds + 5) / 10 * 10))
    }
    switch format {
    case .subRip: cue.identifier = losses.contains(.identifier) ? "\(index + 1)" : cue.identifier ?? "\(index + 1)"
    case .webVTT: break
    case .ass, .ttml:
      if losses.contains(.identifier) || cue.identifier == "\(index + 1)" { cue.identifier = nil }
    }
    cue.lines = merged(cue.lines)
    return cue
  }

  private func isChanged(_ loss: Loss, _ cue: Cue, _ read: Cue) -> Bool {
    let (runs, readRuns) = (cue.lines.joined(), read.lines.joined())
    switch loss {
    case .identifier: return cue.identifier != read.identifier
    case .voice: return runs.map(\.voice) != readRuns.map(\.voice)
    case .position: return cue.settings != read.settings
    case .layer: return cue.layer != read.layer
    case .ruby: return readRuns.allSatisfy { $0.ruby == nil }
    case .milliseconds: return (cue.start, cue.end) != (read.start, read.end)
    case .style: return false
    }
  }

  /// Writing and reading changes exactly what the losses say, and every loss is one.
  @Test(arguments: [Track.Format.subRip, .webVTT, .ass])
  func losesWhatItSaysAndNothingElse(_ format: Track.Format) throws {
    var random = Seeded(state: 11)
    for _ in 0..<1000 {
      let cues = random.richCues()
      let text =
        switch format {
        case .subRip: SubRip.text(of: cues)
        case .webVTT: WebVTT.text(of: cues)
        case .ass, .ttml: ASS.text(of: cues)
        }
      // So few letters of so many scripts could be in many encodings.
      let track = try read(text, named: "t.\(format.rawValue)", encoding: .utf8).track
      try #require(track.cues.count == cues.count && track.format == format, "\(text)")
      for (index, (cue, read)) in zip(cues, track.cues).enumerated() {
        let losses = Loss.losses(of: cue, at: index, in: .file(format))
        try #require(read == expected(cue, index, format, losses, read: read), "\(text)")
        for loss in losses { try #require(isChanged(loss, cue, read), "\(loss) of \(cue)") }
      }
    }
  }

  private let cues = [
    Cue(identifier: "1", start: .zero, end: CueTime(milliseconds: 1000), lines: [[Run("plain")]]),
    Cue(
      identifier: "intro", start: CueTime(milliseconds: 1001), end: CueTime(milliseconds: 2000),
      lines: [[Run("漢", style: .italic, voice: "Li", ruby: "kan"), Run("!", voice: "Wang")]], settings: "line:3",
      layer: 2),
    Cue(
      identifier: "end", start: CueTime(milliseconds: 2005), end: CueTime(milliseconds: 3000),
      lines: [[Run("b", voice: "Li, Hua")]], settings: "line:0", layer: 1),
  ]

  @Test func tellsEachKindOnce() throws {
    let targets: [Loss.Target] = [.file(.subRip), .file(.webVTT), .file(.ass), .file(.ttml), .transcript]
    let report = targets.map { target in
      "## \(target)\n"
        + Loss.losses(writing: cues, as: target, file: "t.vtt", lines: [2, 6, 10]).map { "\($0)\n" }.joined()
    }
    try expectGolden(report.joined(), "losses.txt")
  }

  @Test func hasNothingToTellOfPlainCues() {
    for target in [Loss.Target.file(.subRip), .file(.webVTT), .file(.ass), .file(.ttml), .transcript] {
      #expect(Loss.losses(writing: [cues[0], cue(1000, 2000, "x")], as: target, file: "t.srt").isEmpty)
    }
  }
}
