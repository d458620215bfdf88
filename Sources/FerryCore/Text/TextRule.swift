/// One rule of timed text: its name in findings and waivers, what it asks for, and who says so.
package struct TextRule: Hashable, Sendable, Codable {
  package var id: String
  package var what: String
  package var source: RuleSource

  /// What a damaged or unread file says cannot be taken as it is: nobody knows what was lost.
  package var isWaivable: Bool { !id.hasPrefix("enc.") && id != "fmt.parse" }

  /// Whether a rule is judged only after the sound was heard: until then nobody knows what a waiver of it waives.
  package static func needsSound(_ id: String) -> Bool { id == "time.speech" }

  package static func named(_ id: String) -> TextRule? { byID[id] }

  private static let byID = Dictionary(uniqueKeysWithValues: all.map { ($0.id, $0) })

  /// Every rule, in the order of the documentation.
  package static let all: [TextRule] = [
    rule("enc.undetermined", "the text encoding is known and every byte decodes", .unicode),
    rule("enc.nonutf8", "a file that is not UTF-8 is converted, and the delivery says so", .unicode),
    rule("enc.mixed", "a file is in one encoding", .unicode),
    rule("enc.mojibake", "the text was not damaged by an earlier conversion", .unicode),
    rule("enc.control", "no control characters, marks of direction, private-use characters or noncharacters", .xml),
    rule("fmt.parse", "every block of the file can be read", .webVTT),
    rule("fmt.repaired", "the file keeps to its format without being repaired", .webVTT),
    rule("fmt.empty", "the track has cues and every cue has text", .subtitleEdit),
    rule("fmt.markup", "tags are known and closed", .webVTT),
    rule("fmt.arrow", "no '-->' and no blank line inside a cue", .webVTT),
    rule("time.negative", "a cue starts at 0 or later and ends after its start", .webVTT),
    rule("time.order", "cues stand in the order of their starts", .webVTT),
    rule("time.overlap", "cues of one position do not overlap", .tx3g),
    rule("time.duplicate", "no cue is there twice", .duplicates),
    rule("time.min", "a cue stays long enough to be seen", .netflixGeneral),
    rule("time.max", "a cue does not stay too long", .netflixGeneral),
    rule("time.gap", "two cues are at least two frames apart", .netflixTiming),
    rule("time.bridge", "a gap of less than half a second is closed to two frames", .netflixTiming),
    rule("time.pastend", "cues lie within the video", .subtitleEdit),
    rule("time.coverage", "the track covers the video it is delivered with", .ffsubsync),
    rule("time.offset", "the track starts with the video, not at a programme clock", .offset),
    rule("time.drift", "the track runs at the speed of its source", .ffsubsync),
    rule("time.speech", "cues stand where something is said", .ffsubsync),
    rule("text.destroyed", "the text is words, not '?', boxes or one sign over and over", .unicode),
    rule("text.cpl", "a line is not too long", .netflixEnglish),
    rule("text.lines", "a cue has not too many lines", .netflixGeneral),
    rule("text.total", "a cue has not too much text", .ted),
    rule("text.balance", "two lines are of similar length and would not fit in one", .ted),
    rule("text.break", "a line break does not split what belongs together", .netflixGeneral),
    rule("text.space", "blanks and punctuation stand as the language wants them", .subtitleEdit),
    rule("text.ellipsis", "an ellipsis is written with its own character", .netflixEnglish),
    rule("text.glyph", "fonts have every character", .netflixGeneral),
    rule("read.cps", "a cue can be read in its time (characters per second)", .netflixCounting),
    rule("read.wpm", "a cue can be read in its time (words per minute)", .dcmp),
    rule("read.avg", "the whole track can be read without hurry", .netflixCounting),
    rule("lang.tag", "the track is in the language and script that its tag says", .bcp47),
    rule("lang.han_in_en", "no Chinese is left in a translation", .untranslated),
    rule("lang.latin_in_zh", "no cue of a Chinese track is in Latin letters only", .untranslated),
    rule("lang.trad", "simplified and traditional characters are not mixed", .unihan),
    rule("lang.fullwidth", "no full-width letters, digits or punctuation outside Chinese", .eastAsianWidth),
    rule("tr.missing", "every cue of the source is translated", .sameCount),
    rule("tr.extra", "every cue translates something of the source", .sameCount),
    rule("tr.fallback", "the translation is not a copy of the source", .pofilter),
    rule("tr.number", "numbers of the source are in the translation", .pofilter),
    rule("tr.name", "names are translated as agreed", .weblate),
    rule("tr.glossary", "terms are translated as agreed", .weblate),
    rule("tr.tags", "emphasis and inline codes of the source are kept", .pofilter),
    rule("tr.inconsistent", "the same text has the same translation", .weblate),
    rule("tr.punct", "questions stay questions; quotation marks and brackets are closed", .pofilter),
    rule("tr.blank_merge", "a neighbour does not hold the words of an empty cue", .merged),
  ]

  private static func rule(_ id: String, _ what: String, _ source: RuleSource) -> TextRule {
    TextRule(id: id, what: what, source: source)
  }
}

extension RuleSource {
  static let unicode = RuleSource("Unicode", "https://www.unicode.org/faq/utf_bom.html")
  static let xml = RuleSource("XML 1.0, characters", "https://www.w3.org/TR/xml/#charsets")
  static let webVTT = RuleSource("WebVTT", "https://www.w3.org/TR/webvtt1/")
  static let tx3g = RuleSource("3GPP TS 26.245", "https://www.3gpp.org/dynareport/26245.htm")
  static let bcp47 = RuleSource("BCP 47", "https://www.rfc-editor.org/info/bcp47")
  static let eastAsianWidth = RuleSource("Unicode UAX #11", "https://www.unicode.org/reports/tr11/")
  static let unihan = RuleSource("Unicode UAX #38", "https://www.unicode.org/reports/tr38/")
  static let netflixGeneral = RuleSource(
    "Netflix general requirements", "https://partnerhelp.netflixstudios.com/hc/en-us/articles/215758617")
  static let netflixTiming = RuleSource(
    "Netflix timing guidelines", "https://partnerhelp.netflixstudios.com/hc/en-us/articles/360051554394")
  static let netflixEnglish = RuleSource(
    "Netflix English", "https://partnerhelp.netflixstudios.com/hc/en-us/articles/217350977")
  static let netflixChinese = RuleSource(
    "Netflix Simplified Chinese", "https://partnerhelp.netflixstudios.com/hc/en-us/articles/215986007")
  static let netflixCounting = RuleSource(
    "Netflix reading speed", "https://partnerhelp.netflixstudios.com/hc/en-us/articles/115001352212")
  static let ted = RuleSource("TED translators' guidelines", "https://translations.ted.com")
  static let dcmp = RuleSource("DCMP Captioning Key", "https://dcmp.org/learn/captioningkey/601")
  static let chineseCourses = RuleSource("Chinese course video convention", "https://muzijie.com/a1/m36m12d0")
  static let subtitleEdit = RuleSource(
    "Subtitle Edit", "https://github.com/SubtitleEdit/subtitleedit/issues/10147")
  static let duplicates = RuleSource(
    "Subtitle Edit #13977", "https://github.com/SubtitleEdit/subtitleedit/issues/13977")
  static let offset = RuleSource("Subtitle Edit #2334", "https://github.com/SubtitleEdit/subtitleedit/issues/2334")
  static let untranslated = RuleSource(
    "Subtitle Edit #4534", "https://github.com/SubtitleEdit/subtitleedit/issues/4534")
  static let merged = RuleSource("Subtitle Edit #6887", "https://github.com/SubtitleEdit/subtitleedit/issues/6887")
  static let sameCount = RuleSource("Subtitle Edit #9334", "https://github.com/SubtitleEdit/subtitleedit/issues/9334")
  static let ffsubsync = RuleSource("ffsubsync", "https://github.com/smacke/ffsubsync")
  static let pofilter = RuleSource(
    "Translate Toolkit pofilter",
    "https://docs.translatehouse.org/projects/translate-toolkit/en/latest/commands/pofilter_tests.html")
  static let weblate = RuleSource("Weblate checks", "https://docs.weblate.org/en/latest/user/checks.html")
}
