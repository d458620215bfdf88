import FerryCore
import Testing

@testable import FerryRules
@testable import FerryText

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
