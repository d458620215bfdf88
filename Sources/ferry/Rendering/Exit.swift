import ArgumentParser
import FerryCore

/// The exit codes that scripts and cron may rely on.
extension ExitCode {
  /// Some titles failed, or a package is invalid.
  static let failed = ExitCode(1)
  /// Files of a package are missing, or a delivery waits.
  static let incomplete = ExitCode(2)
  /// A signature is bad, or by nobody who is known.
  static let untrusted = ExitCode(3)
  /// The job or its files are wrong (`EX_DATAERR`).
  static let badInput = ExitCode(65)
  /// No space is left, or the answer could not be written (`EX_IOERR`).
  static let lostOutput = ExitCode(74)
  /// Try again later: another run is at work, or something is still arriving (`EX_TEMPFAIL`).
  static let tryLater = ExitCode(75)
}

extension ExitCode {
  /// What a refusal ends a command with: the one table.
  init(_ kind: Refusal.Kind) {
    switch kind {
    case .usage: self = .validationFailure
    case .badInput: self = .badInput
    case .failed, .invalid, .wrongBase, .conflict: self = .failed
    case .incomplete, .notReady: self = .incomplete
    case .notTrusted: self = .untrusted
    case .noSpace: self = .lostOutput
    case .tryLater: self = .tryLater
    }
  }
}
