import FerryCore
import Testing

@testable import FerryRules
@testable import FerryText

@Suite struct PairingTests {
  private func groups(_ source: [Cue], _ track: [Cue]) -> [String] {
    let pairing = Pairing(source: source, track: track, alignment: nil)
    return pairing.groups.map { "\($0.source)-\($0.track)" } + pairing.sourceAlone.map { "\($0)-" }
      + pairing.trackAlone.map { "-\($0)" }
  }

  @Test func cuesArePairedHoweverTheyAreDivided() {
    let source = [cue(0, 2000, "a"), cue(2100, 4000, "b"), cue(5000, 9000, "c")]
    #expect(
      groups(source, [cue(100, 2050, "A"), cue(2100, 3900, "B"), cue(5100, 9200, "C")]) == [
        "[0]-[0]", "[1]-[1]", "[2]-[2]",
      ])
    #expect(
      groups(source, [cue(0, 3900, "AB"), cue(5000, 7000, "C1"), cue(7100, 9000, "C2")]) == [
        "[0, 1]-[0]", "[2]-[1, 2]",
      ])
    // A cue that runs a little into the next one's time does not belong to it.
    #expect(groups(source, [cue(0, 2200, "A"), cue(5000, 9000, "C")]) == ["[0]-[0]", "[2]-[1]", "1-"])
    #expect(groups(source, source + [cue(9500, 10_000, "D")]) == ["[0]-[0]", "[1]-[1]", "[2]-[2]", "-3"])
    #expect(groups(source.reversed(), source) == ["[2]-[0]", "[1]-[1]", "[0]-[2]"])
    #expect(groups([], source) == ["-0", "-1", "-2"])
  }

  @Test func speedsAreTold() throws {
    let starts = (0..<200).map { 1000 + $0 * 4300 + $0 * $0 % 11 * 200 }
    for (name, ratio) in Alignment.ratios {
      for offset in [0.0, 40, 700] {
        let track = starts.enumerated().map { Int(Double($1) * ratio + offset) + $0 % 5 * 20 - 40 }
        let found = try #require(Alignment.between(starts, track))
        #expect(found.ratio == name)
      }
    }
    for offset in [0, 150, -600, 9000, 36_000_000] {
      let found = try #require(Alignment.between(starts, starts.enumerated().map { $1 + offset + $0 % 7 * 30 - 90 }))
      #expect(found.ratio == nil)
      #expect(abs(found.offset - Double(offset)) < 120)
    }
    var chance = Seeded(state: 1)
    let other = (0..<200).map { _ in Int.random(in: 0...900_000, using: &chance) }
    let unrelated = Alignment.between(starts, other)
    #expect(unrelated == nil || unrelated?.ratio == nil)
  }
}
