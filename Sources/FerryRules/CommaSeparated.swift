internal import FerryText

/// Comma-separated values as RFC 4180 writes them, with the place of every field.
enum CommaSeparated {
  struct Field: Equatable {
    var text: String
    var line: Int
    var column: Int
  }

  struct Row: Equatable {
    var line: Int
    var fields: [Field]
  }

  /// The rows of a text whose lines end with a line feed; rows without anything are left out.
  static func rows(of text: [UInt8], findings: inout Findings) -> [Row] {
    var reader = Reader(text)
    var rows: [Row] = []
    while let row = reader.next(&findings) {
      if row.fields.count > 1 || !row.fields[0].text.isEmpty { rows.append(row) }
    }
    return rows
  }

  private struct Reader {
    let text: [UInt8]
    var index = 0
    var line = 1
    var column = 1

    init(_ text: [UInt8]) { self.text = text }

    mutating func next(_ findings: inout Findings) -> Row? {
      guard index < text.count else { return nil }
      var row = Row(line: line, fields: [])
      while true {
        row.fields.append(field(&findings))
        guard index < text.count else { return row }
        let end = text[index]
        step()
        if end == 0x0A { return row }
        if index == text.count {
          row.fields.append(Field(text: "", line: line, column: column))
          return row
        }
      }
    }

    private mutating func step() {
      if text[index] == 0x0A {
        line += 1
        column = 1
      } else if index + 1 == text.count || text[index + 1] & 0xC0 != 0x80 {
        column += 1
      }
      index += 1
    }

    private var isAtEnd: Bool { index == text.count || text[index] == 0x2C || text[index] == 0x0A }

    private mutating func field(_ findings: inout Findings) -> Field {
      let (line, column) = (line, column)
      guard index < text.count, text[index] == 0x22 else {
        let start = index
        while !isAtEnd {
          if text[index] == 0x22 {
            findings.error(
              "glossary.quote", line: self.line, column: self.column, "a quotation mark inside a field without quotes",
              hint: "put the whole field in quotation marks and double the mark")
            while !isAtEnd { step() }
            break
          }
          step()
        }
        return Field(text: String(decoding: text[start..<index], as: UTF8.self), line: line, column: column)
      }
      return Field(text: quoted(&findings), line: line, column: column)
    }

    private mutating func quoted(_ findings: inout Findings) -> String {
      let opened = (line, column)
      var bytes: [UInt8] = []
      step()
      while index < text.count {
        guard text[index] == 0x22 else {
          bytes.append(text[index])
          step()
          continue
        }
        step()
        if index < text.count, text[index] == 0x22 {
          bytes.append(0x22)
          step()
          continue
        }
        if !isAtEnd {
          findings.error(
            "glossary.quote", line: line, column: column, "text follows the closing quotation mark of a field",
            hint: "double a quotation mark that belongs to the text")
          while !isAtEnd { step() }
        }
        return String(decoding: bytes, as: UTF8.self)
      }
      findings.error(
        "glossary.quote", line: opened.0, column: opened.1, "the quotation mark is never closed",
        hint: "close it, or double a mark that belongs to the text")
      return String(decoding: bytes, as: UTF8.self)
    }
  }
}
