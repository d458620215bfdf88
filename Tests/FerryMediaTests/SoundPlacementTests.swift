import FerryCore
import FerryMedia
import Foundation
import Testing

@testable import FerryMedia

/// Sound stays where its timestamps say, and is not touched where they only round.
@Suite struct SoundPlacementTests {
  /// How the lane would put frames, from what their timestamps say.
  private struct Played {
    /// By how much each frame is late, in milliseconds of what its timestamp says.
    var late: [Double] = []
    /// The frames that were placed, after the first.
    var placed: [Int] = []
    var stretches: [Double] = []
  }

  /// Plays frames of `length` samples at 48 kHz whose timestamps, in seconds, are `stamps`.
  private func play(_ stamps: [Double], length: Int = 1024) -> Played {
    let pieces = stamps.map { SoundPlacement.Piece(start: Int(($0 * 48_000).rounded()), length: Double(length)) }
    var placement = SoundPlacement(sampleRate: 48_000)
    var played = Played()
    var end = 0.0
    for (index, piece) in pieces.enumerated() {
      let following = Array(pieces.dropFirst(index + 1).prefix(SoundPlacement.lookahead))
      let position = Int(end.rounded())
      switch placement.next(piece, at: position, before: following, isFirst: index == 0) {
      case .place:
        if index > 0 { played.placed.append(index) }
        played.late.append(0)
        end = max(end, Double(piece.start) + piece.length)
        played.stretches.append(0)
      case .follow(let share):
        played.late.append(Double(position - piece.start) / 48)
        end += piece.length * (1 + share)
        played.stretches.append(share)
      }
    }
    return played
  }

  private func frames(_ seconds: Double, length: Int = 1024) -> [Double] {
    (0..<Int(seconds * 48_000 / Double(length))).map { Double($0 * length) / 48_000 }
  }

  @Test(arguments: [0.0, 0.001, 0.002, 0.01])
  func roundedTimestampsChangeNothing(unit: Double) {
    let exact = frames(120)
    for rounding in [FloatingPointRoundingRule.down, .toNearestOrEven, .up] {
      let played = play(unit == 0 ? exact : exact.map { ($0 / unit).rounded(rounding) * unit })
      #expect(played.placed.isEmpty)
      #expect(played.stretches.allSatisfy { $0 == 0 })
    }
  }

  @Test(arguments: [8000, 4000, 6200, 16_000])
  func framesThatTakeTheTimeOfTheirChunkAreLeftAlone(chunk: Int) throws {
    // MP3 at 128 kbit/s in old AVI files: the first frame that begins in a chunk is given the chunk's time.
    let bytes = 384.0
    let stamps = (0..<5000).map { frame -> Double in
      let start = Double(frame) * bytes
      let first = (start / Double(chunk)).rounded(.down) * Double(chunk)
      let leader = (first / bytes).rounded(.up) * bytes
      // The others follow the one before them.
      return leader <= start ? (first + start - leader) / 16_000 : start / 16_000
    }
    let played = play(stamps, length: 1152)
    #expect(played.placed.isEmpty)
    // The first frame may have lain at the edge, which is made up for once.
    #expect(played.stretches.dropFirst(400).allSatisfy { $0 == 0 })
    #expect(played.late.allSatisfy { abs($0) <= 26 })
  }

  @Test(arguments: [-0.003, -0.0007, 0.0001, 0.0007, 0.002, 0.003])
  func aClockThatRunsWrongIsFollowed(by share: Double) {
    let played = play(frames(120).map { ($0 * (1 + share) * 1000).rounded() / 1000 })
    #expect(played.placed.isEmpty)
    #expect(played.late.allSatisfy { abs($0) <= 11 }, "\(played.late.max() ?? 0) \(played.late.min() ?? 0)")
    // Once it is followed its pitch is steady.
    let steady = played.stretches.dropFirst(4000)
    if abs(share) >= 0.0007 {
      #expect(steady.allSatisfy { abs($0 - share) < 0.0003 }, "\(steady.min() ?? 0)…\(steady.max() ?? 0)")
    }
  }

  @Test(arguments: [0.0214, 0.0373, 0.2, 3.0, -0.0373, -0.9])
  func aNewPieceIsPlacedExactly(by step: Double) {
    let stamps = frames(20).enumerated().map { $1 + ($0 >= 300 ? step : 0) }
    let played = play(stamps)
    #expect(played.placed.first == 300)
    #expect(played.late.allSatisfy { abs($0) < 0.05 })
    #expect(played.stretches.allSatisfy { $0 == 0 })
  }

  @Test func aSmallStepIsMadeUpForInAMoment() {
    let played = play(frames(20).enumerated().map { $1 + ($0 >= 300 ? 0.015 : 0) })
    #expect(played.placed.isEmpty)
    #expect(played.late.allSatisfy { abs($0) <= 15.1 })
    #expect(played.late.dropFirst(300 + 188).allSatisfy { abs($0) <= 5 })
    #expect(played.late.suffix(200).allSatisfy { abs($0) <= 1 })
  }

  @Test func oneFalseTimestampMovesNothing() {
    let stamps = frames(20).enumerated().map { $1 + ($0 == 300 ? 0.5 : $0 == 500 ? -0.07 : 0) }
    let played = play(stamps)
    #expect(played.placed.isEmpty)
    #expect(played.stretches.allSatisfy { $0 == 0 })
  }

  @Test func soundThatBeginsBeforeTheProgrammeIsCutExactly() {
    let played = play(frames(2).map { $0 - 0.03 })
    // The first frame is cut whole, and the second partly.
    #expect(played.placed == [1])
  }
}

extension MediaTests {
  /// The same with real files, from end to end.
  @Suite struct SoundPlaces {
    let footage: Footage

    init() throws { footage = try Footage() }

    private static let size = "s=160x90:r=25"

    /// Flashes at each half second and a picture later, for `length` seconds.
    private func flashes(_ length: Int) -> String {
      "color=black:\(SoundPlaces.size):d=\(length),drawbox=c=white:t=fill:enable='between(mod(t+0.5,1),0,0.0999)'"
    }

    /// Beeps that begin at each half second of a clock that runs `rate` times as fast as the samples.
    private func beeps(_ length: Int, rate: Double = 1) -> String {
      "aevalsrc='0.3*sin(2*PI*1000*t)*between(mod(t*\(rate)+0.5,1),0,0.1)':s=48000:d=\(Double(length) / rate)"
    }

    /// By how many milliseconds each beep is heard after its flash is seen.
    private func distances(_ source: String) throws -> [Double] {
      let result = try footage.transcode(source).muxed()
      let pictures = try Judge.greyPictures(result, width: 8, height: 8).map { $0.allSatisfy { $0 > 128 } }
      let seen = pictures.indices.dropFirst().filter { pictures[$0] && !pictures[$0 - 1] }.map { Double($0) / 25 }
      var heard: [Double] = []
      var last = -1.0
      for (index, sample) in try #require(try Judge.sound(result).first).enumerated() where abs(sample) > 0.06 {
        let time = Double(index) / 48_000
        if time - last > 0.2 { heard.append(time) }
        last = time
      }
      try #require(seen.count > 3)
      return try seen.map { flash in
        let nearest = heard.min { abs($0 - flash) < abs($1 - flash) }
        return (try #require(nearest) - flash) * 1000
      }
    }

    private static let encoders = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "25"]

    @Test func twoRecordingsInOneTransportStream() throws {
      let one = try footage.film(
        "one.ts", picture: flashes(4), sound: beeps(4), options: SoundPlaces.encoders + ["-bf", "2", "-c:a", "aac"])
      let both = footage.path("both.ts")
      let bytes = try Data(contentsOf: URL(fileURLWithPath: one))
      try (bytes + bytes).write(to: URL(fileURLWithPath: both))
      let found = try distances(both)
      #expect(found.count == 8)
      // The first picture of a flash is shown 20 ms after it began.
      #expect(found.allSatisfy { abs($0 + 20) <= 5 }, "\(found)")
    }

    @Test func aClockThatRunsWrong() throws {
      let source = try footage.film(
        "drift.mkv", picture: flashes(30), sound: beeps(30, rate: 1.002),
        options: ["-af", "asetpts=PTS*1.002", "-c:a", "pcm_s16le"] + SoundPlaces.encoders)
      let found = try distances(source)
      #expect(found.count == 30)
      #expect(found.allSatisfy { abs($0 + 20) <= 11 }, "\(found)")
    }

    @Test func whatWasLostIsSilent() throws {
      // Two packets of sound are missing in the middle, 42.7 ms.
      let whole = try footage.film(
        "whole.ts", picture: flashes(6), sound: beeps(6), options: SoundPlaces.encoders + ["-c:a", "aac"])
      let source = footage.path("lossy.ts")
      try Judge.ffmpeg(
        ["-i", whole, "-map", "0", "-c", "copy", "-bsf:a", "noise=drop=between(n\\,140\\,141)", source])
      let found = try distances(source)
      #expect(found.allSatisfy { abs($0 + 20) <= 5 }, "\(found)")
    }

    @Test(arguments: ["mkv", "mov", "avi", "wav"])
    func soundThatLiesRightIsKeptBitForBit(container: String) throws {
      let source = try footage.film(
        "noise.\(container)", sound: "anoisesrc=a=0.5:r=48000:d=9:s=3,aformat=channel_layouts=stereo",
        options: ["-c:a", "pcm_s16le"])
      let made = try lossless(source)
      #expect(try samples(made) == samples(source))
    }

    @Test(arguments: [("avi", "libmp3lame"), ("asf", "wmav2"), ("flv", "aac"), ("mkv", "libopus"), ("ts", "mp2")])
    func roundedTimestampsStretchNothing(container: String, codec: String) throws {
      let source = try footage.film(
        "noise.\(container)", sound: "anoisesrc=a=0.3:c=brown:r=48000:d=12:s=3,aformat=channel_layouts=stereo",
        options: ["-c:a", codec, "-b:a", "128k"])
      let made = try samples(try lossless(source))
      let meant = try samples(source)
      // A container may begin elsewhere than FFmpeg's own tool, but what lies a second in lies there to the end.
      let start = 48_000 * 2
      let shift = try #require((-6000...6000).first { near(made, meant, at: start, shift: $0 * 2, count: 200) })
      let end = min(made.count, meant.count) - 20_000
      #expect(near(made, meant, at: start, shift: shift * 2, count: end - start))
    }

    /// Whether two sounds are the same but for rounding.
    private func near(_ one: [Int16], _ other: [Int16], at start: Int, shift: Int, count: Int) -> Bool {
      (start..<(start + count)).allSatisfy { abs(Int(one[$0]) - Int(other[$0 + shift])) <= 1 }
    }

    private func lossless(_ source: String) throws -> String {
      let facts = try Probe.facts(of: source)
      let language = try #require(LanguageTag("zh"))
      let recipe = try #require(Recipe(.archive, for: facts, language: language))
      let made = try footage.transcode(source, by: recipe)
      return made.path(try #require(made.outcome.audio).file)
    }

    /// Samples of both channels, side by side, by FFmpeg.
    private func samples(_ path: String) throws -> [Int16] {
      let bytes = try Judge.ffmpeg(["-i", path, "-map", "0:a:0", "-f", "s16le", "-"])
      return bytes.withUnsafeBytes { Array($0.bindMemory(to: Int16.self)) }
    }
  }
}
