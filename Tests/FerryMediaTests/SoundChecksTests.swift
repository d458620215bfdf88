import FerryCore
import Testing

@testable import FerryMedia

/// Where findings lie when the sound has holes, or changes its rate.
@Suite struct SoundChecksTests {
  private func rules(silent: Milliseconds) -> CheckRules {
    var rules = CheckRules.usual
    rules.silent.longerThan = silent
    rules.clipped.longerThan = 2
    return rules
  }

  private func add(_ checks: inout SoundChecks, _ sample: Float, count: Int) {
    let samples = Array(repeating: sample, count: count)
    samples.withUnsafeBufferPointer { checks.add([$0]) }
  }

  @Test func aHoleIsSilent() {
    var checks = SoundChecks(rules(silent: 1000), sampleRate: 48_000)
    add(&checks, 0.5, count: 48_000)
    checks.move(to: 3, sampleRate: 48_000)
    add(&checks, 0.5, count: 48_000)
    let found = checks.finish()
    #expect(found.map(\.kind) == [.silent])
    #expect(found.map(\.startMs) == [1000] && found.map(\.endMs) == [3000])
  }

  @Test func findingsFollowTheTimeline() {
    // The samples of ten seconds fill eleven.
    var checks = SoundChecks(rules(silent: 1000), sampleRate: 8000)
    for tenth in 0..<100 {
      checks.move(to: Double(tenth) * 0.11, sampleRate: 8000)
      add(&checks, (50..<70).contains(tenth) ? 0 : tenth == 90 ? 1 : 0.5, count: 880)
    }
    let found = checks.finish()
    #expect(found.map(\.kind) == [.silent, .clipped])
    #expect(found.map(\.startMs) == [5500, 9900] && found.map(\.endMs) == [7700, 10_010])
  }

  @Test func anotherRateGoesOnWhereTheLastEnded() {
    var checks = SoundChecks(rules(silent: 500), sampleRate: 48_000)
    checks.move(to: 0, sampleRate: 44_100)
    add(&checks, 1, count: 44_100)
    checks.move(to: 1, sampleRate: 8000)
    add(&checks, 0, count: 8000)
    add(&checks, 1, count: 8000)
    let found = checks.finish()
    #expect(found.map(\.kind) == [.clipped, .silent, .clipped])
    #expect(found.map(\.startMs) == [0, 1000, 2000] && found.map(\.endMs) == [1000, 2000, 3000])
  }
}
