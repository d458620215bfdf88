internal import FerryCore

/// A track against the track in the language filmed.
enum PairRules {
  static func check(_ report: inout CheckReport) {
    guard let source = report.input.source, !source.cues.isEmpty, source.language != report.language else { return }
    if isCopy(report, source) {
      report.flag(
        "tr.fallback",
        "the '\(report.language)' track says the same as the '\(source.language)' track, word for word",
        hint: "give the translated file")
      return
    }
    let subjects = source.cues.map(CueSubject.init)
    let alignment = clock(&report, source)
    let pairing = Pairing(source: source.cues, track: report.cues, alignment: alignment)
    let pair = SourcePair(source: source, subjects: subjects, pairing: pairing)
    CoverageRules.check(&report, pair)
    ContentRules.check(&report, pair)
    NumberRules.check(&report, pair)
    GlossaryRules.check(&report, pair)
  }

  private static func isCopy(_ report: CheckReport, _ source: Track) -> Bool {
    guard report.cues.count == source.cues.count else { return false }
    let texts = report.subjects.lazy.map { SourcePair.words($0.text) }
    // Numbers and music signs alone are the same in every language.
    return texts.contains { $0.unicodeScalars.contains(where: \.properties.isAlphabetic) }
      && zip(texts, source.cues).allSatisfy { $0 == SourcePair.words($1.text) }
  }

  /// A constant offset or another speed, told once; then the cues are paired as if it were mended.
  private static func clock(_ report: inout CheckReport, _ source: Track) -> Alignment? {
    guard
      let found = Alignment.between(
        source.cues.map(\.start.milliseconds), report.cues.map(\.start.milliseconds))
    else { return nil }
    if let ratio = found.ratio {
      let percent = (found.slope - 1) * 100
      guard let severity = report.profile.severity("time.drift") else { return found }
      report.add(
        "time.drift", severity, measure: .init(percent, limit: 0, "percent"),
        "the track runs away from the '\(source.language)' track: its times are \(ratio) of that one's",
        hint: "one of them was made for a copy of the video at another speed: convert its times by \(ratio)")
      return found
    }
    guard abs(found.offset) >= 500, abs(found.slope - 1) * found.span < 200, found.share >= 0.6 else { return nil }
    let offset = Int(bounded: found.offset)
    let seconds = "\((Double(abs(offset)) / 1000).short) seconds \(offset > 0 ? "later" : "earlier")"
    let hours = (Double(abs(offset)) / 3_600_000).rounded()
    let hint: String
    if hours > 0, abs(Double(abs(offset)) - hours * 3_600_000) < 1000 {
      hint = "take the \(Int(hours)) hour\(hours == 1 ? "" : "s") of the programme clock off every time"
    } else if abs(abs(offset) - 10_000) < 200 {
      hint = "ten seconds are the MPEGTS:900000 of an HLS segment: take them off every time"
    } else {
      hint = "shift the one that does not fit the video"
    }
    let alignment = Alignment(slope: 1, offset: found.offset, share: found.share, error: 0, span: found.span)
    // The programme clock has been told where there is no doubt about it.
    if hours > 0, report.isBroken("time.offset") { return alignment }
    report.flag(
      "time.offset", "the track starts its cues \(seconds) than the '\(source.language)' track, all of them", hint: hint
    )
    return alignment
  }
}
