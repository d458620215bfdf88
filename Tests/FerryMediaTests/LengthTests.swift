import FerryCore
import Foundation
import Testing

@testable import FerryMedia

extension MediaTests {
  /// What a file says of its length, whatever its clock begins with.
  @Suite struct Lengths {
    let footage: Footage

    init() throws { footage = try Footage() }

    private static let codecs = [
      "mkv": ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"],
      "mp4": ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"],
      "flv": ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"],
      "ts": ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"],
      "webm": ["-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libvorbis"],
      "wmv": ["-c:v", "wmv2", "-c:a", "wmav2"],
      "mpg": ["-c:v", "mpeg2video", "-c:a", "mp2"],
    ]

    /// Four seconds that begin at `offset`.
    private func film(_ kind: String, from offset: Int) throws -> String {
      try footage.film(
        "late.\(kind)", picture: "testsrc2=s=160x90:r=25:d=4", sound: "sine=440:r=48000:d=4",
        options: try #require(Lengths.codecs[kind]) + ["-output_ts_offset", "\(offset)"])
    }

    @Test(arguments: ["mkv", "mp4", "flv", "ts", "webm", "wmv", "mpg"], [0, 300, 46_700])
    func aStartIsNoPartOfTheLength(_ kind: String, _ offset: Int) throws {
      let source = try film(kind, from: offset)
      let facts = try Probe.facts(of: source)
      let length = try #require(facts.duration)
      // FFmpeg's muxer of program streams puts the pictures into few packets, and its demuxer sees few times.
      #expect((kind == "mpg" ? 3200...4200 : 3900...4200).contains(length.count), "\(length)")
    }

    @Test(arguments: ["mkv", "mp4", "webm", "wmv"])
    func aFileThatStartsLateIsDeliveredWhole(_ kind: String) throws {
      let made = try footage.transcode(try film(kind, from: 3600))
      #expect(abs(made.outcome.duration.count - 4000) < 120, "\(made.outcome.duration)")
      #expect(made.outcome.quality.findings.allSatisfy { $0.kind != .damaged })
    }

    @Test func aFileThatStartsLateAndIsCutIsStillRefused() throws {
      _ = try film("mkv", from: 3600)
      let bytes = try footage.bytes("late.mkv")
      try footage.write(bytes.prefix(bytes.count / 2), to: "half.mkv")
      let text = try #require(failure(in: footage) { _ = try footage.transcode(footage.path("half.mkv")) })
      #expect(
        try /cannot read half\.mkv: it ends at [12]\.\d s of the 4\.0 s that it declares/.wholeMatch(in: text) != nil,
        "\(text)")
    }

    @Test func fragmentsOfALongerProgrammeLastAsLongAsTheyAre() throws {
      let folder = footage.folder
      _ = try footage.film(
        "whole.m3u8", picture: "testsrc2=s=160x90:r=25:d=10", sound: "sine=440:r=48000:d=10",
        options: [
          "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "25", "-c:a", "aac", "-f", "hls",
          "-hls_segment_type", "fmp4", "-hls_time", "2", "-hls_playlist_type", "vod", "-hls_segment_filename",
          folder + "/part%d.m4s",
        ])
      let parts = try ["init.mp4", "part3.m4s", "part4.m4s"].flatMap { try footage.bytes($0) }
      try footage.write(parts, to: "end.mp4")
      let facts = try Probe.facts(of: footage.path("end.mp4"))
      #expect(facts.start > 5900)
      #expect(abs(try #require(facts.duration).count - 4000) < 100, "\(facts.duration as Any)")
      #expect(abs(try footage.transcode(footage.path("end.mp4")).outcome.duration.count - 4000) < 120)
    }

    @Test func aClockThatIsSetBackByMoreThanAMinuteIsMeasured() throws {
      // FFmpeg takes the way back for the end of 33 bits at 90 kHz, a day and two hours away.
      _ = try footage.film(
        "first.ts", picture: "testsrc2=s=160x90:r=25:d=4", sound: "sine=440:r=48000:d=4",
        options: try #require(Lengths.codecs["ts"]) + ["-output_ts_offset", "90"])
      _ = try footage.film(
        "second.ts", picture: "testsrc2=s=160x90:r=25:d=4", sound: "sine=440:r=48000:d=4",
        options: try #require(Lengths.codecs["ts"]))
      try footage.write(try footage.bytes("first.ts") + footage.bytes("second.ts"), to: "back.ts")
      let facts = try Probe.facts(of: footage.path("back.ts"))
      #expect(facts.durationBasis == .measured)
      #expect(abs(try #require(facts.duration).count - 8000) < 200, "\(facts.duration as Any)")
      let made = try footage.transcode(footage.path("back.ts"))
      #expect(abs(made.outcome.duration.count - 8000) < 200, "\(made.outcome.duration)")
    }
  }
}
