package import FerryCore
internal import Foundation
internal import GRDB

extension Store {
  /// Copies the store, while it is in use, to a new file, which is checked page by page before it gets its name.
  package func backup(to path: String) throws(StoreError) {
    if access(path, F_OK) == 0 { throw .exists(path: path) }
    var random = SystemRandomNumberGenerator()
    // link(2) never replaces what is there.
    try Store.copy(queue, by: path + "." + LeaseToken(using: &random).text, to: path, naming: link)
  }

  /// Keeps the database as it is before a migration, beside it, unless no job was ever in it. A copy that is there already
  /// stays where the queue has not gone on since: it was made before a migration that broke off.
  static func keepCopy(of queue: DatabaseQueue, _ path: String) throws {
    guard try queue.read({ db in try Row.fetchOne(db, sql: "SELECT 1 FROM jobs") }) != nil else { return }
    let kept = path + ".before-" + Schema.release
    if access(kept, F_OK) == 0, try lastEvent(kept) == queue.read(lastEvent) { return }
    // What a process that was killed left; nobody else is at it.
    unlink(kept + ".part")
    try copy(queue, by: kept + ".part", to: kept, naming: rename)
  }

  /// What tells one state of a queue from a later one, as far as titles are concerned.
  private static func lastEvent(_ db: Database) throws -> Row? {
    try Row.fetchOne(db, sql: "SELECT count(*), max(at) FROM history")
  }

  /// The same of a copy; `nil` for one that cannot be read.
  private static func lastEvent(_ copy: String) throws -> Row? {
    do {
      return try DatabaseQueue(path: copy, configuration: configuration(.zero, isReadOnly: true)).read(lastEvent)
    } catch is DatabaseError {
      return nil
    }
  }

  /// Copies a database, while it is in use, to the file `partial` that only this user reads, checks it page by page, and
  /// gives it its name.
  private static func copy(
    _ source: DatabaseQueue, by partial: String, to path: String,
    naming name: (UnsafePointer<CChar>, UnsafePointer<CChar>) -> Int32
  ) throws(StoreError) {
    // TRUNCATE leaves an empty journal where it was.
    defer { for file in [partial, partial + "-journal"] { unlink(file) } }
    if mknod(partial, S_IFREG | 0o600, 0) != 0 {
      throw .notWritable(path: partial, reason: String(cString: strerror(errno)))
    }
    try translating(partial) {
      let copy = try DatabaseQueue(path: partial, configuration: configuration(.zero))
      try source.writeWithoutTransaction { source in try copy.writeWithoutTransaction { try source.backup(to: $0) } }
      try copy.read { db in try check(db, partial) }
      try copy.close()
    }
    guard name(partial, path) == 0 else {
      if errno == EEXIST { throw .exists(path: path) }
      throw .notWritable(path: path, reason: String(cString: strerror(errno)))
    }
    try flush(URL(fileURLWithPath: path).deletingLastPathComponent().path)
  }

  /// Moves a damaged database and its journal out of the way, so that a new one can be made; answers where it is now.
  package static func setAside(_ path: String, now: Moment) throws(StoreError) -> String {
    let aside = "\(path).damaged-\(now.wall.milliseconds)"
    // The journal goes first: without its database it is harmless, but a new database would be rolled back by it.
    for to in [aside, aside + "-journal"] where access(to, F_OK) == 0 { throw .exists(path: to) }
    for (from, to) in [(path + "-journal", aside + "-journal"), (path, aside)] where access(from, F_OK) == 0 {
      guard rename(from, to) == 0 else { throw .notWritable(path: from, reason: String(cString: strerror(errno))) }
    }
    try flush(URL(fileURLWithPath: path).deletingLastPathComponent().path)
    return aside
  }

  /// What `prune` removed.
  package struct Pruned: Hashable, Sendable {
    package var titles = 0
    package var attempts = 0
    package var history = 0
    package var sources = 0
  }

  /// Forgets what is older than `time` and serves nothing: titles that their jobs name no more, all but the last
  /// attempt and the last event of titles that are done or cancelled, and what was learnt of files not seen since. Jobs, done
  /// titles, steps and versions stay.
  package func prune(before time: Timestamp) throws(StoreError) -> Pruned {
    try write { db in
      var pruned = Pruned()
      try db.run(
        "DELETE FROM titles WHERE is_removed = 1 AND state IN ('done', 'cancelled') AND since < ?", [time])
      pruned.titles = db.changesCount
      let settled = "SELECT id FROM titles WHERE state IN ('done', 'cancelled') AND since < ?1"
      try db.run(
        """
        DELETE FROM attempts WHERE title IN (\(settled)) AND ended < ?1
        AND id < (SELECT max(id) FROM attempts later WHERE later.title = attempts.title)
        """, [time])
      pruned.attempts = db.changesCount
      try db.run(
        """
        DELETE FROM history WHERE title IN (\(settled)) AND at < ?1
        AND n < (SELECT max(n) FROM history later WHERE later.title = history.title)
        """, [time])
      pruned.history = db.changesCount
      try db.run("DELETE FROM sources WHERE used < ?", [time])
      pruned.sources = db.changesCount
      try db.run("DELETE FROM answers WHERE used < ?", [time])
      return pruned
    }
  }

  private static func flush(_ folder: String) throws(StoreError) {
    let descriptor = Foundation.open(folder, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .notWritable(path: folder, reason: String(cString: strerror(errno))) }
    defer { Foundation.close(descriptor) }
    if fsync(descriptor) != 0 { throw .notWritable(path: folder, reason: String(cString: strerror(errno))) }
  }
}
