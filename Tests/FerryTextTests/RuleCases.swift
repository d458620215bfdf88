import FerryCore

@testable import FerryRules
@testable import FerryText

/// A track that breaks a rule, and one as near to it as can be that does not.
struct RuleCase {
  var rule: String
  var name: String
  var broken: TextChecks.Input
  var kept: TextChecks.Input
}

func track(_ cues: [Cue], _ language: String = "en", lines: Bool = true) -> Track {
  Track(
    language: tag(language), format: .subRip,
    encoding: EncodingDecision(encoding: .utf8, method: .strictUTF8, evidence: ""), cues: cues,
    cueLines: lines ? cues.indices.map { 2 + 4 * $0 } : [])
}

func input(
  _ cues: [Cue], _ language: String = "en", _ profile: TextProfile? = nil, media: TextChecks.MediaFacts? = nil,
  source: [Cue]? = nil, from sourceLanguage: String = "zh-Hans", glossary: [Glossary.Entry]? = nil
) -> TextChecks.Input {
  TextChecks.Input(
    track: track(cues, language), file: "t.srt", profile: profile, media: media,
    source: source.map { track($0, sourceLanguage) }, glossary: glossary.map { Glossary($0) })
}

/// Two seconds each, a second apart.
func every(_ texts: [String], from first: Int = 0) -> [Cue] {
  texts.enumerated().map { cue(first + $0 * 3000, first + $0 * 3000 + 2000, $1) }
}

func minute(_ seconds: Int = 60, rate: Rational? = nil, aspect: Rational? = nil) -> TextChecks.MediaFacts {
  TextChecks.MediaFacts(duration: .seconds(seconds), frameRate: rate, displayAspect: aspect)
}

/// A cue whose one line is italic.
func italic(_ start: Int, _ end: Int, _ text: String) -> Cue {
  Cue(
    start: CueTime(milliseconds: start), end: CueTime(milliseconds: end), lines: [[Run(text, style: .italic)]])
}

/// Starts of a lesson of ten minutes, at uneven distances, changed by `change`.
func lesson(_ text: String, _ change: (Double) -> Double = { $0 }) -> [Cue] {
  (0..<120).map { index in
    let start = Double(1000 + index * 5000 + index * index % 7 * 300)
    return cue(
      Int(change(start)), Int(change(start + 3000)), "\(text) \(Character(Unicode.Scalar(0x4E00 + index * 11) ?? "x"))")
  }
}

let ntsc = Rational(24000, 1001)

let characterCases: [RuleCase] = [
  RuleCase(
    rule: "text.destroyed", name: "question marks", broken: input(every(["????????????"]), "zh-Hans"),
    kept: input(every(["什么???"]), "zh-Hans")),
  RuleCase(
    rule: "text.destroyed", name: "a cue", broken: input(every(["洗手", "□□□□□", "冲洗", "擦干"]), "zh-Hans"),
    kept: input(every(["洗手", "□ + 1 = 2", "冲洗", "擦干"]), "zh-Hans")),
  RuleCase(
    rule: "enc.control", name: "direction", broken: input(every(["Turn\u{202E} left"])),
    kept: input(every(["\u{200F}شكرا"]), "ar")),
  RuleCase(
    rule: "enc.control", name: "private use", broken: input(every(["Press \u{E001}"])), kept: input(every(["Press →"]))),
  RuleCase(
    rule: "enc.control", name: "escape", broken: input(every(["A \u{1B}[31m colour"])),
    kept: input(every(["A\tcolour"]))),
  RuleCase(
    rule: "enc.control", name: "noncharacter", broken: input(every(["A\u{FFFE}b"])), kept: input(every(["A👩‍👩‍👧b"]))),
  RuleCase(
    rule: "text.glyph", name: "rare", broken: input(every(["𠀀𠀁"]), "zh-Hans"), kept: input(every(["龘"]), "zh-Hans")),
  RuleCase(
    rule: "text.glyph", name: "listed", broken: input(every(["Thumbs up 👍"]), "en", .netflixEn),
    kept: input(every(["Café — “5 €” ♪"]), "en", .netflixEn)),
  RuleCase(
    rule: "fmt.empty", name: "track", broken: input([]), kept: input(every(["One."]))),
  RuleCase(
    rule: "fmt.empty", name: "cue", broken: input(every(["One.", " \u{200B}"])), kept: input(every(["One.", "♪"]))),
  RuleCase(
    rule: "fmt.arrow", name: "arrow", broken: input(every(["a --> b"])), kept: input(every(["a -> b", "a → b"]))),
  RuleCase(
    rule: "fmt.arrow", name: "blank line", broken: input(every(["One\n\ntwo"])), kept: input(every(["One\ntwo"]))),
]

let timeCases: [RuleCase] = [
  RuleCase(
    rule: "time.negative", name: "before 0", broken: input([cue(-500, 1500, "One.")]),
    kept: input([cue(0, 1500, "One.")])),
  RuleCase(
    rule: "time.negative", name: "backwards", broken: input([cue(2000, 1500, "One.")]),
    kept: input([cue(1500, 2600, "One.")])),
  RuleCase(
    rule: "time.order", name: "unsorted", broken: input([cue(4000, 5500, "Two."), cue(0, 1500, "One.")]),
    kept: input([cue(0, 1500, "One."), cue(0, 1500, "Two.")])),
  RuleCase(
    rule: "time.overlap", name: "same place", broken: input([cue(0, 3000, "One."), cue(2999, 5000, "Two.")]),
    kept: input([cue(0, 3000, "One."), above(1000, 2500, "Title"), cue(3100, 5000, "Two.")])),
  RuleCase(
    rule: "time.duplicate", name: "twice", broken: input([cue(0, 3000, "One."), cue(0, 3000, "One.")]),
    kept: input([cue(0, 3000, "One."), cue(3500, 5000, "One.")])),
  RuleCase(rule: "time.min", name: "error", broken: input([cue(0, 831, "No.")]), kept: input([cue(0, 999, "No.")])),
  RuleCase(
    rule: "time.min", name: "20 frames", broken: input([cue(0, 831, "No.")], "en", .netflixEn),
    kept: input([cue(0, 832, "No.")], "en", .netflixEn)),
  RuleCase(
    rule: "time.max", name: "seven seconds", broken: input([cue(0, 7002, "A long pause")]),
    kept: input([cue(0, 7001, "A long pause")])),
  RuleCase(
    rule: "time.max", name: "23.976", broken: input([cue(0, 7009, "A long pause")], "en", .netflixEn),
    kept: input([cue(0, 7008, "A long pause")], "en", .netflixEn)),
  RuleCase(
    rule: "time.gap", name: "two frames",
    broken: input([cue(0, 2000, "One."), cue(2081, 4000, "Two.")], media: minute(rate: ntsc)),
    kept: input([cue(0, 2000, "One."), cue(2083, 4000, "Two.")], media: minute(rate: ntsc))),
  RuleCase(
    rule: "time.gap", name: "25 frames a second",
    broken: input(
      [cue(0, 2000, "One."), cue(2078, 4000, "Two.")], "en", .netflixEn, media: minute(rate: Rational(25, 1))),
    kept: input(
      [cue(0, 2000, "One."), cue(2080, 4000, "Two.")], "en", .netflixEn, media: minute(rate: Rational(25, 1)))),
  RuleCase(
    rule: "time.bridge", name: "flicker", broken: input([cue(0, 2000, "One."), cue(2300, 4000, "Two.")]),
    kept: input([cue(0, 2000, "One."), cue(2500, 4000, "Two."), cue(4083, 6000, "Three.")])),
  RuleCase(
    rule: "time.offset", name: "programme clock", broken: input(every(["One.", "Two."], from: 36_000_000)),
    kept: input(every(["One.", "Two."], from: 3_599_000))),
  RuleCase(
    rule: "time.offset", name: "second hour of a film",
    broken: input(every(["One.", "Two."], from: 3_600_000), media: minute(3000)),
    kept: input(every(["One.", "Two."], from: 3_600_000), media: minute(3700))),
]

let mediaCases: [RuleCase] = [
  RuleCase(
    rule: "time.pastend", name: "starts", broken: input([cue(60_000, 62_000, "Late.")], media: minute()),
    kept: input([cue(58_000, 60_000, "Late.")], media: minute())),
  RuleCase(
    rule: "time.pastend", name: "ends", broken: input([cue(58_000, 60_041, "Late.")], media: minute()),
    kept: input([cue(58_000, 60_040, "Late.")], media: minute())),
  RuleCase(
    rule: "time.pastend", name: "one frame",
    broken: input([cue(58_000, 60_017, "Late.")], media: minute(rate: Rational(60, 1))),
    kept: input([cue(58_000, 60_016, "Late.")], media: minute(rate: Rational(60, 1)))),
  RuleCase(
    rule: "time.coverage", name: "another video",
    broken: input(every((0..<60).map { "Sentence \($0)." }), media: minute()),
    kept: input(every((0..<20).map { "Sentence \($0)." }), media: minute())),
  RuleCase(
    rule: "time.coverage", name: "late first", broken: input(every(["One."], from: 61_000), media: minute(64)),
    kept: input(every(["One."], from: 60_000), media: minute(63))),
  RuleCase(
    rule: "time.coverage", name: "hole",
    broken: input(every(["One."]) + every(["Two."], from: 63_000), media: minute(66)),
    kept: input(every(["One."]) + every(["Two."], from: 62_000), media: minute(66))),
  RuleCase(
    rule: "time.coverage", name: "hole of the source",
    broken: input(
      every(["One."]) + every(["Two."], from: 70_000), media: minute(75),
      source: every(["一个"]) + every(["还有"], from: 30_000) + every(["两个"], from: 70_000)),
    kept: input(
      every(["One."]) + every(["Two."], from: 70_000), media: minute(75),
      source: every(["一个"]) + every(["两个"], from: 70_000))),
  RuleCase(
    rule: "time.coverage", name: "early last", broken: input(every(["One."], from: 39_000), media: minute()),
    kept: input(every(["One."], from: 40_000), media: minute())),
]

let lineCases: [RuleCase] = [
  RuleCase(
    rule: "text.cpl", name: "warning", broken: input([cue(0, 4000, String(repeating: "m", count: 43))]),
    kept: input([cue(0, 4000, String(repeating: "e\u{301}", count: 42))])),
  RuleCase(
    rule: "text.cpl", name: "error", broken: input([cue(0, 4000, String(repeating: "m", count: 53))]),
    kept: input([cue(0, 4000, "Forty-two characters are not too many here.".dropLast(1).description)])),
  RuleCase(
    rule: "text.cpl", name: "Chinese", broken: input([cue(0, 6000, "一二三四五六七八九十一二三四五六七八九，A")], "zh-Hans"),
    kept: input([cue(0, 6000, "一二三四五六七八九十一二三四五六七八九AB")], "zh-Hans")),
  RuleCase(
    rule: "text.cpl", name: "narrow screen",
    broken: input([cue(0, 6000, "一二三四五六七八九十一二三四五六")], "zh-Hans", media: minute(10, aspect: Rational(4, 3))),
    kept: input([cue(0, 6000, "一二三四五六七八九十一二三四五六")], "zh-Hans", media: minute(10, aspect: Rational(16, 9)))),
  RuleCase(
    rule: "text.lines", name: "three", broken: input([cue(0, 4000, "One line,\ntwo lines,\nthree.")]),
    kept: input([cue(0, 4000, "One line,\ntwo lines.")])),
  RuleCase(
    rule: "text.lines", name: "Chinese", broken: input([cue(0, 4000, "先洗手\n再戴口罩")], "zh-Hans"),
    kept: input([cue(0, 4000, "先洗手再戴口罩")], "zh-Hans")),
  RuleCase(
    rule: "text.total", name: "total",
    broken: input([cue(0, 6900, "\(String(repeating: "m", count: 42))\n\(String(repeating: "n", count: 43))")]),
    kept: input([cue(0, 6900, "\(String(repeating: "m", count: 42))\n\(String(repeating: "n", count: 42))")])),
  RuleCase(
    rule: "text.balance", name: "half",
    broken: input([cue(0, 4000, "Change it\nwhenever it becomes damp or very dirty.")]),
    kept: input([cue(0, 4000, "Change the old mask\nwhenever it becomes damp or dirty.")])),
  RuleCase(
    rule: "text.balance", name: "one line", broken: input([cue(0, 4000, "Change it\nwhen it is damp.")]),
    kept: input([cue(0, 4000, "- Is it damp?\n- Yes.")])),
  RuleCase(
    rule: "text.break", name: "article", broken: input([cue(0, 4000, "Wash your hands before you put on the\nmask.")]),
    kept: input([cue(0, 4000, "Wash your hands before\nyou put on the mask.")])),
  RuleCase(
    rule: "text.break", name: "name",
    broken: input([cue(0, 4000, "The rule was found by our good Isaac\nNewton in a garden.")]),
    kept: input([cue(0, 4000, "The rule was found by our good\nIsaac Newton in a garden.")])),
  RuleCase(
    rule: "text.break", name: "verb",
    broken: input([cue(0, 4000, "The samples of the next lesson will\nbe in the folder.")]),
    kept: input([cue(0, 4000, "The samples of the next lesson\nwill be in the folder.")])),
  RuleCase(
    rule: "text.break", name: "kinsoku", broken: input([cue(0, 4000, "先洗手\n，再戴口罩")], "zh-Hans", .netflixZh),
    kept: input([cue(0, 4000, "先洗手，\n再戴口罩")], "zh-Hans", .netflixZh)),
  RuleCase(
    rule: "text.break", name: "number", broken: input([cue(0, 4000, "用水冲洗2\n0秒以上")], "zh-Hans", .netflixZh),
    kept: input([cue(0, 4000, "用水冲洗\n20秒以上")], "zh-Hans", .netflixZh)),
  RuleCase(
    rule: "text.space", name: "two", broken: input(every(["Wash  it."])), kept: input(every(["Wash it."]))),
  RuleCase(
    rule: "text.space", name: "before a mark", broken: input(every(["Really ?"])),
    kept: input(every(["Use .NET, .5 or :-)"]))),
  RuleCase(
    rule: "text.space", name: "French", broken: input(every(["Vraiment ? "]), "fr"),
    kept: input(every(["Vraiment ?"]), "fr")),
  RuleCase(
    rule: "text.space", name: "half-width", broken: input(every(["先洗手,再戴"]), "zh-Hans"),
    kept: input(every(["先洗手，10:30 用 a.b 算(AI)"]), "zh-Hans")),
  RuleCase(
    rule: "text.ellipsis", name: "dots", broken: input(every(["And then..."])), kept: input(every(["And then…"]))),
  RuleCase(
    rule: "text.ellipsis", name: "Chinese", broken: input(every(["然后。。。"]), "zh-Hans"),
    kept: input(every(["然后……", "然后⋯"]), "zh-Hans")),
]

let readingCases: [RuleCase] = [
  RuleCase(
    rule: "read.cps", name: "warning", broken: input([cue(0, 1000, "Eighteen letters!!")]),
    kept: input([cue(0, 1000, "Seventeen, right?")])),
  RuleCase(
    rule: "read.cps", name: "error", broken: input([cue(0, 1000, "Twenty-two characters.")]),
    kept: input([cue(0, 2000, "Twenty-two characters.")])),
  RuleCase(
    rule: "read.cps", name: "Chinese", broken: input([cue(0, 1000, "“洗手”要 20秒")], "zh-Hans"),
    kept: input([cue(0, 1000, "洗手要 20秒")], "zh-Hans")),
  RuleCase(
    rule: "read.wpm", name: "words", broken: input([cue(0, 2000, "It is as it is, or so.")]),
    kept: input([cue(0, 3000, "It is as it is, or so.")])),
  RuleCase(
    rule: "read.avg", name: "hurry", broken: input([cue(0, 2000, "Seventeen in a second, twice over.")]),
    kept: input([cue(0, 2000, "Thirteen in one second."), cue(3000, 5000, "Rest.")])),
]

let languageCases: [RuleCase] = [
  RuleCase(
    rule: "lang.tag", name: "three letters", broken: input(every(["One."]), "eng"), kept: input(every(["One."]), "en")),
  RuleCase(
    rule: "lang.tag", name: "Chinese as English", broken: input(every(["先洗手", "再戴口罩", "三次"])),
    kept: input(every(["Wash 手", "Then the mask", "Three times"]))),
  RuleCase(
    rule: "lang.tag", name: "English as Chinese", broken: input(every(["Wash", "Then the mask", "Three"]), "zh-Hans"),
    kept: input(every(["Wash", "Then the mask", "三次"]), "zh-Hans")),
  RuleCase(
    rule: "lang.tag", name: "traditional as simplified",
    broken: input(every(["請先洗淨雙手", "這個問題很關鍵", "讓學習變簡單"]), "zh-Hans"),
    kept: input(every(["請先洗淨雙手", "這個問題很關鍵", "讓學習變簡單"]), "zh-Hant")),
  RuleCase(
    rule: "lang.tag", name: "Russian as English", broken: input(every(["Мойте руки", "Затем маска", "Три раза"])),
    kept: input(every(["Мойте руки", "Затем маска", "Три раза"]), "ru")),
  RuleCase(
    rule: "lang.han_in_en", name: "left over", broken: input(every(["Wash 用肥皂"])),
    kept: input(every(["The word 「口罩」 means a mask.", "Café “a”… — 100 ℃"]))),
  RuleCase(
    rule: "lang.han_in_en", name: "glossary",
    broken: input(every(["We practise 太极拳 here."])),
    kept: input(
      every(["We practise 太极拳 here."]), glossary: [.init(term: "太极拳", translation: "tai chi", rule: .should)])),
  RuleCase(
    rule: "lang.han_in_en", name: "bilingual", broken: input(every(["先洗手\nWash your hands"])),
    kept: input(every(["先洗手\nWash your hands"]), "ja")),
  RuleCase(
    rule: "lang.latin_in_zh", name: "sentence", broken: input(every(["Wash your hands"]), "zh-Hans"),
    kept: input(every(["Hello World", "https://example.org/a b c", "使用 Python"]), "zh-Hans")),
  RuleCase(
    rule: "lang.trad", name: "mixed", broken: input(every(["请洗手", "戴口罩的學習"]), "zh-Hans"),
    kept: input(every(["皇后干著名的乾坤", "里面"]), "zh-Hans")),
  RuleCase(
    rule: "lang.trad", name: "reverse", broken: input(every(["請洗手", "学习"]), "zh-Hant"),
    kept: input(every(["請洗手", "學習"]), "zh-Hant")),
  RuleCase(
    rule: "lang.trad", name: "no script", broken: input(every(["这个学习", "學習"]), "zh"), kept: input(every(["這個學習"]), "zh")
  ),
  RuleCase(
    rule: "lang.fullwidth", name: "punctuation", broken: input(every(["Wash，then dry"])),
    kept: input(every(["The mark 「，」 is wide"]))),
]

let pairCases: [RuleCase] = [
  RuleCase(
    rule: "tr.missing", name: "gap",
    broken: input(every(["One."]) + every(["Three."], from: 6000), source: every(["甲的", "乙的", "丙的"])),
    kept: input([cue(0, 5000, "One and two."), cue(6000, 8000, "Three.")], source: every(["甲的", "乙的", "丙的"]))),
  RuleCase(
    rule: "tr.missing", name: "empty",
    broken: input(every(["One.", "", "Three."]), source: every(["甲的", "乙的", "丙的"])),
    kept: input(every(["One.", "", "Three."]), source: every(["甲的", "[音乐]", "丙的"]))),
  RuleCase(
    rule: "tr.extra", name: "extra", broken: input(every(["One.", "Two.", "Three."]), source: every(["甲的", "乙的"])),
    kept: input(every(["One.", "Two.", "[music]"]), source: every(["甲的", "乙的"]))),
  RuleCase(
    rule: "tr.fallback", name: "track",
    broken: input(every(["Use the AI\nmodel", "42"], from: 4000), source: every(["use the  AI model", "42"])),
    kept: input(every(["1 + 1 = 2"]), source: every(["1 + 1 = 2"]))),
  RuleCase(
    rule: "tr.fallback", name: "cue", broken: input(every(["One.", "乙的 部分"]), source: every(["甲的", "乙的部分"])),
    kept: input(every(["One.", "Python"]), source: every(["甲的", "python"]))),
  RuleCase(
    rule: "tr.fallback", name: "between Latin languages",
    broken: input(every(["Un.", "Wash your hands"]), "fr", source: every(["One.", "Wash your hands"]), from: "en"),
    kept: input(every(["Un.", "Paris, France"]), "fr", source: every(["One.", "Paris, France"]), from: "en")),
  RuleCase(
    rule: "tr.number", name: "percent", broken: input(every(["Eighteen percent"]), source: every(["百分之八十"])),
    kept: input(every(["80% of them"]), source: every(["百分之八十"]))),
  RuleCase(
    rule: "tr.number", name: "unit", broken: input(every(["1,200 people"]), source: every(["1.2万人"])),
    kept: input(every(["Twelve thousand people"]), source: every(["1.2万人"]))),
  RuleCase(
    rule: "tr.number", name: "neighbour",
    broken: input(every(["In spring", "we learn"]), source: every(["二〇二〇年", "我们学习"])),
    kept: input(every(["We learn", "in spring 2020"]), source: every(["二〇二〇年", "我们学习"]))),
  RuleCase(
    rule: "tr.glossary", name: "must",
    broken: input(
      every(["Wear a veil."]), source: every(["戴好口罩"]), glossary: [.init(term: "口罩", translation: "mask", rule: .must)]),
    kept: input(
      every(["Wear masks."]), source: every(["戴好口罩"]), glossary: [.init(term: "口罩", translation: "mask", rule: .must)])),
  RuleCase(
    rule: "tr.glossary", name: "never",
    broken: input(
      every(["Wear a muzzle."]), source: every(["戴好口罩"]),
      glossary: [
        .init(term: "口罩", translation: "muzzle", rule: .never), .init(term: "口罩", translation: "mask", rule: .should),
      ]),
    kept: input(
      every(["A dog's muzzle."]), source: every(["狗的嘴套"]),
      glossary: [.init(term: "口罩", translation: "muzzle", rule: .never)])),
  RuleCase(
    rule: "tr.glossary", name: "should",
    broken: input(
      every(["An unmasked face."]), source: every(["戴好口罩"]),
      glossary: [.init(term: "口罩", translation: "mask", rule: .should)]),
    kept: input(
      every(["An N95 respirator."]), source: every(["N95口罩"]),
      glossary: [
        .init(term: "口罩", translation: "mask", rule: .should),
        .init(term: "N95口罩", translation: "N95 respirator", rule: .should),
      ])),
  RuleCase(
    rule: "tr.name", name: "name",
    broken: input(
      every(["Lee Shizhen wrote it."]), source: every(["李时珍写的"]),
      glossary: [.init(term: "李时珍", translation: "Li Shizhen", rule: .must, note: "name")]),
    kept: input(
      every(["Li Shizhen’s book."]), source: every(["李时珍写的"]),
      glossary: [.init(term: "李时珍", translation: "Li Shizhen", rule: .must, note: "name")])),
  RuleCase(
    rule: "tr.tags", name: "italics", broken: input(every(["Read it."]), source: [italic(0, 2000, "读一读")]),
    kept: input([italic(0, 2000, "Read it.")], source: [italic(0, 2000, "读一读")])),
  RuleCase(
    rule: "tr.inconsistent", name: "two words",
    broken: input(every(["Wash hands.", "Clean hands!"]), source: every(["洗手", "洗手。"])),
    kept: input(every(["Wash hands.", "wash hands!"]), source: every(["洗手", "洗手。"]))),
  RuleCase(
    rule: "tr.inconsistent", name: "one word for two",
    broken: input(every(["Wash hands.", "Wash hands."]), source: every(["洗手", "戴口罩"])),
    kept: input(every(["Wash hands.", "Wear it."]), source: every(["洗手", "戴口罩"]))),
  RuleCase(
    rule: "tr.punct", name: "question", broken: input(every(["Why wash."]), source: every(["为什么洗手？"])),
    kept: input(every(["Why wash?"]), source: every(["为什么洗手"]))),
  RuleCase(
    rule: "tr.punct", name: "brackets",
    broken: input(every(["The (first step.", "Then dry."]), source: every(["甲的", "乙的"])),
    kept: input(every(["1) The “first", "step” :-)"]), source: every(["甲的", "乙的"]))),
  RuleCase(
    rule: "tr.blank_merge", name: "merged",
    broken: input(
      every(["One sentence of it.", "Two parts that were said, and three of them too.", "", "Four of them."]),
      source: every(["这里有一个句子", "第二个部分在这里", "第三个部分在那里", "第四个部分"])),
    kept: input(
      every(["One sentence of it.", "Two parts were said.", "", "Four of them."]),
      source: every(["这里有一个句子", "第二个部分在这里", "第三个部分在那里", "第四个部分"]))),
  RuleCase(
    rule: "time.drift", name: "25/24", broken: input(lesson("Cue") { $0 * 25 / 24 }, source: lesson("字")),
    kept: input(lesson("Cue") { $0 + Double(Int($0) % 140) - 70 }, source: lesson("字"))),
  RuleCase(
    rule: "time.drift", name: "1001/1000", broken: input(lesson("Cue") { $0 * 1.001 + 40 }, source: lesson("字")),
    kept: input(lesson("Cue") { $0 * 1.0001 + 40 }, source: lesson("字"))),
  RuleCase(
    rule: "time.offset", name: "MPEGTS", broken: input(lesson("Cue") { $0 + 10_000 }, source: lesson("字")),
    kept: input(lesson("Cue") { $0 + 300 }, source: lesson("字"))),
  RuleCase(
    rule: "time.offset", name: "hour", broken: input(lesson("Cue") { $0 + 3_600_000 }, source: lesson("字")),
    kept: input(lesson("Cue") { $0 - 300 }, source: lesson("字"))),
]

func above(_ start: Int, _ end: Int, _ text: String) -> Cue {
  var cue = cue(start, end, text)
  cue.settings = "line:0"
  return cue
}
