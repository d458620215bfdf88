import FerryCore
import Testing

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
      ("一亿两千万", "120 million"), ("五千三百", "fifty-three hundred"), ("12点", "12 noon"),
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

@Suite struct GlossaryTests {
  private func read(_ text: String) throws -> Glossary { try Glossary.read(bytes: Array(text.utf8), file: "g.csv") }

  private func problems(_ text: String) -> [String] {
    do throws(Diagnostics) {
      _ = try Glossary.read(bytes: Array(text.utf8), file: "g.csv")
      return []
    } catch {
      return error.all.map(\.description)
    }
  }

  @Test func readsWhatSpreadsheetsWrite() throws {
    let text =
      "\u{FEFF}Term,translation,rule,note\r\n口罩,\"mask, \"\"face\"\"\",must,\r\n\r\n李时珍, Li Shizhen ,should,name of a person\r\n\"a\nb\",c,NEVER,\"\""
    #expect(
      try read(text).entries == [
        .init(term: "口罩", translation: "mask, \"face\"", rule: .must),
        .init(term: "李时珍", translation: "Li Shizhen", rule: .should, note: "name of a person"),
        .init(term: "a\nb", translation: "c", rule: .never),
      ])
    #expect(
      try read("rule,translation,term\nmust,mask,口罩\n").entries == [.init(term: "口罩", translation: "mask", rule: .must)]
    )
    #expect(try read("term,translation,rule\n").entries.isEmpty)
    let gb: [UInt8] =
      Array("term,translation,rule\n".utf8) + [0xBF, 0xDA, 0xD5, 0xD6, 0xB4, 0xF7, 0xBA, 0xC3]
      + Array(",mask,must\n".utf8)
    #expect(try Glossary.read(bytes: gb, file: "g.csv").entries.map(\.term) == ["口罩戴好"])
  }

  @Test func saysEverythingThatIsWrongWithItsPlace() {
    #expect(
      problems("term,translaton,rule\n") == [
        "g.csv:1:1: error: the header lacks 'translation'\n  hint: begin the file with the line 'term,translation,rule'",
        "g.csv:1:6: error: there is no column 'translaton'\n  hint: did you mean 'translation'?",
      ])
    #expect(
      problems("\n\n") == [
        "g.csv:1:1: error: the glossary is empty\n  hint: begin it with the line 'term,translation,rule'"
      ])
    #expect(
      problems("term,term,translation,rule\n") == [
        "g.csv:1:6: error: the column 'term' is there twice\n  hint: remove one of them"
      ])
    #expect(
      problems("term,translation,rule\n口罩,mask,most\n口罩,,must\n口罩,a,b,must\n口罩,x,must\n口罩,X,never\n好,y,\n") == [
        "g.csv:2:9: error: 'most' is no rule\n  hint: did you mean 'must'?",
        "g.csv:3:4: error: the translation is empty\n  hint: fill it in, or remove the row",
        "g.csv:4:1: error: the row has 4 fields and the header 3\n  hint: put a field with a comma in quotation marks",
        "g.csv:6:1: error: '口罩' with this translation is on line 5 too\n  hint: remove one of the rows",
        "g.csv:7:5: error: '' is no rule\n  hint: write must, never or should",
      ])
    #expect(
      problems("term,translation,rule\na,b \"c\",must\n\"d\"e,f,must\n\"g,h\n") == [
        "g.csv:2:5: error: a quotation mark inside a field without quotes\n  hint: put the whole field in quotation marks and double the mark",
        "g.csv:3:4: error: text follows the closing quotation mark of a field\n  hint: double a quotation mark that belongs to the text",
        "g.csv:4:1: error: the row has 1 fields and the header 3\n  hint: put a field with a comma in quotation marks",
        "g.csv:4:1: error: the quotation mark is never closed\n  hint: close it, or double a mark that belongs to the text",
      ])
    #expect(problems("PK\u{3}\u{4}").map { $0.hasSuffix("hint: save the glossary as CSV in UTF-8") } == [true])
    #expect(problems("") == ["g.csv: error: the file is empty\n  hint: save the glossary as CSV in UTF-8"])
  }
}

@Suite struct PairingTests {
  private func groups(_ source: [Cue], _ track: [Cue]) -> [String] {
    let pairing = Pairing(source: source, track: track, alignment: nil)
    return pairing.groups.map { "\($0.source)-\($0.track)" } + pairing.sourceAlone.map { "\($0)-" }
      + pairing.trackAlone.map { "-\($0)" }
  }

  @Test func cuesArePairedHoweverTheyAreDivided() {
    let source = [cue(0, 2000, "a"), cue(2100, 4000, "b"), cue(5000, 9000, "c")]
    #expect(
      groups(source, [cue(100, 2050, "A"), cue(2100, 3900, "B"), cue(5100, 9200, "C")]) == [
        "[0]-[0]", "[1]-[1]", "[2]-[2]",
      ])
    #expect(
      groups(source, [cue(0, 3900, "AB"), cue(5000, 7000, "C1"), cue(7100, 9000, "C2")]) == [
        "[0, 1]-[0]", "[2]-[1, 2]",
      ])
    // A cue that runs a little into the next one's time does not belong to it.
    #expect(groups(source, [cue(0, 2200, "A"), cue(5000, 9000, "C")]) == ["[0]-[0]", "[2]-[1]", "1-"])
    #expect(groups(source, source + [cue(9500, 10_000, "D")]) == ["[0]-[0]", "[1]-[1]", "[2]-[2]", "-3"])
    #expect(groups(source.reversed(), source) == ["[2]-[0]", "[1]-[1]", "[0]-[2]"])
    #expect(groups([], source) == ["-0", "-1", "-2"])
  }

  @Test func speedsAreTold() throws {
    let starts = (0..<200).map { 1000 + $0 * 4300 + $0 * $0 % 11 * 200 }
    for (name, ratio) in Alignment.ratios {
      for offset in [0.0, 40, 700] {
        let track = starts.enumerated().map { Int(Double($1) * ratio + offset) + $0 % 5 * 20 - 40 }
        let found = try #require(Alignment.between(starts, track))
        #expect(found.ratio == name)
      }
    }
    for offset in [0, 150, -600, 9000, 36_000_000] {
      let found = try #require(Alignment.between(starts, starts.enumerated().map { $1 + offset + $0 % 7 * 30 - 90 }))
      #expect(found.ratio == nil)
      #expect(abs(found.offset - Double(offset)) < 120)
    }
    var chance = Seeded(state: 1)
    let other = (0..<200).map { _ in Int.random(in: 0...900_000, using: &chance) }
    let unrelated = Alignment.between(starts, other)
    #expect(unrelated == nil || unrelated?.ratio == nil)
  }
}
