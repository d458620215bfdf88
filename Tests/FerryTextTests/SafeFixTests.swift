import FerryCore
import Testing

@testable import FerryText

@Suite struct SafeFixTests {
  private func fixed(_ cues: [Cue], _ language: LanguageTag = english, frame: Duration? = nil) -> SafeFix.Result {
    SafeFix.fixed(cues, language: language, frame: frame)
  }

  private func told(_ result: SafeFix.Result) -> [String] {
    result.changes.map {
      "\($0.rule) \($0.cue): \($0.before.replacing("\n", with: "|")) => \($0.after.replacing("\n", with: "|"))"
    }
  }

  private func numbered(_ cues: [Cue], _ names: [String?]) -> [Cue] {
    zip(cues, names).map { cue, name in
      var cue = cue
      cue.identifier = name
      return cue
    }
  }

  @Test func leavesAGoodTrackAlone() {
    let cues = numbered([cue(0, 2000, "a"), cue(2083, 4000, "b"), cue(4500, 6000, "c")], ["1", "2", "3"])
    #expect(fixed(cues) == SafeFix.Result(cues: cues, origins: [0, 1, 2], changes: []))
    #expect(fixed([]).cues.isEmpty)
  }

  @Test func dropsSortsAndNumbers() {
    let cues = numbered(
      [cue(5000, 6000, "b"), cue(0, 2000, "a"), cue(5000, 6000, "b"), cue(5000, 6000, "c"), cue(5000, 6001, "b")],
      ["1", "2", "9", "4", "5"])
    let result = fixed(cues)
    #expect(brief(result.cues) == ["0-2000 a", "5000-6000 b", "5000-6000 c", "5000-6001 b"])
    #expect(result.cues.map(\.identifier) == ["1", "2", "3", "4"] && result.origins == [1, 0, 3, 4])
    #expect(
      told(result) == [
        "time.duplicate 2: b => ", "time.order 1: cue 2 => cue 1", "fmt.repaired 1: 2 => 1", "fmt.repaired 0: 1 => 2",
        "fmt.repaired 3: 4 => 3", "fmt.repaired 4: 5 => 4",
      ])
  }

  @Test func keepsNamesThatAreNoNumbers() {
    let cues = numbered([cue(0, 2000, "a"), cue(3000, 4000, "b")], ["7", "intro"])
    #expect(fixed(cues).changes.isEmpty && fixed(numbered(cues, [nil, nil])).changes.isEmpty)
    #expect(fixed(numbered(cues, [nil, "1"])).cues.map(\.identifier) == ["1", "2"])
  }

  /// What differs in style or place is no duplicate.
  @Test func dropsOnlyExactDuplicates() {
    var (styled, placed) = (cue(0, 1000, "a"), cue(0, 1000, "a"))
    styled.lines[0][0].style = .italic
    placed.settings = "line:0"
    #expect(fixed([cue(0, 1000, "a"), styled, placed]).changes.isEmpty)
  }

  @Test(arguments: [
    ("  a  b ", "a b"), ("a\t b", "a b"), (" a \n  b", "a\nb"), ("a\n  \nb", "a\n\nb"),
    ("a\u{A0}\u{A0}b", "a\u{A0}\u{A0}b"),
    ("　先 洗手", "　先 洗手"), ("a b", "a b"),
  ])
  func trimsBlanks(_ text: String, _ trimmed: String) {
    let result = fixed([cue(0, 1000, text)])
    #expect(result.cues[0].text == trimmed)
    #expect(
      result.changes == (text == trimmed ? [] : [.init(rule: "text.space", cue: 0, before: text, after: trimmed)]))
  }

  @Test func trimsAcrossStyles() {
    var styled = cue(0, 1000, "")
    styled.lines = [[Run(" ", style: .bold), Run("a "), Run(" b", style: .italic), Run(" "), Run(" ", style: .bold)]]
    #expect(fixed([styled]).cues[0].lines == [[Run("a "), Run("b", style: .italic)]])
  }

  @Test func setsEllipsesInEnglishOnly() {
    let cues = [cue(0, 1000, "Well... and....so.. on...")]
    #expect(fixed(cues).cues[0].text == "Well… and....so.. on…")
    #expect(told(fixed(cues)) == ["text.ellipsis 0: Well... and....so.. on... => Well… and....so.. on…"])
    #expect(fixed(cues, chinese).changes.isEmpty && fixed(cues, tag("en-GB")).changes.count == 1)
  }

  /// The end of the first cue, the start of the second, where the first then ends, and the rule.
  @Test(arguments: [
    (2000, 2000, 1917, "time.gap"), (2000, 2081, 1998, "time.gap"), (2000, 2082, 2000, ""), (2000, 2083, 2000, ""),
    (2000, 1999, 1916, "time.overlap"), (2000, 1917, 1834, "time.overlap"), (2000, 1916, 2000, ""),
    (1100, 1083, 1000, "time.overlap"), (1100, 1082, 1100, ""), (2000, 0, 2000, ""),
  ])
  func separatesWhatIsTooClose(_ end: Int, _ next: Int, _ moved: Int, _ rule: String) {
    let result = fixed([cue(0, end, "a"), cue(next, 9000, "b")])
    #expect(
      result.cues.map(\.end.milliseconds) == [moved, 9000] && result.cues.map(\.start.milliseconds) == [0, next])
    #expect(result.changes.map(\.rule) == (rule.isEmpty ? [] : [rule]))
  }

  @Test func countsTwoFrames() {
    for (rate, limit) in [(24000.0 / 1001, 83), (25, 80), (30000.0 / 1001, 66), (50, 40), (60000.0 / 1001, 33)] {
      let result = fixed([cue(0, 2000, "a"), cue(2010, 9000, "b")], frame: .seconds(1 / rate))
      #expect(result.cues[0].end.milliseconds == 2010 - limit)
    }
    #expect(
      told(fixed([cue(0, 2000, "a"), cue(2010, 9000, "b")], frame: .milliseconds(40))) == [
        "time.gap 0: 00:00:00.000 --> 00:00:02.000 => 00:00:00.000 --> 00:00:01.930"
      ])
  }

  /// Cues elsewhere on the screen, in other layers and without text are no neighbours.
  @Test func separatesOnlyNeighbours() {
    var (top, high) = (cue(2000, 3000, "top"), cue(2000, 3000, "high"))
    top.settings = "line:0"
    high.layer = 1
    #expect(fixed([cue(0, 2000, "a"), top, high, cue(2000, 3000, "")]).changes.isEmpty)
    let pair = [cue(0, 2000, "甲"), cue(0, 2000, "A"), cue(2000, 4000, "乙"), cue(2000, 4000, "B")]
    #expect(fixed(pair).cues.map(\.end.milliseconds) == [1917, 1917, 4000, 4000])
  }

  /// Nothing starts elsewhere, nothing moves by more than four frames, no words are lost, and twice is as good as once.
  @Test func neverMakesATrackWorse() {
    var random = Seeded(state: 13)
    for _ in 0..<2000 {
      let cues = (0..<Int.random(in: 0...8, using: &random)).map { index in
        let start = Int.random(in: 0...80, using: &random) * 50 + Int.random(in: 0...3, using: &random)
        return Cue(
          identifier: Bool.random(using: &random) ? "\(index)" : nil, start: CueTime(milliseconds: start),
          end: CueTime(milliseconds: start + Int.random(in: 1...3000, using: &random)),
          lines: [[Run(["a ", " b", "...", "a  b", "x"].randomElement(using: &random) ?? "")]],
          settings: Int.random(in: 0...4, using: &random) == 0 ? "line:0" : "")
      }
      let result = fixed(cues)
      #expect(SafeFix.fixed(result.cues, language: english).changes.isEmpty)
      #expect(Set(result.origins).count == result.origins.count && result.cues.count == result.origins.count)
      for (cue, origin) in zip(result.cues, result.origins) {
        let before = cues[origin]
        #expect(cue.start == before.start && cue.settings == before.settings)
        #expect(cue.end == before.end || cue.end < before.end + .milliseconds(83) && cue.end - cue.start >= .seconds(1))
        #expect(before.end.milliseconds - cue.end.milliseconds <= 166)
        let words = { (text: String) in text.replacing("...", with: "…").filter { $0 != " " } }
        #expect(words(cue.text) == words(before.text))
      }
      for (a, b) in zip(result.cues, result.cues.dropFirst()) { #expect(a.start <= b.start) }
    }
  }
}
