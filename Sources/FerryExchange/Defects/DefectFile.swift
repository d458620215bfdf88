package import FerryCore
internal import FerryFiles
internal import FerryMarkup
internal import Foundation

/// A defect and where it is written.
package struct PlacedDefect: Hashable, Sendable {
  package var defect: Defect
  package var place: Place
  package init(defect: Defect, place: Place) { (self.defect, self.place) = (defect, place) }
}

/// Reads a partner's list of defects, `ferry-defects/1`, JSON or CSV with the same columns.
///
/// Strict: an unknown column, a missing value or a number that is none is an error with its place, all at once; a line
/// that was silently left out would be a fault that nobody mends. Rows of a spreadsheet in which no cell has anything are
/// none. A file of the delivery as a whole, such as the catalogue, has no lesson.
package enum DefectFile {
  private static let schema = "ferry-defects/1"
  static let columns = [
    "id", "lesson", "path", "asset_sha512", "t_start", "t_end", "cue", "category", "severity", "found_text",
    "suggested_text", "note", "reporter", "date",
  ]
  private static let required = ["id", "lesson", "path", "asset_sha512", "category", "severity"]
  private static let nothing = "fill in a line for each defect; 'ferry defects template' prints the form"

  /// The empty list that a partner fills in.
  package static var template: String { CSV.text(of: [columns]) }

  /// The empty list as JSON.
  package static var jsonTemplate: String { "{\"schema\": \"\(schema)\", \"defects\": []}\n" }

  /// Gives text in UTF-8 that a spreadsheet wrote in another encoding, `nil` where it is not sure which.
  package typealias Converting = ([UInt8]) -> [UInt8]?

  package static func read(_ path: String, converting: Converting = { _ in nil }) throws(Refusal)
    -> [PlacedDefect]
  {
    guard let bytes = try Files.readSmall(path) else {
      throw Refusal(
        .badInput, "defects.missing", at: Place(path), "there is no such file", hint: "name a .json or .csv file")
    }
    switch URL(fileURLWithPath: path).pathExtension.lowercased() {
    case "json": return try read(json: bytes, file: path)
    case "csv": return try read(csv: bytes, file: path, converting: converting)
    default:
      throw Refusal(
        .invalid, "defects.kind", at: Place(path), "its name ends neither with .json nor with .csv",
        hint: "save the list as CSV in UTF-8, with the columns \(columns.joined(separator: ","))")
    }
  }

  // CSV.

  package static func read(
    csv bytes: [UInt8], file: String, converting: Converting = { _ in nil }
  ) throws(Refusal) -> [PlacedDefect] {
    let isPlain = !bytes.contains(0) && String(validating: bytes, as: UTF8.self) != nil
    guard let converted = isPlain ? bytes : converting(bytes), let text = String(validating: converted, as: UTF8.self)
    else {
      throw Refusal(
        .invalid, "defects.encoding", at: Place(file), "it is not UTF-8",
        hint: "in Excel, save as 'CSV UTF-8'; in LibreOffice, choose Unicode (UTF-8)")
    }
    let body = String(text.trimmingPrefix("\u{FEFF}"))
    let separator = CSV.Separator(of: body)
    let (lines, marks) = CSV.rows(of: body, separator: separator)
    let rows = lines.filter { row in !row.allSatisfy { $0.text.allSatisfy(\.isWhitespace) } }
    // Spreadsheets that write a field without quotes mean a mark inside it as it stands.
    var problems = marks.filter { $0.kind != .insideField }.map {
      Diagnostic("defects.quote", at: Place(file, line: $0.line, column: $0.column), $0.message, hint: $0.hint)
    }
    guard let header = rows.first else {
      throw Refusal(
        .invalid, "defects.empty", at: Place(file), "there is nothing in it",
        hint: "its first line names the columns: \(columns.joined(separator: ","))")
    }
    let names = header.map { $0.text.trimmingCharacters(in: .whitespaces).lowercased() }
    problems += headerProblems(header, names, file)
    var found: [PlacedDefect] = []
    if problems.isEmpty {
      for row in rows.dropFirst() {
        guard row.count == names.count else {
          problems.append(
            Diagnostic(
              "defects.row", at: row[0].place(file),
              "the line has \(row.count) fields, the first line has \(names.count)",
              hint: "put a text that holds \(separator.words) in quotation marks"))
          continue
        }
        let cells = zip(names, row).map { ($0, (text: $1.text, place: $1.place(file))) }
        let fields = Fields(
          cells: Dictionary(uniqueKeysWithValues: cells), place: row[0].place(file),
          hasDecimalCommas: separator != .comma)
        if let defect = fields.defect(&problems) { found.append(defect) }
      }
    }
    return try checked(found, problems, file)
  }

  private static func headerProblems(_ header: CSV.Row, _ names: [String], _ file: String) -> [Diagnostic] {
    var problems: [Diagnostic] = []
    for (field, name) in zip(header, names) where !columns.contains(name) {
      problems.append(
        Diagnostic(
          "defects.column", at: field.place(file), "there is no column '\(name)'",
          hint: suggestion(for: name, among: columns).map { "did you mean '\($0)'?" }
            ?? "the columns are \(columns.joined(separator: ","))"))
    }
    for (index, name) in names.enumerated() where names[..<index].contains(name) {
      problems.append(
        Diagnostic(
          "defects.column", at: header[index].place(file), "the column '\(name)' is there twice", hint: "remove one"))
    }
    for name in required where !names.contains(name) {
      problems.append(
        Diagnostic(
          "defects.column", at: Place(file, line: 1), "the column '\(name)' is missing",
          hint: "the columns are \(columns.joined(separator: ","))"))
    }
    return problems
  }

  private static func checked(
    _ found: [PlacedDefect], _ problems: [Diagnostic], _ file: String
  ) throws(Refusal) -> [PlacedDefect] {
    var problems = problems
    var seen: [String: Place] = [:]
    for one in found {
      if let before = seen[one.defect.id] {
        problems.append(
          Diagnostic(
            "defects.same-id", at: one.place, "the id '\(one.defect.id)' is given twice, first at \(before)",
            hint: "give each defect an id of its own"))
      }
      seen[one.defect.id] = one.place
    }
    if !problems.isEmpty { throw Refusal(.invalid, problems.sorted { $0.place < $1.place }) }
    if found.isEmpty {
      throw Refusal(.invalid, "defects.none", at: Place(file), "there is no defect in it", hint: nothing)
    }
    return found
  }

  // JSON: {"schema": "ferry-defects/1", "defects": [{…}]}.

  package static func read(json bytes: [UInt8], file: String) throws(Refusal) -> [PlacedDefect] {
    let object: Any
    do {
      object = try JSONSerialization.jsonObject(with: Data(bytes))
    } catch {
      throw Refusal(
        .invalid, "defects.json", at: Place(file), "it is no JSON", hint: "check it in an editor that knows JSON")
    }
    guard let top = object as? [String: Any], top["schema"] as? String == schema, let list = top["defects"] as? [Any]
    else {
      throw Refusal(
        .invalid, "defects.json", at: Place(file), "it is not {\"schema\": \"\(schema)\", \"defects\": […]}",
        hint: "put the list of defects into such an object")
    }
    var problems: [Diagnostic] = []
    var found: [PlacedDefect] = []
    for (index, item) in list.enumerated() {
      let place = Place("\(file)#defects[\(index)]")
      guard let members = item as? [String: Any] else {
        problems.append(Diagnostic("defects.json", at: place, "it is no object", hint: "write {\"id\": …}"))
        continue
      }
      var cells: [String: (text: String, place: Place)] = [:]
      for (name, value) in members.sorted(by: { $0.key < $1.key }) {
        let here = Place("\(place.file).\(name)")
        if !columns.contains(name) {
          problems.append(
            Diagnostic(
              "defects.column", at: here, "there is no member '\(name)'",
              hint: suggestion(for: name, among: columns).map { "did you mean '\($0)'?" }
                ?? "the members are \(columns.joined(separator: ","))"))
        } else if let text = value as? String {
          cells[name] = (text, here)
        } else if let number = value as? NSNumber, !isBoolean(number) {
          cells[name] = (number.stringValue, here)
        } else if !(value is NSNull) {
          problems.append(
            Diagnostic("defects.json", at: here, "it is neither text nor a number", hint: "write one value"))
        }
      }
      if let defect = Fields(cells: cells, place: place).defect(&problems) { found.append(defect) }
    }
    return try checked(found, problems, file)
  }

  /// Foundation reads `true` as a number too; only booleans are one byte.
  private static func isBoolean(_ number: NSNumber) -> Bool { String(cString: number.objCType) == "c" }

  /// The values of one defect, by column.
  private struct Fields {
    var cells: [String: (text: String, place: Place)]
    var place: Place
    /// Whether a half may be written as 0,5.
    var hasDecimalCommas = false

    func defect(_ problems: inout [Diagnostic]) -> PlacedDefect? {
      let count = problems.count
      for name in required where text(name) == nil && !(name == "lesson" && isOfDelivery) {
        problems.append(
          Diagnostic(
            "defects.value", at: cells[name]?.place ?? place, "'\(name)' has no value", hint: "every defect needs it"))
      }
      let category = word("category", Defect.Category.allCases, &problems)
      let severity = word("severity", Defect.Severity.allCases, &problems)
      let start = seconds("t_start", &problems)
      let end = seconds("t_end", &problems)
      let cue = cue(&problems)
      if let digest = text("asset_sha512"), digest.wholeMatch(of: /[0-9a-fA-F]{128}/) == nil {
        problem(
          &problems, "asset_sha512", "'\(digest)' is no SHA-512", "copy it from manifest-sha512.txt: 128 hex digits")
      }
      if let date = text("date"), Day(date) == nil {
        problem(&problems, "date", "'\(date)' is no day", "write it as 2026-12-01")
      }
      if let start, let end, end < start {
        problem(&problems, "t_end", "it ends at \(end) s, before it begins at \(start) s", "swap the two")
      }
      guard problems.count == count, let category, let severity, let id = text("id"), let path,
        let digest = text("asset_sha512")
      else { return nil }
      return PlacedDefect(
        defect: Defect(
          id: id, lesson: text("lesson") ?? "", path: path, assetSha512: digest.lowercased(), cue: cue, tStart: start,
          tEnd: end,
          category: category, severity: severity, foundText: text("found_text"), suggestedText: text("suggested_text"),
          note: text("note"), reporter: text("reporter"), date: text("date")), place: place)
    }

    /// People copy paths from the page or the catalogue, where data/ is left out.
    private var path: String? { text("path").map { $0.hasPrefix("data/") ? $0 : "data/" + $0 } }

    /// The catalogue and its like are no lesson's.
    private var isOfDelivery: Bool { path.map { !$0.hasPrefix("data/lessons/") } ?? false }

    private func text(_ name: String) -> String? {
      let text = cells[name]?.text.trimmingCharacters(in: .whitespacesAndNewlines)
      return text?.isEmpty ?? true ? nil : text
    }

    private func problem(_ problems: inout [Diagnostic], _ name: String, _ message: String, _ hint: String) {
      problems.append(Diagnostic("defects.value", at: cells[name]?.place ?? place, message, hint: hint))
    }

    private func word<Word: RawRepresentable<String>>(
      _ name: String, _ words: [Word], _ problems: inout [Diagnostic]
    ) -> Word? {
      guard let text = text(name) else { return nil }
      if let word = words.first(where: { $0.rawValue == text.lowercased() }) { return word }
      let known = words.map(\.rawValue)
      problem(
        &problems, name, "'\(text)' is no \(name)",
        suggestion(for: text, among: known).map { "did you mean '\($0)'?" }
          ?? "it is one of \(known.joined(separator: ", "))")
      return nil
    }

    private func seconds(_ name: String, _ problems: inout [Diagnostic]) -> Double? {
      guard let text = text(name) else { return nil }
      let number = hasDecimalCommas ? text.replacing(",", with: ".") : text
      if number.wholeMatch(of: /[0-9]+(\.[0-9]+)?/) != nil, let seconds = Double(number), seconds < 1e9 {
        return seconds
      }
      problem(&problems, name, "'\(text)' is no number of seconds", "write 83.5 for one minute and 23.5 seconds")
      return nil
    }

    private func cue(_ problems: inout [Diagnostic]) -> Int? {
      guard let text = text("cue") else { return nil }
      if let cue = Int(text), cue >= 1 { return cue }
      problem(&problems, "cue", "'\(text)' is no number of a cue", "count cues from 1")
      return nil
    }
  }
}
