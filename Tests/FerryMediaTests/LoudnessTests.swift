import CFFmpeg
import FerryCore
import Foundation
import Testing

@testable import FerryMedia

extension MediaTests {
  /// Loudness, judged by FFmpeg's own meter.
  @Suite struct LoudnessNormalisation {
    let footage: Footage

    init() throws { footage = try Footage() }

    /// What FFmpeg's `ebur128` says of a file.
    private func judged(_ path: String) throws -> (integrated: Double, peak: Double) {
      let said = try Judge.watch(path, "-filter:a", "ebur128=peak=true")
      let integrated = try #require(said.matches(of: /I: +(-?[\d.]+) LUFS/).last.flatMap { Double($0.1) })
      let peak = try #require(said.matches(of: /Peak: +(-?[\d.]+) dBFS/).last.flatMap { Double($0.1) })
      return (integrated, peak)
    }

    private func transcode(_ source: String, _ change: (inout Profile.AudioRules) -> Void = { _ in }) throws
      -> Transcoded
    {
      var profile = Profile.web
      change(&profile.audio)
      let language = try #require(LanguageTag("zh"))
      let facts = try Probe.facts(of: source)
      let recipe = try #require(Recipe(profile, for: facts, language: language))
      return try footage.transcode(source, by: recipe)
    }

    private func sound(_ name: String, _ graph: String) throws -> String {
      try footage.film(name, sound: graph, options: ["-c:a", "pcm_s24le"])
    }

    @Test func measuresASineAsItIsDefined() throws {
      // EBU Tech 3341, case 1: a stereo sine of 1 kHz at -23 dBFS is -23 LUFS.
      let source = try sound("sine.wav", "aevalsrc=0.07079*sin(2*PI*1000*t)|0.07079*sin(2*PI*1000*t):s=48000:d=10")
      let measured = try LoudnessMeter.loudness(of: source)
      #expect(abs(try #require(measured.integrated) + 23) <= 0.1)
      #expect(abs(try #require(measured.truePeak) + 23) <= 0.1)
      #expect(measured.range <= 0.1)
    }

    @Test func seesPeaksBetweenSamples() throws {
      // A quarter of the sample rate, shifted: every sample is 3 dB below the wave's top.
      let source = try sound("peak.wav", "aevalsrc=0.5*sin(2*PI*12000*t+PI/4):s=48000:d=4")
      let peak = try #require(try LoudnessMeter.loudness(of: source).truePeak)
      #expect(abs(peak + 6.0) <= 0.4, "\(peak)")
    }

    @Test func bringsQuietSoundToTheTarget() throws {
      let source = try sound("quiet.wav", "aevalsrc=0.03*sin(2*PI*700*t)|0.02*sin(2*PI*900*t):s=48000:d=12")
      let made = try transcode(source)
      let change = try #require(made.outcome.quality.loudness)
      let before = try judged(source)
      let after = try judged(try made.audio)
      #expect(abs(try #require(change.before.integrated) - before.integrated) <= 0.15)
      #expect(abs(try #require(change.after.integrated) - after.integrated) <= 0.15)
      #expect(abs(after.integrated + 16) <= 0.5, "\(after)")
      #expect(change.gain > 3 && !change.isLimited)
    }

    @Test func turnsLoudSoundDown() throws {
      let source = try sound("loud.wav", "aevalsrc=0.9*sin(2*PI*700*t)|0.8*sin(2*PI*900*t):s=48000:d=8")
      let made = try transcode(source)
      #expect(abs(try judged(try made.audio).integrated + 16) <= 0.5)
      #expect(try #require(made.outcome.quality.loudness).gain < -1)
    }

    /// Soft noise with a loud click each second: peaks stand in the way of the target.
    private static let clicks =
      "aevalsrc='0.02*(random(0)-0.5)+0.7*exp(-mod(t,1)*400)*sin(2*PI*900*t)':s=48000:d=10,aformat=channel_layouts=stereo"

    @Test func neverSquashesUnlessAsked() throws {
      let source = try sound("clicks.wav", LoudnessNormalisation.clicks)
      let made = try transcode(source)
      let change = try #require(made.outcome.quality.loudness)
      let after = try judged(try made.audio)
      #expect(!change.isLimited)
      #expect(after.integrated < -18, "one gain falls short: \(after)")
      #expect(after.peak <= -1.3, "\(after)")
    }

    @Test func limitsPeaksWhereItMay() throws {
      let source = try sound("noise.wav", "anoisesrc=c=pink:r=48000:a=0.4:d=10:s=7,aformat=channel_layouts=stereo")
      let made = try transcode(source) {
        $0.loudness = LoudnessTarget(integrated: -10, truePeak: -1.5, mayLimit: true)
      }
      let change = try #require(made.outcome.quality.loudness)
      let after = try judged(try made.audio)
      #expect(change.isLimited)
      #expect(abs(after.integrated + 10) <= 0.5, "\(after) \(change)")
      #expect(after.peak <= -1.2, "\(after)")
      #expect(abs(made.outcome.duration.count - 10_000) < 50)
    }

    @Test func silenceStaysSilent() throws {
      let made = try transcode(try sound("silence.wav", "anullsrc=r=48000:cl=stereo:d=3"))
      let change = try #require(made.outcome.quality.loudness)
      #expect(change.before.integrated == nil && change.gain == 0)
    }

    @Test func aSilentTrackIsAsLongAsThePicture() throws {
      let source = try footage.film(
        "mute.mp4", picture: "testsrc2=s=160x90:r=25:d=3", options: ["-c:v", "libx264", "-pix_fmt", "yuv420p"])
      #expect(try transcode(source).outcome.sounds.isEmpty)
      let made = try transcode(source) { $0.whenMissing = .silence }
      #expect(abs(try #require(made.outcome.audio).file.duration.count - 3000) <= 30)
      #expect(try Judge.sound(try made.audio).allSatisfy { $0.allSatisfy { abs($0) < 0.001 } })
      #expect(made.outcome.quality.loudness == nil)
    }

    @Test func monoIsKeptOrDoubled() throws {
      let source = try sound("mono.wav", "sine=440:r=44100:d=2")
      let dual = try transcode(source)
      #expect(dual.outcome.audio?.channels == 2)
      let kept = try transcode(source) { $0.mono = .keep }
      #expect(try Judge.audio(try kept.audio).stream.channels == 1)
    }

    @Test func theSpoolGivesBackWhatItGot() throws {
      let spool = try SoundSpool.open(in: footage.folder, channels: 3)
      let block = try Frame.make()
      var next: Float = 0
      for size in [1, 1000, 70_000, 3] {
        try block.allocateSound(size, format: AV_SAMPLE_FMT_FLTP, sampleRate: 48_000, channels: 3)
        let held = block.floats
        let planes = try #require(held)
        for index in 0..<size {
          for channel in 0..<3 { planes[channel][index] = next + Float(channel) / 4 }
          next += 1
        }
        try spool.append(planes, count: size)
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: footage.folder).isEmpty, "it has no name")
      for _ in 0..<2 {
        try spool.rewind()
        var expected: Float = 0
        try block.allocateSound(4096, format: AV_SAMPLE_FMT_FLTP, sampleRate: 48_000, channels: 3)
        let held = block.floats
        let planes = try #require(held)
        var isRight = true
        while true {
          let count = try spool.read(into: planes, count: 4096)
          if count == 0 { break }
          for index in 0..<count {
            for channel in 0..<3 where planes[channel][index] != expected + Float(channel) / 4 { isRight = false }
            expected += 1
          }
        }
        #expect(isRight && expected == next)
      }
    }
  }
}
