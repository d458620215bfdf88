import FerryCore
import Testing

@testable import FerryStore

struct SubmitTests {
  private let desk: Desk
  private let store: Store

  init() throws {
    desk = try Desk()
    store = try desk.open()
  }

  private let desk1 = Awaited(languages: [english], translator: "Desk A", due: Day("2026-12-01"))

  @Test func theSameJobTwiceIsOneJob() throws {
    let first = try store.submit(job(titles: 3), now: desk.now)
    #expect(first == Submitted(plan: 1, isNewJob: true, added: ["T1", "T2", "T3"]))
    desk.pass(.seconds(60))
    let second = try store.submit(job(titles: 3), now: desk.now)
    #expect(second == Submitted(plan: 1, isNewJob: false, unchanged: 3))
    #expect(second.changesNothing)
    #expect(try store.jobs().map(\.counts) == [[.queued: 3]])
    #expect(try store.events("T1") == ["submitted"])
  }

  @Test func anEditedJobChangesWhatWasEdited() throws {
    var edited = job(titles: 3)
    _ = try store.submit(edited, now: desk.now)
    edited.digest = "d2"
    edited.titles[0].digest = "new"
    edited.titles[1].id = "T9"
    let second = try store.submit(edited, now: desk.now)
    #expect(
      second
        == Submitted(plan: 2, isNewJob: false, added: ["T9"], changed: ["T1"], removed: ["T2"], unchanged: 1))
    #expect(try store.titles().map(\.title) == ["T1", "T3", "T9"])
    #expect(try store.counts() == [.queued: 3])
    #expect(try store.jobs().first?.plan == 2)
    #expect(try store.events("T2") == ["submitted", "cancelled"])
  }

  @Test func aRemovedTitleMayComeBack() throws {
    _ = try store.submit(job(titles: 2), now: desk.now)
    _ = try store.submit(job(titles: 1), now: desk.now)
    #expect(try store.titles().map(\.title) == ["T1"])
    let back = try store.submit(job(titles: 2), now: desk.now)
    #expect(back == Submitted(plan: 3, isNewJob: false, changed: ["T2"], unchanged: 1))
    #expect(try store.state("T2") == .queued)
  }

  @Test func doneTitlesAreMadeAgainOnlyWhenTheyChange() throws {
    _ = try store.submit(job(titles: 1), now: desk.now)
    let claim = try store.claimOne(desk.now)
    _ = try store.beginPublishing(claim.token, files: "f", now: desk.now)
    try store.commitPublished([claim.token], now: desk.now)
    _ = try store.submit(job(titles: 1), now: desk.now)
    #expect(try store.state("T1") == .done)
    _ = try store.submit(job(titles: 1, digest: "d2"), now: desk.now)
    #expect(try store.state("T1") == .queued)
  }

  @Test func aChangeReleasesWhatWasHeldAndForgetsItsFailures() throws {
    _ = try store.submit(job(titles: 1), now: desk.now)
    let failed = try store.fail(
      try store.claimOne(desk.now).token, .init(.permanent, code: "media.open", "no such file"), now: desk.now)
    #expect(failed == .held)
    #expect(try store.titles().first?.error == "no such file")
    _ = try store.submit(job(titles: 1, digest: "d2"), now: desk.now)
    let row = try #require(try store.titles().first)
    #expect(row.state == .queued)
    #expect(row.error == nil)
  }

  @Test func titlesWaitForTheirTranslation() throws {
    _ = try store.submit(job(titles: 1, awaited: desk1), now: desk.now)
    let row = try #require(try store.titles().first)
    #expect(row.state == .waitingTranslation)
    #expect(row.awaited == desk1)
    #expect(row.since == desk.now.wall)
    var later = job(titles: 1, awaited: desk1)
    later.titles[0].awaited?.due = Day("2026-12-24")
    #expect(try store.submit(later, now: desk.now).changed == ["T1"])
    #expect(try store.titles().first?.awaited?.due == Day("2026-12-24"))
    #expect(try store.submit(job(titles: 1, digest: "d2"), now: desk.now).changed == ["T1"])
    #expect(try store.titles().first?.awaited == nil)
    #expect(try store.events("T1") == ["submitted", "translation changed hands", "translation arrived"])
    #expect(try store.state("T1") == .queued)
  }

  @Test func aLabelBelongsToOneFile() throws {
    _ = try store.submit(job(titles: 1), now: desk.now)
    var copy = job(titles: 2, digest: "d2")
    copy.file = "/jobs/copy.yaml"
    #expect(
      diagnostic { _ = try store.submit(copy, now: desk.now) } == """
        /jobs/OUC-1.yaml: error: the job 'OUC-1' in the queue comes from this other file
          hint: give each job its own 'delivery' label; if the file has moved, submit it with --replace
        """)
    #expect(try store.counts() == [.queued: 1])
    #expect(try store.submit(copy, now: desk.now, replacing: true).added == ["T2"])
    copy.file = "/elsewhere/copy.yaml"
    #expect(try store.submit(copy, now: desk.now).changesNothing, "the same content from another path is the same job")
  }

  @Test func prioritiesMayChange() throws {
    _ = try store.submit(job("A", titles: 1), now: desk.now)
    _ = try store.submit(job("B", titles: 1), now: desk.now)
    _ = try store.submit(job("B", titles: 1, priority: 5), now: desk.now)
    #expect(try store.claimOne(desk.now).job == "B")
  }

  /// The attempt goes on, since its steps may serve, but what it made is not what the job says now.
  @Test func anEditWhileRunningIsSeenAtTheEnd() throws {
    _ = try store.submit(job(titles: 1), now: desk.now)
    let claim = try store.claimOne(desk.now)
    _ = try store.submit(job(titles: 1, digest: "d2"), now: desk.now)
    #expect(try store.state("T1") == .running)
    #expect(try store.heartbeat([Heartbeat(claim.token)], now: desk.now).isEmpty)
    #expect(try store.beginPublishing(claim.token, files: "f", now: desk.now) == .queued)
    #expect(try store.claimOne(desk.now).digest == "d2")
    #expect(try store.attempts(job: "OUC-1", title: "T1").map(\.outcome) == ["superseded", nil])
  }

  @Test func anEditWhilePublishingIsMadeNext() throws {
    _ = try store.submit(job(titles: 1), now: desk.now)
    let claim = try store.claimOne(desk.now)
    #expect(try store.beginPublishing(claim.token, files: "f", now: desk.now) == .publishing)
    _ = try store.submit(job(titles: 1, digest: "d2"), now: desk.now)
    try store.commitPublished([claim.token], now: desk.now)
    #expect(try store.state("T1") == .queued)
    #expect(
      try store.events("T1") == ["submitted", "claimed", "accepted", "changed", "published", "changed"])
  }

  @Test func removingATitleStopsItsWorker() throws {
    _ = try store.submit(job(titles: 2), now: desk.now)
    let claims = try store.claim(now: desk.now, limit: 2)
    _ = try store.submit(job(titles: 1), now: desk.now)
    #expect(try store.heartbeat(claims.map { Heartbeat($0.token) }, now: desk.now) == [claims[1].token])
  }

  @Test func aThousandTitlesGoInAtOnce() throws {
    #expect(try store.submit(job(titles: 1000), now: desk.now).added.count == 1000)
    #expect(try store.submit(job(titles: 1000), now: desk.now).unchanged == 1000)
    #expect(try store.titles(limit: 3).map(\.title) == ["T1", "T2", "T3"])
  }
}
