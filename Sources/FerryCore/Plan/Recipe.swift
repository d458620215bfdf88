/// Facts of a source × a profile = exact settings; once this exists nothing is left to decide.
package struct Recipe: Hashable, Sendable, Codable {
  /// `nil` for a source without a picture, or a profile without one.
  package var video: VideoRecipe?
  /// `nil` for a title without sound.
  package var audio: AudioRecipe?
  package var stills: Profile.StillRules
  package var checks: CheckRules
  /// What the job takes as it is.
  package var tolerances: Set<Tolerance>

  package init(
    video: VideoRecipe?, audio: AudioRecipe?, stills: Profile.StillRules = .init(poster: true, thumbnails: true),
    checks: CheckRules = .usual, tolerances: Set<Tolerance> = []
  ) {
    self.video = video
    self.audio = audio
    self.stills = stills
    self.checks = checks
    self.tolerances = tolerances
  }
}

/// A fault of a source that a job accepts, knowing that something is missing (`tolerate:`).
package enum Tolerance: String, Hashable, Sendable, Codable, CaseIterable {
  /// Parts that cannot be decoded: the picture before them stays, the sound is silent.
  case brokenParts = "broken-parts"
  /// A file that ends before the length that it declares.
  case earlyEnd = "early-end"
}

/// How the pictures of one source stream become every rendition.
package struct VideoRecipe: Hashable, Sendable, Codable {
  package var sourceStream: Int
  /// Clockwise degrees to turn each picture: 0, 90, 180 or 270.
  package var rotation: Int
  /// Mirror left to right, after turning.
  package var isMirrored: Bool
  package var scan: Scan
  /// Constant frames a second.
  package var frameRate: Rational
  /// Frames from one key frame to the next.
  package var keyFrameInterval: Int
  /// Frames in one CMAF fragment; a multiple of `keyFrameInterval`.
  package var segmentLength: Int
  /// Frames that one encoder makes, a multiple of `keyFrameInterval`; `nil` for all of them, as in recipes of before.
  ///
  /// It stands here and never comes from the machine, because the bytes depend on it.
  package var chunkLength: Int?
  /// What the source's colours are; every output is BT.709 in limited range.
  package var colour: Colour
  /// All sizes in the first codec, largest first, then those of the next; never empty.
  package var renditions: [Rendition]
  /// Whether the first rendition is made of the source's own packets.
  package var isCopied: Bool

  package init(
    sourceStream: Int, rotation: Int, isMirrored: Bool, scan: Scan, frameRate: Rational, keyFrameInterval: Int,
    segmentLength: Int, chunkLength: Int? = nil, colour: Colour, renditions: [Rendition], isCopied: Bool
  ) {
    self.sourceStream = sourceStream
    self.rotation = rotation
    self.isMirrored = isMirrored
    self.scan = scan
    self.frameRate = frameRate
    self.keyFrameInterval = keyFrameInterval
    self.segmentLength = segmentLength
    self.chunkLength = chunkLength
    self.colour = colour
    self.renditions = renditions
    self.isCopied = isCopied
  }

  /// What is known of the source's fields before it is read.
  package enum Scan: String, Hashable, Sendable, Codable {
    /// Nothing that makes fields: pictures are taken whole.
    case progressive
    /// Of a kind that often is interlaced: measured before the work, and deinterlaced where it is so.
    case measured
    /// Flagged interlaced, which is measured too.
    case flaggedTopFirst = "flagged-top-first"
    case flaggedBottomFirst = "flagged-bottom-first"
  }

  /// Colour tags, in FFmpeg's names.
  package struct Colour: Hashable, Sendable, Codable {
    package var primaries: String
    package var transfer: String
    package var matrix: String
    package var isFullRange: Bool

    package init(primaries: String, transfer: String, matrix: String, isFullRange: Bool) {
      self.primaries = primaries
      self.transfer = transfer
      self.matrix = matrix
      self.isFullRange = isFullRange
    }

    /// PQ (SMPTE ST 2084) or HLG (ARIB STD-B67), which is tone-mapped.
    package var isHDR: Bool { transfer == "smpte2084" || transfer == "arib-std-b67" }
  }
}

/// One encoded size.
package struct Rendition: Hashable, Sendable, Codable {
  package var codec: VideoCodec
  package var width: Int
  package var height: Int
  /// On the encoder's own scale.
  package var rateFactor: Double
  package var maximumRate: Int
  package var bufferSize: Int
  /// x264's preset; other encoders have an effort of their own.
  package var preset: String

  package init(
    codec: VideoCodec, width: Int, height: Int, rateFactor: Double, maximumRate: Int, bufferSize: Int, preset: String
  ) {
    self.codec = codec
    self.width = width
    self.height = height
    self.rateFactor = rateFactor
    self.maximumRate = maximumRate
    self.bufferSize = bufferSize
    self.preset = preset
  }

  /// `720p`, the short side in pixels; `720p.av1` for a codec beside H.264.
  package var name: String { "\(shortSide)p" + (codec == .h264 ? "" : "." + codec.rawValue) }

  package var shortSide: Int { min(width, height) }

  /// The largest of at most 480 lines in the first one's codec; `nil` where the first, which is the largest, is no
  /// larger itself.
  package static func forPhones(among renditions: [Rendition]) -> Rendition? {
    let lines = 480
    guard let largest = renditions.first, largest.shortSide > lines else { return nil }
    return renditions.first { $0.codec == largest.codec && $0.shortSide <= lines }
  }
}

/// How one source stream becomes the title's sound.
package struct AudioRecipe: Hashable, Sendable, Codable {
  /// `nil` for silence as long as the picture.
  package var sourceStream: Int?
  /// The first makes the single file; never empty.
  package var codecs: [AudioCodec]
  package var sampleRate: Int
  package var channels: Int
  /// Of a lossless codec: 16 or 24.
  package var bitDepth: Int
  package var bitRate: Int
  package var loudness: LoudnessTarget?
  /// The time of one CMAF fragment.
  package var segmentLength: Milliseconds
  /// Whether the source's own packets are taken over, if its loudness is right too.
  package var mayCopy: Bool

  package init(
    sourceStream: Int?, codecs: [AudioCodec], sampleRate: Int, channels: Int, bitDepth: Int = 16, bitRate: Int,
    loudness: LoudnessTarget?, segmentLength: Milliseconds, mayCopy: Bool
  ) {
    self.sourceStream = sourceStream
    self.codecs = codecs
    self.sampleRate = sampleRate
    self.channels = channels
    self.bitDepth = bitDepth
    self.bitRate = bitRate
    self.loudness = loudness
    self.segmentLength = segmentLength
    self.mayCopy = mayCopy
  }

  /// `audio.mp4` for AAC, `audio.opus.mp4` for others.
  package static func fileName(_ codec: AudioCodec) -> String {
    codec == .aac ? "audio.mp4" : "audio.\(codec.rawValue).mp4"
  }
}
