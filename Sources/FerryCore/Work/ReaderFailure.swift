/// Why a process that opens media files for this one gave no answer.
package enum ReaderFailure: Error, Hashable, Sendable {
  /// A file ended it: a signal's number, its name, and what it was doing.
  case killed(signal: Int32, name: String, doing: Doing?)
  /// It ended by itself, without an answer.
  case ended(code: Int32, lastLine: String?, doing: Doing?)
  /// It did nothing new for so long and was stopped.
  case stalled(Duration, doing: Doing?)
  /// It cannot be started, or understood.
  case unusable(String)
}

extension ReaderFailure: CustomStringConvertible {
  package var description: String {
    switch self {
    case .killed(let signal, let name, let doing):
      "the process that reads it was killed by signal \(signal) (\(name))" + Self.tail(doing)
    case .ended(let code, let line, let doing):
      "the process that reads it ended with exit code \(code)" + Self.tail(doing)
        + (line.map { "; its last words: \($0)" } ?? "")
    case .stalled(let wait, let doing):
      "the process that reads it made no progress for \(wait.components.seconds) s and was stopped" + Self.tail(doing)
    case .unusable(let reason): "the process that reads media does not work: \(reason)"
    }
  }

  private static func tail(_ doing: Doing?) -> String { doing.map { " while \($0)" } ?? "" }
}
