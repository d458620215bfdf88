import Foundation
import Testing

/// What a partner with a thin line downloads for one corrected word.
@Suite struct SupplementSizeTests {
  /// A corrected cue of one of twenty titles, from the first delivery to what the partner has of the second; the MP4 file
  /// holds the text too, and moves as a whole.
  @Test func oneSubtitleOfTwentyTravelsInUnderAHundredth() throws {
    // One clip, so that twenty titles cost one encode: a quarter of a minute, where real lessons have half an hour.
    let source = Fixture.folder + "/lessons/EPI-002.ts"
    let english = try String(contentsOfFile: Fixture.folder + "/lessons/EPI-002.en.srt", encoding: .utf8)
    let tracks = try Place()
    let titles = try (2...20).map { number in
      let copy = "\(tracks.path)/\(number).ts"
      try FileManager.default.copyItem(atPath: source, toPath: copy)
      return title("T-\(number)", source: copy, english: try tracks.write(english, "\(number).srt"))
    }
    let both = try ExchangeTests.Partners(titles: titles, outputs: "mp4, hls, dash", lines: 360)
    let made = try both.run()
    try #require(made.code == 0, "\(made.errors)")
    try #require(try both.deliver().code == 0)
    try #require(try both.receive().code == 0)
    try #require(try both.receipt("TEST-1_v1", "ingest").code == 0)

    let word = try #require(english.split(separator: "\n").first { $0.contains(where: \.isLetter) })
    _ = try tracks.write(english.replacing(word, with: "A better sentence.", maxReplacements: 1), "7.srt")
    let again = try both.run()
    try #require(again.code == 0, "\(again.errors)")
    #expect(try both.deliver().output.contains("supplement to version 1"))
    let (small, full) = (try size(both.drop + "/TEST-1_v2"), try size(both.series + "/TEST-1_v2"))
    #expect(small * 100 < full, "\(small) of \(full) bytes")

    let taken = try both.receive()
    #expect(taken.code == 0, "\(taken.errors)")
    #expect(try Place.files(below: both.store + "/TEST-1/v2") == Place.files(below: both.series + "/TEST-1_v2"))
  }

  private func size(_ folder: String) throws -> Int {
    try Place.files(below: folder).values.reduce(0) { $0 + $1.count }
  }
}
