package import FerryCore

/// Rows of a CSV file (RFC 4180) with the place of every field; lines without anything are left out.
package enum DefectRows {
  /// What parts fields: a comma, or what spreadsheets write instead where a comma stands in numbers.
  package enum Separator: Character, CaseIterable {
    case comma = ","
    case semicolon = ";"
    case tab = "\t"

    /// The one that the first line has most of.
    package init(of text: String) {
      let line = text.prefix { !$0.isNewline }
      let counts = Separator.allCases.map { one in (one, line.count { $0 == one.rawValue }) }
      self = counts.reduce(counts[0]) { $1.1 > $0.1 ? $1 : $0 }.0
    }

    package var words: String { self == .comma ? "a comma" : self == .semicolon ? "a semicolon" : "a tab" }
  }

  package struct Field: Equatable {
    package var text: String
    package var line: Int
    package var column: Int

    package func place(_ file: String) -> Place { Place(file, line: line, column: column) }
  }

  package static func rows(
    of text: String, file: String, separator: Separator = .comma, _ problems: inout [Diagnostic]
  ) -> [[Field]] {
    var reader = Reader(text, file, separator.rawValue)
    let rows = reader.rows()
    problems += reader.problems
    return rows.filter { $0.count > 1 || !$0[0].text.isEmpty }
  }

  private struct Reader {
    private let characters: [Character]
    private let file: String
    private let separator: Character
    private var index = 0
    private var line = 1
    private var column = 1
    private(set) var problems: [Diagnostic] = []

    init(_ text: String, _ file: String, _ separator: Character) {
      (characters, self.file, self.separator) = (Array(text), file, separator)
    }

    mutating func rows() -> [[Field]] {
      var rows: [[Field]] = []
      while index < characters.count { rows.append(row()) }
      return rows
    }

    private mutating func row() -> [Field] {
      var fields = [field()]
      while index < characters.count {
        let end = characters[index]
        step()
        if end.isNewline { break }
        fields.append(field())
      }
      return fields
    }

    private mutating func step() {
      if characters[index].isNewline { (line, column) = (line + 1, 1) } else { column += 1 }
      index += 1
    }

    private var isAtEnd: Bool {
      index == characters.count || characters[index] == separator || characters[index].isNewline
    }

    private mutating func problem(_ line: Int, _ column: Int, _ message: String, _ hint: String) {
      problems.append(Diagnostic("defects.quote", at: Place(file, line: line, column: column), message, hint: hint))
    }

    private mutating func field() -> Field {
      let (startLine, startColumn) = (line, column)
      var text = ""
      if index < characters.count, characters[index] == "\"" {
        text = quoted()
      } else {
        while !isAtEnd {
          text.append(characters[index])
          step()
        }
      }
      return Field(text: text, line: startLine, column: startColumn)
    }

    private mutating func quoted() -> String {
      let (startLine, startColumn) = (line, column)
      var text = ""
      step()
      while index < characters.count {
        let character = characters[index]
        step()
        if character != "\"" {
          text.append(character)
        } else if index < characters.count, characters[index] == "\"" {
          text.append("\"")
          step()
        } else {
          if !isAtEnd {
            problem(line, column, "text follows the closing quotation mark", "double a mark that belongs to the text")
          }
          while !isAtEnd { step() }
          return text
        }
      }
      problem(
        startLine, startColumn, "the quotation mark is never closed",
        "close it, or double a mark that belongs to the text")
      return text
    }
  }
}
