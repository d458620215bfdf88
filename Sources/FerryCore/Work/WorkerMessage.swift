/// One line of a worker's standard output, as JSON.
package enum WorkerMessage: Hashable, Sendable, Codable {
  /// The process is there; it says nothing about the work.
  case alive
  /// How far the encoders are on the timeline.
  case progress(position: Milliseconds)
  /// The title is made; the outcome record in the attempt folder says what it is.
  case finished
  /// The title cannot be made, and why.
  case failed([Diagnostic])
  /// The disk is full, which is no fault of the title.
  case diskFull([Diagnostic])
}

/// Why a worker made nothing.
package enum WorkFailure: Error, Hashable, Sendable {
  /// The title or its files are wrong; the diagnostics say where.
  case rejected([Diagnostic])
  /// The worker died without a word: a signal's or an exit code's number, and its last words.
  case crashed(String)
}
