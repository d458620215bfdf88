internal import FerryCore
internal import GRDB

/// A title as the store has it, and the only way in which its state changes.
struct TitleRow {
  let id: Int64
  let job: String
  let name: String
  var digest: String
  var state: TitleState
  var isAwaiting: Bool
  var counts: FailureCounts
  var attempts: Int
  var isRemoved: Bool

  private static let columns = """
    titles.id, jobs.label, titles.name, titles.digest, titles.state, titles.retry_at, titles.awaited IS NOT NULL,
    titles.transient_failures, titles.crashes, titles.losses, titles.attempts, titles.is_removed
    FROM titles JOIN jobs ON jobs.id = titles.job
    """

  init(_ row: Row) throws {
    id = row[0]
    job = row[1]
    name = row[2]
    digest = row[3]
    state = try TitleState(stored: row[4], retryAt: row[5])
    isAwaiting = row[6]
    counts = FailureCounts(transient: row[7], crash: row[8], lost: row[9])
    attempts = row[10]
    isRemoved = row[11]
  }

  static func find(_ id: Int64, _ db: Database) throws -> TitleRow {
    guard let row = try db.row("SELECT \(columns) WHERE titles.id = ?", [id]) else {
      preconditionFailure("a row that was just selected is there in the same transaction")
    }
    return try TitleRow(row)
  }

  static func find(_ name: String, of job: String, _ db: Database) throws -> TitleRow {
    if let row = try db.row("SELECT \(columns) WHERE jobs.label = ? AND titles.name = ?", [job, name]) {
      return try TitleRow(row)
    }
    guard try db.row("SELECT 1 FROM jobs WHERE label = ?", [job]) != nil else {
      throw StoreError.unknownJob(label: job)
    }
    throw StoreError.unknownTitle(job: job, title: name)
  }

  /// The titles that a job names, in its order.
  static func all(of job: String, _ db: Database) throws -> [TitleRow] {
    guard try db.row("SELECT 1 FROM jobs WHERE label = ?", [job]) != nil else {
      throw StoreError.unknownJob(label: job)
    }
    return try db.rows("SELECT \(columns) WHERE jobs.label = ? AND titles.is_removed = 0 ORDER BY titles.id", [job])
      .map(TitleRow.init)
  }

  /// Moves the title along the table of states and writes its history; throws where the table says no.
  mutating func move(_ event: TitleEvent, _ db: Database, at now: Timestamp, detail: String? = nil) throws {
    guard let next = state.after(event) else {
      throw StoreError.refused(job: job, title: name, state: state.kind, event: event.name)
    }
    if next != state {
      let (kind, retryAt) = next.stored
      try db.run(
        "UPDATE titles SET state = ?, retry_at = ?, since = ? WHERE id = ?", [kind, retryAt, now, id])
    }
    state = next
    try TitleRow.note(id, event.name, db, at: now, detail: detail)
  }

  /// Writes one line of a title's history.
  static func note(_ id: Int64, _ event: String, _ db: Database, at now: Timestamp, detail: String? = nil) throws {
    try db.run(
      """
      INSERT INTO history (title, n, at, event, detail)
      VALUES (?1, (SELECT coalesce(max(n), 0) + 1 FROM history WHERE title = ?1), ?2, ?3, ?4)
      """, [id, now, event, detail])
  }

  /// Forgets what failed before: a person looked at it, its content changed, or it is done.
  func clearFailures(_ db: Database) throws {
    try db.run(
      "UPDATE titles SET transient_failures = 0, crashes = 0, losses = 0, error_code = NULL, error = NULL WHERE id = ?",
      [id])
  }
}

extension TitleState {
  /// The state as the columns `state` and `retry_at` have it.
  var stored: (kind: String, retryAt: Int?) {
    if case .failed(let time) = self { return (kind.rawValue, time.milliseconds) }
    return (kind.rawValue, nil)
  }

  init(stored kind: String, retryAt: Int?) throws {
    switch TitleState.Kind(rawValue: kind) {
    case .waitingTranslation: self = .waitingTranslation
    case .queued: self = .queued
    case .running: self = .running
    case .publishing: self = .publishing
    case .done: self = .done
    case .reopened: self = .reopened
    case .failed: self = .failed(retryAt: Timestamp(milliseconds: retryAt ?? 0))
    case .held: self = .held
    case .quarantined: self = .quarantined
    case .cancelled: self = .cancelled
    case nil: throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a title is in the state '\(kind)'")
    }
  }
}
