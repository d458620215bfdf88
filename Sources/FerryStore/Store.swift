package import FerryCore
internal import Foundation
internal import GRDB

/// Ferry's memory: jobs, titles, attempts and what was made, in one SQLite file on a local disk.
///
/// Only the process that runs the queue writes; workers never see it. Every change is one transaction, and is on the
/// disk when the call returns.
package struct Store: Sendable {
  package let path: String
  let rule: RetryRule
  let queue: DatabaseQueue

  /// Opens the store at `path`, making or migrating it where needed; `wait` is how long another writer is waited for.
  ///
  /// Where this user may only read, the store can be read, and every change is refused as not writable.
  package static func open(
    _ path: String, rule: RetryRule = RetryRule(), wait: Duration = .seconds(10),
    fileSystem: (String) throws(StoreError) -> FileSystem = FileSystem.holding
  ) throws(StoreError) -> Store {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    let kind = try fileSystem(folder)
    if kind.isShared { throw .sharedFileSystem(path: path, type: kind.type) }
    // A journal is made and removed beside the file, so the folder must be writable too.
    for place in [folder, path] where access(place, F_OK) == 0 && access(place, W_OK) != 0 {
      let reason = String(cString: strerror(errno))
      guard access(path, R_OK) == 0 else { throw .notWritable(path: place, reason: reason) }
      return try reading(path, rule: rule, wait: wait)
    }
    // Made here so that nobody else can read it; SQLite gives the journal the same mode. Made without opening it: closing
    // any descriptor of the file drops the locks that another store of this process holds (sqlite.org/howtocorrupt.html).
    if mknod(path, S_IFREG | 0o600, 0) != 0, errno != EEXIST {
      throw .notWritable(path: path, reason: String(cString: strerror(errno)))
    }
    return try translating(path) {
      let queue = try DatabaseQueue(path: path, configuration: configuration(wait))
      try migrate(queue, path)
      return Store(path: path, rule: rule, queue: queue)
    }
  }

  /// Opens a store to look into: nothing is made, migrated or repaired, and every change is refused as not writable.
  package static func reading(
    _ path: String, rule: RetryRule = RetryRule(), wait: Duration = .seconds(10)
  ) throws(StoreError) -> Store {
    try translating(path) {
      let queue = try DatabaseQueue(path: path, configuration: configuration(wait, isReadOnly: true))
      let version = try queue.read { db in try Schema.version(db, path) }
      guard version == Schema.steps.count else {
        throw StoreError.notMigrated(path: path, version: version, needed: Schema.steps.count)
      }
      return Store(path: path, rule: rule, queue: queue)
    }
  }

  /// Brings a database to the last step, once, with a copy of what was there before; many processes may try at once.
  private static func migrate(_ queue: DatabaseQueue, _ path: String) throws {
    func version() throws -> Int { try queue.read { db in try Schema.version(db, path) } }
    if try version() == Schema.steps.count { return }
    // One process at a time: the migrator does not look again once it has begun.
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    let lock = Foundation.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer { Foundation.close(lock) }
    guard lock >= 0, flock(lock, LOCK_EX) == 0 else {
      throw StoreError.notWritable(path: folder, reason: String(cString: strerror(errno)))
    }
    if (1..<Schema.steps.count).contains(try version()) { try keepCopy(of: queue, path) }
    try Schema.migrator().migrate(queue)
  }

  static func configuration(_ wait: Duration, isReadOnly: Bool = false) -> Configuration {
    var configuration = Configuration()
    configuration.readonly = isReadOnly
    configuration.busyMode = .timeout(wait.inSeconds)
    configuration.foreignKeysEnabled = true
    configuration.prepareDatabase { db in
      if !isReadOnly {
        // WAL of SQLite before 3.51.3 can lose commits, and needs more than one file to be whole; TRUNCATE with FULL also
        // flushes the journal's end, so that no power cut brings it back.
        let mode = try String.fetchOne(db, sql: "PRAGMA journal_mode = TRUNCATE")
        guard mode == "truncate" else {
          throw DatabaseError(message: "the journal mode stays '\(mode ?? "unknown")' although TRUNCATE was asked for")
        }
        try db.execute(sql: "PRAGMA synchronous = FULL")
      }
      // The file may have been in strangers' hands (sqlite.org/security.html).
      try db.execute(sql: "PRAGMA trusted_schema = OFF")
      try db.execute(sql: "PRAGMA cell_size_check = ON")
    }
    return configuration
  }

  /// Runs `body` in one transaction that holds the write lock from its start.
  func write<T>(_ body: (Database) throws -> T) throws(StoreError) -> T {
    try Store.translating(path) {
      try queue.writeWithoutTransaction { db in
        var result: T?
        try db.inTransaction(.immediate) {
          result = try body(db)
          return .commit
        }
        guard let result else { preconditionFailure("a transaction that did not throw has a result") }
        return result
      }
    }
  }

  /// Runs `body` on one state of the database, writing nothing.
  func read<T>(_ body: (Database) throws -> T) throws(StoreError) -> T {
    try Store.translating(path) { try queue.read(body) }
  }

  /// Runs `body` outside of a transaction.
  func withConnection<T>(_ body: (Database) throws -> T) throws(StoreError) -> T {
    try Store.translating(path) { try queue.writeWithoutTransaction(body) }
  }

  /// Looks at every page and every reference; throws `damaged` with the first fault.
  package func check() throws(StoreError) { try read { db in try Store.check(db, path) } }

  static func check(_ db: Database, _ path: String) throws {
    let faults = try String.fetchAll(db, sql: "PRAGMA integrity_check(1)")
    if faults != ["ok"] { throw StoreError.damaged(path: path, detail: faults.first ?? "no answer") }
    if let row = try Row.fetchOne(db, sql: "PRAGMA foreign_key_check") {
      let table: String = row[0]
      throw StoreError.damaged(path: path, detail: "a row of '\(table)' belongs to nothing")
    }
  }

  /// Closes the file; the store cannot be used any more.
  package func close() throws(StoreError) { try Store.translating(path) { try queue.close() } }

  /// Turns SQLite's errors into ours.
  static func translating<T>(_ path: String, _ body: () throws -> T) throws(StoreError) -> T {
    do {
      return try body()
    } catch let error as StoreError {
      throw error
    } catch let error as DatabaseError {
      let words = error.message ?? "SQLite error \(error.extendedResultCode.rawValue)"
      switch error.resultCode {
      case .SQLITE_CORRUPT, .SQLITE_NOTADB: throw .damaged(path: path, detail: words)
      case .SQLITE_BUSY, .SQLITE_LOCKED: throw .locked(path: path)
      case .SQLITE_FULL: throw .diskFull(path: path)
      case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM: throw .notWritable(path: path, reason: words)
      default: throw .failed(path: path, detail: words)
      }
    } catch let error as RowDecodingError {
      throw .damaged(path: path, detail: "\(error)")
    } catch let error as DecodingError {
      throw .damaged(path: path, detail: "\(error)")
    } catch {
      throw .failed(path: path, detail: "\(error)")
    }
  }
}

extension Moment {
  /// Both clocks as they are now.
  package static func now() throws(StoreError) -> Moment {
    let file = "/proc/sys/kernel/random/boot_id"
    let boot = try Store.translating(file) { try String(contentsOfFile: file, encoding: .utf8) }
    var wall = timespec()
    var uptime = timespec()
    clock_gettime(CLOCK_REALTIME, &wall)
    clock_gettime(CLOCK_BOOTTIME, &uptime)
    return Moment(
      wall: Timestamp(milliseconds: wall.tv_sec * 1000 + wall.tv_nsec / 1_000_000),
      uptime: Milliseconds(uptime.tv_sec * 1000 + uptime.tv_nsec / 1_000_000),
      boot: boot.filter { !$0.isWhitespace })
  }
}

extension Database {
  /// Runs one statement that is compiled once for each connection.
  func run(_ sql: String, _ arguments: StatementArguments) throws {
    try cachedStatement(sql: sql).execute(arguments: arguments)
  }

  /// The first row of an answer.
  func row(_ sql: String, _ arguments: StatementArguments) throws -> Row? {
    try Row.fetchOne(cachedStatement(sql: sql), arguments: arguments)
  }

  func rows(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws -> [Row] {
    try Row.fetchAll(cachedStatement(sql: sql), arguments: arguments)
  }
}
