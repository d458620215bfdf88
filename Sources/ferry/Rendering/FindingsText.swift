import FerryCore

/// What is wrong with one subtitle file as a table by severity, for people.
enum FindingsText {
  /// Places of one rule that are listed before the rest is only counted.
  private static let listed = 20

  private struct Row {
    var place: String
    var rule: String
    var text: String
    var more: [String]
  }

  static func text(head: String, problems: [Diagnostic], findings: [TextFinding], quiet: Bool) -> String {
    var lines = [head]
    var counts: [String] = []
    for severity in TextFinding.Severity.allCases.sorted(by: >) where !(quiet && severity != .error) {
      let own = problems.filter { $0.severity.rawValue == severity.rawValue }.map(row)
      let found = rows(findings.filter { $0.severity == severity })
      if own.isEmpty && found.isEmpty { continue }
      lines.append("  \(heading(severity))")
      let rows = own + found
      let placeWidth = min(28, rows.map(\.place.count).max() ?? 0)
      let ruleWidth = rows.map(\.rule.count).max() ?? 0
      for row in rows {
        lines.append("    \(padded(row.place, placeWidth))  \(padded(row.rule, ruleWidth))  \(row.text)")
        for line in row.more { lines.append("    \(padded("", placeWidth))  \(padded("", ruleWidth))  \(line)") }
      }
    }
    for severity in TextFinding.Severity.allCases.sorted(by: >) {
      let count =
        findings.count { $0.severity == severity } + problems.count { $0.severity.rawValue == severity.rawValue }
      if count > 0 { counts.append(counted(count, severity.rawValue)) }
    }
    lines.append("  " + (counts.isEmpty ? "nothing to say: all rules are kept" : counts.joined(separator: ", ")))
    return lines.joined(separator: "\n")
  }

  private static func heading(_ severity: TextFinding.Severity) -> String {
    switch severity {
    case .error: "ERRORS, which hold the title"
    case .warning: "WARNINGS"
    case .info: "FOR INFORMATION"
    }
  }

  private static func row(_ problem: Diagnostic) -> Row {
    let (line, column) = (problem.place.line, problem.place.column)
    let place = line == 0 ? "file" : column == 0 ? "line \(line)" : "line \(line):\(column)"
    return Row(place: place, rule: problem.code, text: problem.message, more: problem.hint.map { ["→ \($0)"] } ?? [])
  }

  /// The hint of a rule stands at its first place only.
  private static func rows(_ findings: [TextFinding]) -> [Row] {
    var seen: [String: Int] = [:]
    var told: Set<String> = []
    var rows: [Row] = []
    for finding in findings {
      seen[finding.rule, default: 0] += 1
      guard seen[finding.rule] ?? 0 <= listed else { continue }
      var more: [String] = []
      if let cue = finding.cue, !cue.excerpt.isEmpty { more.append("“\(cue.excerpt)”") }
      if let hint = finding.hint, told.insert(finding.rule + hint).inserted { more.append("→ \(hint)") }
      rows.append(Row(place: place(finding), rule: finding.rule, text: finding.message, more: more))
    }
    for (rule, count) in seen.sorted(by: { $0.key < $1.key }) where count > listed {
      rows.append(Row(place: "", rule: rule, text: "and \(count - listed) more of this rule", more: []))
    }
    return rows
  }

  private static func place(_ finding: TextFinding) -> String {
    guard let cue = finding.cue else { return finding.line == 0 ? "file" : "line \(finding.line)" }
    return (finding.line == 0 ? "cue \(cue.number)" : "line \(finding.line)") + "  " + cue.start.clock
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
