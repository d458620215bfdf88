package import FerryCore
internal import GRDB

/// What a person, or a look at the folder, asks of titles; a request names a whole job where it names no title.
extension Store {
  /// Queues titles that failed, were held, quarantined or cancelled; answers their ids. With `force`, done ones too.
  ///
  /// One title that cannot be retried is an error; in a whole job, those are left alone.
  package func retry(
    job: String, title: String? = nil, force: Bool = false, now: Moment
  ) throws(StoreError) -> [String] {
    try each(job, title, now) { row, db in
      let event: TitleEvent = force && [.done, .reopened].contains(row.state) ? .forced : .retried
      guard title != nil || row.state.after(event) != nil else { return false }
      try row.move(event, db, at: now.wall)
      if row.isAwaiting {
        try row.move(.awaitsTranslation, db, at: now.wall)
        try db.run("UPDATE titles SET is_prepared = 0 WHERE id = ?", [row.id])
      }
      try row.clearFailures(db)
      return true
    }
  }

  /// Cancels titles that are not published; a running attempt loses its lease. Answers their ids.
  package func cancel(job: String, title: String? = nil, now: Moment) throws(StoreError) -> [String] {
    try each(job, title, now) { row, db in
      guard title != nil || row.state.after(.cancelled) != nil else { return false }
      try row.move(.cancelled, db, at: now.wall)
      try endAttempt(of: row.id, "cancelled", db, now)
      return true
    }
  }

  /// Holds titles that are not being worked on, with what a person has to mend. Answers their ids.
  package func hold(
    job: String, title: String? = nil, code: String, _ reason: String, now: Moment
  ) throws(StoreError) -> [String] {
    try each(job, title, now) { row, db in
      guard title != nil || row.state.after(.held) != nil else { return false }
      try row.move(.held, db, at: now.wall, detail: reason)
      try db.run("UPDATE titles SET error_code = ?, error = ? WHERE id = ?", [code, reason, row.id])
      return true
    }
  }

  /// Holds the titles of a job until the next run finds the cause gone. Answers their ids.
  package func hold(job: String, for cause: HoldCause, _ reason: String, now: Moment) throws(StoreError) -> [String] {
    try hold(job: job, code: cause.rawValue, reason, now: now)
  }

  /// Reopens titles that are done and of which a partner found something, with the words for it; those that are reopened
  /// and have nothing open any more are done again. A title that is work already stays what it is.
  package func note(defects: [String: String], of job: String, now: Moment) throws(StoreError) {
    _ = try each(job, nil, now) { row, db in
      guard let words = defects[row.name] else {
        guard row.state.after(.answered) != nil else { return false }
        try row.move(.answered, db, at: now.wall)
        try row.clearFailures(db)
        return true
      }
      if row.state.after(.reopened) != nil {
        try row.move(.reopened, db, at: now.wall, detail: words)
      } else if row.state != .reopened {
        return false
      }
      try db.run("UPDATE titles SET error_code = 'partner.defect', error = ? WHERE id = ?", [words, row.id])
      return true
    }
  }

  /// The translation that a title waited for is there.
  package func translationArrived(job: String, title: String, now: Moment) throws(StoreError) {
    _ = try each(job, title, now) { row, db in
      try row.move(.translationArrived, db, at: now.wall)
      try db.run("UPDATE titles SET awaited = NULL WHERE id = ?", [row.id])
      return true
    }
  }

  private func each(
    _ job: String, _ title: String?, _ now: Moment, _ body: (inout TitleRow, Database) throws -> Bool
  ) throws(StoreError) -> [String] {
    try write { db in
      let rows = try title.map { [try TitleRow.find($0, of: job, db)] } ?? TitleRow.all(of: job, db)
      return try rows.compactMap { row in
        var row = row
        return try body(&row, db) ? row.name : nil
      }
    }
  }
}
