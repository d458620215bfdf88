/// What to make of a source: the ladder of sizes, the sound, and their limits.
package struct Profile: Hashable, Sendable, Codable {
  package var name: String
  package var video: VideoRules
  package var audio: AudioRules

  package init(name: String, video: VideoRules, audio: AudioRules) {
    self.name = name
    self.video = video
    self.audio = audio
  }

  /// How pictures are encoded.
  package struct VideoRules: Hashable, Sendable, Codable {
    /// Largest first.
    package var ladder: [Rung]
    package var maximumFrameRate: Int
    /// Time from one key frame to the next; groups of pictures are closed.
    package var keyFrameInterval: Milliseconds
    /// Key-frame intervals in one CMAF fragment, which is one HLS segment.
    package var keyFramesPerSegment: Int
    /// x264's preset.
    package var preset: String
    /// Threads of each encoder; fixed because the bytes depend on it.
    package var encoderThreads: Int

    package init(
      ladder: [Rung], maximumFrameRate: Int, keyFrameInterval: Milliseconds, keyFramesPerSegment: Int, preset: String,
      encoderThreads: Int
    ) {
      self.ladder = ladder
      self.maximumFrameRate = maximumFrameRate
      self.keyFrameInterval = keyFrameInterval
      self.keyFramesPerSegment = keyFramesPerSegment
      self.preset = preset
      self.encoderThreads = encoderThreads
    }
  }

  /// One size of the ladder: constant quality under a cap.
  package struct Rung: Hashable, Sendable, Codable {
    /// The picture's short side in pixels, whichever way up it is.
    package var shortSide: Int
    /// x264's constant rate factor, 0 (lossless) to 51.
    package var rateFactor: Double
    /// Bits a second over any window of `bufferSize`.
    package var maximumRate: Int
    /// Bits of the decoder model's buffer.
    package var bufferSize: Int

    package init(shortSide: Int, rateFactor: Double, maximumRate: Int, bufferSize: Int) {
      self.shortSide = shortSide
      self.rateFactor = rateFactor
      self.maximumRate = maximumRate
      self.bufferSize = bufferSize
    }
  }

  /// How sound is encoded.
  package struct AudioRules: Hashable, Sendable, Codable {
    package var sampleRate: Int
    package var channels: Int
    /// Bits a second.
    package var bitRate: Int

    package init(sampleRate: Int, channels: Int, bitRate: Int) {
      self.sampleRate = sampleRate
      self.channels = channels
      self.bitRate = bitRate
    }
  }
}

extension Profile {
  /// Streams and downloads for any browser: H.264 High and AAC-LC stereo, 1080 to 480 lines.
  package static let web = Profile(
    name: "web",
    video: VideoRules(
      ladder: [
        Rung(shortSide: 1080, rateFactor: 21, maximumRate: 6_000_000, bufferSize: 12_000_000),
        Rung(shortSide: 720, rateFactor: 21, maximumRate: 3_500_000, bufferSize: 7_000_000),
        Rung(shortSide: 480, rateFactor: 21, maximumRate: 1_600_000, bufferSize: 3_200_000),
      ],
      maximumFrameRate: 30, keyFrameInterval: 2000, keyFramesPerSegment: 2, preset: "veryfast", encoderThreads: 2),
    audio: AudioRules(sampleRate: 48_000, channels: 2, bitRate: 128_000))

  /// The profiles that a job can name, by name.
  package static let builtIn = [web.name: web]
}
