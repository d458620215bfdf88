/// What one transcode produced, beside the files themselves; written last, so that its presence means "whole".
package struct TranscodeOutcome: Hashable, Sendable, Codable {
  /// As in the recipe: all sizes of the first codec, largest first, then the next codec's.
  package var renditions: [VideoOutcome]
  /// The same sound in each codec; empty for a title without sound.
  package var sounds: [AudioOutcome]
  /// File name of the poster, in JPEG.
  package var poster: String?
  package var thumbnails: Thumbnails?
  package var quality: Quality
  /// From the timeline's zero to the end of the longest stream.
  package var duration: Milliseconds
  /// The source's chapters on the same timeline.
  package var chapters: [SourceFacts.Chapter]
  /// Library versions that made the bytes, such as `libavcodec 59.37.100`, `x264 core 164`.
  package var tools: [String]
  /// What of the source was to be taken over as it is and was encoded all the same; `nil` where nothing was.
  package var givenUp: [GivenUpCopy]?
  /// `TranscodeInputs.engine` when it was made; `nil` in what ferry 0.1 made.
  package var engine: Int?
  /// What was read of each stream and what became of it; `nil` from a ferry that kept no account.
  package var accounts: [Account]?

  /// For holding text against the speech; `nil` for a title without sound, and in records of before.
  package var speech: SpeechLevels?

  package init(
    renditions: [VideoOutcome], sounds: [AudioOutcome], poster: String?, thumbnails: Thumbnails?, quality: Quality,
    duration: Milliseconds, chapters: [SourceFacts.Chapter], tools: [String], givenUp: [GivenUpCopy]? = nil,
    engine: Int? = TranscodeInputs.engine,
    accounts: [Account]? = nil,
    speech: SpeechLevels? = nil
  ) {
    self.accounts = accounts
    self.renditions = renditions
    self.sounds = sounds
    self.poster = poster
    self.thumbnails = thumbnails
    self.quality = quality
    self.duration = duration
    self.chapters = chapters
    self.tools = tools
    self.givenUp = givenUp
    self.engine = engine
    self.speech = speech
  }

  /// The sound that goes with the first renditions.
  package var audio: AudioOutcome? { sounds.first }

  /// What the second single file is made of, the one for phones; `nil` where there is none.
  package var forPhones: VideoOutcome? {
    Rendition.forPhones(among: renditions.map(\.rendition)).flatMap { wanted in
      renditions.first { $0.rendition == wanted }
    }
  }

  /// Every encoded file.
  package var files: [FragmentedFile] { renditions.map(\.file) + sounds.map(\.file) }

  /// Why the source's own packets were not delivered although the plan said so.
  package struct GivenUpCopy: Hashable, Sendable, Codable {
    /// Pictures or sound.
    package var kind: StreamFacts.Kind
    package var reason: String

    package init(kind: StreamFacts.Kind, reason: String) {
      self.kind = kind
      self.reason = reason
    }
  }

  /// Why the copy of a stream of this kind was given up; `nil` where it was not.
  package func reasonToEncode(_ kind: StreamFacts.Kind) -> String? { givenUp?.first { $0.kind == kind }?.reason }

  /// One encoded size in a fragmented MP4 (CMAF) file.
  package struct VideoOutcome: Hashable, Sendable, Codable {
    package var file: FragmentedFile
    package var rendition: Rendition
    package var frameRate: Rational
    /// RFC 6381, such as `avc1.640028`.
    package var codec: String
    package var frames: Int
    /// Whether these are the source's own packets.
    package var isCopied: Bool

    package init(
      file: FragmentedFile, rendition: Rendition, frameRate: Rational, codec: String, frames: Int, isCopied: Bool
    ) {
      self.file = file
      self.rendition = rendition
      self.frameRate = frameRate
      self.codec = codec
      self.frames = frames
      self.isCopied = isCopied
    }
  }

  /// The sound in a fragmented MP4 (CMAF) file.
  package struct AudioOutcome: Hashable, Sendable, Codable {
    package var file: FragmentedFile
    package var kind: AudioCodec
    /// RFC 6381, such as `mp4a.40.2`.
    package var codec: String
    package var sampleRate: Int
    package var channels: Int
    /// Whether these are the source's own packets.
    package var isCopied: Bool

    package init(
      file: FragmentedFile, kind: AudioCodec, codec: String, sampleRate: Int, channels: Int, isCopied: Bool
    ) {
      self.file = file
      self.kind = kind
      self.codec = codec
      self.sampleRate = sampleRate
      self.channels = channels
      self.isCopied = isCopied
    }
  }

  /// A sprite sheet: small pictures of equal size, row by row in one JPEG, each for an equal stretch of time.
  package struct Thumbnails: Hashable, Sendable, Codable {
    /// File name of the sheet.
    package var sheet: String
    package var width: Int
    package var height: Int
    package var columns: Int
    package var count: Int
    /// How long each picture stands for.
    package var interval: Milliseconds

    package init(sheet: String, width: Int, height: Int, columns: Int, count: Int, interval: Milliseconds) {
      self.sheet = sheet
      self.width = width
      self.height = height
      self.columns = columns
      self.count = count
      self.interval = interval
    }
  }
}

/// A fragmented MP4 file and where its parts are, for byte-range playlists.
package struct FragmentedFile: Hashable, Sendable, Codable {
  /// The file's name, without a folder.
  package var name: String
  /// Bytes of `ftyp` and `moov`, which begin the file.
  package var initialisation: Int
  /// Where the segment index (`sidx`, ISO/IEC 14496-12, 8.16.3) is.
  package var index: Range<Int>
  package var segments: [Segment]
  package var duration: Milliseconds

  package init(
    name: String, initialisation: Int, index: Range<Int>, segments: [Segment], duration: Milliseconds
  ) {
    self.name = name
    self.initialisation = initialisation
    self.index = index
    self.segments = segments
    self.duration = duration
  }

  /// One `moof` with its `mdat` (and what stands before it since the last one).
  package struct Segment: Hashable, Sendable, Codable {
    package var offset: Int
    package var size: Int
    /// In seconds, exactly: units of the stream's time base.
    package var duration: Rational

    package init(offset: Int, size: Int, duration: Rational) {
      self.offset = offset
      self.size = size
      self.duration = duration
    }
  }
}
