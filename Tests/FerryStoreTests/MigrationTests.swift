import FerryCore
import Foundation
import GRDB
import Testing

@testable import FerryStore

/// Queues of older ferries: brought up to date once, with nothing lost and a copy beside them.
@Suite(.serialized) struct MigrationTests {
  private static let role = "FERRY_STORE_TEST_ROLE"
  private static let place = "FERRY_STORE_TEST_PLACE"
  private static let environment = ProcessInfo.processInfo.environment

  private let desk: Desk
  private var copy: String { desk.file + ".before-0.2" }

  /// A queue that ferry 0.1 made.
  private static let old = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../fixtures/ferry-0.1/queue.db").standardizedFileURL.path

  init() throws {
    desk = try Desk()
    try FileManager.default.copyItem(atPath: Self.old, toPath: desk.file)
  }

  /// The format of a file, and every row of the tables of ferry 0.1 in it.
  private func content(_ file: String) throws -> (version: Int?, rows: [String: [Row]]) {
    try DatabaseQueue(path: file).read { db in
      #expect(try String.fetchAll(db, sql: "PRAGMA integrity_check") == ["ok"])
      let tables = [
        "jobs": "id, label, file, digest, plan, priority, submitted",
        "titles": """
        id, job, name, digest, priority, state, since, retry_at, awaited, translator, due, is_prepared, attempts,
        transient_failures, crashes, losses, error_code, error, is_removed
        """,
        "attempts": """
        id, title, token, number, digest, executor, pid, started, boot, beat_uptime, beat, progress, ended, outcome, files
        """,
        "history": "title, n, at, event, detail", "steps": "key, step, outcome, verified",
        "sources": "path, size, modified, inode, sha256, used",
        "versions": "label, version, key, path, published, titles, steps",
      ]
      let rows = try tables.map { table, columns in
        (table, try Row.fetchAll(db, sql: "SELECT \(columns) FROM \(table) ORDER BY 1, 2"))
      }
      return (try Int.fetchOne(db, sql: "PRAGMA user_version"), Dictionary(uniqueKeysWithValues: rows))
    }
  }

  private func inode(_ file: String) throws -> Int {
    try #require(FileManager.default.attributesOfItem(atPath: file)[.systemFileNumber] as? Int)
  }

  @Test func aQueueOfFerry01IsMigratedOnceWithACopyBesideIt() throws {
    let before = try content(Self.old)
    #expect(before.version == 2 && before.rows.values.map(\.count).sorted() == [0, 1, 1, 2, 2, 3, 13])
    let store = try desk.open()
    #expect(try store.counts() == [.done: 2, .cancelled: 1])
    #expect(try store.versions().map(\.titles) == [["O-1", "O-2"]])
    #expect(try store.attempts(job: "OLD-2", title: "O-2").map(\.outcome) == ["made"])
    try store.check()
    try store.close()
    let after = try content(desk.file)
    #expect(after.version == Schema.steps.count && after.rows == before.rows)
    let kept = try content(copy)
    #expect(kept.version == 2 && kept.rows == before.rows)
    #expect(try FileManager.default.attributesOfItem(atPath: copy)[.posixPermissions] as? Int == 0o600)

    let files = try [desk.file, copy].map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
    let number = try inode(copy)
    try desk.open().close()
    #expect(try [desk.file, copy].map { try Data(contentsOf: URL(fileURLWithPath: $0)) } == files)
    #expect(try inode(copy) == number, "the second time there is nothing to do")
    let names = try FileManager.default.contentsOfDirectory(atPath: desk.path)
    #expect(Set(names).isSubset(of: ["ferry.db", "ferry.db-journal", "ferry.db.before-0.2"]), "\(names)")
  }

  @Test func aQueueOfTheStepBeforeIsCopiedToo() throws {
    let queue = try DatabaseQueue(path: desk.file)
    try queue.write { try $0.execute(sql: Schema.steps[2] + "; PRAGMA user_version = 3") }
    try queue.close()
    try desk.open().check()
    #expect(try content(copy).version == 3)
    #expect(try content(desk.file).version == Schema.steps.count)
  }

  /// Restored from the copy, used by ferry 0.1, and migrated again.
  @Test func aCopyOfAnEarlierStateIsMadeAnew() throws {
    try desk.open().close()
    try FileManager.default.removeItem(atPath: desk.file)
    try FileManager.default.copyItem(atPath: copy, toPath: desk.file)
    let queue = try DatabaseQueue(path: desk.file)
    try queue.write { try $0.execute(sql: "INSERT INTO history VALUES (3, 4, 1796094900000, 'retried', NULL)") }
    try queue.close()
    try desk.open().close()
    #expect(try content(copy).rows["history"]?.count == 14)
    try "no database".write(toFile: copy, atomically: true, encoding: .utf8)
    try FileManager.default.removeItem(atPath: desk.file)
    try FileManager.default.copyItem(atPath: Self.old, toPath: desk.file)
    try desk.open().close()
    #expect(try content(copy).rows["history"]?.count == 13, "nor is a damaged copy taken for one")
  }

  @Test func aNewQueueHasNoCopy() throws {
    try FileManager.default.removeItem(atPath: desk.file)
    try desk.open().close()
    #expect(!FileManager.default.fileExists(atPath: copy))
  }

  @Test func manyMigrateAnOldQueueAtOnce() async throws {
    let file = desk.file
    try await withThrowingTaskGroup(of: Int?.self) { group in
      for _ in 0..<8 { group.addTask { try Store.open(file).counts()[.done] } }
      for try await done in group { #expect(done == 2) }
    }
    #expect(try content(desk.file).rows == content(Self.old).rows)
    #expect(try content(copy).version == 2)
  }

  /// Not a test of its own: opens a queue as another process, which is killed on its way or may write nothing.
  @Test(.enabled(if: environment[role] != nil)) func isAnotherProcess() throws {
    let file = try #require(Self.environment[Self.place])
    switch Self.environment[Self.role] {
    case "migrate": try Store.open(file).close()
    case "read":
      let store = try Store.open(file)
      #expect(try store.counts() == [.done: 2, .cancelled: 1])
      #expect(try store.history(job: "OLD-2", title: "O-3").count == 3)
      let said = diagnostic { _ = try store.submit(job(titles: 1), now: desk.now) }
      #expect(said?.contains("the queue cannot be written: ") == true, "\(said ?? "nothing")")
    case "refuse":
      let known = Schema.steps.count
      #expect(throws: StoreError.notMigrated(path: file, version: 2, needed: known)) { try Store.open(file).close() }
    default: Issue.record("nobody knows this role")
    }
  }

  /// Runs this program in a role, after the words of another one that starts it; answers how it ended.
  private func end(of role: String, by words: [String]) async throws -> Int32 {
    let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
    let command = words + [program, "--testing-library", "swift-testing", "--filter", "isAnotherProcess"]
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    process.environment = Self.environment.merging([Self.role: role, Self.place: desk.file]) { $1 }
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    return try await withCheckedThrowingContinuation { end in
      process.terminationHandler = { end.resume(returning: $0.terminationStatus) }
      do { try process.run() } catch { end.resume(throwing: error) }
    }
  }

  /// Opens what `prepare` put there, in a process that is killed at each call that brings something to the disk, one
  /// after the other; `judge` looks at what each kill left.
  private func killed(opening prepare: () throws -> Void, judge: () throws -> Void) async throws {
    for call in 1... {
      for name in try FileManager.default.contentsOfDirectory(atPath: desk.path) {
        try FileManager.default.removeItem(atPath: desk.path + "/" + name)
      }
      try prepare()
      let calls = "fsync,fdatasync,rename"
      let kill = ["-e", "inject=\(calls):signal=SIGKILL:when=\(call)"]
      let strace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=\(calls)"]
      if try await end(of: "migrate", by: strace + kill) == 0 { return }
      try judge()
    }
  }

  @Test func aKillLeavesTheOldStateOrTheNewOneWhole() async throws {
    let before = try content(Self.old).rows
    var versions: [Int?] = []
    try await killed {
      try FileManager.default.copyItem(atPath: Self.old, toPath: desk.file)
    } judge: {
      let state = try content(desk.file)
      versions.append(state.version)
      #expect(state.rows == before)
      if state.version != 2 { #expect(try content(copy).version == 2, "the copy came first") }
      try desk.open().close()
      let after = try content(desk.file)
      #expect(after.version == Schema.steps.count && after.rows == before)
      let kept = try content(copy)
      #expect(kept.version == 2 && kept.rows == before)
      #expect(!FileManager.default.fileExists(atPath: copy + ".part"))
    }
    #expect(Set(versions) == Set(2...Schema.steps.count), "\(versions)")
  }

  @Test func aKillLeavesANewQueueThatIsMadeWhole() async throws {
    var kills = 0
    try await killed {
    } judge: {
      kills += 1
      let store = try desk.open()
      try store.check()
      #expect(try store.counts().isEmpty)
      try store.close()
      #expect(!FileManager.default.fileExists(atPath: copy))
    }
    #expect(kills > 4)
  }

  @Test func whoMayOnlyReadReadsAMigratedQueue() async throws {
    // Root may write everywhere, but for the kernel's leave to do so.
    let words = geteuid() == 0 ? ["setpriv", "--bounding-set", "-dac_override"] : []
    func endWithoutAccess(_ role: String) async throws -> Int32 {
      chmod(desk.file, 0o400)
      chmod(desk.path, 0o500)
      defer {
        chmod(desk.path, 0o700)
        chmod(desk.file, 0o600)
      }
      return try await end(of: role, by: words)
    }
    #expect(try await endWithoutAccess("refuse") == 0)
    try desk.open().close()
    #expect(try await endWithoutAccess("read") == 0)
    #expect(
      StoreError.notMigrated(path: "f", version: 2, needed: 4).description == """
        f: error: the queue was written by an older ferry: its format is 2, and this one reads format 4
          hint: run 'ferry status' once as the owner of the file: it migrates the queue and keeps a copy of the file
        """)
  }
}
