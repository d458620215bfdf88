internal import FerryCore
internal import FerryMarkup

/// `catalogue.csv` against the delivery manifest: columns by name, rows by lesson.
extension DescriptionCheck {
  private static let catalogue = "data/catalogue.csv"

  mutating func checkCatalogue() {
    let path = DescriptionCheck.catalogue
    guard let text = text(path) else { return }
    let (rows, problems) = CSV.rows(of: String(text.trimmingPrefix("\u{FEFF}")))
    for one in problems where one.kind != .insideField {
      problem(Place(path, line: one.line, column: one.column), one.message)
    }
    guard let header = rows.first else { return problem(Place(path), "it is empty") }
    var columns: [String: Int] = [:]
    for (index, field) in header.enumerated() where columns.updateValue(index, forKey: field.text) != nil {
      problem(field.place(path), "the column '\(field.text)' is there twice")
    }
    let missing = Catalogue.columns(of: manifest).filter { columns[$0] == nil }
    for name in missing { problem(Place(path, line: 1), "the column '\(name)' is missing") }
    guard let identifier = columns["id"] else { return }
    var counts: [String: Int] = [:]
    for row in rows.dropFirst() {
      if row.count > header.count {
        problem(row[header.count].place(path), "the line has \(row.count) cells, there are \(header.count) columns")
      }
      guard identifier < row.count else { continue }
      let id = row[identifier].text
      counts[id, default: 0] += 1
      if let lesson = manifest.lessons.first(where: { $0.id == id }) {
        compare(row, columns, lesson)
      } else {
        problem(row[identifier].place(path), "it lists '\(id)', of which the delivery manifest knows nothing")
      }
    }
    for lesson in manifest.lessons where counts[lesson.id] != 1 {
      problem(Place(path), "it lists \(lesson.id) \(counts[lesson.id] ?? 0) times; the delivery manifest has it once")
    }
  }

  /// Holds one lesson's row against the manifest.
  private mutating func compare(_ row: CSV.Row, _ columns: [String: Int], _ lesson: DeliveryManifest.Lesson) {
    func field(_ column: String) -> CSV.Field? {
      columns[column].flatMap { $0 < row.count ? row[$0] : nil }
    }
    let films = lesson.assets.filter { $0.role == .video || $0.role == .audio }
    let named = field("video")?.text
    let film = films.first { $0.path == "data/" + (named ?? "") } ?? films.first
    var wanted = [
      "field": lesson.field, "licence": lesson.licence, "credit": lesson.credit ?? "",
      "video": film.map { String($0.path.trimmingPrefix("data/")) } ?? "", "video_bytes": "\(film?.size ?? 0)",
      "video_sha256": film?.sha256 ?? "",
    ]
    for language in Catalogue.languages(of: manifest) {
      wanted["name_\(language)"] = lesson.title[language.text] ?? ""
    }
    for (column, text) in wanted.sorted(by: { $0.key < $1.key }) where columns[column] != nil {
      let line = PlainText.line(text)
      // What a spreadsheet would take for a formula begins with an apostrophe.
      if let said = field(column)?.text, said == line || said == "'" + line { continue }
      differs(row, field(column), column, lesson, line)
    }
    if columns["subtitles"] != nil {
      let languages = film?.textTracks ?? []
      let said = field("subtitles")?.text.split(separator: " ").map(String.init)
      if Set(said ?? []) != Set(languages) {
        differs(row, field("subtitles"), "subtitles", lesson, languages.joined(separator: " "))
      }
    }
    if columns["duration_s"] != nil {
      // Rounded to a second, whichever way.
      let seconds = lesson.durationMs.count / 1000
      let nearest = lesson.durationMs.count % 1000 < 500 ? seconds : seconds + 1
      let said = field("duration_s").flatMap { Int($0.text) }
      let isRounded = said == seconds || said == seconds + 1 && lesson.durationMs.count % 1000 != 0
      if !isRounded { differs(row, field("duration_s"), "duration_s", lesson, "\(nearest)") }
    }
  }

  private mutating func differs(
    _ row: CSV.Row, _ field: CSV.Field?, _ column: String, _ lesson: DeliveryManifest.Lesson, _ wanted: String
  ) {
    let path = DescriptionCheck.catalogue
    let place = field?.place(path) ?? Place(path, line: row[0].line)
    differs(place, "'\(column)' of \(lesson.id)", field.map { "'\($0.text)'" }, "'\(wanted)'")
  }
}
