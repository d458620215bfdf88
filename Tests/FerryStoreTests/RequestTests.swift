import FerryCore
import Testing

@testable import FerryStore

/// What people ask for, and what the answer is when it makes no sense.
struct RequestTests {
  private let desk: Desk
  private let store: Store

  init() throws {
    desk = try Desk()
    store = try desk.open()
    _ = try store.submit(job(titles: 3), now: desk.now)
  }

  @Test func cancellingStopsTheWorker() throws {
    let claim = try store.claimOne(desk.now)
    #expect(try store.cancel(job: "OUC-1", title: "T1", now: desk.now) == ["T1"])
    #expect(try store.heartbeat([Heartbeat(claim.token)], now: desk.now) == [claim.token])
    #expect(throws: StoreError.staleLease(token: claim.token, end: "cancelled")) {
      _ = try store.beginPublishing(claim.token, files: "f", now: desk.now)
    }
    #expect(try store.cancel(job: "OUC-1", now: desk.now) == ["T2", "T3"], "a whole job, but for what is cancelled")
    #expect(try store.retry(job: "OUC-1", title: "T2", now: desk.now) == ["T2"])
    #expect(try store.counts() == [.cancelled: 2, .queued: 1])
  }

  @Test func whatIsBeingPublishedCannotBeCancelled() throws {
    let claim = try store.claimOne(desk.now)
    _ = try store.beginPublishing(claim.token, files: "f", now: desk.now)
    #expect(
      diagnostic { _ = try store.cancel(job: "OUC-1", title: "T1", now: desk.now) } == """
        OUC-1: error: 'T1' is publishing: it cannot be cancelled now
          hint: see 'ferry why T1' for how it came there
        """)
    #expect(try store.cancel(job: "OUC-1", now: desk.now) == ["T2", "T3"])
  }

  @Test func onlyWhatEndedBadlyIsRetried() throws {
    #expect(
      diagnostic { _ = try store.retry(job: "OUC-1", title: "T1", now: desk.now) } == """
        OUC-1: error: 'T1' is queued: it cannot be retried now
          hint: see 'ferry why T1' for how it came there
        """)
    #expect(try store.retry(job: "OUC-1", now: desk.now).isEmpty)
    let claim = try store.claimOne(desk.now)
    _ = try store.beginPublishing(claim.token, files: "f", now: desk.now)
    try store.commitPublished([claim.token], now: desk.now)
    #expect(throws: StoreError.refused(job: "OUC-1", title: "T1", state: .done, event: "retried")) {
      _ = try store.retry(job: "OUC-1", title: "T1", now: desk.now)
    }
    #expect(try store.retry(job: "OUC-1", title: "T1", force: true, now: desk.now) == ["T1"])
    #expect(try store.state("T1") == .queued)
  }

  @Test func whatAPartnerFoundReopensWhatIsDone() throws {
    let claim = try store.claimOne(desk.now)
    _ = try store.beginPublishing(claim.token, files: "f", now: desk.now)
    try store.commitPublished([claim.token], now: desk.now)
    try store.note(defects: ["T1": "1 open defect: D-1", "T2": "1 open defect: D-2"], of: "OUC-1", now: desk.now)
    #expect(try store.counts() == [.reopened: 1, .queued: 2], "what is work already stays what it is")
    let row = try #require(try store.titles(in: [.reopened]).first)
    #expect(row.error == "1 open defect: D-1" && row.errorCode == "partner.defect")
    try store.note(defects: ["T1": "2 open defects: D-1; D-3"], of: "OUC-1", now: desk.now)
    #expect(try store.titles(in: [.reopened]).map(\.error) == ["2 open defects: D-1; D-3"])
    #expect(try store.claim(now: desk.now, limit: 9).map(\.title) == ["T2", "T3"], "nothing changed: nothing to make")
    #expect(throws: StoreError.refused(job: "OUC-1", title: "T1", state: .reopened, event: "retried")) {
      _ = try store.retry(job: "OUC-1", title: "T1", now: desk.now)
    }

    // Mended files make it work; answers alone make it done.
    try store.note(defects: [:], of: "OUC-1", now: desk.now)
    #expect(try store.state("T1") == .done)
    #expect(try store.titles(in: [.done]).map(\.error) == [nil])
    try store.note(defects: ["T1": "1 open defect: D-4"], of: "OUC-1", now: desk.now)
    _ = try store.submit(job(titles: 3, digest: "mended"), now: desk.now)
    #expect(try store.state("T1") == .queued)
    #expect(try store.titles(in: [.queued]).map(\.error) == [nil])
    let events = try store.history(job: "OUC-1", title: "T1").map(\.event)
    #expect(events.suffix(4) == ["reopened", "answered", "reopened", "changed"])
  }

  @Test func aBrokenJobHoldsItselfAlone() throws {
    _ = try store.submit(job("OUC-2", titles: 1), now: desk.now)
    #expect(
      try store.hold(job: "OUC-1", code: "job.broken", "line 7 is wrong", now: desk.now) == ["T1", "T2", "T3"])
    #expect(try store.titles(in: [.held]).map(\.error) == Array(repeating: "line 7 is wrong", count: 3))
    #expect(try store.claimOne(desk.now).job == "OUC-2")
    #expect(try store.retry(job: "OUC-1", now: desk.now).count == 3)
  }

  @Test func waitingTitlesWaitAgainAfterARetry() throws {
    let awaited = Awaited(languages: [english])
    _ = try store.submit(job("W", titles: 1, awaited: awaited), now: desk.now)
    _ = try store.cancel(job: "W", now: desk.now)
    _ = try store.retry(job: "W", now: desk.now)
    #expect(try store.state("T1", of: "W") == .waitingTranslation)
  }

  @Test func unknownNamesAreSaid() throws {
    #expect(
      diagnostic { _ = try store.cancel(job: "OUC-9", now: desk.now) } == """
        OUC-9: error: no job of that label is in the queue
          hint: see 'ferry status' for the labels, or submit the job first
        """)
    #expect(
      diagnostic { _ = try store.history(job: "OUC-1", title: "T9") } == """
        OUC-1: error: the job has no title 'T9'
          hint: see 'ferry status' for the titles of the job
        """)
    #expect(throws: StoreError.unknownJob(label: "X")) { _ = try store.retry(job: "X", title: "T", now: desk.now) }
  }

  @Test func aRefusalInAJobChangesNoTitle() throws {
    let before = try store.titles()
    #expect(throws: StoreError.refused(job: "OUC-1", title: "T2", state: .queued, event: "translation arrived")) {
      try store.translationArrived(job: "OUC-1", title: "T2", now: desk.now)
    }
    #expect(try store.titles() == before)
  }
}
