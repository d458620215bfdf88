package import FerryCore
internal import GRDB

/// A title as `status` shows it.
package struct StatusRow: Hashable, Sendable {
  package var job: String
  package var title: String
  package var state: TitleState
  package var since: Timestamp
  package var attempts: Int
  package var awaited: Awaited?
  /// Of the attempt at work, from 0 to 1.
  package var progress: Double?
  package var errorCode: String?
  package var error: String?

  /// Why it is held, where the next run looks by itself.
  package var holdCause: HoldCause? { errorCode.flatMap(HoldCause.init(rawValue:)) }
}

/// One thing that happened to a title.
package struct HistoryEntry: Hashable, Sendable {
  package var at: Timestamp
  package var event: String
  package var detail: String?
}

/// One try of a title, ended or not.
package struct AttemptRow: Hashable, Sendable {
  package var number: Int
  package var token: String
  package var executor: String
  package var pid: Int?
  package var started: Timestamp
  package var heartbeat: Timestamp
  package var ended: Timestamp?
  package var outcome: String?
  /// What was wrong, where the attempt failed and somebody could say it.
  package var problems: [Diagnostic]?
}

extension HistoryEntry: Decodable, FetchableRecord {}
extension AttemptRow: Decodable, FetchableRecord {}

/// A job and how many of its titles are in which state.
package struct JobSummary: Hashable, Sendable {
  package var label: String
  package var file: String
  package var priority: Int
  package var plan: Int
  package var submitted: Timestamp
  package var counts: [TitleState.Kind: Int]
}

extension Store {
  /// How many titles are in each state; states without any are left out.
  package func counts() throws(StoreError) -> [TitleState.Kind: Int] {
    try read { db in
      var counts: [TitleState.Kind: Int] = [:]
      for row in try db.rows("SELECT state, count(*) FROM titles WHERE is_removed = 0 GROUP BY state") {
        counts[try TitleState(stored: row[0], retryAt: nil).kind] = row[1]
      }
      return counts
    }
  }

  /// Every job in the order of submission.
  package func jobs() throws(StoreError) -> [JobSummary] {
    try read { db in
      var counts: [Int64: [TitleState.Kind: Int]] = [:]
      for row in try db.rows("SELECT job, state, count(*) FROM titles WHERE is_removed = 0 GROUP BY job, state") {
        counts[row[0], default: [:]][try TitleState(stored: row[1], retryAt: nil).kind] = row[2]
      }
      return try db.rows("SELECT id, label, file, priority, plan, submitted FROM jobs ORDER BY id").map { row in
        JobSummary(
          label: row[1], file: row[2], priority: row[3], plan: row[4], submitted: row[5],
          counts: counts[row[0]] ?? [:])
      }
    }
  }

  /// Titles in the order of submission: of some states, of one job, of one name, and not more than `limit`.
  package func titles(
    in states: Set<TitleState.Kind>? = nil, of job: String? = nil, named name: String? = nil, limit: Int? = nil
  ) throws(StoreError) -> [StatusRow] {
    let states = (states.map(Array.init) ?? TitleState.Kind.allCases).map(\.rawValue)
    let marks = states.map { _ in "?" }.joined(separator: ", ")
    return try read { db in
      var arguments = StatementArguments(states)
      if let job { arguments += [job] }
      if let name { arguments += [name] }
      arguments += [limit ?? -1]
      let rows = try Row.fetchCursor(
        db.cachedStatement(
          sql: """
            SELECT jobs.label, titles.name, titles.state, titles.retry_at, titles.since, titles.attempts,
              titles.awaited, titles.translator, titles.due, attempts.progress, titles.error_code, titles.error
            FROM titles JOIN jobs ON jobs.id = titles.job
            LEFT JOIN attempts ON attempts.title = titles.id AND attempts.ended IS NULL
            WHERE titles.is_removed = 0 AND titles.state IN (\(marks)) \(job == nil ? "" : "AND jobs.label = ?")
              \(name == nil ? "" : "AND titles.name = ?")
            ORDER BY titles.id LIMIT ?
            """), arguments: arguments)
      var titles: [StatusRow] = []
      while let row = try rows.next() {
        titles.append(
          StatusRow(
            job: row[0], title: row[1], state: try TitleState(stored: row[2], retryAt: row[3]),
            since: row[4], attempts: row[5],
            awaited: Awaited(stored: row[6], translator: row[7], due: row[8]), progress: row[9], errorCode: row[10],
            error: row[11]))
      }
      return titles
    }
  }

  /// When the next failed title is to be tried again; `nil` when none waits.
  package func nextRetry() throws(StoreError) -> Timestamp? {
    try read { db in
      try Timestamp.fetchOne(db, sql: "SELECT min(retry_at) FROM titles WHERE state = 'failed' AND is_removed = 0")
    }
  }

  /// Since when the title has been queued that has been so for longest.
  package func oldestQueued() throws(StoreError) -> Timestamp? {
    try read { db in
      try Timestamp.fetchOne(db, sql: "SELECT min(since) FROM titles WHERE state = 'queued' AND is_removed = 0")
    }
  }

  /// How many attempts failed since `time`, by class.
  package func failures(since time: Timestamp) throws(StoreError) -> [FailureClass: Int] {
    try read { db in
      let rows = try db.rows(
        "SELECT outcome, count(*) FROM attempts WHERE ended >= ? GROUP BY outcome", [time])
      var failures: [FailureClass: Int] = [:]
      for row in rows { if let failure = FailureClass(rawValue: row[0]) { failures[failure] = row[1] } }
      return failures
    }
  }

  /// All that happened to a title, oldest first.
  package func history(job: String, title: String) throws(StoreError) -> [HistoryEntry] {
    try read { db in
      let id = try TitleRow.find(title, of: job, db).id
      return try HistoryEntry.fetchAll(
        db, sql: "SELECT at, event, detail FROM history WHERE title = ? ORDER BY n", arguments: [id])
    }
  }

  /// Every attempt at a title, oldest first.
  package func attempts(job: String, title: String) throws(StoreError) -> [AttemptRow] {
    try read { db in
      let id = try TitleRow.find(title, of: job, db).id
      return try AttemptRow.fetchAll(
        db, sql: "SELECT *, beat AS heartbeat FROM attempts WHERE title = ? ORDER BY id", arguments: [id])
    }
  }
}

extension Store {
  /// The digest of every title that its job still names.
  package func digests() throws(StoreError) -> Set<String> {
    try read { db in Set(try db.rows("SELECT digest FROM titles WHERE is_removed = 0").map { $0[0] as String }) }
  }
}
