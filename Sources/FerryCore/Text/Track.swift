/// One timed piece of text: shown from `start` until `end`.
package struct Cue: Hashable, Sendable, Codable {
  /// The name the file gives it: a SubRip number or a WebVTT identifier.
  package var identifier: String?
  package var start: CueTime
  package var end: CueTime
  /// The lines as authored; a line is runs of equally styled text.
  package var lines: [[Run]]
  /// Where it stands, in WebVTT's cue settings (`line:0 align:start`) whatever the format; empty at the bottom centre.
  package var settings: String
  /// Cues of a higher layer lie above those of a lower one; only Advanced SubStation Alpha and TTML regions have them.
  package var layer: Int

  package init(
    identifier: String? = nil, start: CueTime, end: CueTime, lines: [[Run]], settings: String = "", layer: Int = 0
  ) {
    self.identifier = identifier
    self.start = start
    self.end = end
    self.lines = lines
    self.settings = settings
    self.layer = layer
  }

  /// The words alone: no styling, no ruby, lines joined by a line feed.
  package var text: String { lines.map { $0.map(\.text).joined() }.joined(separator: "\n") }
}

/// Text of one style within a line.
package struct Run: Hashable, Sendable, Codable {
  package struct Style: OptionSet, Hashable, Sendable, Codable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    package static let italic = Style(rawValue: 1)
    package static let bold = Style(rawValue: 2)
    package static let underline = Style(rawValue: 4)
    /// None of them; a million empty literals, each made by generic code, would take their time.
    package static var plain: Style { Style(rawValue: 0) }
  }

  package var text: String
  package var style: Style
  /// Who speaks (WebVTT `<v Name>`), where the file says so.
  package var voice: String?
  /// The reading written small above `text`, such as its Pinyin.
  package var ruby: String?

  package init(_ text: String, style: Style = .plain, voice: String? = nil, ruby: String? = nil) {
    self.text = text
    self.style = style
    self.voice = voice
    self.ruby = ruby
  }
}

/// One language's timed text of a title, as read from a file.
package struct Track: Hashable, Sendable, Codable {
  package enum Format: String, Sendable, Codable {
    case subRip = "srt"
    case webVTT = "vtt"
    case ass
    case ttml
  }

  package var language: LanguageTag
  package var format: Format
  /// How the file's bytes became text: the label, how it was decided and on what evidence.
  package var encoding: EncodingDecision
  /// In file order.
  package var cues: [Cue]
  /// For each cue, the line of the file that says its times; empty where no file was read.
  package var cueLines: [Int]

  package init(
    language: LanguageTag, format: Format, encoding: EncodingDecision, cues: [Cue], cueLines: [Int] = []
  ) {
    self.language = language
    self.format = format
    self.encoding = encoding
    self.cues = cues
    self.cueLines = cueLines
  }
}

/// A character encoding that ferry reads, by its IANA name in lower case.
package enum TextEncoding: String, CaseIterable, Hashable, Sendable, Codable {
  case utf8 = "utf-8"
  case utf16LittleEndian = "utf-16le"
  case utf16BigEndian = "utf-16be"
  case gb18030
  case big5
  /// With the syllables of Windows' code page 949.
  case eucKR = "euc-kr"
  case shiftJIS = "shift_jis"
  case eucJP = "euc-jp"
  /// Western European; read only where a job forces it, like the two below.
  case windows1252 = "windows-1252"
  /// Central European.
  case windows1250 = "windows-1250"
  /// Cyrillic.
  case windows1251 = "windows-1251"
}

/// Which encoding a file was read in, and why.
package struct EncodingDecision: Hashable, Sendable, Codable {
  package enum Method: String, Sendable, Codable {
    case explicit
    case byteOrderMark = "byte-order-mark"
    case nulPattern = "nul-pattern"
    case strictUTF8 = "strict-utf-8"
    case score
  }

  package var encoding: TextEncoding
  package var method: Method
  /// Evidence in a few words, such as `gb18030: level-1 share 0.99, common 0.81; nothing else decodes`.
  package var evidence: String

  package init(encoding: TextEncoding, method: Method, evidence: String) {
    self.encoding = encoding
    self.method = method
    self.evidence = evidence
  }
}

extension Track.Format {
  /// What people call it.
  package var name: String {
    switch self {
    case .subRip: "SubRip"
    case .webVTT: "WebVTT"
    case .ass: "Advanced SubStation Alpha"
    case .ttml: "TTML"
    }
  }
}
