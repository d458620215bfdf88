/// What the checks found in one track, for the delivery manifest: each rule with its count, and what the job waives.
package struct TrackQuality: Hashable, Sendable, Codable {
  package var language: LanguageTag
  /// The rules' name, such as `iite-en`.
  package var rules: String
  /// How the track's bytes became text.
  package var readAs: EncodingDecision
  package var findings: [Count]
  package var waived: [Waived]

  package struct Count: Hashable, Sendable, Codable {
    package var rule: String
    package var severity: TextFinding.Severity
    package var count: Int
  }

  package struct Waived: Hashable, Sendable, Codable {
    package var rule: String
    package var reason: String
    package var count: Int
  }

  package init(
    _ language: LanguageTag, rules: String, readAs: EncodingDecision, held: [TextFinding], waived: [TextFinding],
    by waivers: [Waiver]
  ) {
    self.language = language
    self.rules = rules
    self.readAs = readAs
    struct Kind: Hashable {
      var rule: String
      var severity: TextFinding.Severity
    }
    var counts: [Kind: Int] = [:]
    for finding in held { counts[Kind(rule: finding.rule, severity: finding.severity), default: 0] += 1 }
    findings = counts.map { Count(rule: $0.key.rule, severity: $0.key.severity, count: $0.value) }
      .sorted { ($1.severity, $0.rule) < ($0.severity, $1.rule) }
    self.waived = waivers.compactMap { waiver in
      let count = waived.count { $0.rule == waiver.rule }
      return count == 0 ? nil : Waived(rule: waiver.rule, reason: waiver.reason, count: count)
    }
  }
}
