internal import FerryCore

/// A stretch of time in which a check holds.
struct Stretch {
  var start: Milliseconds
  var end: Milliseconds
  var detail: String
  var measure: Quality.Finding.Measure?

  init(_ start: Milliseconds, _ end: Milliseconds, _ detail: String, _ measure: Quality.Finding.Measure? = nil) {
    self.start = start
    self.end = end
    self.detail = detail
    self.measure = measure
  }

  /// A stretch that is told by its length, such as `black for 3.2 s`.
  init(_ what: String, _ start: Milliseconds, _ end: Milliseconds) {
    self.init(start, end, "\(what) for \(Milliseconds(end.count - start.count).seconds(.tenths))")
  }
}

/// At most a hundred findings, and one more that says how many are left out: nobody reads a thousand.
func findings(_ kind: Quality.Finding.Kind, _ rule: CheckRules.Rule, _ stretches: [Stretch]) -> [Quality.Finding] {
  let limit = 100
  var result = stretches.prefix(limit).map { stretch in
    Quality.Finding(
      kind: kind, severity: rule.severity, startMs: stretch.start, endMs: stretch.end, detail: stretch.detail,
      measure: stretch.measure)
  }
  if stretches.count > limit, let last = stretches.last {
    result.append(
      Quality.Finding(
        kind: kind, severity: rule.severity, startMs: stretches[limit].start, endMs: last.end,
        detail: "\(stretches.count - limit) more that are \(kind.rawValue)",
        measure: .more(count: stretches.count - limit)))
  }
  return result
}
