/// What one transcode produced, beside the files themselves; written last, so that its presence means "whole".
package struct TranscodeOutcome: Hashable, Sendable, Codable {
  /// Largest first, as in the recipe.
  package var renditions: [VideoOutcome]
  package var audio: AudioOutcome?
  /// File name of the poster, in JPEG.
  package var poster: String?
  /// From the timeline's zero to the end of the longest stream.
  package var duration: Milliseconds
  /// Library versions that made the bytes, such as `libavcodec 59.37.100`, `x264 core 164`.
  package var tools: [String]

  package init(
    renditions: [VideoOutcome], audio: AudioOutcome?, poster: String?, duration: Milliseconds, tools: [String]
  ) {
    self.renditions = renditions
    self.audio = audio
    self.poster = poster
    self.duration = duration
    self.tools = tools
  }

  /// One encoded size in a fragmented MP4 (CMAF) file.
  package struct VideoOutcome: Hashable, Sendable, Codable {
    package var file: FragmentedFile
    package var rendition: Rendition
    package var frameRate: Rational
    /// RFC 6381, such as `avc1.640028`.
    package var codec: String
    package var frames: Int

    package init(file: FragmentedFile, rendition: Rendition, frameRate: Rational, codec: String, frames: Int) {
      self.file = file
      self.rendition = rendition
      self.frameRate = frameRate
      self.codec = codec
      self.frames = frames
    }
  }

  /// The sound in a fragmented MP4 (CMAF) file.
  package struct AudioOutcome: Hashable, Sendable, Codable {
    package var file: FragmentedFile
    /// RFC 6381, such as `mp4a.40.2`.
    package var codec: String
    package var sampleRate: Int
    package var channels: Int

    package init(file: FragmentedFile, codec: String, sampleRate: Int, channels: Int) {
      self.file = file
      self.codec = codec
      self.sampleRate = sampleRate
      self.channels = channels
    }
  }
}

/// A fragmented MP4 file and where its parts are, for byte-range playlists.
package struct FragmentedFile: Hashable, Sendable, Codable {
  /// The file's name, without a folder.
  package var name: String
  /// Bytes of `ftyp` and `moov`, which begin the file.
  package var initialisation: Int
  package var segments: [Segment]
  package var duration: Milliseconds

  package init(name: String, initialisation: Int, segments: [Segment], duration: Milliseconds) {
    self.name = name
    self.initialisation = initialisation
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
