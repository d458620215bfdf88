package import FerryCore
internal import GRDB

/// Something that a run told, as the store's log keeps it for whoever looks later or from elsewhere.
package struct LoggedEvent: Hashable, Sendable, Codable {
  /// Set by the log; it rises, and none is given twice.
  package private(set) var id: Int64?
  package var at: Timestamp
  /// The run's own name, of its choice.
  package var run: String
  package var job: String?
  package var title: String?
  package var kind: RunEvent.Kind
  package var payload: RunEvent

  /// Lists of an event are cut where they are long: the log is bounded, and the whole is in the title's log or package.
  package init(_ event: RunEvent, run: String, job: String? = nil, at: Timestamp) {
    (self.run, self.job, self.at) = (run, job, at)
    (title, kind, payload) = (event.title, event.kind, event.bounded)
  }
}

extension LoggedEvent: FetchableRecord, PersistableRecord {
  static let databaseTableName = "events"
}

extension Store {
  /// How many events the log keeps.
  static let keptEvents = 10_000

  /// Writes down what a run told; the oldest beyond what the log keeps go. Progress is left out: heartbeats have it.
  package func log(_ events: [LoggedEvent]) throws(StoreError) {
    let lasting = events.filter { $0.kind != .titleProgress }
    if lasting.isEmpty { return }
    try write { db in
      for event in lasting { try event.insert(db) }
      try db.run("DELETE FROM events WHERE id <= (SELECT max(id) FROM events) - ?", [Store.keptEvents])
    }
  }

  /// What was told after the event `id`, oldest first.
  package func events(after id: Int64 = 0, limit: Int = 1000) throws(StoreError) -> [LoggedEvent] {
    try read { db in
      try LoggedEvent.filter(Column("id") > id).order(Column("id")).limit(limit).fetchAll(db)
    }
  }
}

extension RunEvent {
  /// The event with the beginning of its lists only.
  fileprivate var bounded: RunEvent {
    switch self {
    case .titleFinished(let title, let didEncode, let seconds, let warnings, let notes):
      .titleFinished(
        title: title, didEncode: didEncode, seconds: seconds, warnings: warnings.bounded, notes: Array(notes.prefix(20))
      )
    case .titleFailed(let title, let problems): .titleFailed(title: title, problems: problems.bounded)
    case .unsettled(let job, let files): .unsettled(job: job, files: Array(files.prefix(20)))
    case .repaired(let path, let files): .repaired(path: path, files: Array(files.prefix(20)))
    default: self
    }
  }
}
