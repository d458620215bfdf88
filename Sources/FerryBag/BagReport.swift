package import FerryCore

/// What is known of a bag after looking at all of it.
package struct BagReport: Hashable, Sendable {
  package enum Verdict: String, Sendable, Codable {
    case valid
    case invalid
    /// Files are missing, and nothing else is wrong.
    case incomplete
  }

  /// As `bagit.txt` declares it, such as `1.0`.
  package var version: String?
  /// Payload files that are there, and their bytes.
  package var files = 0
  package var bytes = 0
  package var problems: [Diagnostic] = []

  package init() {}

  package var verdict: Verdict { Verdict(problems) }
}

extension BagReport.Verdict {
  /// What the problems come to.
  package init(_ problems: [Diagnostic]) {
    let errors = problems.filter { $0.severity == .error }
    self = errors.isEmpty ? .valid : errors.allSatisfy { $0.fault == .missing } ? .incomplete : .invalid
  }
}
