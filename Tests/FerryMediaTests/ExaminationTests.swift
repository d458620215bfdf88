import FerryCore
import FerryMedia
import Foundation
import Testing

extension MediaTests {
  /// The last look at a file before it is delivered finds what is wrong with it.
  @Suite struct Examinations {
    let footage: Footage

    init() throws { footage = try Footage() }

    private func lesson() throws -> String {
      try footage.transcode(
        try footage.film(
          "lesson.mkv", picture: "testsrc2=s=320x180:r=25:d=2", sound: "sine=440:r=48000:d=2",
          options: ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "flac"])
      ).muxed()
    }

    @Test func aSoundFileHasNoComplaints() throws {
      let examination = try Examination.of(try lesson())
      #expect(examination.complaints == [])
      // The last packet of sound holds what is left of it; some versions give one more for the encoder's delay.
      #expect(examination.streams[0].frames == 50 && (94...95).contains(examination.streams[1].frames))
      #expect(examination.streams[0].start == 0 && examination.streams[0].end == 2000)
      #expect(examination.streams[1].start == 0)
      #expect(abs((examination.streams[1].end?.count ?? 0) - 2000) < 30)
    }

    @Test func zeroedBytesAreComplainedOf() throws {
      let path = try lesson()
      var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
      let media = try #require(boxes(of: bytes[...]).last { $0.type == "mdat" }).content
      let middle = (media.lowerBound + media.upperBound) / 2
      bytes.replaceSubrange(middle..<(middle + 200), with: Array(repeating: 0, count: 200))
      try footage.write(bytes, to: "zeroed.mp4")
      #expect(try Judge.complaints(of: footage.path("zeroed.mp4")) != "")
      let complaints = try Examination.of(footage.path("zeroed.mp4")).complaints
      #expect(!complaints.isEmpty)
      #expect(Set(complaints).count == complaints.count)
    }

    @Test func aMissingEndIsComplainedOf() throws {
      let path = try lesson()
      let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
      try footage.write(bytes.dropLast(2000), to: "short.mp4")
      #expect(try !Examination.of(footage.path("short.mp4")).complaints.isEmpty)
    }

    /// The MP4 holds the packets of the CMAF file: what was decoded there needs no second decoder, and what differs does.
    @Test func picturesThatWereProvenAreNotDecodedAgain() throws {
      let made = try footage.transcode(
        try footage.film(
          "proven.mkv", picture: "testsrc2=s=320x180:r=25:d=2", sound: "sine=440:r=48000:d=2",
          options: ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "flac"]))
      let proven = try Examination.of(made.video).proven
      #expect(Array(proven.values) == [50])

      let whole = try Examination.of(made.muxed())
      let spared = try Examination.of(made.muxed(), proven: proven)
      #expect(spared.streams[0].content == nil && whole.streams[0].content != nil)
      #expect(spared.complaints == [] && spared.streams.map(\.frames) == whole.streams.map(\.frames))
      #expect(spared.streams.map(\.start) == whole.streams.map(\.start))
      #expect(spared.streams.map(\.end) == whole.streams.map(\.end))

      var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: made.muxed())))
      let media = try #require(boxes(of: bytes[...]).last { $0.type == "mdat" }).content
      let middle = (media.lowerBound + media.upperBound) / 2
      bytes.replaceSubrange(middle..<(middle + 200), with: Array(repeating: 0, count: 200))
      try footage.write(bytes, to: "damaged.mp4")
      #expect(try !Examination.of(footage.path("damaged.mp4"), proven: proven).complaints.isEmpty)
    }
  }
}
