import FerryCore
import Testing

struct SmallValueTests {
  @Test(arguments: [
    ("subtitels", "subtitles"), ("license", "licence"), ("Titles", "titles"), ("surce", "source"), ("nmae", "name"),
  ])
  func suggestsTheNearestWord(_ typed: String, _ meant: String) {
    #expect(suggestion(for: typed, among: ["subtitles", "licence", "titles", "source", "name"]) == meant)
  }

  @Test func suggestsNothingFarFetched() {
    #expect(suggestion(for: "colour", among: ["titles", "source"]) == nil)
    #expect(suggestion(for: "x", among: ["id", "name"]) == nil)
    #expect(suggestion(for: "", among: ["id"]) == nil)
  }

  @Test(arguments: ["2026-12-01", "2024-02-29", "2000-02-29", "0001-01-01"])
  func readsDaysThatExist(_ text: String) { #expect(Day(text)?.description == text) }

  @Test(arguments: [
    "2026-02-29", "1900-02-29", "2026-13-01", "2026-00-10", "2026-1-1", "26-01-01", "tomorrow", "2026-12-01T00",
  ])
  func refusesDaysThatDoNot(_ text: String) { #expect(Day(text) == nil) }

  @Test func diagnosticsReadAsCompilersWriteThem() {
    let place = Place("jobs/w12.yaml", line: 5, column: 5)
    let diagnostic = Diagnostic(
      "job.unknown-key", at: place, "a title has no 'subtitels'", hint: "did you mean 'subtitles'?")
    #expect(
      diagnostic.description == """
        jobs/w12.yaml:5:5: error: a title has no 'subtitels'
          hint: did you mean 'subtitles'?
        """)
    #expect(Diagnostic(.warning, "x", at: Place("a.srt"), "odd").description == "a.srt: warning: odd")
  }
}
