import FerryCore
import Testing

struct ThumbnailIndexTests {
  private func thumbnails(_ count: Int, every interval: Milliseconds) -> TranscodeOutcome.Thumbnails {
    TranscodeOutcome.Thumbnails(
      sheet: "thumbs.jpg", width: 160, height: 90, columns: 10, count: count, interval: interval)
  }

  @Test func everyPictureHasItsTimeAndPlace() {
    #expect(
      thumbnails(2, every: 10_000).index(of: "AI-001.thumbs.jpg", duration: 15_250) == """
        WEBVTT

        00:00:00.000 --> 00:00:10.000
        AI-001.thumbs.jpg#xywh=0,0,160,90

        00:00:10.000 --> 00:00:15.250
        AI-001.thumbs.jpg#xywh=160,0,160,90

        """)
  }

  @Test func rowsFollowEachOther() {
    let lines = thumbnails(23, every: 61_000).index(of: "t.jpg", duration: 1_400_000).split(separator: "\n")
    #expect(lines.count == 47)
    #expect(lines[1 + 2 * 9 + 1] == "t.jpg#xywh=1440,0,160,90")
    #expect(lines[1 + 2 * 10 + 1] == "t.jpg#xywh=0,90,160,90")
    #expect(lines[1 + 2 * 22] == "00:22:22.000 --> 00:23:20.000")
    #expect(lines[1 + 2 * 22 + 1] == "t.jpg#xywh=320,180,160,90")
  }

  @Test func theLastCueEndsWithTheTitle() {
    // Sound that outlasts the picture, and a title that ends within the last but one.
    #expect(thumbnails(1, every: 1000).index(of: "t.jpg", duration: 3_725_004).contains("--> 01:02:05.004\n"))
    let short = thumbnails(3, every: 1000).index(of: "t.jpg", duration: 1500)
    #expect(short.contains("00:00:01.000 --> 00:00:01.500\n") && !short.contains("#xywh=320,"))
    #expect(thumbnails(0, every: 1000).index(of: "t.jpg", duration: 1500) == "WEBVTT\n")
  }
}
