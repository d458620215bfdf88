package import FerryCore
internal import Foundation
internal import GRDB

extension Store {
  /// Copies the store, while it is in use, to a new file, which is checked page by page before it gets its name.
  package func backup(to path: String) throws(StoreError) {
    if access(path, F_OK) == 0 { throw .exists(path: path) }
    var random = SystemRandomNumberGenerator()
    let partial = path + "." + LeaseToken(using: &random).text
    do throws(StoreError) {
      let copy = try Store.translating(partial) {
        try DatabaseQueue(path: partial, configuration: Store.configuration(.zero))
      }
      try withConnection { source in try copy.writeWithoutTransaction { try source.backup(to: $0) } }
      try Store.translating(partial) { try copy.close() }
      let reopened = try Store.open(partial) { _ throws(StoreError) in FileSystem(type: "any") }
      try reopened.check()
      try reopened.close()
      // link(2) never replaces what is there.
      guard link(partial, path) == 0 else {
        if errno == EEXIST { throw StoreError.exists(path: path) }
        throw StoreError.notWritable(path: path, reason: String(cString: strerror(errno)))
      }
      unlink(partial)
      // Its journal is empty now, and TRUNCATE leaves it where it was.
      unlink(partial + "-journal")
      try Store.flush(URL(fileURLWithPath: path).deletingLastPathComponent().path)
    } catch {
      unlink(partial)
      unlink(partial + "-journal")
      throw error
    }
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
        "DELETE FROM titles WHERE is_removed = 1 AND state IN ('done', 'cancelled') AND since < ?", [time.milliseconds])
      pruned.titles = db.changesCount
      let settled = "SELECT id FROM titles WHERE state IN ('done', 'cancelled') AND since < ?1"
      try db.run(
        """
        DELETE FROM attempts WHERE title IN (\(settled)) AND ended < ?1
        AND id < (SELECT max(id) FROM attempts later WHERE later.title = attempts.title)
        """, [time.milliseconds])
      pruned.attempts = db.changesCount
      try db.run(
        """
        DELETE FROM history WHERE title IN (\(settled)) AND at < ?1
        AND n < (SELECT max(n) FROM history later WHERE later.title = history.title)
        """, [time.milliseconds])
      pruned.history = db.changesCount
      try db.run("DELETE FROM sources WHERE used < ?", [time.milliseconds])
      pruned.sources = db.changesCount
      try db.run("DELETE FROM answers WHERE used < ?", [time.milliseconds])
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
