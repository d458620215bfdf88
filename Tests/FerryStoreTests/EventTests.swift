import FerryCore
import GRDB
import Testing

@testable import FerryStore

/// What runs told, and what was wrong with attempts that failed.
struct EventTests {
  private let desk: Desk
  private let store: Store

  init() throws {
    desk = try Desk()
    store = try desk.open()
  }

  private let problem = Diagnostic(
    "source.cut", at: Place("a.mp4", line: 0), "the file is cut short", hint: "copy it again")

  private func logged(_ event: RunEvent, run: String = "r1") -> LoggedEvent {
    LoggedEvent(event, run: run, job: "OUC-1", at: desk.now.wall)
  }

  @Test func everyEventIsReadAsItWasTold() throws {
    let events: [RunEvent] = [
      .titleStarted(title: "T1", number: 1, of: 2, encodes: true),
      .titleFinished(title: "T1", didEncode: true, seconds: 1.5, warnings: [problem], notes: ["n"]),
      .titleFailed(title: "T2", problems: [problem]), .titleWaits(title: "T3", awaited: ["en"]),
      .unsettled(job: "OUC-1", files: ["a.mp4"]), .assembling(titles: 2), .verifying(files: 3),
      .published(path: "/out/v1", files: 3, bytes: 4), .unchanged(path: "/out/v1"),
      .repaired(path: "/out/v1", files: ["a"]),
    ]
    try store.log(events.map { logged($0) })
    let known = try desk.open().events()
    #expect(known.map(\.payload) == events)
    #expect(known.map(\.id) == (1...Int64(events.count)).map { $0 })
    #expect(known.map(\.kind.rawValue).prefix(3) == ["title-started", "title-finished", "title-failed"])
    #expect(known.map(\.title).prefix(5) == ["T1", "T1", "T2", "T3", nil])
    #expect(known.allSatisfy { $0.run == "r1" && $0.job == "OUC-1" && $0.at == desk.now.wall })
    #expect(try store.events(after: 3, limit: 2).map(\.id) == [4, 5])
    #expect(try store.events(after: 10).isEmpty)
  }

  @Test func progressIsLeftToHeartbeats() throws {
    try store.log([logged(.titleProgress(title: "T1", position: 1, duration: 2))])
    #expect(try store.events().isEmpty)
  }

  @Test func theNewestAreKeptAndNoNumberComesAgain() throws {
    try store.log((1...3).map { logged(.verifying(files: $0)) })
    // As if all that the log keeps, but for one, had been told since.
    try store.write { try $0.execute(sql: "UPDATE sqlite_sequence SET seq = 10001 WHERE name = 'events'") }
    try store.log([logged(.verifying(files: 4))])
    #expect(try store.events().map(\.id) == [3, 10_002])
    try store.write { try $0.execute(sql: "DELETE FROM events") }
    try store.log([logged(.assembling(titles: 1))])
    #expect(try store.events().map(\.id) == [10_003])
  }

  @Test func longListsAreCut() throws {
    let files = (0..<5000).map { "file \($0)" }
    try store.log([logged(.repaired(path: "/out", files: files)), logged(.unsettled(job: "OUC-1", files: files))])
    let size = try store.read { try Int.fetchOne($0, sql: "SELECT max(length(payload)) FROM events") }
    #expect(size.map { $0 < 1000 } == true, "\(size ?? 0)")
  }

  @Test func whatWasWrongWithAnAttemptIsKept() throws {
    _ = try store.submit(job(titles: 2), now: desk.now)
    let claims = try store.claim(now: desk.now, limit: 2)
    let problems = [problem, Diagnostic(.warning, "text.gap", at: Place("a.srt", line: 3), "a gap")]
    let failure = AttemptRecord.Failure(.permanent, code: "source.cut", problem.message, problems: problems)
    _ = try store.fail(claims[0].token, failure, now: desk.now)
    #expect(try store.attempts(job: "OUC-1", title: "T1").map(\.problems) == [problems])
    _ = try store.crash(claims[1].token, "signal 11", now: desk.now)
    #expect(try store.attempts(job: "OUC-1", title: "T2").map(\.problems) == [nil])
  }

  @Test func noAttemptKeepsMoreThanTheStoreCanBear() throws {
    _ = try store.submit(job(titles: 1), now: desk.now)
    let long = String(repeating: "長", count: 100_000)
    let warnings = (0..<500).map { Diagnostic(.warning, "w", at: Place("a", line: $0), long, hint: long) }
    let failure = AttemptRecord.Failure(.permanent, code: "x", "y", problems: warnings + [problem])
    _ = try store.fail(store.claimOne(desk.now).token, failure, now: desk.now)
    let kept = try #require(try store.attempts(job: "OUC-1", title: "T1").first?.problems)
    #expect(kept.count == 20 && kept.first == problem && kept.last?.message.count == 1000)
  }

  @Test func adoptedAttemptsKeepTheirsToo() throws {
    var random = SystemRandomNumberGenerator()
    let failure = AttemptRecord.Failure(.permanent, code: "source.cut", problem.message, problems: [problem])
    let record = AttemptRecord(
      token: LeaseToken(using: &random), job: "OUC-1", jobFile: "/jobs/1.yaml", jobDigest: "d", title: "T1",
      titleDigest: "d", started: desk.now.wall, ended: desk.now.wall, outcome: .failed(failure))
    _ = try store.adopt([record], now: desk.now)
    #expect(try store.attempts(job: "OUC-1", title: "T1").map(\.problems) == [[problem]])
  }

  @Test func aRowThatCannotBeReadIsDamage() throws {
    try store.log([logged(.assembling(titles: 1))])
    try store.write { try $0.execute(sql: "UPDATE events SET payload = 'x'") }
    #expect(diagnostic { _ = try store.events() }?.contains("the queue's database is damaged: ") == true)
  }
}
