import FerryCore

@testable import FerryExchange

// What the command line makes of a refusal, so that tests of the exchange read as its users see it.

extension Refusal {
  var exitCode: Int32 { kind.exitCode }
}

extension Receiving.Outcome {
  var exitCode: Int32 { refusal?.exitCode ?? 0 }
}

extension Refusal.Kind {
  fileprivate var exitCode: Int32 {
    switch self {
    case .usage: 64
    case .badInput: 65
    case .failed, .invalid, .wrongBase, .conflict: 1
    case .incomplete, .notReady: 2
    case .notTrusted: 3
    case .noSpace: 74
    case .tryLater: 75
    }
  }
}
