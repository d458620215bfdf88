package import FerryCore
internal import GRDB

/// A job as the queue sees it.
package struct Submission: Hashable, Sendable {
  package var label: String
  /// The job file, as an absolute path.
  package var file: String
  /// Of the job file's content.
  package var digest: String
  /// Higher ones go first.
  package var priority: Int
  package var titles: [SubmittedTitle]

  package init(label: String, file: String, digest: String, priority: Int = 0, titles: [SubmittedTitle]) {
    self.label = label
    self.file = file
    self.digest = digest
    self.priority = priority
    self.titles = titles
  }

  package struct SubmittedTitle: Hashable, Sendable {
    package var id: String
    /// Of all that decides what will be made: when it changes, the title is made again.
    package var digest: String
    package var awaited: Awaited?

    package init(id: String, digest: String, awaited: Awaited? = nil) {
      self.id = id
      self.digest = digest
      self.awaited = awaited
    }
  }
}

/// The translations that a title waits for.
package struct Awaited: Hashable, Sendable {
  package var languages: [LanguageTag]
  package var translator: String?
  package var due: Day?

  package init(languages: [LanguageTag], translator: String? = nil, due: Day? = nil) {
    self.languages = languages
    self.translator = translator
    self.due = due
  }

  /// The languages as a column has them.
  var stored: String { languages.map(\.text).joined(separator: " ") }

  init?(stored languages: String?, translator: String?, due: String?) {
    guard let languages else { return nil }
    self.languages = languages.split(separator: " ").compactMap { LanguageTag(String($0)) }
    self.translator = translator
    self.due = due.flatMap(Day.init)
  }
}

/// What a submission changed.
package struct Submitted: Hashable, Sendable {
  /// Counts the versions of the job that were submitted.
  package var plan: Int
  package var isNewJob: Bool
  package var added: [String] = []
  package var changed: [String] = []
  package var removed: [String] = []
  package var unchanged = 0

  package var changesNothing: Bool { !isNewJob && added.isEmpty && changed.isEmpty && removed.isEmpty }
}

extension Store {
  /// Puts a job in the queue, once: the same job again changes nothing, and an edited one changes what was edited.
  ///
  /// A title that is being made stays with its attempt, which learns at its end that the title has changed. With
  /// `replacing`, another file may take over the label.
  package func submit(_ job: Submission, now: Moment, replacing: Bool = false) throws(StoreError) -> Submitted {
    try write { db in
      var result = try jobRow(job, db, now, replacing)
      let known = try knownTitles(result.id, db)
      for title in job.titles {
        guard let old = known[title.id] else {
          try insert(title, of: result.id, job.priority, db, now)
          result.submitted.added.append(title.id)
          continue
        }
        if try update(old, to: title, db, now) {
          result.submitted.changed.append(title.id)
        } else {
          result.submitted.unchanged += 1
        }
      }
      let named = Set(job.titles.map(\.id))
      for old in known.values.sorted(by: { $0.row < $1.row }) where !old.isRemoved && !named.contains(old.name) {
        try remove(old, db, now)
        result.submitted.removed.append(old.name)
      }
      if !result.submitted.isNewJob {
        if !result.submitted.changesNothing { result.submitted.plan += 1 }
        try db.run(
          "UPDATE jobs SET file = ?, digest = ?, plan = ?, priority = ? WHERE id = ?",
          [job.file, job.digest, result.submitted.plan, job.priority, result.id])
        try db.run(
          "UPDATE titles SET priority = ?1 WHERE job = ?2 AND priority <> ?1", [job.priority, result.id])
      }
      return result.submitted
    }
  }

  private func jobRow(
    _ job: Submission, _ db: Database, _ now: Moment, _ replacing: Bool
  ) throws -> (id: Int64, submitted: Submitted) {
    if let row = try db.row("SELECT id, plan, file, digest FROM jobs WHERE label = ?", [job.label]) {
      let file: String = row[2]
      let digest: String = row[3]
      // The same content by another path is the same job; other content from another file is somebody's mistake.
      if file != job.file, digest != job.digest, !replacing {
        throw StoreError.labelTaken(label: job.label, file: file)
      }
      return (row[0], Submitted(plan: row[1], isNewJob: false))
    }
    try db.run(
      "INSERT INTO jobs (label, file, digest, plan, priority, submitted) VALUES (?, ?, ?, 1, ?, ?)",
      [job.label, job.file, job.digest, job.priority, now.wall])
    return (db.lastInsertedRowID, Submitted(plan: 1, isNewJob: true))
  }

  /// What a submission is compared with.
  private struct KnownTitle {
    var row: Int64
    var name: String
    var digest: String
    var awaited: Awaited?
    var isRemoved: Bool
  }

  private func knownTitles(_ job: Int64, _ db: Database) throws -> [String: KnownTitle] {
    var known: [String: KnownTitle] = [:]
    let sql = "SELECT id, name, digest, awaited, translator, due, is_removed FROM titles WHERE job = ?"
    let rows = try Row.fetchCursor(db.cachedStatement(sql: sql), arguments: [job])
    while let row = try rows.next() {
      let title = KnownTitle(
        row: row[0], name: row[1], digest: row[2],
        awaited: Awaited(stored: row[3], translator: row[4], due: row[5]), isRemoved: row[6])
      known[title.name] = title
    }
    return known
  }

  private func insert(
    _ title: Submission.SubmittedTitle, of job: Int64, _ priority: Int, _ db: Database, _ now: Moment
  ) throws {
    let state = TitleState.first(isAwaiting: title.awaited != nil)
    try db.run(
      """
      INSERT INTO titles (job, name, digest, priority, state, since, awaited, translator, due)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      """,
      [
        job, title.id, title.digest, priority, state.stored.kind, now.wall, title.awaited?.stored,
        title.awaited?.translator, title.awaited?.due?.description,
      ])
    try db.run(
      "INSERT INTO history (title, n, at, event) VALUES (?, 1, ?, 'submitted')",
      [db.lastInsertedRowID, now.wall])
  }

  /// Whether anything was changed.
  private func update(
    _ old: KnownTitle, to title: Submission.SubmittedTitle, _ db: Database, _ now: Moment
  ) throws -> Bool {
    if old.digest == title.digest, old.awaited == title.awaited, !old.isRemoved { return false }
    let arrived = old.awaited != nil && title.awaited == nil
    // Only who translates it, or until when, has changed.
    let isSameWork = old.digest == title.digest && old.awaited != nil && title.awaited != nil && !old.isRemoved
    try db.run(
      """
      UPDATE titles SET digest = ?, awaited = ?, translator = ?, due = ?, is_prepared = is_prepared AND ?, is_removed = 0
      WHERE id = ?
      """,
      [
        title.digest, title.awaited?.stored, title.awaited?.translator, title.awaited?.due?.description, isSameWork,
        old.row,
      ])
    var row = try TitleRow.find(old.row, db)
    if isSameWork {
      try TitleRow.note(row.id, "translation changed hands", db, at: now.wall)
      return true
    }
    if arrived, row.state == .waitingTranslation {
      try row.move(.translationArrived, db, at: now.wall)
    } else {
      try row.move(.changed(isAwaiting: title.awaited != nil), db, at: now.wall, detail: title.digest)
    }
    if row.state != .running, row.state != .publishing { try row.clearFailures(db) }
    return true
  }

  private func remove(_ old: KnownTitle, _ db: Database, _ now: Moment) throws {
    var row = try TitleRow.find(old.row, db)
    let detail = "the job names it no more"
    if row.state.after(.cancelled) != nil {
      try row.move(.cancelled, db, at: now.wall, detail: detail)
      try endAttempt(of: row.id, "cancelled", db, now)
    } else {
      // What is done stays done, and what is being published is finished.
      try TitleRow.note(row.id, "removed", db, at: now.wall, detail: detail)
    }
    try db.run("UPDATE titles SET is_removed = 1 WHERE id = ?", [row.id])
  }
}
