import FerryCore
import Foundation
import Testing

struct RetryRuleTests {
  private let rule = RetryRule()
  private let now = Timestamp(milliseconds: 1_700_000_000_000)

  /// A source that always gives the same bits, to see both ends of the jitter.
  private struct Constant: RandomNumberGenerator {
    let bits: UInt64
    func next() -> UInt64 { bits }
  }

  private func verdict(_ failure: FailureClass, _ counts: FailureCounts) -> RetryRule.Verdict {
    var random = Constant(bits: 0)
    return rule.verdict(on: failure, counts, now: now, using: &random)
  }

  @Test func passingFailuresGetThreeTries() {
    #expect(verdict(.transient, FailureCounts(transient: 1)) == .retry(at: now + .seconds(30)))
    #expect(verdict(.transient, FailureCounts(transient: 2)) == .retry(at: now + .seconds(120)))
    #expect(verdict(.transient, FailureCounts(transient: 3)) == .hold)
    #expect(verdict(.transient, FailureCounts(transient: 9)) == .hold)
  }

  @Test func badInputAndFullDisksNeedAPerson() {
    #expect(verdict(.permanent, FailureCounts()) == .hold)
    #expect(verdict(.diskFull, FailureCounts()) == .hold)
  }

  @Test func theSecondCrashQuarantinesWithinTheSameRun() {
    #expect(verdict(.crash, FailureCounts(crash: 1)) == .again)
    #expect(verdict(.crash, FailureCounts(crash: 2)) == .quarantine)
  }

  @Test func lostLeasesAreNotTheTitlesFaultAtFirst() {
    for count in 1...4 { #expect(verdict(.lost, FailureCounts(lost: count)) == .again) }
    #expect(verdict(.lost, FailureCounts(lost: 5)) == .hold)
  }

  @Test func eachClassIsCountedByItself() {
    var counts = FailureCounts()
    for failure in FailureClass.allCases { counts = counts.adding(failure) }
    #expect(counts == FailureCounts(transient: 1, crash: 1, lost: 1))
  }

  @Test func waitsGrowFourfoldToAQuarterOfAnHour() {
    var random = Constant(bits: 0)
    let waits = (1...6).map { rule.wait(after: $0, using: &random) }
    #expect(waits == [30, 120, 480, 900, 900, 900].map { .seconds($0) })
    #expect(rule.wait(after: 1_000_000, using: &random) == .seconds(900))
  }

  @Test func jitterTakesAtMostHalf() {
    var least = Constant(bits: .max)
    #expect(rule.wait(after: 1, using: &least) == .seconds(15))
    var random = SystemRandomNumberGenerator()
    let waits = (0..<200).map { _ in rule.wait(after: 2, using: &random) }
    #expect(waits.allSatisfy { (.seconds(60)...(.seconds(120))).contains($0) })
    #expect(Set(waits).count > 100, "titles that failed together come back one by one")
  }

  @Test func tokensAreReadAsTheyAreWritten() throws {
    var small = Constant(bits: 0xab)
    let token = LeaseToken(using: &small)
    #expect(token.text == "00000000000000ab00000000000000ab")
    #expect(LeaseToken(token.text) == token)
    for text in ["", "ab", token.text + "0", token.text.uppercased(), "../../etc/passwd/0123456789abcdef"] {
      #expect(LeaseToken(text) == nil)
    }
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(LeaseToken.self, from: Data("\"ab\"".utf8)) }
  }

  @Test func recordsAreWrittenInPlainWords() throws {
    var random = Constant(bits: 1)
    let record = AttemptRecord(
      token: LeaseToken(using: &random), job: "OUC-1", jobFile: "jobs/a.yaml", jobDigest: "d0", title: "EPI-001",
      titleDigest: "d1", started: now, ended: now + .seconds(2),
      outcome: .failed(.init(.diskFull, code: "disk.full", "the disk is full")),
      steps: [StepOutcome(key: StepKey(digest: "k1"), step: .transcode, outcome: "{}")])
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let data = try encoder.encode(record)
    #expect(
      String(decoding: data, as: UTF8.self) == """
        {"ended":1700000002000,"format":1,"job":"OUC-1","jobDigest":"d0","jobFile":"jobs/a.yaml","outcome":{"failure":\
        {"class":"disk-full","code":"disk.full","message":"the disk is full"},"status":"failed"},"started":\
        1700000000000,"steps":[{"key":{"digest":"k1"},"outcome":"{}","step":"transcode"}],"title":"EPI-001",\
        "titleDigest":"d1","token":"00000000000000010000000000000001"}
        """)
    for outcome in [
      AttemptRecord.Outcome.made, .prepared(awaiting: [LanguageTag("en")!]), .interrupted, record.outcome,
    ] {
      var other = record
      other.outcome = outcome
      #expect(try JSONDecoder().decode(AttemptRecord.self, from: encoder.encode(other)) == other)
    }
  }
}
