internal import FerryCore

/// A track against the length of its video.
enum MediaRules {
  /// Lessons have pauses; a minute without a word is worth a look.
  private static let longSilence = 60_000

  static func check(_ report: inout CheckReport) {
    guard let duration = report.input.media?.duration?.wholeMilliseconds, duration > 0 else { return }
    pastEnd(&report, duration)
    guard report.profile.severity("time.coverage") != nil else { return }
    let last = report.cues.map(\.end.milliseconds).max() ?? 0
    if last > duration + duration / 10 + 10_000 {
      report.flag(
        "time.coverage",
        "the track ends at \(CueTime(milliseconds: last).clock) and the video at \(CueTime(milliseconds: duration).clock)",
        hint: "check that the track belongs to this video")
    } else {
      holes(&report, duration)
    }
  }

  private static func pastEnd(_ report: inout CheckReport, _ duration: Int) {
    // Containers round a programme's duration to frames.
    let frame = report.frames.rate == nil ? 40 : report.frames.milliseconds(frames: 1)
    let end = "the video ends at \(CueTime(milliseconds: duration).clock)"
    for (index, cue) in report.cues.enumerated() {
      if cue.start.milliseconds >= duration {
        guard report.profile.severity("time.pastend") != nil else { return }
        report.add(
          "time.pastend", .error, cue: index,
          measure: .init(Double(cue.start.milliseconds), limit: Double(duration), "ms"),
          "\(end), before the cue starts",
          hint: "check that the track belongs to this video")
      } else if cue.end.milliseconds > duration + frame {
        guard let severity = report.profile.severity("time.pastend") else { return }
        report.add(
          "time.pastend", severity, cue: index,
          measure: .init(Double(cue.end.milliseconds), limit: Double(duration), "ms"), "\(end), before the cue ends",
          hint: "end the cue with the video")
      }
    }
  }

  private static func holes(_ report: inout CheckReport, _ duration: Int) {
    let shown = report.cues.indices.filter { report.cues[$0].end > report.cues[$0].start }
      .sorted { report.cues[$0].start < report.cues[$1].start }
    guard let first = shown.first else { return }
    let start = report.cues[first].start.milliseconds
    let spoken = Spoken(report.input.source)
    if start > longSilence, spoken.isAnything(from: 0, to: start) {
      report.flag(
        "time.coverage", cue: first, "no cue in the first \(start / 1000) seconds of the video",
        hint: "check that the beginning is translated and that the track belongs to this video")
    }
    var end = report.cues[first].end.milliseconds
    for index in shown.dropFirst() {
      let hole = report.cues[index].start.milliseconds - end
      if hole > longSilence, spoken.isAnything(from: end, to: end + hole) {
        report.flag(
          "time.coverage", cue: index, "no cue in the \(hole / 1000) seconds before this one",
          hint: "check that nothing is said there, or that no part of the track is missing")
      }
      end = max(end, report.cues[index].end.milliseconds)
    }
    // A short film may well end with some seconds of music.
    if end < duration * 7 / 10, duration - end > 10_000, spoken.isAnything(from: end, to: duration) {
      report.flag(
        "time.coverage",
        "the last cue ends at \(CueTime(milliseconds: end).clock), \(end * 100 / duration) % into a video of \(CueTime(milliseconds: duration).clock)",
        hint: "check that the end is translated and that the track belongs to this video")
    }
  }

  /// When the source says something; without a source, always.
  private struct Spoken {
    let times: [(start: Int, end: Int)]?

    init(_ source: Track?) {
      times = source?.cues.map { ($0.start.milliseconds, $0.end.milliseconds) }.sorted { $0.start < $1.start }
    }

    /// Whether the source has a cue that lies within, a second of tolerance on each side.
    func isAnything(from start: Int, to end: Int) -> Bool {
      guard let times else { return true }
      var low = 0
      var high = times.count
      while low < high {
        let middle = (low + high) / 2
        if times[middle].start < start - 1000 { low = middle + 1 } else { high = middle }
      }
      return times[low...].prefix { $0.start < end }.contains { $0.end <= end + 1000 }
    }
  }
}
