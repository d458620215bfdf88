package import FerryCore
internal import GRDB

/// A title and the right to make it.
package struct Claim: Hashable, Sendable {
  package var token: LeaseToken
  package var job: String
  package var file: String
  package var title: String
  /// The title's digest as it was when claimed.
  package var digest: String
  /// Counted from 1 over the title's whole life.
  package var attempt: Int
  /// Set when only what needs no text can be made.
  package var awaited: Awaited?
}

/// A sign of life of one attempt.
package struct Heartbeat: Hashable, Sendable {
  package var token: LeaseToken
  /// How much of the title is made, from 0 to 1.
  package var progress: Double?

  package init(_ token: LeaseToken, progress: Double? = nil) {
    self.token = token
    self.progress = progress
  }
}

/// A live lease, for whoever takes over from a dead run.
package struct Lease: Hashable, Sendable {
  package var token: LeaseToken
  package var job: String
  package var title: String
  package var state: TitleState.Kind
  package var executor: String
  package var pid: Int?
}

extension Lease: Decodable, FetchableRecord {}

/// A row of `attempts` that is still live, with its title.
struct LiveAttempt {
  let id: Int64
  let digest: String
  var title: TitleRow

  /// Finds the attempt of a token; throws when its lease is over or never was.
  static func find(_ token: LeaseToken, _ db: Database) throws -> LiveAttempt {
    guard let row = try db.row("SELECT id, title, digest, outcome FROM attempts WHERE token = ?", [token]) else {
      throw StoreError.staleLease(token: token, end: nil)
    }
    if let outcome: String = row[3] { throw StoreError.staleLease(token: token, end: outcome) }
    return LiveAttempt(id: row[0], digest: row[2], title: try TitleRow.find(row[1], db))
  }

  func end(_ outcome: String, _ db: Database, _ now: Moment) throws {
    try db.run("UPDATE attempts SET ended = ?, outcome = ? WHERE id = ?", [now.wall, outcome, id])
  }

  /// Keeps what was wrong.
  func note(_ problems: [Diagnostic]?, _ db: Database) throws {
    guard let problems, !problems.isEmpty else { return }
    try db.run("UPDATE attempts SET problems = ? WHERE id = ?", [Problems(problems), id])
  }
}

/// A row of `attempts` as it is first written.
struct NewAttempt: Encodable, PersistableRecord {
  static let databaseTableName = "attempts"
  static let databaseColumnEncodingStrategy = DatabaseColumnEncodingStrategy.convertToSnakeCase

  var title: Int64
  var token: LeaseToken
  var number: Int
  var digest: String
  var executor: String
  var started: Timestamp
  var boot: String
  var beatUptime: Int
  var beat: Timestamp
  var ended: Timestamp?
  var outcome: String?
  var files: String?
  var problems: Problems?
}

extension Store {
  /// Takes the most urgent titles whose time has come: highest priority first, then the oldest; those that wait for a
  /// translation and were not prepared come after all others.
  ///
  /// `executor` names what will run them; leases of one executor never expire by the silence of another. Titles of the
  /// jobs in `except` stay where they are.
  package func claim(
    now: Moment, limit: Int = 1, executor: String = "local", except jobs: Set<String> = []
  ) throws(StoreError) -> [Claim] {
    try write { db in
      try wakeFailed(db, now)
      let marks = jobs.map { _ in "?" }.joined(separator: ", ")
      let others = jobs.isEmpty ? "" : "AND job NOT IN (SELECT id FROM jobs WHERE label IN (\(marks)))"
      let labels = StatementArguments(jobs.sorted())
      var titles = try db.rows(
        """
        SELECT id FROM titles WHERE is_removed = 0 AND state = 'queued' \(others) ORDER BY priority DESC, id LIMIT ?
        """, labels + [limit])
      if titles.count < limit {
        titles += try db.rows(
          """
          SELECT id FROM titles WHERE state = 'waiting-translation' AND is_prepared = 0 AND is_removed = 0 \(others)
          ORDER BY priority DESC, id LIMIT ?
          """, labels + [limit - titles.count])
      }
      var random = SystemRandomNumberGenerator()
      return try titles.map { try lease($0[0], LeaseToken(using: &random), executor, db, now) }
    }
  }

  /// Queues failed titles whose time has come. A time further away than the rule allows was written under a clock that
  /// has been set back since, and counts as come. Some at a time, so that no claim is slow.
  private func wakeFailed(_ db: Database, _ now: Moment) throws {
    let due = try db.rows(
      """
      SELECT id FROM titles WHERE state = 'failed' AND is_removed = 0 AND (retry_at <= ? OR retry_at > ?)
      ORDER BY retry_at LIMIT 64
      """, [now.wall, now.wall + rule.longestWait])
    for row in due {
      var title = try TitleRow.find(row[0], db)
      try title.move(.retryDue, db, at: now.wall)
    }
  }

  private func lease(
    _ id: Int64, _ token: LeaseToken, _ executor: String, _ db: Database, _ now: Moment
  ) throws -> Claim {
    var title = try TitleRow.find(id, db)
    let attempt = title.attempts + 1
    try title.move(.claimed, db, at: now.wall, detail: "attempt \(attempt), \(token)")
    try db.run("UPDATE titles SET attempts = ? WHERE id = ?", [attempt, id])
    try NewAttempt(
      title: id, token: token, number: attempt, digest: title.digest, executor: executor, started: now.wall,
      boot: now.boot, beatUptime: now.uptime.count, beat: now.wall
    ).insert(db)
    guard
      let row = try db.row(
        """
        SELECT jobs.file, titles.awaited, titles.translator, titles.due
        FROM titles JOIN jobs ON jobs.id = titles.job WHERE titles.id = ?
        """, [id])
    else { preconditionFailure("a title that was just moved is there in the same transaction") }
    return Claim(
      token: token, job: title.job, file: row[0], title: title.name, digest: title.digest, attempt: attempt,
      awaited: Awaited(stored: row[1], translator: row[2], due: row[3]))
  }

  /// Notes which process works under a lease.
  package func began(_ token: LeaseToken, pid: Int) throws(StoreError) {
    try write { db in
      let attempt = try LiveAttempt.find(token, db)
      try db.run("UPDATE attempts SET pid = ? WHERE id = ?", [pid, attempt.id])
    }
  }

  /// Notes signs of life; answers the tokens whose lease is over, whose workers should be stopped.
  package func heartbeat(_ beats: [Heartbeat], now: Moment) throws(StoreError) -> [LeaseToken] {
    try write { db in
      var over: [LeaseToken] = []
      for beat in beats {
        try db.run(
          """
          UPDATE attempts SET boot = ?, beat_uptime = ?, beat = ?, progress = coalesce(?, progress)
          WHERE token = ? AND ended IS NULL
          """, [now.boot, now.uptime.count, now.wall, beat.progress, beat.token])
        if db.changesCount == 0 { over.append(beat.token) }
      }
      return over
    }
  }

  /// Accepts what an attempt made, so that nobody else can publish the title; answers the title's state.
  ///
  /// The answer is `queued` when the job was edited meanwhile: the attempt is over then, and its steps serve the next.
  package func beginPublishing(_ token: LeaseToken, files: String, now: Moment) throws(StoreError) -> TitleState {
    try write { db in
      var attempt = try LiveAttempt.find(token, db)
      guard attempt.digest == attempt.title.digest else {
        try putBack(&attempt, "superseded", db, now, detail: "the job changed meanwhile")
        return attempt.title.state
      }
      try attempt.title.move(.accepted, db, at: now.wall)
      try db.run("UPDATE attempts SET files = ? WHERE id = ?", [files, attempt.id])
      return attempt.title.state
    }
  }

  /// Ends attempts whose titles are in their place, with the version that holds them where there is one: all or none.
  package func commitPublished(
    _ tokens: [LeaseToken], as version: PublishedVersion? = nil, now: Moment
  ) throws(StoreError) {
    try write { db in
      for token in tokens {
        var attempt = try LiveAttempt.find(token, db)
        try attempt.title.move(.published, db, at: now.wall)
        try attempt.title.clearFailures(db)
        try attempt.end("made", db, now)
        if attempt.digest != attempt.title.digest {
          try attempt.title.move(
            .changed(isAwaiting: attempt.title.isAwaiting), db, at: now.wall, detail: attempt.title.digest)
        }
      }
      if let version { try insert(version, db) }
    }
  }

  /// Ends an attempt that made all that needs no text; the title waits for the rest. The attempt's word on what is awaited
  /// counts, since it looked last; who translates and until when stays as the job says, unless it is said here.
  package func awaitTranslation(_ token: LeaseToken, _ awaited: Awaited, now: Moment) throws(StoreError) {
    try write { db in
      var attempt = try LiveAttempt.find(token, db)
      guard attempt.digest == attempt.title.digest else {
        return try putBack(&attempt, "superseded", db, now, detail: "the job changed meanwhile")
      }
      try attempt.title.move(.awaitsTranslation, db, at: now.wall)
      try db.run(
        """
        UPDATE titles SET is_prepared = 1, awaited = ?, translator = coalesce(?, translator), due = coalesce(?, due)
        WHERE id = ?
        """, [awaited.stored, awaited.translator, awaited.due?.description, attempt.title.id])
      try attempt.end("prepared", db, now)
    }
  }

  /// Ends an attempt that failed; the rule says what becomes of the title, and the answer is its state.
  package func fail(
    _ token: LeaseToken, _ failure: AttemptRecord.Failure, now: Moment
  ) throws(StoreError) -> TitleState {
    try write { db in try fail(LiveAttempt.find(token, db), failure, db, now) }
  }

  /// Ends an attempt whose worker died.
  package func crash(_ token: LeaseToken, _ message: String, now: Moment) throws(StoreError) -> TitleState {
    try fail(token, .init(.crash, code: "work.crashed", message), now: now)
  }

  /// Puts a title back unharmed: the attempt counts for nothing.
  package func release(_ token: LeaseToken, now: Moment) throws(StoreError) {
    try write { db in
      var attempt = try LiveAttempt.find(token, db)
      try putBack(&attempt, "released", db, now)
    }
  }

  /// Ends an attempt as its record on disk says; answers the title's state.
  package func finish(_ record: AttemptRecord, now: Moment) throws(StoreError) -> TitleState {
    try remember(record.steps, now: now)
    switch record.outcome {
    case .made: return try beginPublishing(record.token, files: record.files ?? "", now: now)
    case .prepared(let languages): try awaitTranslation(record.token, Awaited(languages: languages), now: now)
    case .failed(let failure): return try fail(record.token, failure, now: now)
    case .interrupted: try release(record.token, now: now)
    }
    return try read { db in try TitleRow.find(record.title, of: record.job, db).state }
  }

  /// Every live lease. Whoever finds one `publishing` after a crash looks whether its folder is in its place, and
  /// commits it if so, before the others expire.
  package func leases() throws(StoreError) -> [Lease] {
    try read { db in
      try Lease.fetchAll(
        db,
        sql: """
          SELECT attempts.token, jobs.label AS job, titles.name AS title, titles.state, attempts.executor, attempts.pid
          FROM attempts JOIN titles ON titles.id = attempts.title JOIN jobs ON jobs.id = titles.job
          WHERE attempts.ended IS NULL ORDER BY titles.id
          """)
    }
  }

  /// Ends the attempts of an executor that have been silent for so long, or whose boot is over, and puts their titles
  /// back; answers the titles. The wall clock has no say. A run that holds the run lock may pass zero: nobody else can
  /// be at work.
  package func expire(executor: String = "local", silent: Duration, now: Moment) throws(StoreError) -> [Lease] {
    let limit = silent.wholeMilliseconds
    let dead = try leases().filter { $0.executor == executor }
    return try write { db in
      try dead.filter { lease in
        let row = try db.row(
          "SELECT boot, beat_uptime FROM attempts WHERE token = ? AND ended IS NULL", [lease.token])
        guard let row else { return false }
        let boot: String = row[0]
        let beat: Int = row[1]
        // An uptime ahead of ours was taken by another machine's clock: as good as silence.
        guard boot != now.boot || abs(now.uptime.count - beat) >= limit else { return false }
        let silence = AttemptRecord.Failure(
          .lost, code: "work.lost", "whoever ran the attempt is gone: its last sign of life is too old")
        _ = try fail(LiveAttempt.find(lease.token, db), silence, db, now)
        return true
      }
    }
  }

  private func fail(
    _ attempt: LiveAttempt, _ failure: AttemptRecord.Failure, _ db: Database, _ now: Moment
  ) throws -> TitleState {
    var attempt = attempt
    guard attempt.digest == attempt.title.digest else {
      // It failed with content that the job has no more.
      try putBack(&attempt, "superseded", db, now, detail: failure.message)
      return attempt.title.state
    }
    let counts = attempt.title.counts.adding(failure.class)
    let code = failure.class == .diskFull ? HoldCause.diskFull.rawValue : failure.code
    var random = SystemRandomNumberGenerator()
    let verdict = rule.verdict(on: failure.class, counts, now: now.wall, using: &random)
    try attempt.title.move(.failed(verdict), db, at: now.wall, detail: "\(failure.class.rawValue): \(failure.message)")
    try db.run(
      """
      UPDATE titles SET transient_failures = ?, crashes = ?, losses = ?, error_code = ?, error = ? WHERE id = ?
      """, [counts.transient, counts.crash, counts.lost, code, failure.message, attempt.title.id])
    try attempt.note(failure.problems, db)
    try attempt.end(failure.class.rawValue, db, now)
    return attempt.title.state
  }

  private func putBack(
    _ attempt: inout LiveAttempt, _ outcome: String, _ db: Database, _ now: Moment, detail: String? = nil
  ) throws {
    try attempt.title.move(.released, db, at: now.wall, detail: detail)
    if attempt.title.isAwaiting { try attempt.title.move(.awaitsTranslation, db, at: now.wall) }
    // What failed before, failed with other content.
    if attempt.digest != attempt.title.digest { try attempt.title.clearFailures(db) }
    try attempt.end(outcome, db, now)
  }

  /// Ends the live attempt of a title, if there is one, so that its worker changes nothing any more.
  func endAttempt(of title: Int64, _ outcome: String, _ db: Database, _ now: Moment) throws {
    try db.run(
      "UPDATE attempts SET ended = ?, outcome = ? WHERE title = ? AND ended IS NULL",
      [now.wall, outcome, title])
  }
}
