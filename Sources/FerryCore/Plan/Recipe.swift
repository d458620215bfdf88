/// Facts of a source × a profile = exact settings; once this exists nothing is left to decide.
package struct Recipe: Hashable, Sendable, Codable {
  /// `nil` for a source without a picture.
  package var video: VideoRecipe?
  /// `nil` for a source without sound.
  package var audio: AudioRecipe?

  package init(video: VideoRecipe?, audio: AudioRecipe?) {
    self.video = video
    self.audio = audio
  }
}

/// How the pictures of one source stream become every rendition.
package struct VideoRecipe: Hashable, Sendable, Codable {
  package var sourceStream: Int
  /// Clockwise degrees to turn each picture: 0, 90, 180 or 270.
  package var rotation: Int
  /// Mirror left to right, after turning.
  package var isMirrored: Bool
  package var deinterlaces: Bool
  /// Constant frames a second.
  package var frameRate: Rational
  /// Frames from one key frame to the next.
  package var keyFrameInterval: Int
  /// Frames in one CMAF fragment; a multiple of `keyFrameInterval`.
  package var segmentLength: Int
  package var colour: Colour
  /// Largest first; never empty.
  package var renditions: [Rendition]

  package init(
    sourceStream: Int, rotation: Int, isMirrored: Bool, deinterlaces: Bool, frameRate: Rational,
    keyFrameInterval: Int, segmentLength: Int, colour: Colour, renditions: [Rendition]
  ) {
    self.sourceStream = sourceStream
    self.rotation = rotation
    self.isMirrored = isMirrored
    self.deinterlaces = deinterlaces
    self.frameRate = frameRate
    self.keyFrameInterval = keyFrameInterval
    self.segmentLength = segmentLength
    self.colour = colour
    self.renditions = renditions
  }

  /// The colour tags of the output, in FFmpeg's names; the range is always limited.
  package struct Colour: Hashable, Sendable, Codable {
    package var primaries: String
    package var transfer: String
    package var matrix: String

    package init(primaries: String, transfer: String, matrix: String) {
      self.primaries = primaries
      self.transfer = transfer
      self.matrix = matrix
    }
  }
}

/// One encoded size.
package struct Rendition: Hashable, Sendable, Codable {
  /// `720p`: the short side in pixels.
  package var name: String
  package var width: Int
  package var height: Int
  package var rateFactor: Double
  package var maximumRate: Int
  package var bufferSize: Int
  package var preset: String
  package var encoderThreads: Int

  package init(
    name: String, width: Int, height: Int, rateFactor: Double, maximumRate: Int, bufferSize: Int, preset: String,
    encoderThreads: Int
  ) {
    self.name = name
    self.width = width
    self.height = height
    self.rateFactor = rateFactor
    self.maximumRate = maximumRate
    self.bufferSize = bufferSize
    self.preset = preset
    self.encoderThreads = encoderThreads
  }
}

/// How one source stream becomes the AAC track.
package struct AudioRecipe: Hashable, Sendable, Codable {
  package var sourceStream: Int
  package var sampleRate: Int
  package var channels: Int
  package var bitRate: Int
  /// The time of one CMAF fragment.
  package var segmentLength: Milliseconds

  package init(sourceStream: Int, sampleRate: Int, channels: Int, bitRate: Int, segmentLength: Milliseconds) {
    self.sourceStream = sourceStream
    self.sampleRate = sampleRate
    self.channels = channels
    self.bitRate = bitRate
    self.segmentLength = segmentLength
  }
}

extension Recipe {
  /// What `profile` makes of a source; `nil` for a source with neither picture nor sound.
  package init?(_ profile: Profile, for facts: SourceFacts, language: LanguageTag) {
    video = facts.mainVideo.flatMap { stream in
      stream.video.map { VideoRecipe(profile.video, for: $0, stream: stream.index) }
    }
    let segment = Milliseconds(profile.video.keyFrameInterval.count * profile.video.keyFramesPerSegment)
    audio = facts.mainAudio(language: language).map { stream in
      AudioRecipe(
        sourceStream: stream.index, sampleRate: profile.audio.sampleRate, channels: profile.audio.channels,
        bitRate: profile.audio.bitRate, segmentLength: segment)
    }
    if video == nil && audio == nil { return nil }
  }
}

extension VideoRecipe {
  package init(_ rules: Profile.VideoRules, for facts: VideoFacts, stream: Int) {
    sourceStream = stream
    rotation = facts.rotation
    isMirrored = facts.isMirrored
    deinterlaces = facts.interlacing == .topFieldFirst || facts.interlacing == .bottomFieldFirst
    frameRate = VideoRecipe.frameRate(for: facts, atMost: rules.maximumFrameRate)
    keyFrameInterval = max(1, Int((rules.keyFrameInterval.duration.inSeconds * frameRate.value).rounded()))
    segmentLength = keyFrameInterval * rules.keyFramesPerSegment
    colour = Colour(for: facts)
    renditions = VideoRecipe.renditions(rules, for: facts)
  }

  /// The source's own rate, divided by a whole number until it is at most `limit`.
  ///
  /// A variable rate gets the limit, or the PAL rate where the source's clock is a multiple of 25.
  static func frameRate(for facts: VideoFacts, atMost limit: Int) -> Rational {
    let fallback = Rational(min(limit, 30), 1)
    guard let rate = facts.isVariableFrameRate ? facts.realFrameRate : facts.averageFrameRate ?? facts.realFrameRate,
      rate.numerator > 0, rate.denominator > 0
    else { return fallback }
    // Above 240 it is a container's clock, not a camera's rate.
    if rate.value > 240 { return fallback }
    if facts.isVariableFrameRate {
      let isPAL = rate.denominator == 1 && rate.numerator % 25 == 0
      return isPAL && limit >= 25 ? Rational(25, 1) : fallback
    }
    // 29.97 and 30 both pass a limit of 30; measured rates such as 30.02 do too.
    let divisor = max(1, Int((rate.value / (Double(limit) + 0.05)).rounded(.up)))
    return standard(Rational(rate.numerator, rate.denominator * divisor))
  }

  /// A rate within 0.1 % of a standard one is that one; others stay, in lowest terms.
  private static func standard(_ rate: Rational) -> Rational {
    let known = [
      Rational(24000, 1001), Rational(24, 1), Rational(25, 1), Rational(30000, 1001), Rational(30, 1),
      Rational(50, 1), Rational(60000, 1001), Rational(60, 1), Rational(15, 1), Rational(12, 1), Rational(10, 1),
      Rational(25, 2), Rational(20, 1),
    ]
    let near = known.filter { abs($0.value / rate.value - 1) < 0.001 }
    if let best = near.min(by: { abs($0.value - rate.value) < abs($1.value - rate.value) }) { return best }
    // Millihertz are exact enough for a camera and keep the encoder's time base small.
    let thousandths = max(1, Int((rate.value * 1000).rounded()))
    let divisor = greatestCommonDivisor(thousandths, 1000)
    return Rational(thousandths / divisor, 1000 / divisor)
  }

  private static func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
    b == 0 ? a : greatestCommonDivisor(b, a % b)
  }

  /// The sizes to encode: the rungs below the source and one at the source's own size, never scaled up, and none
  /// within 10 % of the one above.
  static func renditions(_ rules: Profile.VideoRules, for facts: VideoFacts) -> [Rendition] {
    let shown = displaySize(of: facts)
    let shortSide = min(shown.width, shown.height)
    var result: [Rendition] = []
    for (index, rung) in rules.ladder.enumerated() {
      // A small source is encoded once, at its own size and by the lowest rung that is not below it.
      if index + 1 < rules.ladder.count, rules.ladder[index + 1].shortSide >= shortSide { continue }
      let (width, height) = scaled(shown, shortSide: min(rung.shortSide, shortSide))
      if let above = result.last, Double(min(width, height)) > 0.9 * Double(min(above.width, above.height)) { continue }
      result.append(
        Rendition(
          name: "\(min(width, height))p", width: width, height: height, rateFactor: rung.rateFactor,
          maximumRate: rung.maximumRate, bufferSize: rung.bufferSize, preset: rules.preset,
          encoderThreads: rules.encoderThreads))
    }
    return result
  }

  /// The picture as a viewer sees it: turned, and with square pixels at its full height.
  static func displaySize(of facts: VideoFacts) -> (width: Int, height: Int) {
    let aspect = facts.sampleAspect.numerator > 0 && facts.sampleAspect.denominator > 0 ? facts.sampleAspect.value : 1
    let width = Int((Double(facts.width) * aspect).rounded())
    return facts.rotation % 180 == 0 ? (width, facts.height) : (facts.height, width)
  }

  /// 4:2:0 video needs both sides even; at least 16 each, which is what encoders take.
  private static func scaled(
    _ size: (width: Int, height: Int), shortSide: Int
  ) -> (width: Int, height: Int) {
    let short = min(size.width, size.height)
    func even(_ side: Int) -> Int {
      max(16, Int((Double(side) * Double(shortSide) / Double(max(1, short)) / 2).rounded()) * 2)
    }
    // An odd source loses its last line rather than gain one that was never filmed.
    func side(_ side: Int) -> Int { shortSide == short ? max(16, side & ~1) : even(side) }
    return (side(size.width), side(size.height))
  }
}

extension VideoRecipe.Colour {
  /// The source's tags where it has them, else what its size makes likely (BT.709 from 720 lines up, BT.601 below).
  init(for facts: VideoFacts) {
    let isSmall = facts.height < 720
    let matrix = facts.colourMatrix ?? (isSmall ? "smpte170m" : "bt709")
    // RGB sources (screen recordings, PNG) have no matrix of their own.
    self.matrix = matrix == "gbr" ? (isSmall ? "smpte170m" : "bt709") : matrix
    primaries = facts.colourPrimaries ?? (isSmall ? "smpte170m" : "bt709")
    transfer = facts.colourTransfer ?? "bt709"
  }
}
