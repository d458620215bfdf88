import FerryCore
import FerryMedia
import Foundation
import Testing

extension MediaTests {
  /// Whatever was recorded, a viewer hears 48 kHz stereo in the title's language.
  @Suite struct Sounds {
    let footage: Footage

    init() throws { footage = try Footage() }

    @Test func monoIsHeardOnBothSides() throws {
      let source = try footage.film("mono.wav", sound: "sine=1000:r=48000:d=1", options: ["-ac", "1"])
      let channels = try stereo(source)
      #expect(loudness(channels[0]) > 0.05 && abs(loudness(channels[0]) - loudness(channels[1])) < 0.001)
    }

    @Test(arguments: [("centre", 2, true, true), ("left", 0, true, false), ("right surround", 5, false, true)])
    func surroundIsMixedToStereo(name: String, channel: Int, left: Bool, right: Bool) throws {
      let silence = Array(repeating: "0", count: 6)
      var voices = silence
      voices[channel] = "0.4*sin(2*PI*1000*t)"
      let source = try footage.film(
        "surround.mkv", sound: "aevalsrc='\(voices.joined(separator: "|"))':c=5.1:s=48000:d=1",
        options: ["-c:a", "ac3", "-b:a", "448k"])
      #expect(try Probe.facts(of: source).streams.first?.audio?.channels == 6)
      let channels = try stereo(source)
      #expect((loudness(channels[0]) > 0.02) == left)
      #expect((loudness(channels[1]) > 0.02) == right)
    }

    @Test func fortyFourKilohertzKeepsItsPitchAndLength() throws {
      let source = try footage.film("disc.wav", sound: "sine=1000:r=44100:d=3")
      let made = try footage.transcode(source)
      let stream = try Judge.audio(try made.audio).stream
      #expect(stream.sampleRate == "48000" && stream.channels == 2 && stream.codecName == "aac")
      let channels = try stereo(source)
      #expect(abs(pitch(channels[0]) - 1000) < 2)
      #expect(abs(channels[0].count - 3 * 48_000) <= 1024)
    }

    @Test func aSilentFilmHasNoSound() throws {
      let source = try footage.film(
        "silent.mp4", picture: "testsrc2=s=160x90:r=25:d=1", options: ["-c:v", "mpeg4", "-q:v", "2"])
      let made = try footage.transcode(source)
      #expect(made.outcome.audio == nil)
      let result = try made.muxed()
      #expect(try Examination.of(result).facts.streams.map(\.kind) == [.video])
      #expect(try Judge.video(result).packets.count == 25)
    }

    @Test func theTitlesLanguageIsHeard() throws {
      let source = try footage.film(
        "dubbed.mkv", picture: "sine=300:r=48000:d=1[out0];sine=1000:r=48000:d=1[out1]",
        options: [
          "-map", "0:0", "-map", "0:1", "-c:a", "flac", "-metadata:s:a:0", "language=eng", "-metadata:s:a:1",
          "language=chi", "-disposition:a:0", "default", "-disposition:a:1", "0",
        ])
      let made = try footage.transcode(source)
      #expect(made.recipe.audio?.sourceStream == 1)
      #expect(abs(pitch(try stereo(source)[0]) - 1000) < 3)
      #expect(try Judge.audio(try made.audio).stream.tags?["language"] == "zho")
    }

    /// The two channels of the sound that viewers get.
    private func stereo(_ source: String) throws -> [[Double]] {
      let channels = try Judge.sound(try footage.transcode(source).muxed())
      try #require(channels.count == 2)
      return channels
    }

    /// Root of the mean square.
    private func loudness(_ samples: [Double]) -> Double {
      (samples.reduce(0) { $0 + $1 * $1 } / Double(max(1, samples.count))).squareRoot()
    }

    /// Upward zero crossings a second, in the middle of the sound.
    private func pitch(_ samples: [Double]) -> Double {
      let middle = samples[4800..<(samples.count - 4800)]
      let crossings = zip(middle, middle.dropFirst()).filter { $0 < 0 && $1 >= 0 }.count
      return Double(crossings) * 48_000 / Double(middle.count)
    }
  }
}
