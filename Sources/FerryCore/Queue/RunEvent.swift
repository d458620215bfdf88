/// Something that happened in a run, for a person's eyes or a script's.
package enum RunEvent: Sendable {
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
