import FerryCore
import FerryMedia
import Foundation
import Testing

extension MediaTests {
  /// The one file that viewers download: picture, sound and text, playable from its first bytes.
  @Suite struct SingleFiles {
    let footage: Footage

    init() throws { footage = try Footage() }

    /// `tx3g` fields: one white 12-point style in the font `Serif`, the whole picture as its box.
    private let description: [UInt8] =
      [0, 0, 0, 0, 1, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 12, 0xFF, 0xFF, 0xFF, 0xFF]
      + [0, 0, 0, 18] + Array("ftab".utf8) + [0, 1, 0, 1, 5] + Array("Serif".utf8)

    private func samples(_ first: String, _ second: String) -> [TextStream.Sample] {
      [(0, 500, ""), (500, 1200, first), (1200, 1201, ""), (1201, 1900, second), (1900, 2000, "")].map {
        let text = Array($0.2.utf8)
        return TextStream.Sample(
          start: CueTime(milliseconds: $0.0), end: CueTime(milliseconds: $0.1),
          payload: [UInt8(text.count >> 8), UInt8(text.count & 0xFF)] + text)
      }
    }

    private func transcoded() throws -> Transcoded {
      try footage.transcode(
        try footage.film(
          "lesson.mkv", picture: "testsrc2=s=320x180:r=25:d=2", sound: "sine=440:r=48000:d=2",
          options: ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "flac"]))
    }

    @Test func textIsReadBackAsItWasWritten() throws {
      let english = TextStream(
        language: try #require(LanguageTag("en")), name: "English", isDefault: true, coding: .tx3g(description),
        samples: samples("Wear a mask.", "a < b & C:\\new"))
      let chinese = TextStream(
        language: try #require(LanguageTag("zh-Hans")), name: "简体中文", isDefault: false, coding: .tx3g(description),
        samples: samples("请戴口罩。", "科学"))
      let result = try transcoded().muxed(text: [english, chinese])

      let examination = try Examination.of(result)
      #expect(examination.complaints == [])
      let streams = examination.facts.streams
      #expect(streams.map(\.kind) == [.video, .audio, .subtitle, .subtitle])
      #expect(streams.map(\.language) == ["und", "zho", "eng", "zho"])
      #expect(streams[2...].map(\.codec) == ["mov_text", "mov_text"])
      #expect(streams[2...].map(\.name) == ["English", "简体中文"])
      #expect(streams.map { $0.disposition.contains("default") } == [true, true, true, false])
      for (index, track) in [(2, english), (3, chinese)] {
        let read = examination.streams[index].texts
        #expect(read.map(\.payload) == track.samples.map(\.payload))
        #expect(read.map(\.start) == track.samples.map(\.start))
        #expect(read.map(\.end) == track.samples.map(\.end))
      }
      #expect(try Judge.complaints(of: result) == "")
    }

    @Test func packetsAreCopiedAndTheIndexComesFirst() throws {
      let made = try transcoded()
      let result = try made.muxed()
      let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: result)))
      #expect(boxes(of: bytes[...]).map(\.type).filter { $0 != "free" } == ["ftyp", "moov", "mdat"])
      let digests = try [made.video, made.audio, result].map { path in
        String(decoding: try Judge.ffmpeg(["-i", path, "-c", "copy", "-f", "streamhash", "-"]), as: UTF8.self)
          .split(separator: "\n").map { $0.drop { $0 != "=" } }
      }
      #expect(digests[0] + digests[1] == digests[2] && digests[2].count == 2)
    }

    @Test func pictureAndSoundStartAtZero() throws {
      let result = try transcoded().muxed()
      #expect(try Judge.video(result).stream.start == 0)
      #expect(try Judge.audio(result).stream.start == 0)
      #expect(try Judge.video(result).packets.count == 50)
      #expect(try Examination.of(result).streams.map(\.start) == [0, 0])
    }

    @Test func aSoundOnlyTitleBecomesAFileToo() throws {
      let made = try footage.transcode(try footage.film("talk.wav", sound: "sine=440:r=48000:d=2"))
      let examination = try Examination.of(try made.muxed())
      #expect(examination.complaints == [] && examination.facts.streams.map(\.kind) == [.audio])
    }
  }
}
