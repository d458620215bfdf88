/// What to make of a source: which files, in which sizes and codecs, and within which limits.
package struct Profile: Hashable, Sendable, Codable {
  package var name: String
  /// What a lesson's folder gets, beside its subtitle files.
  package var outputs: Set<Output>
  /// `nil` makes sound only, also of a source with a picture.
  package var video: VideoRules?
  package var audio: AudioRules
  package var text: TextRules
  package var stills: StillRules
  package var checks: CheckRules
  /// What its file says that no longer has an effect.
  package var warnings: [Diagnostic] = []

  private enum CodingKeys: String, CodingKey { case name, outputs, video, audio, text, stills, checks }

  package init(
    name: String, outputs: Set<Output>, video: VideoRules?, audio: AudioRules, text: TextRules = TextRules(),
    stills: StillRules, checks: CheckRules
  ) {
    self.name = name
    self.outputs = outputs
    self.video = video
    self.audio = audio
    self.text = text
    self.stills = stills
    self.checks = checks
  }

  package enum Output: String, Hashable, Sendable, Codable, CaseIterable {
    /// One progressive MP4 with text tracks.
    case mp4
    /// One Matroska file with text tracks.
    case mkv
    /// CMAF files with HLS playlists.
    case hls
    /// The same CMAF files with a DASH manifest.
    case dash
  }

  /// How pictures are encoded.
  package struct VideoRules: Hashable, Sendable, Codable {
    /// The first makes the single file; all make streams. Never empty.
    package var codecs: [VideoCodec]
    /// Largest first; never empty.
    package var ladder: [Rung]
    package var maximumFrameRate: Int
    /// Time from one key frame to the next; groups of pictures are closed.
    package var keyFrameInterval: Milliseconds
    /// Key-frame intervals in one CMAF fragment, which is one HLS segment.
    package var keyFramesPerSegment: Int
    /// Whether a source that is already as the profile wants it is taken over without encoding.
    package var copiesWhenRight: Bool

    package init(
      codecs: [VideoCodec], ladder: [Rung], maximumFrameRate: Int, keyFrameInterval: Milliseconds,
      keyFramesPerSegment: Int, copiesWhenRight: Bool
    ) {
      self.codecs = codecs
      self.ladder = ladder
      self.maximumFrameRate = maximumFrameRate
      self.keyFrameInterval = keyFrameInterval
      self.keyFramesPerSegment = keyFramesPerSegment
      self.copiesWhenRight = copiesWhenRight
    }
  }

  /// One size of the ladder: constant quality under a cap.
  package struct Rung: Hashable, Sendable, Codable {
    /// The picture's short side in pixels, whichever way up it is.
    package var shortSide: Int
    /// x264's constant rate factor, 0 (lossless) to 51; other codecs' factors follow from it.
    package var rateFactor: Double
    /// Bits a second over any window of `bufferSize`.
    package var maximumRate: Int
    /// Bits of the decoder model's buffer.
    package var bufferSize: Int
    /// x264's preset.
    package var preset: String

    package init(shortSide: Int, rateFactor: Double, maximumRate: Int, bufferSize: Int, preset: String) {
      self.shortSide = shortSide
      self.rateFactor = rateFactor
      self.maximumRate = maximumRate
      self.bufferSize = bufferSize
      self.preset = preset
    }
  }

  /// How sound is encoded.
  package struct AudioRules: Hashable, Sendable, Codable {
    package var codec: AudioCodec
    package var sampleRate: Int
    /// At most this many; a source with fewer is not spread, except by `mono`.
    package var channels: Int
    package var mono: Mono
    /// Bits a second; without meaning for FLAC.
    package var bitRate: Int
    package var whenMissing: Missing
    /// `nil` measures and changes nothing.
    package var loudness: LoudnessTarget?

    package enum Mono: String, Hashable, Sendable, Codable, CaseIterable {
      /// One channel stays one.
      case keep
      /// One channel becomes two equal ones.
      case dual
    }

    package enum Missing: String, Hashable, Sendable, Codable, CaseIterable {
      /// A source without sound gives files without sound.
      case none
      /// A source without sound gets a silent track, for players and platforms that want one.
      case silence
    }

    package init(
      codec: AudioCodec, sampleRate: Int, channels: Int, mono: Mono, bitRate: Int, whenMissing: Missing,
      loudness: LoudnessTarget?
    ) {
      self.codec = codec
      self.sampleRate = sampleRate
      self.channels = channels
      self.mono = mono
      self.bitRate = bitRate
      self.whenMissing = whenMissing
      self.loudness = loudness
    }
  }

  /// What becomes of the tracks.
  package struct TextRules: Hashable, Sendable, Codable {
    /// Files beside the media; WebVTT is always among them, since players and the checks read it.
    package var files: Set<TextFile>
    /// Whether DASH gets each track as TTML in CMAF (`stpp`) too, beside the WebVTT file.
    package var stpp: Bool

    package init(files: Set<TextFile> = [.webVTT, .subRip, .transcript], stpp: Bool = false) {
      self.files = files
      self.stpp = stpp
    }

    package func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(files, forKey: .files)
      try container.encode(stpp, forKey: .stpp)
    }
  }

  /// A kind of text file, by its ending.
  package enum TextFile: String, Hashable, Sendable, Codable, CaseIterable {
    case webVTT = "vtt"
    case subRip = "srt"
    case ass
    case ttml
    /// The words alone, to read.
    case transcript = "txt"
  }

  /// Pictures that people look at.
  package struct StillRules: Hashable, Sendable, Codable {
    package var poster: Bool
    /// A sprite sheet with a WebVTT index for a player's seek bar.
    package var thumbnails: Bool

    package init(poster: Bool, thumbnails: Bool) {
      self.poster = poster
      self.thumbnails = thumbnails
    }
  }
}

/// How loud a title is to be (EBU R 128, ITU-R BS.1770-4).
package struct LoudnessTarget: Hashable, Sendable, Codable {
  /// Integrated loudness, in LUFS.
  package var integrated: Double
  /// The highest true peak, in dBTP.
  package var truePeak: Double
  /// Whether peaks may be limited to reach the target; otherwise one gain serves the whole title and may fall short.
  package var mayLimit: Bool

  package init(integrated: Double, truePeak: Double, mayLimit: Bool) {
    self.integrated = integrated
    self.truePeak = truePeak
    self.mayLimit = mayLimit
  }
}

package enum VideoCodec: String, Hashable, Sendable, Codable, CaseIterable {
  case h264
  case hevc
  case av1
  case vp9
}

package enum AudioCodec: String, Hashable, Sendable, Codable, CaseIterable {
  case aac
  case opus
  case flac
}

extension KeyedEncodingContainer {
  /// Sets are written in order, because digests are made of what is written.
  mutating func encode<Element: RawRepresentable<String> & Hashable & Encodable>(
    _ set: Set<Element>, forKey key: Key
  ) throws {
    try encode(set.map(\.rawValue).sorted(), forKey: key)
  }
}
