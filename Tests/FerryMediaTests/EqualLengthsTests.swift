import FerryCore
import Foundation
import Testing

@testable import FerryMedia

extension MediaTests {
  /// All that is made of a title lasts as long as the title, whatever its source's streams do.
  @Suite struct EqualLengths {
    let footage: Footage

    init() throws { footage = try Footage() }

    private static let coding = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"]

    /// A source of pictures and sound of so many seconds each, which begin when they are told.
    private func film(
      _ name: String, picture: Double, sound: Double, pictureFrom: Double = 0, soundFrom: Double = 0,
      _ options: [String] = []
    ) throws -> String {
      let inputs = [
        "-itsoffset", "\(pictureFrom)", "-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=\(picture)",
        "-itsoffset", "\(soundFrom)", "-f", "lavfi", "-i", "sine=440:r=48000:d=\(sound)",
      ]
      _ = try Judge.ffmpeg(inputs + EqualLengths.coding + options + [footage.path(name)])
      return footage.path(name)
    }

    /// The sample after the last one that is heard, and the number of all, in seconds.
    private func heard(_ path: String) throws -> (from: Double, to: Double, length: Double) {
      let samples = try #require(try Judge.sound(path).first)
      let first = try #require(samples.firstIndex { abs($0) > 0.02 })
      let last = try #require(samples.lastIndex { abs($0) > 0.02 })
      return (Double(first) / 48_000, Double(last + 1) / 48_000, Double(samples.count) / 48_000)
    }

    private func expectEqual(_ made: Transcoded, _ seconds: Double) throws {
      let muxed = try made.muxed()
      #expect(try Judge.complaints(of: muxed) == "")
      for stream in [try Judge.video(muxed).stream, try Judge.audio(muxed).stream] {
        #expect(stream.start == 0)
        let length = try #require(stream.duration.flatMap(Double.init))
        #expect(abs(length - seconds) < 0.08, "\(stream.codecName): \(length) of \(seconds)")
      }
      for file in made.outcome.files {
        let sum = file.segments.reduce(0) { $0 + $1.duration.value }
        #expect(abs(sum - seconds) < 0.1, "\(file.name): \(sum) of \(seconds)")
      }
    }

    private func spans(_ made: Transcoded, _ kind: Quality.Finding.Kind) -> [[Double]] {
      made.outcome.quality.findings.filter { $0.kind == kind }.map {
        [Double($0.startMs.count) / 1000, Double($0.endMs.count) / 1000]
      }
    }

    @Test(
      arguments: [
        ("a.mp4", 6.0, 5.7, []), ("a.mkv", 6.0, 3.0, []), ("a.mp4", 24.0, 4.0, []), ("a.ts", 6.0, 2.0, []),
        ("mono.mp4", 6.0, 3.0, ["-ac", "1", "-ar", "44100"]),
        ("surround.mp4", 6.0, 3.0, ["-af", "pan=5.1|c0=c0|c1=c0|c2=c0|c3=0*c0|c4=c0|c5=c0"]),
      ] as [(String, Double, Double, [String])])
    func soundThatEndsEarlyIsFilled(_ name: String, _ picture: Double, _ sound: Double, _ options: [String]) throws {
      let made = try footage.transcode(try film(name, picture: picture, sound: sound, options))
      try expectEqual(made, picture)
      let heard = try heard(try made.audio)
      #expect(abs(heard.to - sound) < 0.06, "\(heard)")
      #expect(heard.length >= picture - 0.001 && heard.length < picture + 0.05, "\(heard)")
      let found = spans(made, .soundEnds)
      if picture - sound < 0.5 { return #expect(found == []) }
      let span = try #require(found.first)
      #expect(found.count == 1 && abs(span[0] - sound) < 0.06 && abs(span[1] - picture) < 0.01, "\(found)")
      #expect(made.outcome.quality.findings.allSatisfy { $0.kind != .silent }, "one finding says it")
    }

    @Test(arguments: ["mp4", "mkv", "ts"])
    func soundThatBeginsLateAndEndsEarlyStandsWhereItWas(_ kind: String) throws {
      let made = try footage.transcode(try film("late.\(kind)", picture: 8, sound: 4, soundFrom: 2))
      try expectEqual(made, 8)
      let heard = try heard(try made.audio)
      #expect(abs(heard.from - 2) < 0.06 && abs(heard.to - 6) < 0.06, "\(heard)")
      let found = try #require(spans(made, .soundBegins).first)
      #expect(found[0] == 0 && abs(found[1] - 2) < 0.06, "\(found)")
      #expect(spans(made, .soundEnds).count == 1)
    }

    @Test(arguments: [(2.0, 0.0), (4.0, 2.0), (5.9, 0.0)])
    func thePictureIsHeldAsLongAsThereIsSound(_ length: Double, _ start: Double) throws {
      let made = try footage.transcode(try film("short.mkv", picture: length, sound: 6, pictureFrom: start))
      try expectEqual(made, 6)
      #expect(spans(made, .soundEnds) == [] && spans(made, .soundBegins) == [])
    }

    @Test func soundAloneIsAsLongAsItIs() throws {
      // A gap in the middle is silence, and nothing is put behind the end.
      let source = try footage.film(
        "gap.m4a", sound: "sine=440:r=48000:d=2",
        options: [
          "-f", "lavfi", "-i", "sine=440:r=48000:d=2", "-filter_complex",
          "[1]asetpts=PTS+4/TB[b];[0][b]concat=n=2:v=0:a=1", "-c:a", "aac",
        ])
      let made = try footage.transcode(source)
      #expect(made.outcome.renditions.isEmpty)
      let heard = try heard(try made.audio)
      let wanted = try #require(try Judge.sound(source).first).count
      #expect(abs(heard.length - Double(wanted) / 48_000) < 0.05, "\(heard) \(wanted)")
      #expect(spans(made, .soundEnds) == [] && spans(made, .soundBegins) == [])
    }

    /// Sound that conforms to the profile, but for its end.
    @Test(arguments: [(6.0, true), (5.97, true), (5.8, false), (3.0, false)])
    func packetsThatEndEarlyAreNotCopied(_ length: Double, _ isCopied: Bool) throws {
      let source = try film(
        "copy.mp4", picture: 6, sound: length, ["-ac", "2", "-b:a", "96k", "-ar", "48000"])
      var profile = Profile.web
      profile.audio.loudness = nil
      let language = try #require(LanguageTag("zh"))
      let recipe = try #require(Recipe(profile, for: try Probe.facts(of: source), language: language))
      #expect(recipe.audio?.mayCopy == true)
      let made = try footage.transcode(source, by: recipe)
      #expect(made.outcome.sounds.map(\.isCopied) == [isCopied])
      #expect((made.outcome.reasonToEncode(.audio) == nil) == isCopied)
      if length == 3 {
        #expect(made.outcome.reasonToEncode(.audio) == "it ends at 3.0 s, and the programme at 6.0 s")
      }
      try expectEqual(made, 6)
    }
  }

  /// The length of files whose headers do not tell it, or tell another one.
  @Suite struct MeasuredLengths {
    let footage: Footage

    init() throws { footage = try Footage() }

    private static let coding = [
      "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "25", "-c:a", "aac",
    ]
    private static let webm = ["-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus", "-live", "1"]

    private func film(_ name: String, _ options: [String]) throws -> String {
      try footage.film(
        name, picture: "testsrc2=s=160x90:r=25:d=4", sound: "sine=440:r=48000:d=4", options: options)
    }

    private func expect(_ path: String, _ seconds: Double, _ basis: SourceFacts.DurationBasis) throws {
      let facts = try Probe.facts(of: path)
      let length = try #require(facts.duration)
      #expect(abs(Double(length.count) / 1000 - seconds) < 0.1, "\(path): \(length)")
      #expect(facts.durationBasis == basis)
      #expect(facts.isDurationSure == (basis != .estimated))
    }

    @Test(
      arguments: [
        ("live.webm", webm), ("nd.flv", coding + ["-flvflags", "no_duration_filesize"]), ("a.ts", coding),
        ("a.mpg", ["-c:v", "mpeg2video", "-c:a", "mp2"]), ("a.aac", ["-vn", "-c:a", "aac"]),
        ("a.mp3", ["-vn", "-c:a", "libmp3lame", "-write_xing", "0", "-q:a", "4"]),
        ("wrap.ts", coding + ["-output_ts_offset", "95440"]),
      ] as [(String, [String])])
    func whatTheHeaderDoesNotTellIsMeasured(_ name: String, _ options: [String]) throws {
      try expect(try film(name, options), 4, .measured)
    }

    @Test func aRecordingThatWasKilledIsAsLongAsWhatIsLeft() throws {
      let whole = try Judge.ffmpeg(
        ["-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=8", "-f", "lavfi", "-i", "sine=440:r=48000:d=8"]
          + MeasuredLengths.coding + ["-cluster_time_limit", "500", "-f", "matroska", "-"])
      try footage.write(whole.prefix(whole.count / 2), to: "killed.mkv")
      let source = footage.path("killed.mkv")
      let facts = try Probe.facts(of: source)
      #expect(facts.durationBasis == .measured)
      let ends = try Judge.video(source).times.last ?? 0
      let length = try #require(facts.duration)
      #expect(ends > 2 && abs(Double(length.count) / 1000 - ends) < 0.2, "\(ends) \(facts)")
    }

    @Test(arguments: [[], ["-movflags", "frag_keyframe"], ["-movflags", "frag_keyframe+empty_moov"]])
    func fragmentsAreCountedByTheirIndex(_ options: [String]) throws {
      try expect(try film("f.mp4", MeasuredLengths.coding + options), 4, .declared)
    }

    @Test(arguments: [("back.ts", 20, 0), ("far.ts", 0, 3600), ("wrapped.ts", 95_400, 0), ("ps.mpg", 100, 0)])
    func aClockThatIsSetAnewAddsNothing(_ name: String, _ first: Int, _ second: Int) throws {
      let kind = name.hasSuffix("mpg") ? "mpg" : "ts"
      let coding = kind == "mpg" ? ["-c:v", "mpeg2video", "-c:a", "mp2"] : MeasuredLengths.coding
      _ = try film("1.\(kind)", coding + ["-output_ts_offset", "\(first)"])
      _ = try film("2.\(kind)", coding + ["-output_ts_offset", "\(second)"])
      try footage.write(try footage.bytes("1.\(kind)") + footage.bytes("2.\(kind)"), to: name)
      try expect(footage.path(name), 8, .measured)
      let made = try footage.transcode(footage.path(name))
      let length = try #require(try Probe.facts(of: footage.path(name)).duration)
      #expect(abs(made.outcome.duration.count - length.count) < 150, "one length: \(made.outcome.duration) \(length)")
    }

    @Test func aLargeFileIsNotReadForItsLength() throws {
      let source = try film("a.ts", MeasuredLengths.coding)
      var limits = OpenLimits()
      limits.measuredSize = 1000
      let facts = try Probe.facts(of: source, limits: limits)
      #expect(facts.durationBasis == .estimated && !facts.isDurationSure)
    }

    @Test func factsOfAnEarlierVersionAreStillRead() throws {
      let facts = try Probe.facts(of: try film("a.mp4", MeasuredLengths.coding))
      var fields = try #require(
        try JSONSerialization.jsonObject(with: JSONEncoder().encode(facts)) as? [String: Any])
      fields["durationBasis"] = nil
      let read = try JSONDecoder().decode(SourceFacts.self, from: JSONSerialization.data(withJSONObject: fields))
      #expect(read.durationBasis == nil && read.duration == facts.duration && read.isDurationSure)
    }
  }
}
