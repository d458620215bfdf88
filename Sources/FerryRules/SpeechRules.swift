package import FerryCore

extension TextChecks {
  /// Holds a track against the speech in the sound of its video; without levels, nobody heard it.
  package static func speech(_ input: Input, _ levels: SpeechLevels?) -> [TextFinding] {
    var report = CheckReport(input)
    guard report.profile.severity("time.speech") != nil else { return [] }
    let spoken = report.cues.indices.filter { CoverageRules.isSpeech(report.subjects[$0]) }
    guard let levels, let first = spoken.first else {
      report.notJudged(levels == nil ? "no sound was heard" : "no cue has words that could be spoken")
      return report.sorted()
    }
    let match = SpeechMatch(
      spoken.map { (report.cues[$0].start.milliseconds, report.cues[$0].end.milliseconds) }, against: levels)
    report.tell(match, at: first)
    return report.sorted()
  }
}

extension CheckReport {
  fileprivate mutating func notJudged(_ reason: String) {
    add("time.speech", .info, "the track is not judged against the speech in the sound: \(reason)")
  }

  fileprivate mutating func tell(_ match: SpeechMatch, at cue: Int) {
    let evidence = "\(match.matched) of \(match.cues) cues then start where somebody begins to speak"
    switch match.verdict {
    case .fits(let late) where late > 400 || late < -600:
      add(
        "time.speech", .warning, cue: cue, measure: .init(Double(late.count), limit: late > 0 ? 400 : -600, "ms"),
        "the track is \(late.tenths) s \(late > 0 ? "late" : "early") against the speech in the sound",
        hint: "shift the track by \(Milliseconds(-late.count).signed) s")
    case .fits: break
    case .shifted(let offset, let rate) where rate == 1:
      flag(
        "time.speech", cue: cue,
        "the track is \(offset.tenths) s \(offset > 0 ? "late" : "early") against the speech in the sound: \(evidence)",
        hint: "shift the track by \(Milliseconds(-offset.count).signed) s, or take the track of this cut of the video")
    case .shifted(let offset, let rate):
      flag(
        "time.speech", cue: cue,
        "the track runs at \(rate.fixed(4)) times the length of the speech in the sound, "
          + "\(offset.tenths) s \(offset < 0 ? "early" : "late") at the beginning: \(evidence)",
        hint:
          "shift the track by \(Milliseconds(-offset.count).signed) s, then multiply its times by \((1 / rate).fixed(4))"
          + (SpeechRules.export(at: rate).map { "; \($0)" } ?? "; it was made for a video of another speed"))
    case .otherLesson:
      flag(
        "time.speech", cue: cue,
        "the track fits the speech in the sound nowhere, shifted or at another rate: it seems to be that of another lesson",
        hint: "check that the file belongs to this video; if it does, waive the rule and say why")
    case .notJudged(let reason): notJudged(SpeechRules.words(reason, match.cues))
    }
  }
}

private enum SpeechRules {
  static func words(_ reason: SpeechMatch.Reason, _ cues: Int) -> String {
    switch reason {
    case .fewCues: "it has only \(cues) cues with words, and five are needed"
    case .silence: "nobody is heard"
    case .noSpeech: "what is heard is too steady for voices, like music"
    case .noPauses: "the voices do not stand out, or make no pauses, so that any track would fit as well"
    case .noEvidence: "too little shows whether it fits"
    }
  }

  /// What an export did whose times are off by `rate`.
  static func export(at rate: Double) -> String? {
    let known: [(Double, track: String, video: String)] = [
      (24.0 / 25, "25", "24"), (25.0 / 24, "24", "25"), (24000.0 / 1001 / 25, "25", "23.976"),
      (25 / (24000.0 / 1001), "23.976", "25"), (1.001, "23.976 or 29.97", "24 or 30"),
      (1 / 1.001, "24 or 30", "23.976 or 29.97"),
    ]
    return known.first { abs($0.0 - rate) < 1e-6 }.map {
      "it was exported for \($0.track) pictures a second, and the video has \($0.video)"
    }
  }
}

extension Milliseconds {
  /// In seconds with a tenth, without a sign.
  fileprivate var tenths: String { (Double(count.magnitude) / 1000).tenths }
  fileprivate var signed: String { (count < 0 ? "−" : "+") + tenths }
}
