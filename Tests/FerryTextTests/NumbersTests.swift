import FerryCore
import Testing

@testable import FerryRules
@testable import FerryText

@Suite struct NumbersTests {
  /// The numbers that a translation must have, as they are written.
  private func firm(_ text: String) -> [String] { Numbers.all(in: text).filter(\.isFirm).map(\.text) }

  private func values(_ text: String) -> Set<ExactNumber> { Set(Numbers.all(in: text).flatMap(\.values)) }

  @Test func aNumberIsTheSameInBothLanguages() {
    let pairs = [
      ("百分之八十", "80%"), ("百分之八十", "eighty percent"), ("百分之百", "100 percent"), ("百分之三点五", "3.5%"),
      ("第二章", "Chapter 2"), ("第二章", "Chapter Two"), ("第二章", "the second chapter"), ("第二章", "Chapter II"),
      ("第二十一课", "Lesson twenty-one"), ("第二十一课", "the 21st lesson"), ("三十七点三度", "37.3 degrees"),
      ("1.2万", "12,000"), ("1.2万", "12 thousand"), ("1.2万", "twelve thousand"), ("三百万", "3 million"),
      ("三百五十万", "3.5 million"), ("1.4亿", "140 million"), ("十四亿", "1.4 billion"), ("一万亿", "a trillion"),
      ("3千万", "30 million"),
      ("二〇二〇年", "2020"), ("二零二零年", "in 2020"), ("２０２０年３月", "March 2020"), ("3月5日", "5 March"),
      ("两百", "two hundred"), ("一百零五", "a hundred and five"), ("一百二", "120"), ("两万五", "25,000"), ("十二个", "a dozen"),
      ("二十世纪", "twentieth century"), ("20世纪90年代", "the 1990s"), ("90年代", "the 1990s"), ("15点", "3 p.m."),
      ("15:30", "3:30"), ("50万", "half a million"), ("一千零一夜", "1001 nights"), ("2000", "two thousand"),
      ("九十九", "ninety-nine"), ("1,000,000", "one million"), ("07", "7"), ("2.0", "2"), ("四十", "forties"),
      ("3000", "three thousand"), ("21", "Twenty one"), ("十五", "fifteenth"),
      ("一亿两千万", "120 million"), ("五千三百", "fifty-three hundred"), ("12点", "12 noon"), ("1.5", "one and a half"),
      ("二百五十万", "two and a half million"),
    ]
    for (source, target) in pairs {
      let wanted = Numbers.all(in: source).filter(\.isFirm)
      #expect(!wanted.isEmpty, "\(source)")
      let said = values(target)
      for number in wanted {
        #expect(number.values.contains(where: said.contains), "\(source) (\(number.text)): \(target)")
      }
    }
  }

  @Test func anotherNumberIsNotTheSame() {
    let pairs = [
      ("百分之八十", "18%"), ("第二章", "Chapter 3"), ("三十七点三", "37.5"), ("1.2万", "1,200"), ("三百万", "3 billion"),
      ("二〇二〇年", "2002"), ("两百", "20"), ("十五", "fifty"), ("20秒", "twelve seconds"), ("1,000", "100"), ("3.14", "314"),
    ]
    for (source, target) in pairs {
      let wanted = Numbers.all(in: source).filter(\.isFirm)
      let said = values(target)
      #expect(wanted.contains { !$0.values.contains(where: said.contains) }, "\(source): \(target)")
    }
  }

  @Test func everydayWordsAreNoNumbers() {
    for text in [
      "一起学习", "一个人", "千万不要", "万一下雨", "十分重要", "第一，洗手", "三四个", "五六十人", "几百人", "成千上万", "数十年", "上百次",
      "四面八方", "一般来说", "两点之间", "一点也不", "半小时", "三分之二", "千千万万", "统一", "百姓", "亿万人", "唯一", "one of them", "at first",
      "a second look", "May I", "", "好几百个", "万里长城", "九九乘法",
    ] {
      #expect(firm(text).isEmpty, "\(text): \(firm(text))")
    }
  }

  @Test func oddTextIsNoTrap() {
    for text in [
      "百分之", "第", "点", "十十十", "万万万万万万", "亿亿亿", "九亿亿亿亿亿", String(repeating: "九", count: 500), "1,", "1,00", "1.", ".5",
      "1.2.3", "万",
      String(repeating: "9", count: 400) + "万亿", "hundred hundred thousand million billion trillion trillion",
      "一" + String(repeating: "万", count: 20), "million", "and and and", "two and", "第第第", "百分之百分之百", "两", "半半",
      String(repeating: "nine hundred ", count: 50) + "trillion trillion",
    ] {
      _ = Numbers.all(in: text)
    }
    #expect(firm("1.2.3") == ["1.2", "3"])
    #expect(firm("N95 和 COVID-19") == ["95", "19"])
    #expect(firm("一百，二百和三百") == ["一百", "二百", "三百"])
  }
}
