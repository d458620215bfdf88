internal import FerryCore
internal import FerryMarkup

/// `catalogue.csv`: one lesson a row, for people with a spreadsheet (RFC 4180, UTF-8).
///
/// It begins with a byte order mark, without which Excel shows Chinese names as garbage.
package enum Catalogue {
  /// The languages of names: the one filmed first.
  static func languages(of manifest: DeliveryManifest) -> [LanguageTag] {
    [manifest.language.source] + manifest.language.deliver.filter { $0 != manifest.language.source }
  }

  /// Names of the columns. `ferry verify` looks for all of them in packages of every version: add some, take none away.
  static func columns(of manifest: DeliveryManifest) -> [String] {
    ["id", "field"] + languages(of: manifest).map { "name_\($0)" }
      + ["duration_s", "video", "subtitles", "licence", "credit", "video_bytes", "video_sha256"]
  }

  package static func text(of manifest: DeliveryManifest) -> String {
    let languages = languages(of: manifest)
    let header = columns(of: manifest)
    let rows = manifest.lessons.map { lesson in
      let video = lesson.programmes.first
      var row = [lesson.id, lesson.field] + languages.map { lesson.title[$0.text] ?? "" }
      row.append("\((lesson.durationMs.count + 500) / 1000)")
      row.append(video?.path.replacing("data/", with: "", maxReplacements: 1) ?? "")
      row.append((video?.textTracks ?? []).joined(separator: " "))
      row += [lesson.licence, lesson.credit ?? "", "\(video?.size ?? 0)", video?.sha256 ?? ""]
      return row
    }
    return "\u{FEFF}" + ([header] + rows).map { $0.map(cell).joined(separator: ",") + "\r\n" }.joined()
  }

  /// One line of harmless text; what a spreadsheet would take for a formula begins with an apostrophe instead.
  ///
  /// Full-width signs count too: spreadsheets set to an East Asian language read them alike.
  static func cell(_ text: String) -> String {
    let line = PlainText.line(text)
    let isFormula =
      text.first.map { "\t\r\n".contains($0) } ?? false || line.first.map { "=+-@＝＋－＠".contains($0) } ?? false
    let harmless = isFormula ? "'" + line : line
    // A semicolon or a bar parts cells in some countries' spreadsheets, and the next cell could be a formula.
    guard harmless.contains(where: { ",;|\"".contains($0) }) else { return harmless }
    return "\"" + harmless.replacing("\"", with: "\"\"") + "\""
  }
}
