/// Why a title is held that the next run looks at by itself, as the store's column of codes has it.
///
/// Titles that are held for any other reason wait for a person, or for other content.
package enum HoldCause: String, CaseIterable, Sendable {
  /// The job file could not be read.
  case jobUnreadable = "job.unreadable"
  case diskFull = "disk.full"
}
