import FerryCore
import Foundation
import Testing

@testable import FerryStore

/// What the store remembers beside the queue, and how it is copied, rebuilt and cleaned.
struct MemoryTests {
  private let desk: Desk
  private let store: Store

  init() throws {
    desk = try Desk()
    store = try desk.open()
  }

  @Test func unchangedFilesAreNotDigestedAgain() throws {
    let path = desk.path + "/lesson.mp4"
    try "pictures".write(toFile: path, atomically: true, encoding: .utf8)
    let old = Date(timeIntervalSince1970: Double(desk.now.wall.milliseconds) / 1000 - 60)
    try FileManager.default.setAttributes([.modificationDate: old], ofItemAtPath: path)
    let file = try #require(FileIdentity(of: path))
    #expect(file.size == 8)
    #expect(try store.knownDigest(file) == nil)
    try store.rememberDigests([file: "abc"], now: desk.now)
    #expect(try store.knownDigest(file) == "abc")
    for change in [\FileIdentity.size, \.modified, \.inode] {
      var other = file
      other[keyPath: change] += 1
      #expect(try store.knownDigest(other) == nil)
    }
    // The same name, size and time, but another file.
    try "PICTURES".write(toFile: path, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.modificationDate: old], ofItemAtPath: path)
    let replaced = try #require(FileIdentity(of: path))
    #expect(try store.knownDigest(replaced) == nil)
    try store.rememberDigests([replaced: "def"], now: desk.now)
    #expect(try store.knownDigest(replaced) == "def")
    #expect(FileIdentity(of: path + ".none") == nil)
  }

  @Test func aFileThatJustChangedIsNotTrusted() throws {
    var file = FileIdentity(path: "/a", size: 1, modified: desk.now.wall.milliseconds * 1_000_000, inode: 1)
    try store.rememberDigests([file: "abc"], now: desk.now)
    #expect(try store.knownDigest(file) == nil)
    file.modified -= 2_000_000_000
    try store.rememberDigests([file: "abc"], now: desk.now)
    #expect(try store.knownDigest(file) == "abc")
  }

  @Test func answersHoldForTheirFileQuestionAndProgram() throws {
    let file = FileIdentity(path: "/a", size: 1, modified: 0, inode: 1)
    let asked = FileQuestion(file, "facts", program: "one")
    try store.rememberAnswers([asked: "first"], now: desk.now)
    #expect(try store.knownAnswer(asked) == "first")
    for change in [\FileIdentity.size, \.modified, \.inode] {
      var other = asked
      other.file[keyPath: change] += 1
      #expect(try store.knownAnswer(other) == nil)
    }
    #expect(try store.knownAnswer(FileQuestion(file, "track 2", program: "one")) == nil)
    let other = FileQuestion(file, "facts", program: "two")
    #expect(try store.knownAnswer(other) == nil)
    try store.rememberAnswers([other: "second"], now: desk.now)
    #expect(try store.knownAnswer(other) == "second")
    #expect(try store.knownAnswer(asked) == nil, "an older program's answer is replaced")
    let young = FileIdentity(path: "/b", size: 1, modified: desk.now.wall.milliseconds * 1_000_000, inode: 1)
    try store.rememberAnswers([FileQuestion(young, "facts", program: "one"): "third"], now: desk.now)
    #expect(try store.knownAnswer(FileQuestion(young, "facts", program: "one")) == nil)
    desk.pass(.seconds(1))
    _ = try store.prune(before: desk.now.wall)
    #expect(try store.knownAnswer(other) == nil)
  }

  @Test func theFirstOutcomeOfAStepStays() throws {
    let key = StepKey(digest: "k")
    let step = StepOutcome(key: key, step: .transcode, outcome: "one")
    try store.remember([step], now: desk.now)
    try store.remember([StepOutcome(key: key, step: .transcode, outcome: "two")], now: desk.now)
    #expect(try store.outcome(of: key) == step)
    try store.forget([key])
    #expect(try store.outcome(of: key) == nil)
  }

  @Test func aBackupIsAWholeStore() throws {
    _ = try store.submit(job(titles: 500), now: desk.now)
    let claim = try store.claimOne(desk.now)
    let path = desk.path + "/backup.db"
    try store.backup(to: path)
    _ = try store.submit(job("OUC-2", titles: 1), now: desk.now)
    let copy = try Store.open(path)
    try copy.check()
    #expect(try copy.counts() == [.queued: 499, .running: 1])
    #expect(try copy.leases().map(\.token) == [claim.token])
    #expect(
      diagnostic { try store.backup(to: path) } == """
        \(path): error: a file of that name is there already
          hint: it is left as it is: give another name
        """)
    let names = try FileManager.default.contentsOfDirectory(atPath: desk.path).filter { $0.hasPrefix("backup") }
    #expect(Set(names).isSubset(of: ["backup.db", "backup.db-journal"]), "nothing half made is left: \(names)")
  }

  @Test func aDamagedStoreIsNotCopiedInSilence() throws {
    _ = try store.submit(job(titles: 2000), now: desk.now)
    try store.close()
    try desk.overwrite("ferry.db", at: 40 * 4096, with: Array(repeating: 0, count: 4096))
    let store = try desk.open()
    let path = desk.path + "/backup.db"
    #expect(diagnostic { try store.backup(to: path) }?.contains("the queue's database is damaged") == true)
    let names = try FileManager.default.contentsOfDirectory(atPath: desk.path).filter { $0.hasPrefix("backup") }
    #expect(names.isEmpty)
  }

  private func record(
    _ title: String, digest: String = "d1", _ outcome: AttemptRecord.Outcome = .made, at second: Int,
    steps: [StepOutcome] = []
  ) -> AttemptRecord {
    var random = SystemRandomNumberGenerator()
    let time = desk.now.wall + .seconds(second)
    return AttemptRecord(
      token: LeaseToken(using: &random), job: "OUC-1", jobFile: "/jobs/OUC-1.yaml", jobDigest: digest, title: title,
      titleDigest: digest, started: time - .seconds(9), ended: time, outcome: outcome, steps: steps,
      files: outcome == .made ? "f" : nil)
  }

  @Test func recordsRebuildTheQueue() throws {
    let step = StepOutcome(key: StepKey(digest: "k"), step: .transcode, outcome: "{}")
    let failure = AttemptRecord.Failure(.crash, code: "work.crashed", "signal 11")
    let records = [
      record("T1", at: 5), record("T1", .failed(failure), at: 1), record("T2", .interrupted, at: 2, steps: [step]),
      record("T3", digest: "d0", at: 1), record("T3", at: 3),
    ]
    var foreign = record("T4", at: 4)
    foreign.format = 2
    let adoption = try store.adopt(records + [foreign], now: desk.now)
    #expect(adoption.jobs == ["OUC-1"])
    #expect(Set(adoption.done.map(\.title)) == ["T1", "T3"])
    #expect(adoption.attempts == 5 && adoption.ignored == 1 && adoption.known == 0)
    #expect(try store.counts() == [.done: 2, .queued: 1])
    #expect(try store.outcome(of: step.key) == step)
    #expect(try store.attempts(job: "OUC-1", title: "T1").map(\.outcome) == ["failed", "made"])
    #expect(try store.adopt(records, now: desk.now) == Adoption(known: 5), "twice is once")
    let again = try store.submit(job(titles: 3), now: desk.now)
    #expect(again.changesNothing, "the job file adds nothing to what the records know: \(again)")
    try store.check()
  }

  @Test func recordsOfOtherContentDoNotMakeATitleDone() throws {
    _ = try store.submit(job(titles: 1, digest: "d2"), now: desk.now)
    let adoption = try store.adopt([record("T1", at: 1)], now: desk.now)
    #expect(adoption.done.isEmpty && adoption.ignored == 1)
    #expect(try store.state("T1") == .queued)
  }

  @Test func pruningKeepsWhatIsNeeded() throws {
    _ = try store.submit(job(titles: 3), now: desk.now)
    for _ in 0..<2 {
      let claim = try store.claimOne(desk.now)
      try store.release(claim.token, now: desk.now)
    }
    let claim = try store.claimOne(desk.now)
    _ = try store.beginPublishing(claim.token, files: "f", now: desk.now)
    try store.commitPublished([claim.token], now: desk.now)
    _ = try store.submit(job(titles: 2), now: desk.now)
    try store.rememberDigests([FileIdentity(path: "/a", size: 1, modified: 0, inode: 1): "abc"], now: desk.now)
    #expect(try store.prune(before: desk.now.wall) == Store.Pruned(), "nothing is old yet")
    desk.pass(.seconds(1))
    let pruned = try store.prune(before: desk.now.wall)
    #expect(pruned == Store.Pruned(titles: 1, attempts: 2, history: 7, sources: 1))
    #expect(try store.titles().map(\.state) == [.done, .queued])
    #expect(try store.attempts(job: "OUC-1", title: "T1").map(\.outcome) == ["made"])
    #expect(try store.events("T1") == ["published"])
    #expect(try store.events("T2") == ["submitted"])
    try store.check()
  }

  @Test func theClockKnowsItsBoot() throws {
    let now = try Moment.now()
    let later = try Moment.now()
    #expect(now.boot == later.boot && now.boot.count == 36)
    #expect(now.uptime <= later.uptime && now.uptime.count > 0)
    #expect(abs(now.wall.milliseconds - Int(Date().timeIntervalSince1970 * 1000)) < 10_000)
  }
}
