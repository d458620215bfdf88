import FerryCore
import Testing

/// Why sound is not taken over as it is.
@Suite struct CopyObstacles {
  private func facts(
    codec: String = "aac", profile: String? = "LC", rate: Int? = 128_000, samples: Int = 48_000, channels: Int = 2,
    isADTS: Bool = false
  ) -> SourceFacts {
    let layout = channels == 2 ? "stereo" : channels == 1 ? "mono" : "5.1"
    let sound = StreamFacts(
      index: 0, kind: .audio, codec: codec, codecProfile: profile, bitRate: rate,
      audio: AudioFacts(
        sampleRate: samples, channels: channels, layout: layout, sampleFormat: "fltp", isADTS: isADTS))
    return SourceFacts(
      container: "mov", size: 1, duration: 1000, start: 0, bitRate: nil, streams: [sound], chapters: [])
  }

  private func obstacle(_ facts: SourceFacts, _ profile: Profile = .web) -> String? {
    let recipe = Recipe(profile, for: facts, language: LanguageTag("zh")!)?.audio
    let obstacle = recipe?.copyObstacle(facts.streams[0], profile.audio)
    #expect(recipe?.mayCopy == (obstacle == nil))
    return obstacle
  }

  @Test func saysWhatDoesNotConform() {
    #expect(obstacle(facts()) == nil)
    #expect(obstacle(facts(codec: "mp3", profile: nil)) == "it is mp3, not aac")
    #expect(obstacle(facts(profile: "HE-AAC")) == "its AAC profile is HE-AAC, not LC")
    #expect(
      obstacle(facts(isADTS: true))
        == "each of its packets carries a header of its own (ADTS), which MP4 does not take")
    #expect(obstacle(facts(samples: 44_100)) == "it has 44100 samples a second, not 48000")
    #expect(obstacle(facts(channels: 1)) == "it is mono, which becomes 2 channels")
    #expect(obstacle(facts(channels: 6)) == "it is 5.1, which becomes 2 channels")
    let most = Profile.web.audio.bitRate * 11 / 10 / 1000
    #expect(obstacle(facts(rate: 400_000)) == "its bit rate is above \(most) kbit/s, or not known")
    #expect(obstacle(facts(rate: nil)) == "its bit rate is above \(most) kbit/s, or not known")
    var opus = Profile.web
    opus.audio.codec = .opus
    #expect(obstacle(facts(), opus) == "it is made as opus")
  }

  @Test func saysWhichLoudnessIsNotRight() throws {
    let audio = try #require(Recipe(.web, for: facts(), language: LanguageTag("zh")!)?.audio)
    func loud(_ integrated: Double?, _ peak: Double?) -> String? {
      audio.copyObstacle(Loudness(integrated: integrated, range: 3, truePeak: peak))
    }
    #expect(loud(-16.3, -2) == nil)
    #expect(loud(nil, nil) == nil, "silence is as loud as it should be")
    #expect(loud(-23.1, -2) == "it is as loud as -23.1 LUFS, not -16.0")
    #expect(loud(-16, -0.5) == "its peaks reach -0.5 dBTP, not -1.5")
  }
}
