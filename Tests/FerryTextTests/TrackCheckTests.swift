import FerryCore
import Testing

@testable import FerryText

@Suite struct TrackCheckTests {
  private func track(_ cues: [Cue], _ language: String = "en", lines: Bool = true) -> Track {
    Track(
      language: tag(language), format: .subRip,
      encoding: EncodingDecision(encoding: .utf8, method: .strictUTF8, evidence: ""), cues: cues,
      cueLines: lines ? cues.indices.map { 2 + 4 * $0 } : [])
  }

  @Test func holdsCuesAgainstTheProgramme() {
    func said(_ cues: [Cue], lines: Bool = true) -> [String] {
      TrackCheck.againstProgramme(track(cues, lines: lines), file: "t.srt", duration: .seconds(10)).map(\.description)
    }
    #expect(said([cue(0, 9000, "a"), cue(9500, 10_040, "b")]).isEmpty)
    #expect(
      said([cue(0, 9000, "a"), cue(9500, 10_041, "b")]) == [
        "t.srt:6: warning: the video ends at 00:00:10.000, before the cue ends"
      ])
    #expect(
      said([cue(10_000, 11_000, "a")], lines: false) == [
        "t.srt: error: the video ends at 00:00:10.000, before cue 1 starts\n"
          + "  hint: check that the track belongs to this video"
      ])
    #expect(
      said((0..<7).map { cue(20_000 + $0, 30_000, "a") }) == [
        "t.srt:2: error: the video ends at 00:00:10.000, before 7 cues (lines 2, 6, 10, 14, 18, …) start\n"
          + "  hint: check that the track belongs to this video"
      ])
  }

  @Test func findsChineseLeftInATranslation() {
    let mixed = [cue(0, 1, "Wash your hands"), cue(1, 2, "用肥皂"), cue(2, 3, "with soap"), cue(3, 4, "(口罩)")]
    #expect(
      TrackCheck.leftUntranslated(track(mixed), file: "t.srt").map(\.description) == [
        "t.srt:6: error: 2 cues (lines 6, 14) of the 'en' track have Chinese characters: '用肥皂'\n"
          + "  hint: translate what is left"
      ])
    #expect(
      TrackCheck.leftUntranslated(track([mixed[3]]), file: "t.srt").map(\.message) == [
        "the cue of the 'en' track has Chinese characters: '(口罩)'"
      ])
    for language in ["zh-Hans", "ja", "ko"] {
      #expect(TrackCheck.leftUntranslated(track(mixed, language), file: "t.srt").isEmpty)
    }
    #expect(TrackCheck.leftUntranslated(track([cue(0, 1, "Café “a”… — 100 ℃，。")]), file: "t.srt").isEmpty)
  }

  @Test func findsATranslationThatWasNeverMade() {
    let source = track([cue(0, 1, "Use the AI model"), cue(1, 2, "42")], "zh-Hans")
    let copy = track([cue(5, 6, "use  the AI\nmodel"), cue(7, 8, "42")])
    #expect(
      TrackCheck.identical(copy, to: source, file: "t.srt").map(\.description) == [
        "t.srt: error: the 'en' track says the same as the 'zh-Hans' track, word for word\n  hint: give the translated file"
      ])
    var other = copy
    other.cues[0].lines = [[Run("Use a model")]]
    #expect(TrackCheck.identical(other, to: source, file: "t.srt").isEmpty)
    let numbers = track([cue(0, 1, "1 + 1 = 2")])
    #expect(TrackCheck.identical(numbers, to: numbers, file: "t.srt").isEmpty)
  }
}
