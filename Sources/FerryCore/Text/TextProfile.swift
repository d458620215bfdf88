/// What a track is held against: the limit of every rule, how lengths are counted, and how bad each finding is.
package struct TextProfile: Hashable, Sendable {
  /// How one rule is set.
  package enum Setting: Hashable, Sendable {
    case off
    /// The rule is kept or not.
    case flag(TextFinding.Severity)
    /// A value beyond a limit is as severe as the farthest limit it passes.
    case limit([TextFinding.Severity: Double])
  }

  package let name: String
  package let counting: CountingRule
  /// Whose limits these are, where they are not each rule's own.
  private let origin: RuleSource?
  private var settings: [String: Setting]
  /// The longest line on a screen of about 4:3, where it is another.
  package let narrowLine: Double?

  package subscript(rule: String) -> Setting { settings[rule] ?? .off }

  /// The severity of a rule without a number; `nil` when it is off.
  package func severity(_ rule: String) -> TextFinding.Severity? {
    if case .flag(let severity) = self[rule] { return severity }
    return nil
  }

  /// The severest limit of a rule that `isPassed` says is passed.
  package func passed(
    _ rule: String, _ isPassed: (Double) -> Bool
  ) -> (severity: TextFinding.Severity, limit: Double)? {
    guard case .limit(let limits) = self[rule] else { return nil }
    return limits.filter { isPassed($0.value) }.max { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// The limits of a rule, from the mildest.
  package func limits(_ rule: String) -> [(severity: TextFinding.Severity, value: Double)] {
    guard case .limit(let limits) = self[rule] else { return [] }
    return limits.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// Who says what a finding of `rule` says.
  package func source(of rule: TextRule) -> RuleSource {
    guard let origin else { return rule.source }
    if case .limit = self[rule.id] { return origin }
    return rule.id == "text.ellipsis" ? origin : rule.source
  }

  package static func named(_ name: String) -> TextProfile? { all.first { $0.name == name } }

  /// The profile for a track of which nothing else is said: Chinese and Japanese are counted in full widths.
  package static func `default`(for language: LanguageTag) -> TextProfile {
    ["zh", "yue", "wuu", "nan", "hak", "lzh", "cmn", "ja"].contains(language.language) ? zhCourse : iiteEn
  }
}

extension TextProfile {
  /// English subtitles of lessons, as they are delivered.
  package static let iiteEn = column(0, "iite-en", .graphemes)
  /// Chinese subtitles of lessons, as they are filmed.
  package static let zhCourse = column(1, "zh-course", .eastAsianWidth, .chineseCourses, narrowLine: 15)
  package static let netflixEn = column(2, "netflix-en", .graphemes)
  package static let netflixZh = column(3, "netflix-zh", .eastAsianWidth, .netflixChinese)
  package static let ted = column(4, "ted", .graphemes, .ted)
  package static let dcmp = column(5, "dcmp", .graphemes, .dcmp)

  package static let all = [iiteEn, zhCourse, netflixEn, netflixZh, ted, dcmp]

  private static func column(
    _ index: Int, _ name: String, _ counting: CountingRule, _ origin: RuleSource? = nil, narrowLine: Double? = nil
  ) -> TextProfile {
    TextProfile(
      name: name, counting: counting, origin: origin, settings: table.mapValues { $0[index] }, narrowLine: narrowLine)
  }

  private static let off = Setting.off
  private static let error = Setting.flag(.error)
  private static let warn = Setting.flag(.warning)
  private static let info = Setting.flag(.info)

  private static func at(info: Double? = nil, warning: Double? = nil, error: Double? = nil) -> Setting {
    var limits: [TextFinding.Severity: Double] = [:]
    limits[.info] = info
    limits[.warning] = warning
    limits[.error] = error
    return .limit(limits)
  }

  /// Times in milliseconds; lengths and speeds by the profile's counting rule. One row a rule, one column a profile.
  private static let table: [String: [Setting]] = {
    // Lines that are a quarter too long hold the title; a legal 7 s at 24 frames lasts 7007 ms at 23.976.
    let line42 = at(warning: 42, error: 52)
    let seven = at(warning: 7007)
    return [
      //                   iite-en  zh-course  netflix-en  netflix-zh  ted  dcmp
      "enc.control": [warn, warn, warn, warn, warn, warn],
      "fmt.empty": [warn, warn, warn, warn, warn, warn],
      "fmt.arrow": [error, error, error, error, error, error],
      "time.negative": [error, error, error, error, error, error],
      "time.order": [error, error, error, error, error, error],
      "time.overlap": [error, error, error, error, error, error],
      "time.duplicate": [warn, warn, warn, warn, warn, warn],
      "time.min": [
        at(warning: 1000, error: 833), at(warning: 1000), at(error: 833), at(error: 833), at(warning: 1000),
        at(warning: 1333),
      ],
      "time.max": [at(warning: 7000), at(warning: 7000), seven, seven, at(warning: 7000), at(warning: 6000)],
      "time.gap": [warn, warn, error, error, warn, warn],
      "time.bridge": [info, off, warn, warn, off, off],
      "time.pastend": [warn, warn, error, error, warn, warn],
      "time.coverage": [warn, warn, off, off, warn, warn],
      "time.offset": [warn, warn, warn, warn, warn, warn],
      "time.drift": [warn, warn, warn, warn, warn, warn],
      "time.speech": [error, error, error, error, error, error],
      "text.destroyed": [error, error, error, error, error, error],
      "text.cpl": [
        line42, at(warning: 20, error: 25), line42, at(warning: 16, error: 20), line42, at(warning: 32, error: 40),
      ],
      "text.lines": [at(error: 2), at(warning: 1, error: 2), at(error: 2), at(error: 2), at(error: 2), at(error: 2)],
      "text.total": [at(warning: 84), at(warning: 40), at(warning: 84), at(warning: 32), at(warning: 84), off],
      "text.balance": [info, off, info, info, warn, off],
      "text.break": [info, warn, warn, warn, info, info],
      "text.space": [warn, warn, warn, warn, warn, warn],
      "text.ellipsis": [info, info, warn, warn, off, off],
      "text.glyph": [warn, warn, error, error, warn, warn],
      "read.cps": [
        at(warning: 17, error: 21), at(warning: 7, error: 9), at(error: 20), at(error: 9), at(error: 21), off,
      ],
      "read.wpm": [at(info: 160, warning: 180), off, off, off, off, at(info: 140, warning: 160)],
      "read.avg": [warn, warn, warn, warn, warn, off],
      "lang.tag": [error, error, error, error, error, error],
      "lang.han_in_en": [error, error, error, error, error, error],
      "lang.latin_in_zh": [warn, warn, warn, warn, warn, warn],
      "lang.trad": [warn, warn, warn, warn, warn, warn],
      "lang.fullwidth": [warn, warn, warn, warn, warn, warn],
      "tr.missing": [error, error, error, error, error, error],
      "tr.extra": [error, error, error, error, error, error],
      "tr.fallback": [error, error, error, error, error, error],
      "tr.number": [warn, warn, warn, warn, warn, warn],
      "tr.name": [warn, warn, warn, warn, warn, warn],
      "tr.glossary": [warn, warn, warn, warn, warn, warn],
      "tr.tags": [info, info, info, info, info, info],
      "tr.inconsistent": [info, info, info, info, info, info],
      "tr.punct": [info, info, info, info, info, info],
      "tr.blank_merge": [warn, warn, warn, warn, warn, warn],
    ]
  }()
}
