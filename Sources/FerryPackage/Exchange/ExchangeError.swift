package import FerryCore

/// Why something that partners exchange is refused; the kind decides the exit code, the diagnostics say the rest.
package struct ExchangeError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Kind: String, Sendable {
    /// The ticket is not there yet, or something is still arriving: ask again later.
    case notReady
    /// Files are missing, and nothing else is wrong.
    case incomplete
    /// A signature is bad, or nobody whom we know made it.
    case untrusted
    /// Damaged, contradictory or dangerous content.
    case invalid
    /// A supplement to a version that is not here.
    case wrongBase
    /// The same version is there already, with other content.
    case conflict
    /// A file that was named, or that must be there, is not.
    case absent
    /// A file or folder could not be read or written.
    case failed
  }

  package var kind: Kind
  package var diagnostics: [Diagnostic]

  package init(_ kind: Kind, _ diagnostics: [Diagnostic]) {
    precondition(!diagnostics.isEmpty, "an error needs something to say")
    (self.kind, self.diagnostics) = (kind, diagnostics)
  }

  init(_ kind: Kind, _ code: String, at place: Place, _ message: String, hint: String? = nil) {
    self.init(kind, [Diagnostic(code, at: place, message, hint: hint)])
  }

  package var description: String { diagnostics.map(\.description).joined(separator: "\n") }

  /// 1 invalid, 2 incomplete or still arriving, 3 signature unknown or bad, 65 no such file, 75 try again later.
  package var exitCode: Int32 {
    switch kind {
    case .notReady, .incomplete: 2
    case .untrusted: 3
    case .absent: 65
    case .failed: 75
    case .invalid, .wrongBase, .conflict: 1
    }
  }
}
