/// Why nothing, or not all, of what was asked for was done; doors turn the kind into an exit code or a status.
package struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Kind: String, Sendable, CaseIterable {
    /// The question itself makes no sense.
    case usage
    /// What was named is not there, or is not what it must be.
    case badInput
    /// Titles failed, or files of a package are not as they were published.
    case failed
    /// Damaged, contradictory or dangerous content.
    case invalid
    /// A supplement to a version that is not here.
    case wrongBase
    /// The same version is there already, with other content.
    case conflict
    /// Files are missing, or titles are left, and nothing else is wrong.
    case incomplete
    /// The ticket is not there yet, or something is still arriving: ask again later.
    case notReady
    /// A signature is bad, or made by nobody whom we know.
    case notTrusted
    /// The disk, or the quota, is full.
    case noSpace
    /// The same may succeed later: another run is at work, or a file could not be read or written.
    case tryLater
  }

  package var kind: Kind
  package var problems: [Diagnostic]

  package init(_ kind: Kind, _ problems: [Diagnostic]) {
    precondition(!problems.isEmpty, "a refusal needs something to say")
    (self.kind, self.problems) = (kind, problems)
  }

  package init(
    _ kind: Kind, _ code: String, at place: Place, _ message: String, hint: String? = nil, fault: FileFault? = nil
  ) {
    self.init(kind, [Diagnostic(code, at: place, message, hint: hint, fault: fault)])
  }

  package var description: String { problems.map(\.description).joined(separator: "\n") }
}
