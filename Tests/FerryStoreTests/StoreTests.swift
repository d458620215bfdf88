import FerryCore
import Foundation
import GRDB
import Testing

@testable import FerryStore

/// Opening: what is made, what is refused, and in which words.
struct StoreTests {
  private let desk: Desk
  init() throws { desk = try Desk() }

  @Test func everyCommitIsFlushed() throws {
    let store = try desk.open()
    let answers = try store.read { db in
      try ["journal_mode", "synchronous", "foreign_keys", "trusted_schema"].map {
        try String.fetchOne(db, sql: "PRAGMA \($0)")
      }
    }
    #expect(answers == ["truncate", "2", "1", "0"], "2 is FULL")
  }

  @Test func nobodyElseReadsIt() throws {
    _ = try desk.open().submit(job(titles: 1), now: desk.now)
    for file in ["ferry.db", "ferry.db-journal"] {
      var status = stat()
      #expect(stat(desk.path + "/" + file, &status) == 0)
      #expect(status.st_mode & 0o777 == 0o600)
    }
  }

  @Test func whatWasSubmittedIsThereAfterwards() throws {
    let store = try desk.open()
    _ = try store.submit(job(titles: 3), now: desk.now)
    try store.close()
    #expect(try desk.open().counts() == [.queued: 3])
  }

  @Test func aDamagedFileIsNamedWithTheWayOut() throws {
    let store = try desk.open()
    _ = try store.submit(job(titles: 2000), now: desk.now)
    try store.close()
    // Everything but the first page.
    try desk.overwrite("ferry.db", at: 4096, with: Array(repeating: 0xA5, count: 200_000))
    let said = diagnostic {
      let store = try desk.open()
      try store.check()
    }
    #expect(
      said?.hasPrefix("\(desk.file): error: the queue's database is damaged: ") == true
        && said?.hasSuffix(
          "\n  hint: run 'ferry adopt': it puts the file aside and rebuilds the queue from the records on disk")
          == true,
      "\(said ?? "nothing")")
    let used = diagnostic { _ = try desk.open().titles() }
    #expect(
      used == """
        \(desk.file): error: the queue's database is damaged: database disk image is malformed
          hint: run 'ferry adopt': it puts the file aside and rebuilds the queue from the records on disk
        """)
  }

  @Test func aDamagedHeaderToo() throws {
    try desk.open().close()
    try desk.overwrite("ferry.db", at: 0, with: Array("garbage, not a header".utf8))
    #expect(
      diagnostic { _ = try desk.open() } == """
        \(desk.file): error: the queue's database is damaged: file is not a database
          hint: run 'ferry adopt': it puts the file aside and rebuilds the queue from the records on disk
        """)
  }

  @Test func checkingFindsWhatQueriesPassOver() throws {
    let store = try desk.open()
    _ = try store.submit(job(titles: 5), now: desk.now)
    try store.check()
    try store.withConnection { db in
      try db.execute(sql: "PRAGMA foreign_keys = OFF")
      try db.execute(sql: "DELETE FROM jobs")
    }
    #expect(throws: StoreError.damaged(path: desk.file, detail: "a row of 'titles' belongs to nothing")) {
      try store.check()
    }
  }

  @Test func aDamagedFileIsPutAsideWithItsJournal() throws {
    try desk.open().close()
    try "journal".write(toFile: desk.file + "-journal", atomically: true, encoding: .utf8)
    let aside = try Store.setAside(desk.file, now: desk.now)
    #expect(aside == desk.file + ".damaged-1764000000000")
    let names = try FileManager.default.contentsOfDirectory(atPath: desk.path).sorted()
    #expect(names == ["ferry.db.damaged-1764000000000", "ferry.db.damaged-1764000000000-journal"])
    #expect(try desk.open().counts().isEmpty)
    #expect(throws: StoreError.exists(path: aside)) { _ = try Store.setAside(desk.file, now: desk.now) }
  }

  @Test func aNewerQueueIsLeftAlone() throws {
    let store = try desk.open()
    try store.withConnection { try $0.execute(sql: "PRAGMA user_version = 7") }
    try store.close()
    let before = try Data(contentsOf: URL(fileURLWithPath: desk.file))
    #expect(
      diagnostic { _ = try desk.open() } == """
        \(desk.file): error: the queue was written by a newer ferry: its format is 7, and this one knows up to \
        \(Schema.steps.count)
          hint: use that ferry, or give another folder with --home
        """)
    #expect(try Data(contentsOf: URL(fileURLWithPath: desk.file)) == before)
  }

  @Test func anOlderQueueIsBroughtUpToDate() throws {
    let queue = try DatabaseQueue(path: desk.file)
    let steps = ["CREATE TABLE a (x)", "ALTER TABLE a ADD COLUMN y"]
    try Schema.migrator(Array(steps.prefix(1))).migrate(queue)
    try queue.write { try $0.execute(sql: "INSERT INTO a VALUES (1)") }
    try Schema.migrator(steps).migrate(queue)
    try Schema.migrator(steps).migrate(queue)
    // A step that fails leaves nothing of itself.
    #expect(throws: DatabaseError.self) {
      try Schema.migrator(steps + ["CREATE TABLE b (x); CREATE TABLE a (x)"]).migrate(queue)
    }
    try queue.read { db in
      #expect(try Row.fetchOne(db, sql: "SELECT x, y FROM a") == ["x": 1, "y": nil])
      let made = try db.tableExists("b")
      #expect(!made)
      #expect(try Int.fetchOne(db, sql: "PRAGMA user_version") == 2)
    }
  }

  @Test func otherDatabasesAreLeftAlone() throws {
    try DatabaseQueue(path: desk.file).write { try $0.execute(sql: "CREATE TABLE music (title)") }
    #expect(
      diagnostic { _ = try desk.open() } == """
        \(desk.file): error: the file is a database, but not a queue of ferry's
          hint: it is left as it is: give another folder with --home
        """)
  }

  @Test func aLockedQueueSaysTryLater() throws {
    let store = try desk.open()
    let other = try DatabaseQueue(path: desk.file)
    try other.writeWithoutTransaction { db in
      try db.inTransaction(.immediate) {
        let said = diagnostic { _ = try store.submit(job(titles: 1), now: desk.now) }
        #expect(
          said == """
            \(desk.file): error: another process is writing the queue and did not finish in time
              hint: try again later; if nothing runs, look who has the file open with 'fuser'
            """)
        let counts = try store.counts()
        #expect(counts.isEmpty, "reading goes on beside a writer that has not committed")
        return .rollback
      }
      try db.execute(sql: "BEGIN EXCLUSIVE")
      #expect(throws: StoreError.locked(path: desk.file)) { _ = try store.counts() }
      #expect(throws: StoreError.locked(path: desk.file)) { _ = try desk.open() }
      try db.execute(sql: "COMMIT")
    }
    #expect(StoreError.locked(path: "").isTemporary)
    #expect(!StoreError.damaged(path: "", detail: "").isTemporary)
  }

  @Test func aFullDiskChangesNothing() throws {
    let store = try desk.open()
    _ = try store.submit(job(titles: 1), now: desk.now)
    try store.withConnection { db in
      let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
      try db.execute(sql: "PRAGMA max_page_count = \(pages + 1)")
    }
    #expect(
      diagnostic { _ = try store.submit(job("OUC-2", titles: 5000), now: desk.now) } == """
        \(desk.file): error: the queue cannot be written: no space is left on the disk
          hint: free some space and run again; nothing was changed
        """)
    #expect(StoreError.diskFull(path: "").isTemporary)
    #expect(try store.counts() == [.queued: 1])
    try store.check()
  }

  /// Root may write to any folder of a disk, but not to the kernel's.
  @Test func aFolderThatCannotBeWrittenIsNamed() throws {
    var folder = "/sys"
    if geteuid() != 0 {
      folder = desk.path
      try FileManager.default.setAttributes([.posixPermissions: 0o500], ofItemAtPath: folder)
    }
    defer { if folder == desk.path { chmod(folder, 0o700) } }
    let said = try #require(diagnostic { _ = try Store.open(folder + "/ferry.db") })
    #expect(said.hasPrefix("\(folder)"))
    #expect(said.contains(": error: the queue cannot be written: "))
    #expect(
      said.hasSuffix("\n  hint: make the folder writable for this user, or give another one with --home"))
  }

  @Test func aFolderThatIsMissingIsNamed() throws {
    let folder = desk.path + "/none"
    #expect(
      diagnostic { _ = try Store.open(folder + "/ferry.db") } == """
        \(folder): error: the queue cannot be written: No such file or directory
          hint: make the folder writable for this user, or give another one with --home
        """)
  }

  @Test func manyMayMigrateAtOnce() async throws {
    let file = desk.file
    try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<8 { group.addTask { try Store.open(file).counts().count } }
      for try await count in group { #expect(count == 0) }
    }
    try desk.open().check()
  }
}
