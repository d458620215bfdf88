package import FerryCore

/// Comma-separated values (RFC 4180): read with the place of every field, and written for spreadsheets.
package enum CSV {
  /// What parts fields: a comma, or what spreadsheets write instead where a comma stands in numbers.
  package enum Separator: Unicode.Scalar, CaseIterable {
    case comma = ","
    case semicolon = ";"
    case tab = "\t"

    /// The one that the first line has most of.
    package init(of text: String) {
      let line = text.unicodeScalars.prefix { !isLineEnd($0) }
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

  /// It has one field at least.
  package typealias Row = [Field]

  /// A quotation mark that is not as it should be.
  package struct Problem: Equatable {
    package enum Kind: Equatable {
      /// Some programs write such fields, and mean the mark as it stands.
      case insideField
      case textBehind
      case neverClosed
    }

    package var kind: Kind
    package var line: Int
    package var column: Int

    package var message: String {
      switch kind {
      case .insideField: "a quotation mark inside a field without quotes"
      case .textBehind: "text follows the closing quotation mark of a field"
      case .neverClosed: "the quotation mark is never closed"
      }
    }

    package var hint: String {
      switch kind {
      case .insideField: "put the whole field in quotation marks and double the mark"
      case .textBehind: "double a quotation mark that belongs to the text"
      case .neverClosed: "close it, or double a mark that belongs to the text"
      }
    }
  }

  /// The rows of a text; lines without anything are left out.
  package static func rows(of text: String, separator: Separator = .comma) -> (rows: [Row], problems: [Problem]) {
    var reader = Reader(text, separator.rawValue)
    let rows = reader.rows()
    return (rows.filter { $0.count > 1 || !$0[0].text.isEmpty }, reader.problems)
  }

  fileprivate static func isLineEnd(_ scalar: Unicode.Scalar) -> Bool { scalar == "\n" || scalar == "\r" }

  /// Goes by scalars: a combining mark behind a comma or a quotation mark does not hide it.
  private struct Reader {
    private let scalars: [Unicode.Scalar]
    private let separator: Unicode.Scalar
    private var index = 0
    private var line = 1
    private var column = 1
    private(set) var problems: [Problem] = []

    init(_ text: String, _ separator: Unicode.Scalar) {
      (scalars, self.separator) = (Array(text.unicodeScalars), separator)
    }

    mutating func rows() -> [Row] {
      var rows: [Row] = []
      while index < scalars.count { rows.append(row()) }
      return rows
    }

    private mutating func row() -> Row {
      var fields = [field()]
      while index < scalars.count {
        let isEnd = scalars[index] != separator
        _ = step()
        if isEnd { break }
        fields.append(field())
      }
      return fields
    }

    /// What stands here; the end of a line, of one character or two, is passed in one step.
    private mutating func step() -> String {
      let scalar = scalars[index]
      index += 1
      guard CSV.isLineEnd(scalar) else {
        column += 1
        return String(scalar)
      }
      (line, column) = (line + 1, 1)
      guard scalar == "\r", index < scalars.count, scalars[index] == "\n" else { return String(scalar) }
      index += 1
      return "\r\n"
    }

    private var isAtEnd: Bool {
      index == scalars.count || scalars[index] == separator || CSV.isLineEnd(scalars[index])
    }

    private var isAtMark: Bool { index < scalars.count && scalars[index] == "\"" }

    private mutating func field() -> Field {
      let (startLine, startColumn) = (line, column)
      return Field(text: isAtMark ? quoted() : plain(), line: startLine, column: startColumn)
    }

    private mutating func plain() -> String {
      var text = ""
      var hasMark = false
      while !isAtEnd {
        if isAtMark, !hasMark {
          hasMark = true
          problems.append(Problem(kind: .insideField, line: line, column: column))
        }
        text += step()
      }
      return text
    }

    private mutating func quoted() -> String {
      let opened = Problem(kind: .neverClosed, line: line, column: column)
      var text = ""
      _ = step()
      while index < scalars.count {
        let isMark = isAtMark
        let passed = step()
        if !isMark {
          text += passed
        } else if isAtMark {
          text += step()
        } else {
          if !isAtEnd { problems.append(Problem(kind: .textBehind, line: line, column: column)) }
          while !isAtEnd { _ = step() }
          return text
        }
      }
      problems.append(opened)
      return text
    }
  }
}

// Writing.

extension CSV {
  /// The rows as a spreadsheet takes them in: each cell one line of harmless text, lines that end with CR LF.
  package static func text(of rows: [[String]]) -> String {
    rows.map { $0.map(cell).joined(separator: ",") + "\r\n" }.joined()
  }

  /// What a spreadsheet would take for a formula begins with an apostrophe instead.
  ///
  /// Full-width signs count too: spreadsheets set to an East Asian language read them alike.
  private static func cell(_ text: String) -> String {
    let line = PlainText.line(text)
    let isFormula =
      text.unicodeScalars.first.map { "\t\r\n".unicodeScalars.contains($0) } ?? false
      || line.unicodeScalars.first.map { "=+-@＝＋－＠".unicodeScalars.contains($0) } ?? false
    let harmless = isFormula ? "'" + line : line
    // A semicolon or a bar parts cells in some countries' spreadsheets, and the next cell could be a formula.
    guard harmless.unicodeScalars.contains(where: { ",;|\"".unicodeScalars.contains($0) }) else { return harmless }
    var quoted = "\""
    for scalar in harmless.unicodeScalars { quoted += scalar == "\"" ? "\"\"" : String(scalar) }
    return quoted + "\""
  }
}
