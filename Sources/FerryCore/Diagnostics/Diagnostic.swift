/// Where in a file something is; lines and columns count from 1, and 0 means "the file as a whole".
package struct Place: Hashable, Sendable, Codable {
  package var file: String
  package var line: Int
  package var column: Int

  package init(_ file: String, line: Int = 0, column: Int = 0) {
    self.file = file
    self.line = line
    self.column = column
  }
}

extension Place: CustomStringConvertible {
  package var description: String {
    if line == 0 { return file }
    return column == 0 ? "\(file):\(line)" : "\(file):\(line):\(column)"
  }
}

extension Place: Comparable {
  package static func < (a: Place, b: Place) -> Bool {
    (a.file, a.line, a.column) < (b.file, b.line, b.column)
  }
}

/// One thing that a person must know about what they gave us: where, what is wrong, and what to do.
package struct Diagnostic: Error, Hashable, Sendable, Codable {
  package enum Severity: String, Sendable, Codable { case error, warning }

  package var severity: Severity
  /// A stable name for the kind of problem, such as `job.unknown-key`, for scripts.
  package var code: String
  package var place: Place
  package var message: String
  package var hint: String?
  /// Where more than a person acts on it.
  package var cause: Cause?

  package enum Cause: String, Sendable, Codable {
    /// The disk, or the quota, is full, which says nothing about what was given.
    case noSpace
  }

  package init(
    _ severity: Severity, _ code: String, at place: Place, _ message: String, hint: String? = nil
  ) {
    self.severity = severity
    self.code = code
    self.place = place
    self.message = message
    self.hint = hint
  }

  /// An error, which most diagnostics are.
  package init(_ code: String, at place: Place, _ message: String, hint: String? = nil) {
    self.init(.error, code, at: place, message, hint: hint)
  }
}

extension Diagnostic {
  /// The disk, or the quota, is full.
  package static func noSpace(
    at place: Place, _ message: String, hint: String = "free some space and run again"
  ) -> Diagnostic {
    var problem = Diagnostic("disk.full", at: place, message, hint: hint)
    problem.cause = .noSpace
    return problem
  }
}

extension Diagnostic: CustomStringConvertible {
  /// `file:line:col: error: message`, then `  hint: …` on a line of its own.
  package var description: String {
    let head = "\(place): \(severity.rawValue): \(message)"
    return hint.map { "\(head)\n  hint: \($0)" } ?? head
  }
}

/// Several diagnostics thrown together, for work that cannot go on; never empty.
package struct Diagnostics: Error, Sendable, CustomStringConvertible {
  package let all: [Diagnostic]

  package init(_ all: [Diagnostic]) {
    precondition(!all.isEmpty, "an error needs something to say")
    self.all = all
  }

  package init(_ one: Diagnostic) { all = [one] }

  /// Whether a full disk is among them.
  package var isNoSpace: Bool { all.contains { $0.cause == .noSpace } }

  package var description: String { all.map(\.description).joined(separator: "\n") }
}
