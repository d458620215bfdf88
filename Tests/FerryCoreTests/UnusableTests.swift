import FerryCore
import Testing

/// Streams that are there and cannot be made.
struct UnusableTests {
  private func stream(
    _ index: Int, _ kind: StreamFacts.Kind, _ obstacle: StreamFacts.Obstacle? = nil, _ disposition: [String] = []
  ) -> StreamFacts {
    var facts = StreamFacts(
      index: index, kind: kind, codec: obstacle == .unnamed ? "none" : "codec", disposition: disposition)
    facts.obstacle = obstacle
    if kind == .video {
      facts.video = VideoFacts(
        width: 160, height: 90, sampleAspect: Rational(1, 1), displayAspect: Rational(16, 9), rotation: 0,
        isMirrored: false, averageFrameRate: Rational(25, 1), realFrameRate: Rational(25, 1),
        isVariableFrameRate: false, pixelFormat: "yuv420p", bitDepth: 8, colourRange: nil, colourPrimaries: nil,
        colourTransfer: nil, colourMatrix: nil, interlacing: .progressive)
    }
    if kind == .audio {
      facts.audio = AudioFacts(sampleRate: 48_000, channels: 2, layout: "stereo", sampleFormat: "fltp")
    }
    return facts
  }

  @Test func knowsWhatIsALessonsContent() {
    let table: [(StreamFacts, Set<StreamFacts.Role>)] = [
      (stream(0, .video), [.picture]), (stream(0, .audio), [.sound]), (stream(0, .subtitle), [.text]),
      (stream(0, .data), [.aside]), (stream(0, .attachment), [.aside]),
      (stream(0, .video, nil, ["attached-pic"]), [.aside]), (stream(0, .unknown, .unnamed), [.picture, .sound]),
    ]
    for (stream, roles) in table { #expect(stream.roles == roles, "\(stream)") }
  }

  @Test func neverCountsAStreamAsAbsent() throws {
    let table: [(streams: [StreamFacts], missing: [Int], leftOut: [Int])] = [
      ([stream(0, .video), stream(1, .audio)], [], []),
      ([stream(0, .video, .unnamed), stream(1, .audio)], [0], []),
      ([stream(0, .video), stream(1, .audio, .unnamed)], [1], []),
      ([stream(0, .video, .undecodable), stream(1, .audio, .unsized)], [0, 1], []),
      ([stream(0, .video), stream(1, .audio, .unnamed), stream(2, .audio)], [], [1]),
      ([stream(0, .video, .undecodable), stream(1, .video), stream(2, .audio)], [], [0]),
      ([stream(0, .audio), stream(1, .unknown, .unnamed)], [1], []),
      ([stream(0, .video), stream(1, .unknown, .unnamed)], [1], []),
      ([stream(0, .video), stream(1, .audio), stream(2, .unknown, .unnamed)], [], [2]),
      ([stream(0, .video), stream(1, .audio), stream(2, .data)], [], []),
    ]
    let language = try #require(LanguageTag("zh"))
    for row in table {
      let facts = SourceFacts(
        container: "mpegts", size: 1, duration: 1000, start: 0, bitRate: nil, streams: row.streams, chapters: [])
      let unusable = facts.unusable(
        Recipe(.web, for: facts, language: language), wanted: [.picture, .sound])
      #expect(unusable.missing.map(\.index) == row.missing, "\(row.streams)")
      #expect(unusable.leftOut.map(\.index) == row.leftOut, "\(row.streams)")
    }
  }

  @Test func saysWhatIsKnown() {
    var strange = stream(3, .video, .unnamed)
    strange.tag = "apac"
    strange.name = "Main"
    #expect(
      strange.obstacleWords == "its picture, stream 3, is of a codec that is not known ('apac', named 'Main')")
    #expect(stream(1, .audio).obstacleWords == nil)
  }

  @Test func namesTheProtection() {
    var protection = Protection(scheme: "cenc")
    protection.addSystem("edef8ba979d64acea3c827dcd51d21ed")
    protection.addKey("00ff")
    protection.addKey("00ff")
    #expect(protection.words == "cenc, for Widevine, key 00ff")
  }
}
