import FerryCore
import Testing

@Suite struct TextProfileTests {
  @Test func countsCharactersAsTheReaderSeesThem() {
    let vectors: [(text: String, graphemes: Double, widths: Double)] = [
      ("", 0, 0), ("abc", 3, 1.5), ("a b,", 4, 2), ("汉字", 2, 2), ("“汉字”", 4, 4), ("——……", 4, 4), ("李·白", 3, 3),
      ("ＡＢ１", 3, 3), ("AI时代2.0", 7, 4.5), ("e\u{301}", 1, 0.5), ("👩‍👩‍👧", 1, 1), ("𠀀", 1, 1), ("\u{200B}\u{2060}", 0, 0),
      ("\n\t", 0, 0), ("한글", 2, 2), ("ｶﾅ", 2, 1), ("é", 1, 1), ("①②", 2, 2), ("℃", 1, 1), ("。", 1, 1),
      ("\u{3000}", 1, 1),
      ("a\u{301}\u{302}b", 2, 1), ("🇨🇳", 1, 0.5),
    ]
    for (text, graphemes, widths) in vectors {
      #expect(CountingRule.graphemes.count(text) == graphemes, "\(text)")
      #expect(CountingRule.eastAsianWidth.count(text) == widths, "\(text)")
    }
  }

  /// Characters at the borders of the classes, as the Unicode tables list them.
  @Test func knowsTheWidthOfEveryBlock() {
    let wide: [UInt32] = [
      0xA7, 0xB7, 0x1100, 0x2014, 0x2018, 0x2026, 0x20A9 + 3, 0x2190, 0x2460, 0x25CB, 0x2E80, 0x3000, 0x3042, 0x3400,
      0x4DC0 - 1, 0xAC00, 0xD7A3, 0xF900, 0xFE30, 0xFF01, 0xFF60, 0xFFE5, 0x1F600, 0x20000, 0x3134A,
    ]
    let narrow: [UInt32] = [
      0x41, 0xA9, 0xAB, 0x1160 - 0x60 - 1, 0x20A9, 0x2012, 0x2212, 0x4DC0, 0xFF61, 0xFFA0, 0x1D400,
    ]
    for value in wide { #expect(Unicode.Scalar(value)?.halfWidths == 2, "U+\(String(value, radix: 16))") }
    for value in narrow { #expect(Unicode.Scalar(value)?.halfWidths == 1, "U+\(String(value, radix: 16))") }
    for value in [0x300, 0x200D, 0x202E, 0xFE0F, 0x0A, 0x20E3] as [UInt32] {
      #expect(Unicode.Scalar(value)?.halfWidths == 0, "U+\(String(value, radix: 16))")
    }
  }

  @Test func framesAreMilliseconds() {
    let rates = [Rational(24000, 1001), Rational(25, 1), Rational(30000, 1001), Rational(50, 1), Rational(60000, 1001)]
    let grids = rates.map { FrameGrid(rate: $0) }
    // 83.417, 80, 66.733, 40 and 33.367 ms, cut to whole ones.
    #expect(grids.map(\.twoFrames) == [83, 80, 66, 40, 33])
    #expect(grids.map(\.halfSecondFrames) == [12, 12, 15, 25, 30])
    #expect(grids.map(\.halfSecond) == [500, 480, 500, 500, 500])
    for broken in [nil, Rational(0, 1), Rational(25, 0), Rational(-1, 1)] {
      #expect(FrameGrid(rate: broken).twoFrames == 83)
      #expect(FrameGrid(rate: broken).halfSecond == 500)
    }
  }

  @Test func eachLanguageHasItsProfile() throws {
    for (language, name) in [
      ("en", "iite-en"), ("fr", "iite-en"), ("ko", "iite-en"), ("zh-Hant", "zh-course"), ("ja", "zh-course"),
    ] {
      #expect(TextProfile.default(for: try #require(LanguageTag(language))).name == name)
    }
    #expect(TextProfile.all.map(\.name) == ["iite-en", "zh-course", "netflix-en", "netflix-zh", "ted", "dcmp"])
    for profile in TextProfile.all { #expect(TextProfile.named(profile.name) == profile) }
    #expect(TextProfile.named("netflix") == nil)
  }

  @Test func limitsAreThoseOfTheGuides() {
    func limits(_ rule: String) -> [[String]] {
      TextProfile.all.map { $0.limits(rule).map { "\($0.severity.rawValue) \($0.value.short)" } }
    }
    #expect(
      limits("read.cps") == [
        ["warning 17", "error 21"], ["warning 7", "error 9"], ["error 20"], ["error 9"], ["error 21"], [],
      ])
    #expect(
      limits("text.cpl") == [
        ["warning 42", "error 52"], ["warning 20", "error 25"], ["warning 42", "error 52"],
        ["warning 16", "error 20"], ["warning 42", "error 52"], ["warning 32", "error 40"],
      ])
    #expect(
      limits("time.min") == [
        ["warning 1000", "error 833"], ["warning 1000"], ["error 833"], ["error 833"], ["warning 1000"],
        ["warning 1333"],
      ])
    #expect(TextProfile.netflixEn.severity("time.gap") == .error)
    #expect(TextProfile.iiteEn.passed("time.min") { 900 < $0 }?.severity == .warning)
    #expect(TextProfile.iiteEn.passed("time.min") { 800 < $0 }?.limit == 833)
    #expect(TextProfile.dcmp.passed("read.cps") { _ in true } == nil)
  }

  @Test func everySettingIsOfAKnownRule() {
    #expect(Set(TextRule.all.map(\.id)).count == TextRule.all.count)
    for rule in TextRule.all {
      #expect(rule.source.url.hasPrefix("https://"))
      #expect(!rule.what.isEmpty)
      #expect(TextRule.named(rule.id) == rule)
    }
  }
}
