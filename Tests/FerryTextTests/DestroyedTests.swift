import FerryCore
import Testing

@testable import FerryRules
@testable import FerryText

/// Text that a conversion destroyed, and text that only looks odd.
@Suite struct DestroyedTests {
  private func found(_ texts: [String], _ language: String) -> [TextFinding] {
    TextChecks.run(input(every(texts), language)).filter { $0.rule == "text.destroyed" }
  }

  @Test(arguments: [
    ("zh-Hans", ["????????????"]),
    ("zh-Hans", ["?????????", "???????,???????", "????!"]),
    ("zh-Hans", ["??????", "????COVID-19????", "????????"]),
    ("zh-Hant", ["□□□□□□", "□□□，□□□", "□□□□"]),
    ("zh-Hans", ["▯▯▯▯▯", "▯▯▯▯▯▯▯"]),
    ("zh-Hans", ["Ï´ÊÖµÄ²½Öè", "µÚÒ»²½£¬ÕÆÐÄÏà¶Ô", "ÇëÓÃÁ÷¶¯µÄË®"]),
    ("en", ["???? ??? ?????", "????? ?? ??????.", "???"]),
    ("ru", ["?????? ????", "????????? ???????? ?????", "??????"]),
    ("ja", ["？？？？？？", "？？？？？、？？？？"]),
    ("en", ["\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}", "\u{FFFD}\u{FFFD}", "\u{FFFD}\u{FFFD}\u{FFFD}"]),
    ("en", ["xxxxxxxxx", "xxxx", "xxxxxx"]),
    ("zh-Hans", ["口口口口口", "口口口口", "口口口口口口口"]),
    ("en", Array(repeating: "Subtitle text goes here", count: 12)),
    ("zh-Hans", Array(repeating: "在此输入字幕", count: 30)),
    ("ar", ["????? ????", "???? ??? ??????", "????"]),
  ])
  func aDestroyedTrackIsAnErrorOfTheTrack(_ language: String, _ texts: [String]) {
    let found = found(texts, language)
    #expect(found.count == 1, "\(texts): \(found)")
    #expect(found.allSatisfy { $0.severity == .error && $0.cue == nil && $0.hint != nil })
  }

  @Test(arguments: [
    ("zh-Hans", ["洗手", "???????", "请用流动的水", "第三步"], 2),
    ("zh-Hans", ["洗手", "第一步", "请????水", "第三步"], 3),
    ("en", ["Wash your hands.", "Rub the \u{FFFD}palms.", "Rinse them well.", "Dry them."], 2),
    ("en", ["Wash your hands.", "Rub them.", "Rinse.", "□□□□□ □□□"], 4),
    ("zh-Hans", ["洗手", "第一步", "µÚÒ»²½£¬ÕÆÐÄÏà¶Ô", "第三步"], 3),
    ("en", ["Wash your hands.", "????? ???? ??", "Rinse them well.", "Dry them."], 2),
  ])
  func aDestroyedCueIsNamed(_ language: String, _ texts: [String], _ cue: Int) {
    #expect(found(texts, language).map { $0.cue?.number } == [cue], "\(texts)")
  }

  @Test(arguments: [
    ("en", ["La la la", "La la la", "La la la", "La la la, la la"]),
    ("en", Array(repeating: "La la la", count: 20)),
    ("en", Array(repeating: "[music]", count: 20)),
    ("en", ["♪", "♪♪", "♪♪♪", "♪"]),
    ("en", ["What is that?", "???", "A mask!", "Really?????"]),
    ("en", ["???"]),
    ("en", ["How much is 3 + ?", "3 + ? = 7", "? = 4", "x = ?"]),
    ("zh-Hans", ["3 + □ = 7", "□ × □ = 12", "□ = 4", "5 − □ = 1"]),
    ("zh-Hans", ["World Health Organization", "Dr. Tedros", "José Müller"]),
    ("zh-Hans", ["什么???你说什么？", "不会吧？？？", "哈哈哈哈哈哈哈哈哈", "好的"]),
    ("en", ["[Water runs]", "(Applause)", "[Music]"]),
    ("en", ["Yes.", "Yes."]),
    ("fr", ["Été", "Où ça ? À côté.", "Élève zélé"]),
    ("zh-Hans", ["OK????", "WHO", "好"]),
    ("en", ["Hahahahaha", "…", "No!!!!!", "—"]),
    ("en", ["1", "2", "3", "4", "5", "6", "7", "8", "9"]),
    ("ja", ["えっ？？？", "ええええええ", "そう"]),
    ("en", ["Tick the box: ☐", "☐ soap ☐ water ☐ towel", "Then wash."]),
  ])
  func anOddTrackIsLeftAlone(_ language: String, _ texts: [String]) {
    #expect(found(texts, language).isEmpty, "\(texts): \(found(texts, language))")
  }
}
