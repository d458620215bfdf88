/// The keys of a job's mappings: what the reader accepts and the JSON Schema describes.
enum JobKeys {
  typealias Key = DocumentReader.Key

  static let job = [
    Key("ferry", example: "1"), Key("delivery", example: "OUC-2026-0007"),
    Key("partner", example: "{ id: unesco-iite, name: UNESCO IITE, contact: delivery@example.org }"),
    Key("sender", example: "{ name: Open University, contact: media@example.org }"),
    Key("profile", example: "web"), Key("language", example: "{ source: zh-Hans, deliver: [en] }"),
    Key("licence", example: "CC-BY-4.0"),
    Key("text-rules", required: false, example: "{ en: iite-en, zh-Hans: zh-course }"),
    Key("glossary", required: false, example: "terms.csv"),
    Key("waive", required: false, example: "[{ rule: read.cps, reason: The speaker is fast and nothing can be cut. }]"),
    Key("titles", example: "and below it a list of titles, each beginning with '- id:'"),
  ]
  static let partner = [
    Key("id", example: "unesco-iite"), Key("name", example: "UNESCO IITE"),
    Key("contact", example: "delivery@example.org"),
  ]
  static let sender = [Key("name", example: "Open University"), Key("contact", example: "media@example.org")]
  static let language = [Key("source", example: "zh-Hans"), Key("deliver", example: "[en]")]
  static let title = [
    Key("id", example: "EPI-001"), Key("field", example: "epidemic-prevention"),
    Key("name", example: "{ zh-Hans: 科学佩戴口罩, en: Wearing a mask the right way }"),
    Key("source", example: "../videos/EPI-001.mp4"),
    Key("subtitles", example: "{ en: ../subtitles/EPI-001.en.srt }"),
    Key("licence", required: false, example: "CC-BY-3.0"),
    Key("credit", required: false, example: "Blender Foundation"),
    Key("tolerate", required: false, example: "[broken-parts, early-end]"),
    Key("waive", required: false, example: "[{ rule: read.cps, reason: The speaker is fast and nothing can be cut. }]"),
  ]
  static let waiver = [
    Key("rule", example: "read.cps"), Key("reason", example: "The speaker is fast and nothing can be cut."),
  ]
  static let subtitle = [
    Key("file", required: false, example: "../subtitles/EPI-001.en.srt"), Key("stream", required: false, example: "2"),
    Key("encoding", required: false, example: "gb18030"),
    Key("due", required: false, example: "2026-12-01"), Key("translator", required: false, example: "Desk A"),
  ]

  /// Names of folders and files that come from the job: portable to every system.
  static let identifierPattern = "^[A-Za-z0-9][A-Za-z0-9._-]*$"
  static let identifierLimit = 100
  static let fieldPattern = "^[a-z0-9][a-z0-9-]*$"
  static let dayPattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
  static let tagPattern = "^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$"

  /// What people write for an encoding, and what it is; the encodings' own names are among them.
  static let encodings: [(name: String, encoding: TextEncoding)] =
    TextEncoding.allCases.map { ($0.rawValue, $0) } + [
      ("utf8", .utf8), ("gbk", .gb18030), ("gb2312", .gb18030), ("cp936", .gb18030), ("big5-hkscs", .big5),
      ("cp950", .big5), ("cp949", .eucKR), ("uhc", .eucKR), ("shift-jis", .shiftJIS), ("sjis", .shiftJIS),
      ("cp932", .shiftJIS), ("iso-8859-1", .windows1252), ("latin1", .windows1252), ("cp1252", .windows1252),
      ("cp1250", .windows1250), ("cp1251", .windows1251),
    ]

  /// Device names that Windows keeps for itself, with any extension.
  static let reservedNames: Set<String> = Set(
    ["con", "prn", "aux", "nul"] + (1...9).flatMap { ["com\($0)", "lpt\($0)"] })
}

extension TextEncoding {
  /// The encoding that people write as `name`, in any letter case.
  package init?(writtenAs name: String) {
    guard let known = JobKeys.encodings.first(where: { $0.name == name.lowercased() }) else { return nil }
    self = known.encoding
  }
}
