package import FerryCore
internal import FerryMarkup
internal import FerryText

/// How terms and names are to be translated.
package struct Glossary: Hashable, Sendable {
  package enum Rule: String, CaseIterable, Hashable, Sendable, Codable {
    /// The translation must be there wherever the term is.
    case must
    /// The translation must not be there where the term is.
    case never
    case should
  }

  package struct Entry: Hashable, Sendable {
    package var term: String
    package var translation: String
    package var rule: Rule
    /// A note that begins with `name` makes it a name instead of a term.
    package var note: String?

    package init(term: String, translation: String, rule: Rule, note: String? = nil) {
      self.term = term
      self.translation = translation
      self.rule = rule
      self.note = note
    }

    var isName: Bool { note?.lowercased().hasPrefix("name") ?? false }
  }

  package var entries: [Entry]

  package init(_ entries: [Entry]) { self.entries = entries }

  /// Reads a CSV file with the header `term,translation,rule` and, if wanted, `note`; any order of columns.
  package static func read(bytes: [UInt8], file: String) throws(Diagnostics) -> Glossary {
    var findings = Findings(file: file)
    if let kind = FileKind(bytes) {
      findings.error("glossary.kind", kind.message, hint: "save the glossary as CSV in UTF-8")
      throw Diagnostics(findings.all)
    }
    // Spreadsheets save CSV in the encoding of the machine, so a glossary is decoded as subtitles are.
    guard let chinese = LanguageTag("zh"),
      let text = SourceText(bytes, language: chinese, forced: nil, findings: &findings)
    else { throw Diagnostics(findings.all) }
    let (rows, problems) = CSV.rows(of: String(decoding: text.utf8, as: UTF8.self))
    for one in problems {
      findings.error("glossary.quote", line: one.line, column: one.column, one.message, hint: one.hint)
    }
    let entries = entries(of: rows, findings: &findings)
    guard !findings.hasErrors else { throw Diagnostics(findings.all) }
    return Glossary(entries)
  }

  private struct Columns {
    var term: Int
    var translation: Int
    var rule: Int
    var note: Int?
    var count: Int
  }

  private static func entries(of rows: [CSV.Row], findings: inout Findings) -> [Entry] {
    guard let header = rows.first else {
      findings.error(
        "glossary.header", line: 1, column: 1, "the glossary is empty",
        hint: "begin it with the line 'term,translation,rule'")
      return []
    }
    guard let columns = columns(of: header, findings: &findings) else { return [] }
    var entries: [Entry] = []
    var lines: [[String]: Int] = [:]
    for row in rows.dropFirst() {
      guard row.count == columns.count else {
        findings.error(
          "glossary.fields", line: row[0].line, column: 1,
          "the row has \(row.count) fields and the header \(columns.count)",
          hint: "put a field with a comma in quotation marks")
        continue
      }
      guard let entry = entry(of: row, columns, findings: &findings) else { continue }
      let key = [entry.term, entry.translation.lowercased()]
      if let first = lines[key] {
        findings.error(
          "glossary.duplicate", line: row[0].line, column: 1,
          "'\(entry.term)' with this translation is on line \(first) too",
          hint: "remove one of the rows")
      }
      lines[key] = lines[key] ?? row[0].line
      entries.append(entry)
    }
    return entries
  }

  private static func columns(of header: CSV.Row, findings: inout Findings) -> Columns? {
    let known = ["term", "translation", "rule", "note"]
    var found: [String: Int] = [:]
    for (index, field) in header.enumerated() {
      let name = String(field.text.trimmed).lowercased()
      guard known.contains(name), found[name] == nil else {
        let near = suggestion(for: name, among: known)
        findings.error(
          "glossary.header", line: field.line, column: field.column,
          found[name] == nil ? "there is no column '\(field.text)'" : "the column '\(name)' is there twice",
          hint: found[name] == nil
            ? near.map { "did you mean '\($0)'?" } ?? "begin the file with the line 'term,translation,rule'"
            : "remove one of them")
        continue
      }
      found[name] = index
    }
    guard let term = found["term"], let translation = found["translation"], let rule = found["rule"] else {
      let missing = known.prefix(3).filter { found[$0] == nil }.map { "'\($0)'" }.joined(separator: ", ")
      findings.error(
        "glossary.header", line: header[0].line, column: 1, "the header lacks \(missing)",
        hint: "begin the file with the line 'term,translation,rule'")
      return nil
    }
    return Columns(
      term: term, translation: translation, rule: rule, note: found["note"], count: header.count)
  }

  private static func entry(of row: CSV.Row, _ columns: Columns, findings: inout Findings) -> Entry? {
    for (index, name) in [(columns.term, "term"), (columns.translation, "translation")]
    where row[index].text.trimmed.isEmpty {
      let field = row[index]
      findings.error(
        "glossary.empty", line: field.line, column: field.column, "the \(name) is empty",
        hint: "fill it in, or remove the row")
      return nil
    }
    let field = row[columns.rule]
    let word = String(field.text.trimmed).lowercased()
    guard let rule = Rule(rawValue: word) else {
      let near = suggestion(for: word, among: Rule.allCases.map(\.rawValue))
      findings.error(
        "glossary.rule", line: field.line, column: field.column, "'\(field.text)' is no rule",
        hint: near.map { "did you mean '\($0)'?" } ?? "write must, never or should")
      return nil
    }
    let note = columns.note.map { String(row[$0].text.trimmed) }
    return Entry(
      term: String(row[columns.term].text.trimmed),
      translation: String(row[columns.translation].text.trimmed), rule: rule,
      note: note.flatMap { $0.isEmpty ? nil : $0 })
  }
}
