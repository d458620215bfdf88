internal import FerryBag
internal import FerryCore
internal import FerryFiles

/// What only the printed page shows: what the package is, and the digests that prove it and each lesson.
///
/// The page is a file of the payload itself, so it cannot say the digest of the whole; it says that of all lessons.
struct PreviewPaper {
  let manifest: DeliveryManifest

  var html: String {
    let rows = manifest.lessons.map(row).joined()
    let facts: [(Phrase, String)] = [
      (Phrase("Package", "交付包"), HTML.words(manifest.label)),
      (Phrase("Version", "版本"), "\(manifest.version)"),
      (Phrase("Date", "日期"), HTML.escaped(manifest.created)),
      (Phrase("From", "交付方"), HTML.words(manifest.sender.name)),
      (Phrase("For", "接收方"), HTML.words(manifest.recipient.name)),
      (Phrase("Identifier", "标识符"), "<code>\(HTML.escaped(manifest.id))</code>"),
      (
        Phrase("SHA-256 of all lessons", "全部课程的 SHA-256"),
        "<code>\(PreviewPaper.digest(of: manifest.lessons.flatMap(\.assets)))</code>"
      ),
    ]
    let list = facts.map { "<dt>\($0.html)</dt><dd>\($1)</dd>" }.joined()
    let how = Phrase(
      "To check them, run this in the package's folder; for one lesson, write data/lessons/ID/ with its id:",
      "验证方法：在交付包文件夹中运行以下命令；只验证一课时，写该课的文件夹 data/lessons/编号/：")
    return """
      <section class="paper">
      <h2>\(Phrase("Digests", "校验值").html)</h2>
      <dl>\(list)</dl>
      <p>\(how.html) <code>grep ' data/lessons/' manifest-sha512.txt | sha256sum</code></p>
      <table><thead><tr><th scope="col">\(PreviewWords.lessons.html)</th>\
      <th scope="col">SHA-256</th></tr></thead><tbody>\(rows)</tbody></table>
      </section>
      """
  }

  private func row(_ lesson: DeliveryManifest.Lesson) -> String {
    let films = [lesson.programme, lesson.programmeForPhones].compactMap { $0 }.map { file in
      let name = file.path.split(separator: "/").last.map(String.init) ?? file.path
      return "<p>\(HTML.words(name)), \(PreviewWords.size(file.size)) <code>\(HTML.escaped(file.sha256))</code></p>"
    }.joined()
    let count = lesson.assets.count
    let files = Phrase(count == 1 ? "1 file" : "All \(count) files", "全部 \(count) 个文件")
    return """
      <tr><th scope="row">\(HTML.words(lesson.id))<br>\(PreviewWords.name(lesson).html)<br>\
      \(PreviewWords.clock(lesson.durationMs))</th>\
      <td><p>\(files.html) <code>\(PreviewPaper.digest(of: lesson.assets))</code></p>\(films)</td></tr>

      """
  }

  /// Of their lines in `manifest-sha512.txt`, which anybody can cut out and hash.
  static func digest(of assets: [DeliveryManifest.Asset]) -> String {
    let lines = Dictionary(assets.map { ($0.path, $0.sha512) }, uniquingKeysWith: { first, _ in first })
    return Digests.sha256(BagWriter.manifest(lines))
  }
}
