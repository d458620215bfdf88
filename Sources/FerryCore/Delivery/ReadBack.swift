/// Which files are fetched or read there again before the package gets its ticket.
package enum ReadBack: String, Sendable, CaseIterable {
  /// Those that were resumed, and those that are there without a note that they were sent whole.
  case resumed
  case always
  /// None: what is not proven by a note is sent again from its beginning.
  case never
}
