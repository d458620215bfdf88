package import FerryCore
internal import FerryStore

/// Takes titles out of the queue; what is published stays, and a running attempt is not used.
package struct CancelTitles: Operation {
  /// The job's label.
  package var label: String
  /// Titles by their ids; all of the job that can be cancelled where it is empty.
  package var titles: [String]

  package init(label: String, titles: [String] = []) { (self.label, self.titles) = (label, titles) }

  /// Answers the titles that were cancelled.
  package func perform(in office: Office) async throws(Refusal) -> Reply<[String]> {
    let store = try office.queue()
    let wanted: [String?] = titles.isEmpty ? [nil] : titles
    let cancelled = try office.refusing {
      try wanted.flatMap { try store.cancel(job: label, title: $0, now: .now()) }
    }
    return Reply(cancelled)
  }
}
