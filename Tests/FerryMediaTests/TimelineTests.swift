import FerryCore
import Foundation
import Testing

@testable import FerryMedia

/// Jumps of a shared clock, by numbers alone.
@Suite struct Clocks {
  /// The times that a clock gives packets of half a second each.
  private func times(_ packets: [(stream: Int, time: Double)], mayJump: Bool = true) -> [Double] {
    var clock = Clock(mayJump: mayJump)
    return packets.map { $0.time - clock.offset(of: $0.stream, time: $0.time, duration: 0.5) }
  }

  @Test func leavesSteadyTimesAlone() {
    #expect(times([(0, 10), (1, 10.1), (0, 10.5), (1, 10.6)]) == [10, 10.1, 10.5, 10.6])
  }

  @Test func closesAJumpThatBothStreamsMake() {
    let joined = times([(0, 10), (1, 10), (0, 10.5), (1, 10.5), (0, 500), (1, 500.02), (0, 500.5), (1, 500.52)])
    #expect(joined.map { ($0 * 100).rounded() / 100 } == [10, 10, 10.5, 10.5, 11, 11.02, 11.5, 11.52])
  }

  @Test func closesAJumpBack() {
    let joined = times([(0, 90), (1, 90), (0, 90.5), (1, 90.5), (0, 1), (1, 1.03), (0, 1.5)])
    #expect(joined.map { ($0 * 100).rounded() / 100 } == [90, 90, 90.5, 90.5, 91, 91.03, 91.5])
  }

  @Test func keepsAHoleInOneStream() {
    var packets: [(stream: Int, time: Double)] = [(1, 0)]
    for index in 0..<41 { packets.append((0, Double(index) / 2)) }
    packets.append((1, 20))
    #expect(times(packets).last == 20, "the picture went on meanwhile: the sound has a hole")
  }

  @Test func believesFilesWithAnIndex() {
    #expect(times([(0, 0), (0, 0.5), (0, 3600)], mayJump: false) == [0, 0.5, 3600])
  }
}

extension MediaTests {
  /// Sources whose clocks do not run as a lesson does.
  @Suite struct Timelines {
    let footage: Footage

    init() throws { footage = try Footage() }

    private static let picture =
      "color=black:s=160x90:r=25:d=4,drawbox=c=white:t=fill:enable='eq(n,25)+eq(n,75)'"
    private static let sound =
      "aevalsrc='if(lt(mod(t+1,2),0.04)*gt(t,0.9),0.8*sin(2*PI*1000*mod(t+1,2)),0)':s=48000:d=4"
    private static let quick = [
      "-c:v", "libx264", "-preset", "veryfast", "-bf", "0", "-pix_fmt", "yuv420p", "-c:a", "mp2",
    ]

    private func film(_ name: String, _ options: String...) throws -> [UInt8] {
      _ = try footage.film(
        name, picture: Timelines.picture, sound: Timelines.sound, options: options + Timelines.quick)
      return try footage.bytes(name)
    }

    /// Where flashes and beeps of the result are, in seconds.
    private func find(_ source: String) throws -> (flashes: [Double], beeps: [Double], length: Double) {
      let made = try footage.transcode(source)
      let result = try made.muxed()
      let pictures = try Judge.greyPictures(result, width: 16, height: 16)
      let flashes = pictures.indices.filter { pictures[$0].allSatisfy { $0 > 180 } }.map { Double($0) / 25 }
      let samples = try #require(try Judge.sound(result).first)
      var beeps: [Double] = []
      for (index, sample) in samples.enumerated() where abs(sample) > 0.25 {
        let time = Double(index) / 48_000
        if time - (beeps.last ?? -1) > 0.5 { beeps.append(time) }
      }
      return (flashes, beeps, made.outcome.duration.duration.inSeconds)
    }

    private func expectTwoParts(_ source: String) throws {
      let (flashes, beeps, length) = try find(source)
      #expect(abs(length - 8) < 0.2, "\(length)")
      try #require(flashes.count == 4 && beeps.count == 4, "\(flashes) \(beeps)")
      for (flash, beep) in zip(flashes, beeps) { #expect(abs(flash - beep) <= 0.05, "\(flash) \(beep)") }
      for (flash, wanted) in zip(flashes, [1.0, 3, 5, 7]) { #expect(abs(flash - wanted) < 0.1, "\(flash)") }
    }

    @Test func aRecordingThatWasJoinedToAnotherOne() throws {
      let joined = try film("one.ts") + film("two.ts")
      try footage.write(joined, to: "joined.ts")
      try expectTwoParts(footage.path("joined.ts"))
    }

    @Test func aClockThatJumpsAhead() throws {
      let joined = try film("one.ts") + film("two.ts", "-output_ts_offset", "7000")
      try footage.write(joined, to: "ahead.ts")
      try expectTwoParts(footage.path("ahead.ts"))
    }

    @Test func aTransportStreamsClockThatWrapsAround() throws {
      // 33 bits at 90 kHz are over after 95,443.7 s.
      _ = try film("wrap.ts", "-output_ts_offset", "95441")
      let (flashes, beeps, length) = try find(footage.path("wrap.ts"))
      #expect(abs(length - 4) < 0.1)
      #expect(flashes == [1, 3])
      try #require(beeps.count == 2)
      for (flash, beep) in zip(flashes, beeps) { #expect(abs(flash - beep) <= 0.02) }
    }

    @Test func anHourOfAVariableRateStaysInSync() throws {
      // Two of every three pictures, and the last ten seconds' flash an hour away from the first.
      let source = try footage.film(
        "hour.mp4",
        picture: "color=black:s=64x36:r=6:d=3600,drawbox=c=white:t=fill:enable='eq(n,60)+eq(n,21540)',"
          + "select='not(eq(mod(n,3),1))'",
        sound: "aevalsrc='if(between(t,10,10.04)+between(t,3590,3590.04),0.8*sin(2*PI*1000*t),0)':s=8000:d=3600",
        options: ["-c:v", "mpeg4", "-fps_mode", "vfr", "-c:a", "aac"])
      let facts = try #require(try Probe.facts(of: source).mainVideo?.video)
      #expect(facts.isVariableFrameRate)
      var profile = Profile.web
      profile.audio.sampleRate = 8000
      let language = try #require(LanguageTag("zh"))
      let recipe = try #require(Recipe(profile, for: try Probe.facts(of: source), language: language))
      let made = try footage.transcode(source, by: recipe)
      let result = try made.muxed()
      let said = try Judge.watch(result, "-vf", "blackdetect=d=0.1", "-af", "silencedetect=noise=-14dB:d=1")
      let firsts = said.matches(of: /black_end:([\d.]+)/).compactMap { Double($0.1) }.filter { $0 < 3599 }
      let beeps = said.matches(of: /silence_end: ([\d.]+)/).compactMap { Double($0.1) }.filter { $0 < 3599 }
      #expect(firsts.count == 2 && beeps.count == 2, "\(firsts) \(beeps)")
      for (flash, beep) in zip(firsts, beeps) { #expect(abs(flash - beep) <= 0.02, "\(flash) \(beep)") }
    }
  }

  /// Sources that are broken, for jobs that take what can be saved.
  @Suite struct Tolerances {
    let footage: Footage

    init() throws { footage = try Footage() }

    private func recipe(_ source: String, _ tolerances: Set<Tolerance>) throws -> Recipe {
      let language = try #require(LanguageTag("zh"))
      return try #require(
        Recipe(.web, for: try Probe.facts(of: source), language: language, tolerances: tolerances))
    }

    private func film(_ name: String) throws -> [UInt8] {
      _ = try footage.film(
        name, picture: "testsrc2=s=320x180:r=25:d=8", sound: "sine=440:r=48000:d=8",
        options: ["-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-pix_fmt", "yuv420p", "-c:a", "aac"])
      return try footage.bytes(name)
    }

    @Test func brokenPartsAreAnErrorOrAFinding() throws {
      var bytes = try film("whole.ts")
      // A quarter of a second of noise in the middle.
      let middle = bytes.count / 2
      for index in middle..<(middle + bytes.count / 32) where index % 188 > 4 { bytes[index] = UInt8(index * 7 & 0xFF) }
      try footage.write(bytes, to: "noisy.ts")
      let source = footage.path("noisy.ts")
      let text = try #require(failure(in: footage) { _ = try footage.transcode(source, by: try recipe(source, [])) })
      #expect(
        try /cannot (decode|read) noisy\.ts \(stream [01]\): at [345]\.\d s: .+/.wholeMatch(in: text) != nil, "\(text)")
      let made = try footage.transcode(source, by: try recipe(source, [.brokenParts]))
      let findings = made.outcome.quality.findings.filter { $0.kind == .damaged }
      #expect(!findings.isEmpty)
      for finding in findings {
        #expect((3000...5500).contains(finding.startMs.count) && finding.endMs >= finding.startMs, "\(finding)")
        #expect(finding.detail.contains("could not be decoded"))
      }
      #expect(abs(made.outcome.duration.count - 8000) < 150)
      #expect(try Judge.complaints(of: try made.muxed()) == "")
    }

    @Test(arguments: ["mkv", "mp4", "ts"])
    func anEarlyEndIsDeliveredWhereItIsTolerated(_ kind: String) throws {
      let bytes = try film("whole.\(kind)")
      if kind == "mp4" {
        _ = try Judge.ffmpeg([
          "-i", footage.path("whole.mp4"), "-c", "copy", "-movflags", "+faststart", footage.path("fast.mp4"),
        ])
      }
      let all = kind == "mp4" ? try footage.bytes("fast.mp4") : bytes
      try footage.write(all.prefix(all.count * 6 / 10), to: "cut.\(kind)")
      let source = footage.path("cut.\(kind)")
      // A transport stream declares no length: what is there is all that was promised.
      if kind != "ts" {
        let text = try #require(failure(in: footage) { _ = try footage.transcode(source, by: try recipe(source, [])) })
        #expect(text.contains("cut.\(kind)"))
      }
      let made = try footage.transcode(source, by: try recipe(source, [.earlyEnd]))
      #expect((3500...6000).contains(made.outcome.duration.count), "\(made.outcome.duration)")
      if kind != "ts" { #expect(made.outcome.quality.findings.contains { $0.kind == .damaged }) }
      #expect(try Judge.complaints(of: try made.muxed()) == "")
    }
  }

  /// Sources that conform are taken over as they are.
  @Suite struct Copies {
    let footage: Footage

    init() throws { footage = try Footage() }

    private func facts(of source: String) throws -> (SourceFacts, Recipe) {
      let facts = try Probe.facts(of: source)
      let language = try #require(LanguageTag("zh"))
      return (facts, try #require(Recipe(.web, for: facts, language: language)))
    }

    private func film(_ name: String, _ options: String...) throws -> String {
      try footage.film(
        name, picture: "testsrc2=s=854x480:r=25:d=9", sound: "sine=440:r=48000:d=9",
        options: [
          "-c:v", "libx264", "-preset", "veryfast", "-crf", "30", "-pix_fmt", "yuv420p", "-sc_threshold", "0", "-g",
          "50",
          "-keyint_min", "50", "-flags", "+cgop", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc",
          "bt709", "-color_range", "tv", "-c:a", "aac", "-b:a", "96k", "-ac", "2",
        ] + options)
    }

    @Test func whatConformsIsNotEncoded() throws {
      let source = try film("right.mp4", "-x264-params", "no-scenecut=1")
      let (facts, recipe) = try facts(of: source)
      let video = try #require(recipe.video)
      let stream = try #require(facts.mainVideo)
      #expect(video.copyObstacle(stream) == nil)
      #expect(video.isCopied)
      let made = try footage.transcode(source, by: recipe)
      #expect(made.outcome.renditions.map(\.isCopied) == [true])
      let (original, copied) = (try hashes(source, "v"), try hashes(try made.video, "v"))
      #expect(original == copied && original.count == 225, "every picture's packet is the source's own")
      #expect(made.outcome.renditions.first?.file.segments.map { $0.duration.value } == [4, 4, 1])
      #expect(try Judge.complaints(of: try made.muxed()) == "")
      #expect(try Judge.video(try made.muxed()).stream.start == 0)
    }

    @Test func whatDoesNotConformIsEncodedAndSaysWhy() throws {
      for (name, options, obstacle) in [
        ("gop.mp4", ["-g", "30", "-keyint_min", "30"], "no key frame begins each 100 frames"),
        ("hevc.mp4", ["-c:v", "mpeg4"], "it is mpeg4, not h264"),
        ("untagged.mp4", ["-colorspace", "smpte170m"], "it is not tagged BT.709"),
        ("high.mp4", ["-pix_fmt", "yuv444p"], "its H.264 profile is High 4:4:4 Predictive"),
      ] {
        let source = try footage.film(
          name, picture: "testsrc2=s=854x480:r=25:d=5",
          options: [
            "-c:v", "libx264", "-preset", "veryfast", "-crf", "44", "-pix_fmt", "yuv420p", "-sc_threshold", "0", "-g",
            "50", "-keyint_min", "50", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709",
            "-color_range", "tv",
          ] + options)
        let (facts, recipe) = try facts(of: source)
        let stream = try #require(facts.mainVideo)
        let said = recipe.video?.copyObstacle(stream)
        #expect(said?.hasPrefix(obstacle) == true, "\(name)")
        #expect(said?.prefix(obstacle.count).description == obstacle)
        #expect(recipe.video?.isCopied == false)
      }
    }

    /// The digest of each packet's bytes, as FFmpeg tells it.
    private func hashes(_ path: String, _ kind: String) throws -> [String] {
      let text = String(
        decoding: try Judge.ffmpeg(["-i", path, "-map", "0:\(kind)", "-c", "copy", "-f", "framemd5", "-"]),
        as: UTF8.self)
      return text.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap {
        $0.split(separator: ",").last.map { $0.trimmingCharacters(in: .whitespaces) }
      }
    }
  }
}
