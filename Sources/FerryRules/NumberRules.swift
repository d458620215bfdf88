internal import FerryCore

/// Whether the numbers of the source are in the translation.
enum NumberRules {
  static func check(_ report: inout CheckReport, _ pair: SourcePair) {
    guard let severity = report.profile.severity("tr.number") else { return }
    for group in pair.pairing.groups {
      let wanted = group.source.flatMap { index in numbers(pair.subjects[index]).filter(\.isFirm) }
      guard !wanted.isEmpty, let first = group.track.first,
        group.track.contains(where: { report.subjects[$0].hasText })
      else { continue }
      let own = values(group.track, report)
      var missing = wanted.filter { !isSaid($0, in: own) }
      if missing.isEmpty { continue }
      // A sentence may be divided otherwise than in the source.
      let near = values(pair.pairing.withNeighbours(group), report)
      missing.removeAll { isSaid($0, in: near) }
      var told: Set<FoundNumber> = []
      for number in missing where told.insert(number).inserted {
        report.add(
          "tr.number", severity, cue: first,
          "the source says '\(number.text)', and this number is not in the translation", hint: "check the number")
      }
    }
  }

  private static func numbers(_ subject: CueSubject) -> [FoundNumber] {
    Numbers.all(in: subject.lines.joined(separator: " "))
  }

  private static func values(_ cues: [Int], _ report: CheckReport) -> Set<ExactNumber> {
    Set(cues.flatMap { numbers(report.subjects[$0]) }.flatMap(\.values))
  }

  private static func isSaid(_ number: FoundNumber, in values: Set<ExactNumber>) -> Bool {
    number.values.contains(where: values.contains)
  }
}
