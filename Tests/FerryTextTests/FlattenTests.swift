import FerryCore
import Testing

@testable import FerryText

@Suite struct FlattenTests {
  private func brief(_ states: [ScreenState]) -> [String] {
    states.map { state in
      let text = state.lines.map { $0.map(\.text).joined() }.joined(separator: "|")
      return "\(state.start.milliseconds)-\(state.end.milliseconds) \(text)"
    }
  }

  private func states(_ cues: [Cue], _ end: Int) -> [ScreenState] {
    Flatten.states(of: cues, until: CueTime(milliseconds: end))
  }

  @Test func fillsTheTimeBetweenCues() {
    let cues = [cue(1000, 2000, "a"), cue(2000, 3000, "b"), cue(5000, 9000, "c")]
    #expect(brief(states(cues, 8000)) == ["0-1000 ", "1000-2000 a", "2000-3000 b", "3000-5000 ", "5000-8000 c"])
    #expect(brief(states([], 5000)) == ["0-5000 "])
    #expect(states([cue(0, 1000, "a")], 0).isEmpty)
  }

  @Test func stacksWhatIsShownTogether() {
    let pair = [cue(0, 2000, "先洗手"), cue(0, 2000, "Wash first"), cue(1000, 3000, "x\ny")]
    #expect(brief(states(pair, 3000)) == ["0-1000 先洗手|Wash first", "1000-2000 先洗手|Wash first|x|y", "2000-3000 x|y"])
    let unsorted = [cue(1000, 4000, "late"), cue(0, 2000, "early")]
    #expect(brief(states(unsorted, 4000)) == ["0-1000 early", "1000-2000 early|late", "2000-4000 late"])
  }

  /// Lower layers lie under higher ones and so stand first.
  @Test func stacksLayersBeforeStarts() {
    func layered(_ start: Int, _ end: Int, _ text: String, _ layer: Int) -> Cue {
      var cue = cue(start, end, text)
      cue.layer = layer
      return cue
    }
    let cues = [layered(0, 4000, "high", 2), layered(1000, 4000, "low", 0), layered(1000, 3000, "mid", 1)]
    #expect(
      brief(states(cues, 4000)) == ["0-1000 high", "1000-3000 low|mid|high", "3000-4000 low|high"])
  }

  /// A bilingual pair, and three cues at once (as files have them): one state for each moment, nothing cut short.
  @Test func flattensPairsAndTriplesFromFiles() throws {
    let text =
      "1\n00:00:01,000 --> 00:00:03,000\n先洗手\n\n2\n00:00:01,000 --> 00:00:03,000\nWash first\n\n"
      + "3\n00:00:02,000 --> 00:00:04,000\n<i>still</i>\n"
    let track = try read(text).track
    #expect(
      brief(states(track.cues, 5000)) == [
        "0-1000 ", "1000-2000 先洗手|Wash first", "2000-3000 先洗手|Wash first|still", "3000-4000 still", "4000-5000 ",
      ])
  }

  /// What takes the square of the number of cues would take many minutes here.
  @Test(.timeLimit(.minutes(15))) func staysFast() {
    let cues = (0..<100_000).map { index in
      var cue = cue(index * 100, index * 100 + 350, "\(index)")
      cue.layer = index % 3
      return cue
    }
    let states = states(cues.shuffled(), 20_000_000)
    #expect(states.count == 200_000 && states[19].lines.count == 4)
    let nested = (0..<500).map { cue($0, 20_000 - $0, "\($0)") }
    #expect(self.states(nested, 20_000).map(\.lines.count).max() == 500)
  }

  @Test func showsNothingOfWhatIsNeverShown() {
    let cues = [
      cue(1000, 1000, "no time"), cue(3000, 2000, "backwards"), cue(1000, 2000, ""), cue(9000, 9500, "too late"),
    ]
    #expect(brief(states(cues, 4000)) == ["0-4000 "])
  }

  /// At every boundary, a millisecond before and one after, the screen shows what the cues say.
  @Test func neverChangesWhatIsVisible() throws {
    var random = Seeded(state: 3)
    for _ in 0..<500 {
      let end = Int.random(in: 1...60, using: &random)
      let cues = (0..<Int.random(in: 0...12, using: &random)).map { index in
        let start = Int.random(in: 0...70, using: &random) / 3 * 3
        var cue = cue(start, start + Int.random(in: 0...20, using: &random), index % 5 == 4 ? "" : "\(index)")
        cue.layer = Int.random(in: 0...2, using: &random)
        return cue
      }
      let states = states(cues, end)
      #expect(states.first?.start == .zero && states.last?.end.milliseconds == end)
      for (a, b) in zip(states, states.dropFirst()) { #expect(a.end == b.start && a.start < a.end) }
      let times = Set(cues.flatMap { [$0.start.milliseconds, $0.end.milliseconds] } + [0, end])
      for time in times.flatMap({ [$0 - 1, $0, $0 + 1] }) where (0..<end).contains(time) {
        let moment = CueTime(milliseconds: time)
        let wanted = cues.enumerated().filter { $0.element.start <= moment && moment < $0.element.end }
          .sorted {
            ($0.element.layer, $0.element.start, $0.offset) < ($1.element.layer, $1.element.start, $1.offset)
          }.flatMap(\.element.lines)
        let shown = try #require(states.first { $0.start <= moment && moment < $0.end })
        #expect(shown.lines == wanted, "at \(time)")
      }
    }
  }
}
