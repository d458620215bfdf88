internal import FerryCore

/// What a track's times say by themselves.
enum TimeRules {
  static func check(_ report: inout CheckReport) {
    order(&report)
    let duplicates = duplicates(&report)
    durations(&report)
    neighbours(&report, without: duplicates)
    programmeClock(&report)
  }

  private static func order(_ report: inout CheckReport) {
    var latest: (start: CueTime, cue: Int)?
    for (index, cue) in report.cues.enumerated() {
      if cue.start < .zero {
        report.flag(
          "time.negative", cue: index, "the cue starts before the beginning",
          hint: "shift the track, or remove the cue")
      }
      if cue.end <= cue.start {
        report.flag(
          "time.negative", cue: index,
          cue.end == cue.start ? "the cue ends when it starts: nobody sees it" : "the cue ends before it starts",
          hint: "correct its end")
      }
      if let latest, cue.start < latest.start {
        report.flag(
          "time.order", cue: index,
          "the cue starts before \(CheckReport.name(of: latest.cue)), which stands above it", hint: "sort the cues")
      } else {
        latest = (cue.start, index)
      }
    }
  }

  private struct Showing: Hashable {
    var start: CueTime
    var end: CueTime
    var text: String
  }

  private static func duplicates(_ report: inout CheckReport) -> Set<Int> {
    var seen: [Showing: Int] = [:]
    var duplicates: Set<Int> = []
    seen.reserveCapacity(report.cues.count)
    for (index, cue) in report.cues.enumerated() {
      let showing = Showing(start: cue.start, end: cue.end, text: report.subjects[index].text)
      if let first = seen[showing] {
        duplicates.insert(index)
        report.flag(
          "time.duplicate", cue: index, "the cue says the same at the same time as \(CheckReport.name(of: first))",
          hint: "remove one of them")
      } else {
        seen[showing] = index
      }
    }
    return duplicates
  }

  private static func durations(_ report: inout CheckReport) {
    let tolerance = Double(FrameGrid.tolerance)
    for (index, cue) in report.cues.enumerated() where cue.end > cue.start {
      let duration = Double((cue.end - cue.start).wholeMilliseconds)
      if let (severity, limit) = report.profile.passed("time.min", { duration < $0 - tolerance }) {
        report.add(
          "time.min", severity, cue: index, measure: .init(duration, limit: limit, "ms"),
          "the cue stays for \(duration.short) ms, less than \(limit.short)",
          hint: "end it later, or join it with a neighbour")
      }
      if let (severity, limit) = report.profile.passed("time.max", { duration > $0 + tolerance }) {
        report.add(
          "time.max", severity, cue: index, measure: .init(duration, limit: limit, "ms"),
          "the cue stays for \(duration.short) ms, more than \(limit.short)",
          hint: "end it with the sentence, or split it in two")
      }
    }
  }

  /// A place on the screen; cues in different ones may be shown together.
  private struct Position: Hashable {
    var settings: String
    var layer: Int
  }

  private static func neighbours(_ report: inout CheckReport, without duplicates: Set<Int>) {
    let cues = report.cues
    var positions: [Position: [Int]] = [:]
    for (index, cue) in cues.enumerated() where cue.end > cue.start && !duplicates.contains(index) {
      positions[Position(settings: cue.settings, layer: cue.layer), default: []].append(index)
    }
    for indices in positions.values {
      let shown = indices.sorted { (cues[$0].start, $0) < (cues[$1].start, $1) }
      var last = shown[0]
      for next in shown.dropFirst() {
        compare(last, next, &report)
        if cues[next].end > cues[last].end { last = next }
      }
    }
  }

  private static func compare(_ earlier: Int, _ later: Int, _ report: inout CheckReport) {
    let gap = (report.cues[later].start - report.cues[earlier].end).wholeMilliseconds
    let name = CheckReport.name(of: earlier)
    let frames = report.frames
    if gap < 0 {
      guard let severity = report.profile.severity("time.overlap") else { return }
      report.add(
        "time.overlap", severity, cue: later, measure: .init(Double(-gap), limit: 0, "ms"),
        "the cue starts \(-gap) ms before \(name) ends, at the same place of the screen",
        hint: "end the earlier cue sooner, or give one of them another position")
    } else if gap < frames.twoFrames - FrameGrid.tolerance {
      guard let severity = report.profile.severity("time.gap") else { return }
      report.add(
        "time.gap", severity, cue: later, measure: .init(Double(gap), limit: Double(frames.twoFrames), "ms"),
        "the cue starts \(gap) ms after \(name) ends, less than two frames (\(frames.twoFrames) ms)",
        hint: "end the earlier cue sooner: without a gap the change is not seen")
    } else if gap > frames.twoFrames + FrameGrid.tolerance, gap < frames.halfSecond - FrameGrid.tolerance {
      guard let severity = report.profile.severity("time.bridge") else { return }
      report.add(
        "time.bridge", severity, cue: later, measure: .init(Double(gap), limit: Double(frames.halfSecond), "ms"),
        "the gap of \(gap) ms after \(name) is shorter than half a second (\(frames.halfSecondFrames) frames)",
        hint: "end the earlier cue two frames (\(frames.twoFrames) ms) before this one: short gaps flicker")
    }
  }

  /// Tracks made for broadcast start at one or ten hours.
  private static func programmeClock(_ report: inout CheckReport) {
    guard let first = report.cues.map(\.start).min(), first.milliseconds >= 3_600_000 else { return }
    if let duration = report.input.media?.duration, first.milliseconds < duration.wholeMilliseconds { return }
    let hours = first.milliseconds / 3_600_000
    report.flag(
      "time.offset", "no cue starts before \(first.clock): the track counts from \(hours):00:00",
      hint: "take \(hours) hour\(hours == 1 ? "" : "s") off every time, if the video starts at 0")
  }
}
