import FerryCore
import Foundation
import Testing

@testable import FerryMedia

extension MediaTests {
  /// The source's own packets in the delivered file: what is seen and heard together stays together.
  @Suite struct PacketCopies {
    let footage: Footage

    init() throws { footage = try Footage() }

    private static let picture = "color=black:s=854x480:r=25:d=9,drawbox=c=white:t=fill:enable='eq(n,25)+eq(n,75)'"
    private static let sound =
      "aevalsrc='if(lt(mod(t+1,2),0.04)*gt(t,0.9)*lt(t,3.5),0.8*sin(2*PI*1000*mod(t+1,2)),0)':s=48000:d=9"
    /// A picture and a sound that conform to the profile.
    private static let right = [
      "-c:v", "libx264", "-preset", "veryfast", "-crf", "30", "-pix_fmt", "yuv420p", "-x264-params", "no-scenecut=1",
      "-g", "50", "-keyint_min", "50", "-flags", "+cgop", "-colorspace", "bt709", "-color_primaries", "bt709",
      "-color_trc", "bt709", "-color_range", "tv", "-c:a", "aac", "-b:a", "96k", "-ac", "2",
    ]

    private func film(_ name: String, _ options: String...) throws -> String {
      try footage.film(
        name, picture: PacketCopies.picture, sound: PacketCopies.sound, options: PacketCopies.right + options)
    }

    /// A recipe as a run decides it, for sound of any loudness.
    private func recipe(_ source: String) throws -> Recipe {
      var profile = Profile.web
      profile.audio.loudness = nil
      let language = try #require(LanguageTag("zh"))
      var facts = try Probe.facts(of: source)
      let counted = Recipe.worthCounting(profile, in: facts, language: language)
      if !counted.isEmpty { facts = try PacketCount.completing(facts, of: source, streams: counted) }
      return try #require(Recipe(profile, for: facts, language: language))
    }

    private func expectTogether(_ result: String) throws {
      #expect(try Judge.complaints(of: result) == "")
      #expect(try Judge.video(result).stream.start == 0)
      #expect(try Judge.audio(result).stream.start == 0)
      let pictures = try Judge.greyPictures(result, width: 16, height: 16)
      #expect(pictures.indices.filter { pictures[$0].allSatisfy { $0 > 180 } } == [25, 75])
      let samples = try #require(try Judge.sound(result).first)
      var beeps: [Double] = []
      for (index, sample) in samples.enumerated() where abs(sample) > 0.25 {
        let time = Double(index) / 48_000
        if time - (beeps.last ?? -1) > 0.5 { beeps.append(time) }
      }
      try #require(beeps.count == 2, "\(beeps)")
      for (beep, wanted) in zip(beeps, [1.0, 3]) { #expect(abs(beep - wanted) <= 0.005, "\(beep)") }
    }

    @Test(arguments: ["mp4", "mov", "mkv", "flv"])
    func aSourceThatConformsIsDeliveredAsItIs(_ kind: String) throws {
      let source = try film("right.\(kind)")
      let recipe = try recipe(source)
      #expect(recipe.video?.isCopied == true && recipe.audio?.mayCopy == true, "\(recipe)")
      let made = try footage.transcode(source, by: recipe)
      #expect(made.outcome.givenUp == nil, "\(made.outcome.givenUp as Any)")
      #expect(made.outcome.renditions.map(\.isCopied) == [true] && made.outcome.sounds.map(\.isCopied) == [true])
      #expect(try packets(source, "v") == packets(try made.video, "v"), "every picture's packet is the source's own")
      #expect(try packets(source, "a") == packets(try made.audio, "a"), "and every sound's")
      #expect(made.outcome.renditions.first?.file.segments.map { $0.duration.value } == [4, 4, 1])
      try expectTogether(try made.muxed())
    }

    @Test func whatFerryMadeIsTakenOverWhenItComesBack() throws {
      let source = try footage.film(
        "first.mkv", picture: PacketCopies.picture, sound: PacketCopies.sound,
        options: ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-c:a", "flac", "-ac", "2"])
      let first = try footage.transcode(source, by: try recipe(source))
      let made = try first.muxed()
      let again = try footage.transcode(made, by: try recipe(made))
      #expect(again.outcome.renditions.map(\.isCopied) == [true] && again.outcome.sounds.map(\.isCopied) == [true])
      try expectTogether(try again.muxed())
    }

    @Test(arguments: ["ts", "aac"])
    func soundWithAHeaderInEachPacketIsEncoded(_ kind: String) throws {
      let source =
        kind == "ts"
        ? try film("right.ts")
        : try footage.film(
          "right.aac", sound: PacketCopies.sound, options: ["-c:a", "aac", "-b:a", "96k", "-ac", "2"])
      var recipe = try recipe(source)
      #expect(recipe.audio?.mayCopy == false)
      let stream = try #require(try Probe.facts(of: source).streams.first { $0.kind == .audio })
      #expect(
        recipe.audio?.copyObstacle(stream, Profile.web.audio)
          == "each of its packets carries a header of its own (ADTS), which MP4 does not take")
      // Whatever a writer refuses gives the copy up, and not the title.
      recipe.audio?.mayCopy = true
      let made = try footage.transcode(source, by: recipe)
      #expect(made.outcome.sounds.map(\.isCopied) == [false])
      let reason = try #require(made.outcome.reasonToEncode(.audio))
      #expect(reason.hasPrefix("its packets cannot be written to MP4: "), "\(reason)")
      #expect(!FileManager.default.fileExists(atPath: made.folder + "/audio.copy.mp4"))
      #expect(abs(made.outcome.duration.count - 9000) < 200)
    }

    @Test func aDiskThatIsFullForACopyIsNoFaultOfTheSource() throws {
      let source = try film("right.mp4")
      let recipe = try recipe(source)
      let language = try #require(LanguageTag("zh"))
      let output = footage.path("out")
      try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: false)
      try FileManager.default.createSymbolicLink(
        atPath: output + "/audio.copy.mp4", withDestinationPath: "/dev/full")
      let error = #expect(throws: MediaError.self) {
        try Transcode.run(source, by: recipe, language: language, into: output) { _ in }
      }
      #expect(error?.isNoSpace == true)
    }

    @Test func soundOfAnotherLoudnessIsEncodedAndSaysWhy() throws {
      let source = try film("quiet.mp4", "-filter:a", "volume=0.1")
      let language = try #require(LanguageTag("zh"))
      let recipe = try #require(Recipe(.web, for: try Probe.facts(of: source), language: language))
      #expect(recipe.audio?.mayCopy == true)
      let made = try footage.transcode(source, by: recipe)
      #expect(made.outcome.sounds.map(\.isCopied) == [false])
      let reason = try #require(made.outcome.reasonToEncode(.audio))
      #expect(try /it is as loud as -[\d.]+ LUFS, not -16\.0/.wholeMatch(in: reason) != nil, "\(reason)")
    }

    @Test func aPictureOfWhichAnEditListHidesAPartIsEncodedAndSaysWhy() throws {
      _ = try film("right.mp4")
      let source = footage.path("cut.mp4")
      try Judge.ffmpeg(["-ss", "2.5", "-i", footage.path("right.mp4"), "-c", "copy", source])
      let recipe = try recipe(source)
      try #require(recipe.video?.isCopied == true)
      let made = try footage.transcode(source, by: recipe)
      #expect(made.outcome.renditions.map(\.isCopied) == [false])
      #expect(made.outcome.reasonToEncode(.video) == "an edit list hides a part of it")
      #expect(try Judge.complaints(of: try made.muxed()) == "")
    }

    @Test func aGapInTheSoundIsNotClosed() throws {
      _ = try film("right.mkv")
      let source = footage.path("gap.mkv")
      // What lies between two and three seconds is not there.
      try Judge.ffmpeg([
        "-i", footage.path("right.mkv"), "-map", "0", "-c", "copy", "-bsf:a", "noise=drop=between(tb*pts\\,2\\,3)",
        source,
      ])
      let made = try footage.transcode(source, by: try recipe(source))
      #expect(made.outcome.sounds.map(\.isCopied) == [false])
      #expect(made.outcome.reasonToEncode(.audio) == "there is a gap between two packets")
      try expectTogether(try made.muxed())
    }

    @Test func keyFramesThatLieUnevenlyAreFoundByCounting() throws {
      let source = try film("uneven.mkv", "-force_key_frames", "1.2")
      let recipe = try recipe(source)
      #expect(recipe.video?.isCopied == false)
    }

    @Test func onlyWhatMayBeCopiedIsCounted() throws {
      let language = try #require(LanguageTag("zh"))
      func counted(_ source: String) throws -> Set<Int> {
        Recipe.worthCounting(.web, in: try Probe.facts(of: source), language: language)
      }
      #expect(try counted(try film("right.mkv")) == [0, 1])
      #expect(try counted(try film("right.mp4")) == [], "its index says all")
      #expect(try counted(try film("other.mkv", "-color_range", "pc", "-ac", "1")) == [])
    }

    /// The digest of each packet's bytes, as FFmpeg tells it.
    private func packets(_ path: String, _ kind: String) throws -> [String] {
      let text = String(
        decoding: try Judge.ffmpeg(["-i", path, "-map", "0:\(kind)", "-c", "copy", "-f", "framemd5", "-"]),
        as: UTF8.self)
      return text.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap { line in
        let fields = line.split(separator: ",")
        // What follows the digest is side data, which is the container's.
        return fields.count > 5 ? fields[5].trimmingCharacters(in: .whitespaces) : nil
      }
    }
  }
}
