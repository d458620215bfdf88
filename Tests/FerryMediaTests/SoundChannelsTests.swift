import CFFmpeg
import FerryCore
import Foundation
import Testing

@testable import FerryMedia

extension MediaTests {
  /// Channels are mixed as the standard says, and what is wrong with them is found before they are.
  @Suite struct SoundChannels {
    let footage: Footage

    init() throws { footage = try Footage() }

    private func transcode(_ source: String, _ profile: Profile = .web) throws -> Transcoded {
      let recipe = Recipe(profile, for: try Probe.facts(of: source), language: try #require(LanguageTag("zh")))
      return try footage.transcode(source, by: try #require(recipe))
    }

    /// Sound of one expression a channel; `layout` may be a number of channels that nothing names.
    private func sound(
      _ name: String, _ voices: [String], layout: String? = nil, rate: Int = 48_000, seconds: Double = 2
    ) throws -> String {
      let channels = layout.map { ":c=\($0)" } ?? ""
      let graph = "aevalsrc='\(voices.joined(separator: "|"))'\(channels):s=\(rate):d=\(seconds)"
      return try footage.film(name, sound: graph, options: ["-c:a", "pcm_s16le"])
    }

    private static let loud = "clip(3*sin(2*PI*440*t),-1,1)"
    private static let quiet = "0.2*sin(2*PI*300*t)"

    @Test func clippedMonoIsFoundWhereItIsDoubled() throws {
      let made = try transcode(try sound("mono.wav", [SoundChannels.loud]))
      #expect(made.outcome.audio?.channels == 2)
      let found = made.outcome.quality.findings
      #expect(found.map(\.kind) == [.clipped])
      #expect(found.first?.startMs ?? 9 <= 1 && found.first?.endMs ?? 0 >= 1999)
      let before = try #require(made.outcome.quality.loudness?.before)
      #expect(try #require(before.truePeak) >= 0)
      // What stereo with the same on both sides is found to be.
      let stereo = try transcode(try sound("stereo.wav", [SoundChannels.loud, SoundChannels.loud]))
      #expect(stereo.outcome.quality.findings == found)
      #expect(stereo.outcome.quality.loudness?.before == before)
    }

    @Test func clippedMonoHoldsTheTitleWhereThatIsAnError() throws {
      var profile = Profile.web
      profile.checks.clipped.severity = .error
      let made = try transcode(try sound("mono.wav", [SoundChannels.loud]), profile)
      #expect(made.outcome.quality.findings.map(\.severity) == [.error])
    }

    @Test(arguments: [(2, 1), (4, 1), (3, 0)])
    func aClippedChannelOfSurroundIsFoundIfItIsHeard(channel: Int, count: Int) throws {
      var voices = Array(repeating: SoundChannels.quiet, count: 6)
      voices[channel] = SoundChannels.loud
      let made = try transcode(try sound("surround.wav", voices, layout: "5.1"))
      #expect(made.outcome.quality.findings.map(\.kind) == Array(repeating: .clipped, count: count))
    }

    @Test func clipsOfAnotherRateAreWhereTheyAre() throws {
      let voice = "if(between(t,1,1.5),\(SoundChannels.loud),\(SoundChannels.quiet))"
      let made = try transcode(try sound("disc.wav", [voice], rate: 44_100, seconds: 3))
      let found = try #require(made.outcome.quality.findings.first)
      #expect(made.outcome.quality.findings.count == 1)
      #expect(abs(found.startMs.count - 1000) <= 2 && abs(found.endMs.count - 1500) <= 2, "\(found)")
    }

    @Test func silenceBeforeTheSoundIsFound() throws {
      let source = footage.path("late.mkv")
      try Judge.ffmpeg([
        "-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=9", "-itsoffset", "6", "-f", "lavfi", "-i",
        "sine=1000:r=48000:d=3", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "flac",
        source,
      ])
      let found = try transcode(source).outcome.quality.findings
      #expect(found.map(\.kind) == [.soundBegins] && found.map(\.startMs) == [0], "\(found)")
      #expect(abs((found.first?.endMs.count ?? 0) - 6000) <= 20)
    }

    @Test func monoIsAsLoudOnBothSidesAsItWas() throws {
      let source = try sound("mono.wav", [SoundChannels.quiet])
      var profile = Profile.archive
      for (mono, channels) in [(Profile.AudioRules.Mono.keep, 1), (.dual, 2)] {
        profile.audio.mono = mono
        let heard = try levels(of: try transcode(source, profile), slices: 1)
        #expect(heard.count == 1 && heard[0].count == channels)
        #expect(heard.allSatisfy { $0.allSatisfy { abs($0 - 1) < 0.01 } }, "\(heard)")
      }
    }

    @Test func doubledMonoComesToTheTarget() throws {
      let made = try transcode(try sound("mono.wav", ["0.05*sin(2*PI*500*t)"], seconds: 8))
      let change = try #require(made.outcome.quality.loudness)
      // A sine of -26 dBFS on both sides is -26 LUFS but for the filter's few tenths at 500 Hz.
      #expect(abs(try #require(change.before.integrated) + 26) <= 1, "\(change)")
      #expect(abs(try #require(change.before.truePeak) + 26) <= 0.2)
      #expect(abs(try #require(change.after.integrated) + 16) <= 0.3)
    }

    private static let half = 0.5.squareRoot()

    @Test(arguments: [
      ("quad", [[1, 0], [0, 1], [half, 0], [0, half]]),
      ("3.0", [[1, 0], [0, 1], [half, half]]),
      ("5.0", [[1, 0], [0, 1], [half, half], [half, 0], [0, half]]),
      ("5.1", [[1, 0], [0, 1], [half, half], [0, 0], [half, 0], [0, half]]),
      ("5.1(side)", [[1, 0], [0, 1], [half, half], [0, 0], [half, 0], [0, half]]),
      ("6.1", [[1, 0], [0, 1], [half, half], [0, 0], [0.5, 0.5], [half, 0], [0, half]]),
      ("7.1", [[1, 0], [0, 1], [half, half], [0, 0], [half, 0], [0, half], [half, 0], [0, half]]),
    ])
    func layoutsAreMixedByTheStandard(layout: String, shares: [[Double]]) throws {
      // Each channel sounds for half a second, one after the other.
      let voices = shares.indices.map { "if(between(t,\($0)/2,\($0)/2+0.4999),\(SoundChannels.quiet),0)" }
      let source = try sound("layout.wav", voices, layout: layout, seconds: Double(shares.count) / 2)
      let heard = try levels(of: try transcode(source, .archive), slices: shares.count)
      for (channel, (found, meant)) in zip(heard, shares).enumerated() {
        #expect(zip(found, meant).allSatisfy { abs($0 - $1) < 0.01 }, "\(layout) \(channel): \(found)")
      }
    }

    @Test(arguments: [9, 10, 12, 16])
    func theFirstTwoOfManyTracksAreHeard(count: Int) throws {
      var voices = Array(repeating: "0.01*sin(2*PI*5000*t)", count: count)
      voices[0] = SoundChannels.quiet
      // The right side is silent for a while, and a track that nobody hears clips.
      voices[1] = "if(lt(t,1),0,\(SoundChannels.quiet))"
      voices[5] = SoundChannels.loud
      let source = try footage.film(
        "tracks.mkv", sound: "aevalsrc='\(voices.joined(separator: "|"))':s=48000:d=2",
        options: ["-c:a", "pcm_s16le"])
      let made = try transcode(source, .archive)
      let heard = try levels(of: made, slices: 2)
      #expect(zip(heard.flatMap { $0 }, [1, 0, 1, 1]).allSatisfy { abs($0 - $1) < 0.01 }, "\(heard)")
      let found = made.outcome.quality.findings
      #expect(found.map(\.kind) == [.channels] && found.map(\.severity) == [.warning])
      #expect(found.first?.detail == "its \(count) channels have no known layout: only the first 2 are heard")
      #expect(found.first?.startMs == 0 && found.first?.endMs == 2000)
    }

    @Test func layoutsThatNothingMixesAreSaid() {
      let two = mix("FL+FC", outputs: 2)
      #expect(two.heard == [0, 1] && two.matrix == [1, 0, 0, 1] && two.loss == nil)
      let around = mix("ambisonic 1", outputs: 2)
      #expect(around.heard == [0] && around.matrix == [1, 0, 0, 0, 1, 0, 0, 0])
      #expect(around.loss == "ambisonic sound of 4 channels: only the first, which is all around, is heard")
      let left = mix("FL", outputs: 2)
      #expect(left.heard == [0] && left.matrix == [1, 1] && left.loss == nil)
      let mono = mix("12C", outputs: 1)
      #expect(mono.loss == "its 12 channels have no known layout: only the first is heard")
      #expect(mix("5.1", outputs: 2).heard == [0, 1, 2, 4, 5])
      #expect(mix("stereo", outputs: 2) == mix("2C", outputs: 2))
    }

    private func mix(_ name: String, outputs: Int) -> ChannelMix {
      var layout = AVChannelLayout()
      defer { av_channel_layout_uninit(&layout) }
      #expect(av_channel_layout_from_string(&layout, name) >= 0)
      return ChannelMix(&layout, outputs: outputs)
    }

    /// How loud each delivered channel is in each slice of half a second or more, as a share of `quiet`.
    private func levels(of made: Transcoded, slices: Int) throws -> [[Double]] {
      let channels = try Judge.sound(made.path(try #require(made.outcome.audio).file))
      let full = 0.2 * SoundChannels.half
      return (0..<slices).map { slice in
        channels.map { samples in
          let length = samples.count / slices
          // Not where one ends and the next begins.
          let middle = samples[(slice * length + length / 8)..<((slice + 1) * length - length / 8)]
          return (middle.reduce(0) { $0 + $1 * $1 } / Double(middle.count)).squareRoot() / full
        }
      }
    }
  }
}
