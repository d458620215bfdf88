/// Something that happened in a run, for a person's eyes or a script's.
///
/// The store keeps events as they are coded: a case whose fields change needs a step of the store that empties its log.
package enum RunEvent: Hashable, Sendable, Codable {
  case titleStarted(title: String, number: Int, of: Int, encodes: Bool)
  case titleProgress(title: String, position: Milliseconds, duration: Milliseconds)
  case titleFinished(title: String, didEncode: Bool, seconds: Double, warnings: [Diagnostic], notes: [String])
  case titleFailed(title: String, problems: [Diagnostic])
  case titleWaits(title: String, awaited: [String])
  /// Files of a job are still being copied; it is left for the next run.
  case unsettled(job: String, files: [String])
  /// What a person should know at once, and no title is to blame for.
  case noted([Diagnostic])
  case metricsUnwritable(path: String, reason: String)
  case assembling(titles: Int)
  case verifying(files: Int)
  case published(path: String, files: Int, bytes: Int)
  case unchanged(path: String)
  /// Files of a published version were put back, byte for byte.
  case repaired(path: String, files: [String])
}

extension RunEvent {
  /// An event without its particulars, by the name that scripts know.
  package enum Kind: String, Hashable, Sendable, Codable {
    case titleStarted = "title-started"
    case titleProgress = "title-progress"
    case titleFinished = "title-finished"
    case titleFailed = "title-failed"
    case titleWaits = "title-waits"
    case metricsUnwritable = "metrics-unwritable"
    case unsettled, noted, assembling, verifying, published, unchanged, repaired
  }

  package var kind: Kind {
    switch self {
    case .titleStarted: .titleStarted
    case .titleProgress: .titleProgress
    case .titleFinished: .titleFinished
    case .titleFailed: .titleFailed
    case .titleWaits: .titleWaits
    case .unsettled: .unsettled
    case .noted: .noted
    case .metricsUnwritable: .metricsUnwritable
    case .assembling: .assembling
    case .verifying: .verifying
    case .published: .published
    case .unchanged: .unchanged
    case .repaired: .repaired
    }
  }

  /// The title that it happened to, if it is one title's.
  package var title: String? {
    switch self {
    case .titleStarted(let title, _, _, _), .titleProgress(let title, _, _), .titleFinished(let title, _, _, _, _),
      .titleFailed(let title, _), .titleWaits(let title, _):
      title
    case .unsettled, .noted, .metricsUnwritable, .assembling, .verifying, .published, .unchanged, .repaired: nil
    }
  }
}
