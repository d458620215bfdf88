internal import FerryCore
internal import FerryStore

/// The queue in Prometheus' text format, for the node exporter's text file collector.
enum Metrics {
  static func text(
    counts: [TitleState.Kind: Int], oldest: Duration?, failures: [FailureClass: Int], summary: NightSummary
  ) -> String {
    var lines: [String] = []
    func family(_ name: String, _ kind: String, _ help: String, _ samples: [(String, Double)]) {
      lines += ["# HELP ferry_\(name) \(help)", "# TYPE ferry_\(name) \(kind)"]
      lines += samples.map { "ferry_\(name)\($0.0) \(number($0.1))" }
    }
    family(
      "titles", "gauge", "Titles in the queue by state.",
      TitleState.Kind.allCases.map { ("{state=\"\($0.rawValue)\"}", Double(counts[$0] ?? 0)) })
    family("queue_age_seconds", "gauge", "How long the oldest queued title has waited.", [("", oldest?.inSeconds ?? 0)])
    family(
      "failures", "gauge", "Attempts that failed in the last day, by class.",
      FailureClass.allCases.map { ("{class=\"\($0.rawValue)\"}", Double(failures[$0] ?? 0)) })
    family("run_made_titles", "gauge", "Titles made by the last run.", [("", Double(summary.made))])
    family(
      "run_encoded_minutes", "gauge", "Minutes of lessons that the last run encoded.", [("", summary.encodedMinutes)])
    let rate = summary.encodedMinutes > 0 ? summary.seconds / summary.encodedMinutes : 0
    family("run_seconds_per_minute", "gauge", "Seconds of work for each of those minutes.", [("", rate)])
    return lines.joined(separator: "\n") + "\n"
  }

  private static func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
  }
}
