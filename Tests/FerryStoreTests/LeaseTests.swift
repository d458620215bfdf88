import FerryCore
import Foundation
import Testing

@testable import FerryStore

/// Claims, ends of attempts, and whose word counts.
struct LeaseTests {
  private let desk: Desk
  private let store: Store

  init() throws {
    desk = try Desk()
    store = try desk.open()
  }

  private let passing = AttemptRecord.Failure(.transient, code: "io.timeout", "the server did not answer")

  @Test func claimsGoByPriorityThenAge() throws {
    _ = try store.submit(job("A", titles: 2), now: desk.now)
    _ = try store.submit(job("B", titles: 2, priority: 1), now: desk.now)
    _ = try store.submit(job("C", titles: 1), now: desk.now)
    #expect(try store.oldestQueued() == desk.now.wall)
    let claims = try store.claim(now: desk.now, limit: 9)
    #expect(claims.map { $0.job + $0.title } == ["BT1", "BT2", "AT1", "AT2", "CT1"])
    #expect(Set(claims.map(\.token)).count == 5)
    #expect(try store.oldestQueued() == nil)
    #expect(claims.first?.file == "/jobs/B.yaml")
    #expect(try store.claim(now: desk.now).isEmpty)
  }

  @Test func aTitleGoesItsWay() throws {
    _ = try store.submit(job(titles: 1), now: desk.now)
    let claim = try store.claimOne(desk.now)
    #expect(claim.attempt == 1)
    try store.began(claim.token, pid: 4711)
    desk.pass(.seconds(5))
    #expect(try store.heartbeat([Heartbeat(claim.token, progress: 0.25)], now: desk.now).isEmpty)
    #expect(try store.titles().first?.progress == 0.25)
    #expect(
      try store.leases() == [
        Lease(token: claim.token, job: "OUC-1", title: "T1", state: .running, executor: "local", pid: 4711)
      ])
    #expect(try store.beginPublishing(claim.token, files: "f1", now: desk.now) == .publishing)
    #expect(try store.leases().map(\.state) == [.publishing])
    try store.commitPublished([claim.token], now: desk.now)
    #expect(try store.state("T1") == .done)
    #expect(try store.leases().isEmpty)
    #expect(try store.titles().first?.progress == nil)
    let attempt = try #require(try store.attempts(job: "OUC-1", title: "T1").first)
    #expect(attempt.outcome == "made" && attempt.pid == 4711 && attempt.ended == desk.now.wall)
    #expect(
      try store.history(job: "OUC-1", title: "T1") == [
        HistoryEntry(at: desk.now.wall - .seconds(5), event: "submitted", detail: nil),
        HistoryEntry(at: desk.now.wall - .seconds(5), event: "claimed", detail: "attempt 1, \(claim.token)"),
        HistoryEntry(at: desk.now.wall, event: "accepted", detail: nil),
        HistoryEntry(at: desk.now.wall, event: "published", detail: nil),
      ])
  }

  @Test func passingFailuresComeBackTwiceThenWaitForAPerson() throws {
    _ = try store.submit(job(titles: 1), now: desk.now)
    for wait in [30, 120] {
      let state = try store.fail(store.claimOne(desk.now).token, passing, now: desk.now)
      guard case .failed(let time) = state else {
        Issue.record("\(state)")
        return
      }
      #expect((.seconds(wait / 2)...(.seconds(wait))).contains(time - desk.now.wall))
      #expect(try store.nextRetry() == time)
      #expect(try store.claim(now: desk.now).isEmpty, "its time has not come")
      desk.pass(.seconds(wait))
    }
    #expect(try store.fail(store.claimOne(desk.now).token, passing, now: desk.now) == .held)
    #expect(try store.nextRetry() == nil)
    let row = try #require(try store.titles().first)
    #expect(row.errorCode == "io.timeout" && row.error == "the server did not answer" && row.attempts == 3)
    #expect(try store.retry(job: "OUC-1", now: desk.now) == ["T1"])
    #expect(try store.titles().first?.error == nil)
    #expect(try store.fail(store.claimOne(desk.now).token, passing, now: desk.now).kind == .failed, "counted anew")
  }

  @Test func aClockSetBackHoldsNothingUp() throws {
    _ = try store.submit(job(titles: 1), now: desk.now)
    _ = try store.fail(store.claimOne(desk.now).token, passing, now: desk.now)
    desk.now.wall = desk.now.wall - .seconds(86_400)
    #expect(try store.claimOne(desk.now).attempt == 2)
  }

  @Test func permanentFailuresAndFullDisksAreHeld() throws {
    _ = try store.submit(job(titles: 2), now: desk.now)
    let claims = try store.claim(now: desk.now, limit: 2)
    #expect(try store.fail(claims[0].token, .init(.permanent, code: "x", "bad input"), now: desk.now) == .held)
    #expect(try store.fail(claims[1].token, .init(.diskFull, code: "disk.full", "full"), now: desk.now) == .held)
    desk.pass(.seconds(86_400))
    #expect(try store.claim(now: desk.now).isEmpty)
    #expect(try store.events("T1") == ["submitted", "claimed", "failed"])
    #expect(try store.history(job: "OUC-1", title: "T2").last?.detail == "disk-full: full")
  }

  @Test func thePoisonTitleIsQuarantinedAndTheOthersAreDone() throws {
    _ = try store.submit(job(titles: 20), now: desk.now)
    while let claim = try store.claim(now: desk.now).first {
      if claim.title == "T7" {
        _ = try store.crash(claim.token, "signal 11", now: desk.now)
      } else {
        _ = try store.beginPublishing(claim.token, files: "f", now: desk.now)
        try store.commitPublished([claim.token], now: desk.now)
      }
    }
    #expect(try store.counts() == [.done: 19, .quarantined: 1])
    #expect(try store.titles(in: [.quarantined]).map(\.error) == ["signal 11"])
  }

  @Test func jobsThatAreLeftAloneAreNotClaimed() throws {
    _ = try store.submit(job(titles: 2), now: desk.now)
    #expect(try store.claim(now: desk.now, except: ["OUC-1", "OUC-2"]).isEmpty)
    #expect(try store.claim(now: desk.now, except: ["OUC-2"]).map(\.title) == ["T1"])
  }

  @Test func releasedTitlesGoFirstAndCountForNothing() throws {
    _ = try store.submit(job(titles: 2), now: desk.now)
    for _ in 0..<20 {
      let claim = try store.claimOne(desk.now)
      #expect(claim.title == "T1")
      try store.release(claim.token, now: desk.now)
    }
    #expect(try store.state("T1") == .queued)
  }

  @Test func silentLeasesExpireByTheMachinesClockAlone() throws {
    _ = try store.submit(job(titles: 2), now: desk.now)
    let claims = try store.claim(now: desk.now, limit: 2)
    for days in [1, -1] {
      var moved = desk.now
      moved.wall = moved.wall + .seconds(days * 86_400)
      #expect(try store.expire(silent: .seconds(60), now: moved).isEmpty, "a clock that jumps ends no lease")
    }
    desk.pass(.seconds(59))
    #expect(try store.expire(silent: .seconds(60), now: desk.now).isEmpty)
    _ = try store.heartbeat([Heartbeat(claims[1].token)], now: desk.now)
    desk.now.wall = desk.now.wall - .seconds(86_400)
    desk.now.uptime = Milliseconds(desk.now.uptime.count + 1000)
    #expect(try store.expire(silent: .seconds(60), now: desk.now).map(\.title) == ["T1"], "nor does it save one")
    #expect(try store.state("T1") == .queued)
    #expect(try store.state("T2") == .running)
    desk.now.boot = "boot-2"
    #expect(try store.expire(silent: .seconds(60), now: desk.now).map(\.title) == ["T2"], "that machine is gone")
    #expect(try store.claim(now: desk.now, limit: 9).map(\.title) == ["T1", "T2"])
  }

  @Test func theNextRunTakesOverAtOnce() throws {
    _ = try store.submit(job(titles: 2), now: desk.now)
    let far = try store.claim(now: desk.now, executor: "slurm:ferry-1")
    let near = try store.claimOne(desk.now)
    #expect(try store.expire(silent: .zero, now: desk.now).map(\.token) == [near.token])
    #expect(try store.leases().map(\.token) == far.map(\.token), "what runs elsewhere is judged there")
    let late = diagnostic { _ = try store.beginPublishing(near.token, files: "f", now: desk.now) }
    #expect(
      late == """
        \(near.token): error: the attempt is over: it was lost
          hint: nothing was changed: the title belongs to another attempt, or to none
        """)
  }

  @Test func titlesThatLoseTheirLeaseAgainAndAgainAreHeld() throws {
    _ = try store.submit(job(titles: 1), now: desk.now)
    for _ in 0..<5 {
      #expect(try store.state("T1") == .queued)
      _ = try store.claimOne(desk.now)
      _ = try store.expire(silent: .zero, now: desk.now)
    }
    #expect(try store.state("T1") == .held)
  }

  /// A worker that was stopped for a while, and one that is a double, change nothing.
  @Test func lateAndDoubledWorkersAreRefused() throws {
    _ = try store.submit(job(titles: 1), now: desk.now)
    let late = try store.claimOne(desk.now)
    _ = try store.expire(silent: .zero, now: desk.now)
    let current = try store.claimOne(desk.now)
    let before = try store.history(job: "OUC-1", title: "T1")
    let over = StoreError.staleLease(token: late.token, end: "lost")
    #expect(throws: over) { _ = try store.beginPublishing(late.token, files: "f", now: desk.now) }
    #expect(throws: over) { try store.commitPublished([late.token], now: desk.now) }
    #expect(throws: over) { _ = try store.fail(late.token, passing, now: desk.now) }
    #expect(throws: over) { _ = try store.crash(late.token, "x", now: desk.now) }
    #expect(throws: over) { try store.release(late.token, now: desk.now) }
    #expect(throws: over) { try store.awaitTranslation(late.token, Awaited(languages: [english]), now: desk.now) }
    #expect(throws: over) { try store.began(late.token, pid: 1) }
    #expect(try store.heartbeat([Heartbeat(late.token), Heartbeat(current.token)], now: desk.now) == [late.token])
    #expect(try store.history(job: "OUC-1", title: "T1") == before)
    #expect(try store.beginPublishing(current.token, files: "f", now: desk.now) == .publishing)
    #expect(
      throws: StoreError.refused(job: "OUC-1", title: "T1", state: .publishing, event: "accepted"),
      "the same word twice"
    ) { _ = try store.beginPublishing(current.token, files: "f", now: desk.now) }
    #expect(throws: over, "all or none") {
      try store.commitPublished([current.token, late.token], now: desk.now)
    }
    #expect(try store.state("T1") == .publishing)
    try store.commitPublished([current.token], now: desk.now)
    #expect(throws: StoreError.staleLease(token: current.token, end: "made")) {
      try store.commitPublished([current.token], now: desk.now)
    }
    var random = SystemRandomNumberGenerator()
    let never = LeaseToken(using: &random)
    #expect(
      diagnostic { try store.release(never, now: desk.now) } == """
        \(never): error: no such attempt was ever begun
          hint: nothing was changed: the title belongs to another attempt, or to none
        """)
  }

  @Test func nothingIsPublishedThatWasNotAccepted() throws {
    _ = try store.submit(job(titles: 1), now: desk.now)
    let claim = try store.claimOne(desk.now)
    #expect(throws: StoreError.refused(job: "OUC-1", title: "T1", state: .running, event: "published")) {
      try store.commitPublished([claim.token], now: desk.now)
    }
  }

  @Test func aVersionIsCommittedWithItsTitles() throws {
    _ = try store.submit(job(titles: 2), now: desk.now)
    let tokens = try store.claim(now: desk.now, limit: 2).map(\.token)
    let version = PublishedVersion(
      label: "OUC-1", version: 1, key: "k", path: "/out/OUC-1_v1", published: desk.now.wall, titles: ["T1", "T2"],
      steps: [StepKey(digest: "s1"), StepKey(digest: "s2")])
    _ = try store.beginPublishing(tokens[0], files: "f", now: desk.now)
    #expect(throws: StoreError.self) { try store.commitPublished(tokens, as: version, now: desk.now) }
    #expect(try store.versions().isEmpty, "one title was not accepted, so there is no version")
    _ = try store.beginPublishing(tokens[1], files: "f", now: desk.now)
    try store.commitPublished(tokens, as: version, now: desk.now)
    #expect(try store.versions(of: "OUC-1") == [version])
    #expect(try store.versions(of: "OUC-2").isEmpty)
    try store.record(version)
    #expect(try store.versions() == [version])
  }

  /// All that needs no text is made first; the file lands later.
  @Test func waitingTitlesArePreparedOnceAfterAllOthers() throws {
    let awaited = Awaited(languages: [english], translator: "Desk A")
    _ = try store.submit(job("A", titles: 1, priority: 9, awaited: awaited), now: desk.now)
    _ = try store.submit(job("B", titles: 1), now: desk.now)
    let claims = try store.claim(now: desk.now, limit: 2)
    #expect(claims.map(\.job) == ["B", "A"])
    #expect(claims.map(\.awaited) == [nil, awaited])
    try store.release(claims[1].token, now: desk.now)
    #expect(try store.state("T1", of: "A") == .waitingTranslation, "put back where it was")
    let again = try store.claimOne(desk.now)
    try store.awaitTranslation(again.token, Awaited(languages: [english]), now: desk.now)
    #expect(try store.claim(now: desk.now).isEmpty)
    #expect(try store.titles(of: "A").first?.awaited == awaited, "the job's word on who translates stays")
    try store.translationArrived(job: "A", title: "T1", now: desk.now)
    #expect(try store.claimOne(desk.now).awaited == nil)
  }

  /// The attempt looked and found no file; the submission looked again and found it.
  @Test func aTranslationThatArrivesMeanwhileIsUsed() throws {
    let awaited = Awaited(languages: [english])
    _ = try store.submit(job(titles: 1, awaited: awaited), now: desk.now)
    let claim = try store.claimOne(desk.now)
    _ = try store.submit(job(titles: 1, digest: "d2"), now: desk.now)
    try store.awaitTranslation(claim.token, awaited, now: desk.now)
    #expect(try store.state("T1") == .queued, "the job changed, so the attempt's word is old")
    let second = try store.claimOne(desk.now)
    try store.awaitTranslation(second.token, awaited, now: desk.now)
    #expect(try store.titles().first?.awaited == awaited, "the file is gone again")
    _ = try store.submit(job(titles: 1, digest: "d2"), now: desk.now)
    #expect(try store.state("T1") == .queued, "and there again")
  }

  @Test func recordsEndTheirAttempts() throws {
    _ = try store.submit(job(titles: 4), now: desk.now)
    let claims = try store.claim(now: desk.now, limit: 4)
    let step = StepOutcome(key: StepKey(digest: "k1"), step: .transcode, outcome: "{}")
    func record(_ claim: Claim, _ outcome: AttemptRecord.Outcome) -> AttemptRecord {
      AttemptRecord(
        token: claim.token, job: claim.job, jobFile: claim.file, jobDigest: "d1", title: claim.title,
        titleDigest: claim.digest, started: desk.now.wall, ended: desk.now.wall, outcome: outcome, steps: [step],
        files: "f")
    }
    #expect(try store.finish(record(claims[0], .made), now: desk.now) == .publishing)
    #expect(try store.finish(record(claims[1], .prepared(awaiting: [english])), now: desk.now) == .waitingTranslation)
    #expect(try store.finish(record(claims[2], .failed(passing)), now: desk.now).kind == .failed)
    #expect(try store.finish(record(claims[3], .interrupted), now: desk.now) == .queued)
    #expect(try store.outcome(of: step.key) == step)
    #expect(try store.failures(since: desk.now.wall) == [.transient: 1])
    #expect(try store.failures(since: desk.now.wall + .seconds(1)).isEmpty)
    #expect(throws: StoreError.staleLease(token: claims[3].token, end: "released")) {
      _ = try store.finish(record(claims[3], .made), now: desk.now)
    }
  }
}
