import Testing

@testable import FerryMarkup

struct CSVTests {
  private func cells(_ text: String, _ separator: CSV.Separator = .comma) -> [[String]] {
    CSV.rows(of: text, separator: separator).rows.map { $0.map(\.text) }
  }

  @Test func readsWhatItWrote() {
    let rows = [["a", "", "口罩, \"戴好\""], ["x;y", "1|2", "\""], ["\"\u{301}", ",\u{301}", "é"]]
    let (read, problems) = CSV.rows(of: CSV.text(of: rows))
    #expect(read.map { $0.map(\.text) } == rows && problems == [])
  }

  @Test func endsLinesAsAnySystemWritesThem() {
    #expect(cells("a,b\r\nc,d\re,f\n\ng") == [["a", "b"], ["c", "d"], ["e", "f"], ["g"]])
    #expect(cells("a,\n,b,") == [["a", ""], ["", "b", ""]])
    #expect(cells("a;\"b\r\nc\"\r\n", .semicolon) == [["a", "b\r\nc"]])
    let places = CSV.rows(of: "\"a\r\nb\",口罩,c\r\nd").rows.map { $0.map { [$0.line, $0.column] } }
    #expect(places == [[[1, 1], [2, 4], [2, 7]], [[3, 1]]])
  }

  /// A mark that combines with a separator or a quotation mark would else hide it.
  @Test func seesEveryMark() {
    #expect(cells("a,\u{301}b") == [["a", "\u{301}b"]])
    #expect(cells("\"a\"\u{301},b") == [["a", "b"]])
    let marks = CSV.rows(of: "a\"\u{301}\"\n\"b\"c\n\"d").problems
    #expect(
      marks == [
        .init(kind: .insideField, line: 1, column: 2), .init(kind: .textBehind, line: 2, column: 4),
        .init(kind: .neverClosed, line: 3, column: 1),
      ])
  }
}
