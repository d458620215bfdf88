/// What a worker made of one title, in its attempt folder.
package struct TitleOutcome: Hashable, Sendable, Codable {
  package var title: String
  package var transcode: TranscodeOutcome
  /// Whether this attempt encoded, or kept renditions served.
  package var didEncode: Bool
  /// Everything that the lesson's folder will hold; empty where only what needs no text was made.
  package var files: [LessonFile]
  /// Which of `files` are kept renditions: the name of the rendition by the file's path.
  package var links: [String: String]
  package var tracks: [TrackOutcome]
  /// What a person should know although it stopped nothing.
  package var warnings: [Diagnostic]

  package init(
    title: String, transcode: TranscodeOutcome, didEncode: Bool, files: [LessonFile], links: [String: String],
    tracks: [TrackOutcome], warnings: [Diagnostic]
  ) {
    self.title = title
    self.transcode = transcode
    self.didEncode = didEncode
    self.files = files
    self.links = links
    self.tracks = tracks
    self.warnings = warnings
  }

  /// The second single file, for phones: `EPI-001.480p.mp4`.
  package static func fileForPhones(of title: String, _ rendition: Rendition) -> String {
    "\(title).\(rendition.name).mp4"
  }

  /// One file of a lesson and its digests, in hex.
  package struct LessonFile: Hashable, Sendable, Codable {
    package enum Role: String, Sendable, Codable {
      case video
      /// The single file of a title without a picture.
      case audio
      case subtitle
      case transcript
      case poster
      /// A sprite sheet, and the WebVTT index that says which part of it shows which time.
      case thumbnails
      /// Chapters in WebVTT.
      case chapters
      /// The title's record for catalogues.
      case metadata
      case playlist = "hls-playlist"
      case rendition = "hls-media"
      /// A track as TTML in CMAF, for DASH.
      case fragmentedText = "dash-text"
      case mpd = "dash-manifest"
    }

    /// Relative to the lesson's folder, with `/`.
    package var path: String
    package var role: Role
    package var language: LanguageTag?
    package var size: Int
    package var sha256: String
    package var sha512: String

    package init(path: String, role: Role, language: LanguageTag?, size: Int, sha256: String, sha512: String) {
      self.path = path
      self.role = role
      self.language = language
      self.size = size
      self.sha256 = sha256
      self.sha512 = sha512
    }
  }

  /// One track as it was read and attached.
  package struct TrackOutcome: Hashable, Sendable, Codable {
    package var language: LanguageTag
    package var format: Track.Format
    package var encoding: EncodingDecision
    package var cues: Int
    package var first: CueTime
    package var last: CueTime
    package var isDefault: Bool

    package init(
      language: LanguageTag, format: Track.Format, encoding: EncodingDecision, cues: Int, first: CueTime,
      last: CueTime, isDefault: Bool
    ) {
      self.language = language
      self.format = format
      self.encoding = encoding
      self.cues = cues
      self.first = first
      self.last = last
      self.isDefault = isDefault
    }
  }
}
