import CFFmpeg
import FerryCore
import Foundation
import Testing

@testable import FerryMedia

/// Streams that take the place of others, by numbers alone.
@Suite struct SuccessorCases {
  /// Packets of half a second: stream 0 is ours, all others are of its kind.
  private func longest(_ packets: [(stream: Int, time: Double)], mayJump: Bool = true) -> String? {
    var successors = Successors(mayJump: mayJump)
    for (stream, time) in packets {
      if stream == 0 {
        successors.use(0, kind: AVMEDIA_TYPE_AUDIO, until: time + 0.5)
      } else {
        successors.pass(stream, kind: AVMEDIA_TYPE_AUDIO, at: time, duration: 0.5)
      }
    }
    return successors.longest?.words
  }

  private func run(_ stream: Int, from first: Double, to end: Double) -> [(stream: Int, time: Double)] {
    stride(from: first, to: end, by: 0.5).map { (stream, $0) }
  }

  @Test func seesOneThatGoesOn() {
    #expect(
      longest(run(0, from: 0, to: 10) + run(1, from: 10, to: 20))
        == "stream 0 ends at 10.0 s, and stream 1 goes on in its place to 20.0 s")
  }

  @Test func seesOneWhoseClockBeganAnew() {
    #expect(
      longest(run(0, from: 0, to: 10) + run(1, from: 0, to: 4))
        == "stream 0 ends at 10.0 s, and stream 1 goes on in its place to 14.0 s")
  }

  @Test func takesTheLongestOfSeveral() {
    #expect(
      longest(run(0, from: 0, to: 10) + run(1, from: 10, to: 12) + run(2, from: 12, to: 20))?.contains("stream 2")
        == true)
  }

  @Test func leavesAloneWhatRunsBeside() {
    let beside = (0..<20).flatMap { [(0, Double($0) / 2), (1, Double($0) / 2)] }
    #expect(longest(beside) == nil)
    #expect(longest(beside + run(1, from: 10, to: 30)) == nil, "a longer one too")
    #expect(longest(run(0, from: 0, to: 10) + run(1, from: 10, to: 10.5)) == nil, "and what ends with ours")
  }

  @Test func leavesAloneATrackThatIsStoredBehindOurs() {
    #expect(longest(run(0, from: 0, to: 10) + run(1, from: 0, to: 10), mayJump: false) == nil)
  }
}

extension MediaTests {
  /// Recordings that go on in other streams than they began with.
  @Suite struct Successions {
    let footage: Footage

    init() throws { footage = try Footage() }

    private func film(_ name: String, _ options: String...) throws -> [UInt8] {
      _ = try footage.film(
        name, picture: "testsrc2=s=160x90:r=25:d=4", sound: "sine=440:r=48000:d=4",
        options: ["-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-pix_fmt", "yuv420p", "-c:a", "mp2"] + options
      )
      return try footage.bytes(name)
    }

    private func recipe(_ source: String, _ tolerances: Set<Tolerance> = []) throws -> Recipe {
      let language = try #require(LanguageTag("zh"))
      return try #require(Recipe(.web, for: try Probe.facts(of: source), language: language, tolerances: tolerances))
    }

    @Test(arguments: ["4", "0"])
    func aProgrammeThatGoesOnUnderOtherNumbersIsNotLostInSilence(_ offset: String) throws {
      let parts =
        try film("one.ts", "-mpegts_start_pid", "256")
        + film("two.ts", "-mpegts_start_pid", "512", "-output_ts_offset", offset)
      try footage.write(parts, to: "two-in-one.ts")
      let source = footage.path("two-in-one.ts")
      let text = try #require(failure(in: footage) { _ = try footage.transcode(source, by: try recipe(source)) })
      #expect(
        try
          /cannot read two-in-one\.ts: stream [01] ends at 4\.\d s, and stream [23] goes on in its place to [78]\.\d s/
          .wholeMatch(in: text) != nil, "\(text)")
      let made = try footage.transcode(source, by: try recipe(source, [.earlyEnd]))
      #expect(abs(made.outcome.duration.count - 4000) < 200, "\(made.outcome.duration)")
      let finding = try #require(made.outcome.quality.findings.first { $0.kind == .damaged })
      #expect(finding.detail.contains("goes on in its place"))
      #expect(abs(finding.endMs.count - finding.startMs.count - 4000) < 300)
    }

    @Test(arguments: ["mkv", "mp4", "ts"])
    func aSecondLanguageThatIsLongerIsNone(_ kind: String) throws {
      let source = footage.path("languages.\(kind)")
      try Judge.ffmpeg([
        "-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=4", "-f", "lavfi", "-i", "sine=440:r=48000:d=4", "-f", "lavfi",
        "-i", "sine=880:r=48000:d=7", "-map", "0", "-map", "1", "-map", "2", "-c:v", "libx264", "-preset", "ultrafast",
        "-pix_fmt", "yuv420p", "-c:a", "mp2", source,
      ])
      let made = try footage.transcode(source, by: try recipe(source))
      #expect(made.outcome.quality.findings.allSatisfy { $0.kind != .damaged })
    }
  }
}
