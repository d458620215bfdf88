/// What is in a media file: the answer of `ferry probe`, and all that a recipe is decided from.
package struct SourceFacts: Hashable, Sendable, Codable {
  /// FFmpeg's demuxer names, such as `mov,mp4,m4a,3gp,3g2,mj2`.
  package var container: String
  package var size: Int
  /// From the first timestamp to the end; `nil` where nobody says, or only nonsense.
  package var duration: Milliseconds?
  /// How `duration` is known; `nil` with it, and in what ferry 0.1 stored.
  package var durationBasis: DurationBasis?
  /// The first timestamp of the container.
  package var start: Milliseconds
  package var bitRate: Int?
  package var streams: [StreamFacts]
  package var chapters: [Chapter]
  /// `nil` for content that is not encrypted.
  package var protection: Protection?
  /// The byte where a second file begins that was joined to this one and is not read.
  package var joined: Int?

  package init(
    container: String, size: Int, duration: Milliseconds?, start: Milliseconds, bitRate: Int?,
    streams: [StreamFacts], chapters: [Chapter], durationBasis: DurationBasis? = nil, protection: Protection? = nil,
    joined: Int? = nil
  ) {
    self.protection = protection
    self.joined = joined
    self.container = container
    self.size = size
    self.duration = duration
    self.durationBasis = durationBasis
    self.start = start
    self.bitRate = bitRate
    self.streams = streams
    self.chapters = chapters
  }

  /// Where the length of a file comes from.
  package enum DurationBasis: String, Hashable, Sendable, Codable {
    /// The header says so, and has counted.
    case declared
    /// A guess: from the bit rate, from first and last timestamps on a clock that may be set anew, or by a live recorder.
    case estimated
    /// Every packet was read.
    case measured
  }

  /// Whether text may be held against `duration` before the file is decoded.
  package var isDurationSure: Bool {
    switch durationBasis {
    case .declared, .measured: true
    case .estimated: false
    case nil: duration != nil
    }
  }

  package struct Chapter: Hashable, Sendable, Codable {
    package var start: Milliseconds
    package var end: Milliseconds
    package var name: String?

    package init(start: Milliseconds, end: Milliseconds, name: String?) {
      self.start = start
      self.end = end
      self.name = name
    }
  }
}

/// One stream of a media file.
package struct StreamFacts: Hashable, Sendable, Codable {
  package enum Kind: String, Sendable, Codable { case video, audio, subtitle, data, attachment, unknown }

  package var index: Int
  package var kind: Kind
  /// FFmpeg's codec name (`h264`), or `none` where it knows none.
  package var codec: String
  package var codecProfile: String?
  /// As the codec counts it, 41 for H.264's 4.1.
  package var level: Int?
  /// As tagged in the file, ISO 639 as a rule.
  package var language: String?
  package var name: String?
  /// Dispositions that are set: `default`, `forced`, `attached-pic`, `hearing-impaired`, …
  package var disposition: [String]
  package var start: Milliseconds?
  package var duration: Milliseconds?
  package var bitRate: Int?
  package var video: VideoFacts?
  package var audio: AudioFacts?
  /// Why it cannot be made, and the container's own mark for what it is; `nil` for what can be.
  package var obstacle: Obstacle?
  package var tag: String?

  package init(
    index: Int, kind: Kind, codec: String, codecProfile: String? = nil, level: Int? = nil, language: String? = nil,
    name: String? = nil, disposition: [String] = [], start: Milliseconds? = nil, duration: Milliseconds? = nil,
    bitRate: Int? = nil,
    video: VideoFacts? = nil, audio: AudioFacts? = nil
  ) {
    self.index = index
    self.kind = kind
    self.codec = codec
    self.codecProfile = codecProfile
    self.level = level
    self.language = language
    self.name = name
    self.disposition = disposition
    self.start = start
    self.duration = duration
    self.bitRate = bitRate
    self.video = video
    self.audio = audio
  }

  /// A cover picture inside an audio or video file, not something to play.
  package var isAttachedPicture: Bool { disposition.contains("attached-pic") }
}

/// The picture of a stream.
package struct VideoFacts: Hashable, Sendable, Codable {
  package enum Interlacing: String, Sendable, Codable {
    case progressive
    case topFieldFirst = "top-field-first"
    case bottomFieldFirst = "bottom-field-first"
    case unknown
  }

  /// As coded, before rotation and sample aspect.
  package var width: Int
  package var height: Int
  package var sampleAspect: Rational
  package var displayAspect: Rational
  /// Clockwise degrees to turn the picture for display: 0, 90, 180 or 270.
  package var rotation: Int
  /// Mirrored left to right, after rotation.
  package var isMirrored: Bool
  package var averageFrameRate: Rational?
  /// The lowest rate that all timestamps fit (FFmpeg's `r_frame_rate`).
  package var realFrameRate: Rational?
  package var isVariableFrameRate: Bool
  package var pixelFormat: String
  package var bitDepth: Int
  /// `limited` or `full`; `nil` where not tagged. The other three likewise, in FFmpeg's names.
  package var colourRange: String?
  package var colourPrimaries: String?
  package var colourTransfer: String?
  package var colourMatrix: String?
  package var interlacing: Interlacing
  /// Whether the codec can code fields.
  package var mayBeInterlaced: Bool
  /// Frames from each key frame to the next, where the container's index says that it is always the same.
  package var keyFrameSpacing: Int?

  package init(
    width: Int, height: Int, sampleAspect: Rational, displayAspect: Rational, rotation: Int, isMirrored: Bool,
    averageFrameRate: Rational?, realFrameRate: Rational?, isVariableFrameRate: Bool, pixelFormat: String,
    bitDepth: Int, colourRange: String?, colourPrimaries: String?, colourTransfer: String?, colourMatrix: String?,
    interlacing: Interlacing, mayBeInterlaced: Bool = false, keyFrameSpacing: Int? = nil
  ) {
    self.width = width
    self.height = height
    self.sampleAspect = sampleAspect
    self.displayAspect = displayAspect
    self.rotation = rotation
    self.isMirrored = isMirrored
    self.averageFrameRate = averageFrameRate
    self.realFrameRate = realFrameRate
    self.isVariableFrameRate = isVariableFrameRate
    self.pixelFormat = pixelFormat
    self.bitDepth = bitDepth
    self.colourRange = colourRange
    self.colourPrimaries = colourPrimaries
    self.colourTransfer = colourTransfer
    self.colourMatrix = colourMatrix
    self.interlacing = interlacing
    self.mayBeInterlaced = mayBeInterlaced
    self.keyFrameSpacing = keyFrameSpacing
  }
}

/// The sound of a stream.
package struct AudioFacts: Hashable, Sendable, Codable {
  package var sampleRate: Int
  package var channels: Int
  /// FFmpeg's description, such as `5.1(side)`.
  package var layout: String
  package var sampleFormat: String
  /// Whether it is AAC whose packets carry a header each, as in transport streams; the file has none for them all.
  package var isADTS: Bool

  package init(sampleRate: Int, channels: Int, layout: String, sampleFormat: String, isADTS: Bool = false) {
    self.sampleRate = sampleRate
    self.channels = channels
    self.layout = layout
    self.sampleFormat = sampleFormat
    self.isADTS = isADTS
  }
}

extension SourceFacts {
  /// The stream to show: the first real picture, a default one before others.
  package var mainVideo: StreamFacts? {
    let all = streams.filter { $0.kind == .video && !$0.isAttachedPicture && ($0.video?.width ?? 0) > 0 }
    let usable = all.filter { $0.obstacle == nil }
    // One that cannot be made is chosen where there is no other, and refused by its name.
    let pictures = usable.isEmpty ? all : usable
    return pictures.first { $0.disposition.contains("default") } ?? pictures.first
  }

  /// The stream to hear: the programme's own sound in `language` before one that is not tagged, these before comments
  /// and descriptions in it, and these before other languages; of equals a default one, then the first.
  package func mainAudio(language: LanguageTag) -> StreamFacts? {
    let all = streams.filter { $0.kind == .audio && ($0.audio?.channels ?? 0) > 0 && $0.codec != "none" }
    let usable = all.filter { $0.obstacle == nil }
    let sounds = usable.isEmpty ? all : usable
    func rank(_ stream: StreamFacts) -> Int {
      let isAside = !Set(stream.disposition).isDisjoint(with: StreamFacts.asides)
      guard let spoken = stream.spokenLanguage else { return isAside ? 5 : 1 }
      if spoken == language.main { return isAside ? 2 : 0 }
      return isAside ? 4 : 3
    }
    let ranks = sounds.map { (rank($0), $0.disposition.contains("default") ? 0 : 1) }
    return zip(sounds, ranks).min { $0.1 < $1.1 }?.0
  }
}

extension StreamFacts {
  /// Dispositions, by FFmpeg's names, of sound that goes beside the programme's own.
  fileprivate static let asides: Set<String> = [
    "comment", "visual_impaired", "hearing_impaired", "descriptions", "dub", "karaoke", "clean_effects",
  ]

  /// The main language that its tag names in any way, `nil` where it names none.
  fileprivate var spokenLanguage: String? {
    guard let language, language != "und", let tag = LanguageTag(language) else { return nil }
    return tag.main
  }
}

extension LanguageTag {
  /// The language without script and region, two letters where there are two: `zh` for `zho`, `chi`, `cmn` and `zh-Hans`.
  fileprivate var main: String {
    let language = (registered ?? self).language
    return language == "cmn" ? "zh" : language
  }
}

extension LanguageTag {
  /// The ISO 639-2/B code, which Matroska and older MP4 files use (`chi` for Chinese).
  package var bibliographicCode: String {
    switch language {
    case "zh": "chi"
    case "fr": "fre"
    case "de": "ger"
    case "cs": "cze"
    case "nl": "dut"
    case "el": "gre"
    case "fa": "per"
    case "ro": "rum"
    case "sk": "slo"
    case "bo": "tib"
    case "my": "bur"
    case "ms": "may"
    case "sq": "alb"
    case "ka": "geo"
    case "hy": "arm"
    default: terminologyCode
    }
  }
}
