internal import FerryBag
internal import FerryCore
internal import FerryFiles

/// What only the printed page shows of a lesson: the digests that prove it.
///
/// The page is a file of the payload itself, so it cannot say the digest of the whole; it says that of all lessons.
struct PreviewPaper {
  struct Film {
    let name: String
    let size: String
    let sha256: String
  }

  let id: String
  let name: String
  let length: String
  let count: String
  let sha256: String
  let films: [Film]

  init(_ lesson: DeliveryManifest.Lesson) {
    let count = lesson.assets.count
    id = HTML.words(lesson.id)
    name = PreviewWords.name(lesson).html
    length = PreviewWords.clock(lesson.durationMs)
    self.count = Phrase(count == 1 ? "1 file" : "All \(count) files", "全部 \(count) 个文件").html
    sha256 = PreviewPaper.digest(of: lesson.assets)
    films = [lesson.programme, lesson.programmeForPhones].compactMap { $0 }.map { file in
      let name = file.path.split(separator: "/").last.map(String.init) ?? file.path
      return Film(name: HTML.words(name), size: PreviewWords.size(file.size), sha256: file.sha256)
    }
  }

  /// What the package is.
  static func identity(of manifest: DeliveryManifest) -> [PreviewFact] {
    [
      PreviewFact(Phrase("Package", "交付包"), HTML.words(manifest.label)),
      PreviewFact(Phrase("Version", "版本"), "\(manifest.version)"),
      PreviewFact(Phrase("Date", "日期"), HTML.escaped(manifest.created)),
      PreviewFact(Phrase("From", "交付方"), HTML.words(manifest.sender.name)),
      PreviewFact(Phrase("For", "接收方"), HTML.words(manifest.recipient.name)),
      PreviewFact(Phrase("Identifier", "标识符"), "<code>\(HTML.escaped(manifest.id))</code>"),
      PreviewFact(
        Phrase("SHA-256 of all lessons", "全部课程的 SHA-256"),
        "<code>\(digest(of: manifest.lessons.flatMap(\.assets)))</code>"),
    ]
  }

  /// Of their lines in `manifest-sha512.txt`, which anybody can cut out and hash.
  static func digest(of assets: [DeliveryManifest.Asset]) -> String {
    let lines = Dictionary(assets.map { ($0.path, $0.sha512) }, uniquingKeysWith: { first, _ in first })
    return Digests.sha256(BagWriter.manifest(lines))
  }
}
