internal import FerryCore

/// Whether what is shown can be read in its time.
enum ReadingRules {
  static func check(_ report: inout CheckReport) {
    var halves = 0
    var time = 0
    for (index, cue) in report.cues.enumerated() where cue.end > cue.start && report.subjects[index].hasText {
      let duration = (cue.end - cue.start).wholeMilliseconds
      let count = report.subjects[index].lines.reduce(0) { $0 + report.profile.counting.halves(in: $1) }
      halves += count
      time += duration
      characters(&report, index, count, duration)
      words(&report, index, duration)
    }
    average(&report, halves, time)
  }

  private static func characters(_ report: inout CheckReport, _ index: Int, _ halves: Int, _ duration: Int) {
    let milliseconds = Double(duration + FrameGrid.tolerance)
    let perSecond = Double(halves) * 500
    guard let (severity, limit) = report.profile.passed("read.cps", { perSecond > $0 * milliseconds }) else { return }
    let speed = perSecond / Double(duration)
    let counted = "\((Double(halves) / 2).short) in \(duration) ms; \(report.profile.counting.name)"
    report.add(
      "read.cps", severity, cue: index, measure: .init(speed, limit: limit, "characters per second"),
      "the cue has \(speed.short) characters per second, more than \(limit.short) (\(counted))",
      hint: "shorten the text, or show it longer")
  }

  private static func words(_ report: inout CheckReport, _ index: Int, _ duration: Int) {
    // Four short words in a second are no hurry: a rate over a moment says nothing.
    guard case .limit = report.profile["read.wpm"], duration >= 2000, !report.language.isWrittenInHan else { return }
    let count = report.subjects[index].lines.reduce(0) { $0 + wordCount($1) }
    let milliseconds = Double(duration + FrameGrid.tolerance)
    let perMinute = Double(count) * 60_000
    guard let (severity, limit) = report.profile.passed("read.wpm", { perMinute > $0 * milliseconds }) else { return }
    let speed = perMinute / Double(duration)
    report.add(
      "read.wpm", severity, cue: index, measure: .init(speed, limit: limit, "words per minute"),
      "the cue has \(speed.short) words per minute, more than \(limit.short) (\(count) in \(duration) ms)",
      hint: "shorten the text, or show it longer")
  }

  private static func wordCount(_ line: String) -> Int {
    line.unicodeScalars.split { $0.properties.isWhitespace }
      .count { $0.contains { $0.properties.isAlphabetic || $0.properties.numericType != nil } }
  }

  private static func average(_ report: inout CheckReport, _ halves: Int, _ time: Int) {
    guard let severity = report.profile.severity("read.avg"), time > 0,
      let limit = report.profile.limits("read.cps").last?.value
    else { return }
    let speed = Double(halves) * 500 / Double(time)
    guard speed > limit * 0.8 else { return }
    report.add(
      "read.avg", severity, measure: .init(speed, limit: limit * 0.8, "characters per second"),
      "the track has \(speed.short) characters per second on average, more than 80 % of \(limit.short) (\(report.profile.counting.name))",
      hint: "the reader gets no rest: shorten where it can be done")
  }
}
