import FerryCore
import Foundation
import Testing

@testable import FerryStore

/// Several processes on one store; the others are this test program, told by the environment what to do.
@Suite(.serialized) struct ProcessTests {
  private static let role = "FERRY_STORE_TEST_FILE"

  /// Not a test of its own: claims and ends attempts until nothing is left, or it is killed.
  @Test(.enabled(if: ProcessInfo.processInfo.environment[role] != nil)) func worksAsAnotherProcess() throws {
    let file = try #require(ProcessInfo.processInfo.environment[Self.role])
    let store = try Store.open(file)
    let log = try #require(FileHandle(forWritingAtPath: file + ".log"))
    while let claim = try store.claim(now: Moment.now()).first {
      // Appended in one write, so that lines of several processes stay whole.
      try log.seekToEnd()
      try log.write(contentsOf: Data("\(claim.title) \(claim.token)\n".utf8))
      _ = try store.heartbeat([Heartbeat(claim.token, progress: 0.5)], now: Moment.now())
      _ = try store.beginPublishing(claim.token, files: "f", now: Moment.now())
      try store.commitPublished([claim.token], now: Moment.now())
    }
  }

  private let desk: Desk
  init() throws {
    desk = try Desk()
    #expect(FileManager.default.createFile(atPath: desk.file + ".log", contents: nil))
  }

  private func start() throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = ["--testing-library", "swift-testing", "--filter", "worksAsAnotherProcess"]
    process.environment = ProcessInfo.processInfo.environment.merging([Self.role: desk.file]) { $1 }
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    return process
  }

  @Test func twoProcessesNeverGetTheSameTitle() throws {
    _ = try desk.open().submit(job(titles: 60), now: desk.now)
    let processes = [try start(), try start()]
    for process in processes { process.waitUntilExit() }
    #expect(processes.map(\.terminationStatus) == [0, 0])
    let claims = try String(contentsOfFile: desk.file + ".log", encoding: .utf8).split(separator: "\n")
    #expect(Set(claims).count == 60)
    #expect(Set(claims.map { $0.split(separator: " ")[0] }).count == 60)
    let store = try desk.open()
    #expect(try store.counts() == [.done: 60])
    #expect(try store.titles().map(\.attempts) == Array(repeating: 1, count: 60))
    try store.check()
  }

  /// SQLite answers for the file; this shows that every step of ours is one transaction.
  @Test func killedAtAnyMomentNothingIsHalfDone() throws {
    let count = 1000
    _ = try desk.open().submit(job(titles: count), now: desk.now)
    var done = 0
    for _ in 0..<4 {
      let process = try start()
      let size = try FileManager.default.attributesOfItem(atPath: desk.file + ".log")[.size] as? Int ?? 0
      // Killed a random number of claims after it began, wherever it is then.
      let goal = size + Int.random(in: 40...800)
      while process.isRunning {
        let now = try FileManager.default.attributesOfItem(atPath: desk.file + ".log")[.size] as? Int ?? 0
        if now >= goal { break }
        sched_yield()
      }
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      let store = try desk.open()
      try store.check()
      let counts = try store.counts()
      #expect(counts.values.reduce(0, +) == count)
      #expect((counts[.running] ?? 0) + (counts[.publishing] ?? 0) <= 1)
      #expect(try store.leases().count == (counts[.running] ?? 0) + (counts[.publishing] ?? 0))
      #expect((counts[.done] ?? 0) >= done, "what was committed stays")
      done = counts[.done] ?? 0
      let dead = try store.leases()
      #expect(try store.expire(silent: .zero, now: Moment.now()) == dead, "an unfinished claim is found again")
      #expect(try store.leases().isEmpty)
      try store.close()
    }
    #expect(done > 0)
  }

  @Test func twoStoresInThreadsNeverClaimTheSame() async throws {
    _ = try desk.open().submit(job(titles: 100), now: desk.now)
    let file = desk.file
    let now = desk.now
    let claims = try await withThrowingTaskGroup(of: [Claim].self) { group in
      for _ in 0..<2 {
        group.addTask {
          let store = try Store.open(file)
          var mine: [Claim] = []
          while let claim = try store.claim(now: now).first { mine.append(claim) }
          return mine
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    #expect(claims.count == 100)
    #expect(Set(claims.map(\.title)).count == 100)
  }
}
