import FerryCore
import GRDB
import Testing

@testable import FerryStore

/// Random nights: whatever comes in whatever order, the store agrees with the table of states and with itself.
struct ModelTests {
  /// SplitMix64 (Steele, Lea and Flood 2014), so that a seed tells the whole night.
  private struct Dice: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64]) func nothingEverContradictsItself(_ seed: UInt64) throws {
    let desk = try Desk()
    let store = try desk.open()
    var dice = Dice(state: seed)
    var tokens: [LeaseToken] = []
    let failures = FailureClass.allCases
    for step in 0..<250 {
      desk.pass(.seconds(Int.random(in: 0...90, using: &dice)))
      let before = Dictionary(uniqueKeysWithValues: try store.titles().map { ($0.job + $0.title, $0) })
      let token = tokens.randomElement(using: &dice)
      let title = "T\(Int.random(in: 1...4, using: &dice))"
      let label = Bool.random(using: &dice) ? "A" : "B"
      do {
        switch (Int.random(in: 0..<14, using: &dice), token) {
        case (0, _):
          let awaited = Bool.random(using: &dice) ? Awaited(languages: [english]) : nil
          let count = Int.random(in: 2...4, using: &dice)
          let digest = "d\(Int.random(in: 0...2, using: &dice))"
          _ = try store.submit(job(label, titles: count, awaited: awaited, digest: digest), now: desk.now)
        case (1...4, _): tokens += try store.claim(now: desk.now, limit: 2).map(\.token)
        case (5, let token?): _ = try store.beginPublishing(token, files: "f", now: desk.now)
        case (6, let token?), (7, let token?): try store.commitPublished([token], now: desk.now)
        case (8, let token?):
          let failure = try #require(failures.randomElement(using: &dice))
          _ = try store.fail(token, .init(failure, code: "x", "y"), now: desk.now)
        case (9, let token?): try store.release(token, now: desk.now)
        case (10, let token?): try store.awaitTranslation(token, Awaited(languages: [english]), now: desk.now)
        case (11, _): _ = try store.retry(job: label, title: title, force: Bool.random(using: &dice), now: desk.now)
        case (12, _): _ = try store.cancel(job: label, title: title, now: desk.now)
        case (13, _): _ = try store.expire(silent: .seconds(120), now: desk.now)
        default: break
        }
      } catch StoreError.refused, StoreError.staleLease, StoreError.unknownJob, StoreError.unknownTitle {
        // A refusal changes nothing at all.
        let after = Dictionary(uniqueKeysWithValues: try store.titles().map { ($0.job + $0.title, $0) })
        #expect(after == before, "seed \(seed), step \(step)")
      }
      try agree(store, "seed \(seed), step \(step)")
    }
    try store.check()
  }

  private func agree(_ store: Store, _ place: String) throws {
    let titles = try store.titles()
    var counts: [TitleState.Kind: Int] = [:]
    for title in titles { counts[title.state.kind, default: 0] += 1 }
    #expect(try store.counts() == counts, "\(place)")
    let leased = try store.leases().map { $0.job + $0.title }
    #expect(Set(leased).count == leased.count, "\(place): one lease a title")
    let works = titles.filter { [.running, .publishing].contains($0.state.kind) }.map { $0.job + $0.title }
    #expect(Set(works).isSubset(of: leased), "\(place)")
    // A title that its job names no more may still be published to its end.
    let (strays, waiting) = try store.read { db in
      (
        try Int.fetchOne(
          db,
          sql: """
            SELECT count(*) FROM attempts JOIN titles ON titles.id = attempts.title
            WHERE ended IS NULL AND state NOT IN ('running', 'publishing')
            """),
        try Int.fetchOne(
          db, sql: "SELECT count(*) FROM titles WHERE state = 'waiting-translation' AND awaited IS NULL")
      )
    }
    #expect(strays == 0, "\(place): a lease without work")
    #expect(waiting == 0, "\(place): a title that waits for nothing would wait for ever")
  }
}
