package import FerryCore

/// Something that a person asks for. A door turns arguments or a form into one, and its reply into text, JSON or a page.
package protocol Operation: Sendable {
  associatedtype Answer: Encodable, Sendable

  /// Does what is asked for, or says why nothing of it was done.
  func perform(in office: Office) async throws(Refusal) -> Reply<Answer>
}

/// What an operation answers, and what a person must know besides.
package struct Reply<Answer: Encodable & Sendable>: Sendable {
  package var answer: Answer
  /// Warnings, and why not all was done.
  package var problems: [Diagnostic]
  /// What kind of refusal it is that not all was done; `nil` where all was.
  package var shortfall: Refusal.Kind?

  package init(_ answer: Answer, problems: [Diagnostic] = [], shortfall: Refusal.Kind? = nil) {
    (self.answer, self.problems, self.shortfall) = (answer, problems, shortfall)
  }
}
