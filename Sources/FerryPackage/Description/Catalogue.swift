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
    return "\u{FEFF}" + CSV.text(of: [header] + rows)
  }
}
