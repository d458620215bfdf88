package import FerryCore
internal import FerryFiles
internal import Foundation

/// `ferry-delivery.json`: every lesson and file of a delivery, what each is and what made it.
///
/// The JSON is canonical (sorted keys, two-space indentation, LF), so equal content gives equal bytes.
package struct DeliveryManifest: Hashable, Sendable, Codable {
  package enum Kind: String, Sendable, Codable {
    case full
    /// Holds only what changed since its base.
    case supplement
  }

  package static let fileName = "ferry-delivery.json"

  /// Ferry 0.1 reads the first only and says of the second to update ferry: it does not know the kinds of findings that
  /// came later.
  package static let schemas = ["ferry-delivery/1", "ferry-delivery/2"]

  package var schema = "ferry-delivery/2"
  /// `urn:uuid:…`, the same for every version of one partner's delivery.
  package var id: String
  package var label: String
  package var version: Int
  package var kind: Kind
  /// ISO 8601 day.
  package var created: String
  package var tool: Tool
  package var sender: Job.Sender
  package var recipient: Job.Partner
  package var profile: String
  package var licence: String
  package var language: Job.LanguagePair
  /// Earlier versions that this one replaces, defects that it mends, and files that it no longer has: none in a first
  /// version.
  package var supersedes: [Int] = []
  package var fixes: [String] = []
  package var removed: [Removed] = []
  /// What a supplement applies to; `nil` in a full package.
  package var base: Base?
  /// Files of which a supplement brings new bytes and a list of ranges, below `delta/`; `nil` where there is none.
  package var assembled: [String]?
  /// SHA-256 of `manifest-sha512.txt`: the state of the payload in one line.
  package var stateDigest: String
  package var totals: Totals
  package var lessons: [Lesson]
  /// Titles of the job that are not in this package.
  package var missing: [Missing]

  package init(
    id: String, label: String, version: Int, kind: Kind, created: String, tool: Tool, sender: Job.Sender,
    recipient: Job.Partner, profile: String, licence: String, language: Job.LanguagePair, stateDigest: String,
    totals: Totals, lessons: [Lesson], missing: [Missing]
  ) {
    self.id = id
    self.label = label
    self.version = version
    self.kind = kind
    self.created = created
    self.tool = tool
    self.sender = sender
    self.recipient = recipient
    self.profile = profile
    self.licence = licence
    self.language = language
    self.stateDigest = stateDigest
    self.totals = totals
    self.lessons = lessons
    self.missing = missing
  }

  package struct Tool: Hashable, Sendable, Codable {
    package var name: String
    package var version: String
    package init(name: String, version: String) { (self.name, self.version) = (name, version) }
  }

  /// A version that a partner has.
  package struct Base: Hashable, Sendable, Codable {
    package var version: Int
    package var stateDigest: String
    package init(version: Int, stateDigest: String) { (self.version, self.stateDigest) = (version, stateDigest) }
  }

  /// A file that an earlier version had.
  package struct Removed: Hashable, Sendable, Codable {
    package var path: String
    package var sha512: String
    /// The version that went without it first.
    package var sinceVersion: Int
    package init(path: String, sha512: String, sinceVersion: Int) {
      (self.path, self.sha512, self.sinceVersion) = (path, sha512, sinceVersion)
    }
  }

  /// Of the payload.
  package struct Totals: Hashable, Sendable, Codable {
    package var files: Int
    package var bytes: Int
    package var lessons: Int
    package init(files: Int, bytes: Int, lessons: Int) {
      (self.files, self.bytes, self.lessons) = (files, bytes, lessons)
    }
  }

  package struct Missing: Hashable, Sendable, Codable {
    package var id: String
    /// Its name by language; `nil` in packages of ferry 0.1.
    package var title: [String: String]?
    package var reason: String
    package var detail: String
    /// The languages of the tracks that it waits for.
    package var awaited: [String]?
    package init(
      id: String, title: [String: String]? = nil, reason: String, detail: String, awaited: [String]? = nil
    ) {
      (self.id, self.title, self.reason) = (id, title, reason)
      (self.detail, self.awaited) = (detail, awaited)
    }
  }

  /// One title as delivered.
  package struct Lesson: Hashable, Sendable, Codable {
    package var id: String
    package var uuid: String
    package var field: String
    package var title: [String: String]
    package var durationMs: Milliseconds
    package var licence: String
    package var credit: String?
    package var source: Source
    /// Loudness before and after, and what the picture and sound checks found.
    package var quality: Quality
    /// What the rules of timed text found in each track, and what the job waives and why; `nil` in packages of ferry 0.1.
    package var text: [TrackQuality]?
    /// The cues of each track by its language, which answers to defects are judged by; `nil` in packages of ferry 0.1.
    package var cues: [String: CueMarks]?
    package var chapters: [Chapter]
    package var assets: [Asset]

    package init(
      id: String, uuid: String, field: String, title: [String: String], durationMs: Milliseconds, licence: String,
      credit: String?, source: Source, quality: Quality, text: [TrackQuality]?, chapters: [Chapter], assets: [Asset]
    ) {
      self.id = id
      self.uuid = uuid
      self.field = field
      self.title = title
      self.durationMs = durationMs
      self.licence = licence
      self.credit = credit
      self.source = source
      self.quality = quality
      self.text = text
      self.chapters = chapters
      self.assets = assets
    }
  }

  /// What a lesson was made from, and which of its streams.
  package struct Source: Hashable, Sendable, Codable {
    package var name: String
    package var sha256: String
    package var hasAudio: Bool
    package var videoStream: Int?
    package var audioStream: Int?
    package init(name: String, sha256: String, hasAudio: Bool, videoStream: Int?, audioStream: Int?) {
      (self.name, self.sha256, self.hasAudio) = (name, sha256, hasAudio)
      (self.videoStream, self.audioStream) = (videoStream, audioStream)
    }
  }

  package struct Chapter: Hashable, Sendable, Codable {
    package var startMs: Milliseconds
    package var endMs: Milliseconds
    package var name: String?
    package init(startMs: Milliseconds, endMs: Milliseconds, name: String?) {
      (self.startMs, self.endMs, self.name) = (startMs, endMs, name)
    }
  }

  /// One file of a lesson.
  package struct Asset: Hashable, Sendable, Codable {
    package enum Change: String, Sendable, Codable {
      case added
      case changed
      case unchanged
    }

    /// Relative to the bag, with `/`: `data/lessons/…`.
    package var path: String
    package var change = Change.added
    package var sinceVersion = 1
    /// Defects of earlier versions that this file mends.
    package var fixes: [String]?
    package var role: TitleOutcome.LessonFile.Role
    package var mediaType: String
    package var language: String?
    package var size: Int
    package var sha256: String
    package var sha512: String
    package var durationMs: Milliseconds?
    package var video: Video?
    package var audio: Audio?
    package var subtitle: Subtitle?
    /// Languages of the text tracks inside, in the file's order.
    package var textTracks: [String]?
    package var madeBy: Making?

    package init(
      path: String, role: TitleOutcome.LessonFile.Role, mediaType: String, language: String?, size: Int,
      sha256: String, sha512: String, durationMs: Milliseconds? = nil, video: Video? = nil, audio: Audio? = nil,
      subtitle: Subtitle? = nil, textTracks: [String]? = nil, madeBy: Making? = nil
    ) {
      self.path = path
      self.role = role
      self.mediaType = mediaType
      self.language = language
      self.size = size
      self.sha256 = sha256
      self.sha512 = sha512
      self.durationMs = durationMs
      self.video = video
      self.audio = audio
      self.subtitle = subtitle
      self.textTracks = textTracks
      self.madeBy = madeBy
    }
  }

  /// What encoded a file: library versions, and the digest of source, recipe and versions together.
  package struct Making: Hashable, Sendable, Codable {
    package var libraries: [String]
    package var settingsDigest: String
    /// Streams of the source that were taken over without encoding: `video`, `audio`.
    package var copied: [String]
    /// What tells pictures and sound from others without the text beside them: a digest of their packets' sizes and
    /// times; `nil` in packages of ferry 0.1.
    package var packetsDigest: String?
    /// Those that seemed to conform and were encoded all the same, and why.
    package var notCopied: [String: String]?
    /// Counts up when ferry encodes differently with the same settings; `nil` in packages of ferry 0.1.
    package var engine: Int?
    package init(
      libraries: [String], settingsDigest: String, copied: [String], packetsDigest: String? = nil,
      notCopied: [String: String]? = nil, engine: Int? = nil
    ) {
      (self.libraries, self.settingsDigest, self.copied) = (libraries, settingsDigest, copied)
      (self.packetsDigest, self.notCopied, self.engine) = (packetsDigest, notCopied, engine)
    }
  }

  package struct Video: Hashable, Sendable, Codable {
    package var codec: String
    package var width: Int
    package var height: Int
    package var frameRate: Rational
    package var frames: Int
    package init(codec: String, width: Int, height: Int, frameRate: Rational, frames: Int) {
      self.codec = codec
      self.width = width
      self.height = height
      self.frameRate = frameRate
      self.frames = frames
    }

    package init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: CodingKeys.self)
      codec = try values.decode(String.self, forKey: .codec)
      width = try values.decode(Int.self, forKey: .width)
      height = try values.decode(Int.self, forKey: .height)
      frameRate = try values.decode(Rational.self, forKey: .frameRate)
      frames = try values.decode(Int.self, forKey: .frames)
      guard frameRate.numerator > 0 else {
        throw DecodingError.dataCorruptedError(forKey: .frameRate, in: values, debugDescription: "a rate of 0")
      }
    }
  }

  package struct Audio: Hashable, Sendable, Codable {
    package var codec: String
    package var sampleRate: Int
    package var channels: Int
    package init(codec: String, sampleRate: Int, channels: Int) {
      (self.codec, self.sampleRate, self.channels) = (codec, sampleRate, channels)
    }
  }

  package struct Subtitle: Hashable, Sendable, Codable {
    package var format: String
    package var cues: Int
    package var firstMs: CueTime
    package var lastMs: CueTime
    /// How the translator's file was read: encoding, method, evidence.
    package var readAs: EncodingDecision
    package var translator: String?
    package init(
      format: String, cues: Int, firstMs: CueTime, lastMs: CueTime, readAs: EncodingDecision, translator: String?
    ) {
      self.format = format
      self.cues = cues
      self.firstMs = firstMs
      self.lastMs = lastMs
      self.readAs = readAs
      self.translator = translator
    }
  }
}

extension DeliveryManifest {
  /// For `Making`: pictures or sound that differ have other sizes or times somewhere.
  package static func packetsDigest(of files: [FragmentedFile]) -> String {
    let parts = files.map { file in
      file.segments.map { "\($0.size) \($0.duration.numerator)/\($0.duration.denominator)\n" }.joined()
    }
    return Digests.sha256(Array(parts.joined(separator: "\n").utf8))
  }

  package func encoded() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    return Array(try encoder.encode(self)) + [0x0A]
  }

  package static func decoded(_ bytes: [UInt8]) throws -> DeliveryManifest {
    try ForeignJSON.check(bytes)
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(DeliveryManifest.self, from: Data(bytes))
  }

  /// A version 5 UUID (RFC 9562, 5.5) as a URN, from a name: the same words give the same identifier.
  package static func urn(_ parts: String...) -> String {
    // Ferry's own name space, itself drawn at random once.
    let space: [UInt8] = [
      0x6F, 0x2D, 0x1A, 0x94, 0x0B, 0x57, 0x4C, 0x3E, 0x8E, 0x71, 0x25, 0xC8, 0x93, 0xD0, 0x4A, 0xB6,
    ]
    var bytes = Array(Digests.raw(.sha1, space + Array(parts.joined(separator: "\n").utf8)).prefix(16))
    bytes[6] = bytes[6] & 0x0F | 0x50
    bytes[8] = bytes[8] & 0x3F | 0x80
    let hex = Array(Digests.hex(bytes))
    let groups = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(hex[$0]) }
    return "urn:uuid:" + groups.joined(separator: "-")
  }
}
