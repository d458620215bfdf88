package import FerryCore
internal import GRDB

/// What records on disk brought into the store.
package struct Adoption: Hashable, Sendable {
  package var jobs: [String] = []
  /// Titles that are done by their records.
  package var done: [TitleName] = []
  package var attempts = 0
  /// Records that the store had already.
  package var known = 0
  /// Records of a format that this ferry does not read, or whose job has other content in the store.
  package var ignored = 0

  package struct TitleName: Hashable, Sendable {
    package var job: String
    package var title: String

    package init(job: String, title: String) {
      self.job = job
      self.title = title
    }
  }
}

extension Store {
  /// Rebuilds the queue from attempt records whose files the caller has found whole; doing it twice does nothing.
  ///
  /// Titles that no record shows done are queued; submitting the jobs again brings back what only the job files know:
  /// priorities and awaited translations.
  package func adopt(_ records: [AttemptRecord], now: Moment) throws(StoreError) -> Adoption {
    try write { db in
      var adoption = Adoption()
      // The last word on a title wins.
      for record in records.sorted(by: { ($0.ended, $0.token.text) < ($1.ended, $1.token.text) }) {
        guard record.format == 1 else {
          adoption.ignored += 1
          continue
        }
        if try db.row("SELECT 1 FROM attempts WHERE token = ?", [record.token]) != nil {
          adoption.known += 1
          continue
        }
        try adopt(record, into: &adoption, db, now)
      }
      return adoption
    }
  }

  private func adopt(
    _ record: AttemptRecord, into adoption: inout Adoption, _ db: Database, _ now: Moment
  ) throws {
    try insert(record.steps, db, record.ended)
    let job = try adoptedJob(record, into: &adoption, db)
    var title = try adoptedTitle(record, of: job, adoption, db, now)
    try db.run("UPDATE titles SET attempts = attempts + 1 WHERE id = ?", [title.id])
    var problems: Problems?
    if case .failed(let failure) = record.outcome { problems = failure.problems.map(Problems.init) }
    try NewAttempt(
      title: title.id, token: record.token, number: title.attempts + 1, digest: record.titleDigest, executor: "adopted",
      started: record.started, boot: "", beatUptime: 0, beat: record.ended, ended: record.ended,
      outcome: record.outcome.status.rawValue, files: record.files, problems: problems
    ).insert(db)
    adoption.attempts += 1
    guard record.outcome == .made else { return }
    guard record.titleDigest == title.digest else {
      adoption.ignored += 1
      return
    }
    guard title.state.after(.adopted) != nil else { return }
    try title.move(.adopted, db, at: now.wall, detail: record.token.text)
    try title.clearFailures(db)
    adoption.done.append(.init(job: record.job, title: record.title))
  }

  private func adoptedJob(
    _ record: AttemptRecord, into adoption: inout Adoption, _ db: Database
  ) throws -> Int64 {
    if let row = try db.row("SELECT id FROM jobs WHERE label = ?", [record.job]) {
      // Later records know the job's later content.
      if adoption.jobs.contains(record.job) {
        try db.run(
          "UPDATE jobs SET file = ?, digest = ? WHERE id = ?", [record.jobFile, record.jobDigest, row[0] as Int64])
      }
      return row[0]
    }
    try db.run(
      "INSERT INTO jobs (label, file, digest, plan, priority, submitted) VALUES (?, ?, ?, 1, 0, ?)",
      [record.job, record.jobFile, record.jobDigest, record.started])
    adoption.jobs.append(record.job)
    return db.lastInsertedRowID
  }

  private func adoptedTitle(
    _ record: AttemptRecord, of job: Int64, _ adoption: Adoption, _ db: Database, _ now: Moment
  ) throws -> TitleRow {
    if let row = try db.row("SELECT id FROM titles WHERE job = ? AND name = ?", [job, record.title]) {
      var title = try TitleRow.find(row[0], db)
      // A job that came from records only has no other content than theirs.
      if adoption.jobs.contains(record.job), title.digest != record.titleDigest {
        try db.run("UPDATE titles SET digest = ? WHERE id = ?", [record.titleDigest, title.id])
        title.digest = record.titleDigest
        try title.move(.changed(isAwaiting: false), db, at: now.wall)
      }
      return title
    }
    try db.run(
      "INSERT INTO titles (job, name, digest, priority, state, since) VALUES (?, ?, ?, 0, 'queued', ?)",
      [job, record.title, record.titleDigest, record.started])
    return try TitleRow.find(db.lastInsertedRowID, db)
  }
}
