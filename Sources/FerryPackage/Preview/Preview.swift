package import FerryCore
internal import FerryFiles
internal import FerryMarkup
internal import Foundation

/// `ro-crate-preview.html`: the whole delivery on one page that opens from a folder, without network or server.
///
/// The page is whole without its script too: every lesson with the browser's own player, its files and its checks. The
/// script adds the player with both languages, transcripts, search, the reader's language and the dark theme.
package struct Preview {
  package static let fileName = "ro-crate-preview.html"

  /// The cues of each title, by its id, in the order in which languages are offered.
  package typealias Captions = [String: [(language: LanguageTag, cues: [Cue])]]

  let manifest: DeliveryManifest
  let captions: Captions
  let thumbnails: [String: TranscodeOutcome.Thumbnails]

  package static func page(
    of manifest: DeliveryManifest, captions: Captions, thumbnails: [String: TranscodeOutcome.Thumbnails]
  ) -> String {
    Preview(manifest: manifest, captions: captions, thumbnails: thumbnails).page
  }

  private var page: String {
    let title = HTML.escaped(PlainText.line("\(manifest.label): \(manifest.recipient.name)"))
    let all = manifest.lessons
    let lessons = all.indices.map { index in
      PreviewLesson(
        lesson: all[index], manifest: manifest, before: index > 0 ? all[index - 1] : nil,
        after: index + 1 < all.count ? all[index + 1] : nil
      ).html
    }.joined()
    return """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="\(policy)">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="referrer" content="no-referrer">
      <meta name="color-scheme" content="light dark">
      <title>\(title)</title>
      <style>\(PreviewStyle.text)</style>
      </head>
      <body>
      <a class="skip" href="#main">\(Phrase("Skip to the content", "跳到主要内容").html)</a>
      \(header)
      <main id="main" tabindex="-1">
      <section id="results" hidden>
      <h1 id="results-title" tabindex="-1">\(Phrase("Search results", "搜索结果").html)</h1>
      <p id="found" role="status" aria-live="polite"></p>
      <div id="hits"></div>
      </section>
      \(overview)
      \(PreviewPaper(manifest: manifest).html)
      \(lessons)
      </main>
      \(footer)
      \(PreviewPlayer.template)
      <script type="application/json" id="data">\(data.compact)</script>
      <script>\(PreviewScript.text)</script>
      </body>
      </html>

      """
  }

  /// Nothing but this page's own style and script, and pictures and films beside it: no connection anywhere.
  private var policy: String {
    func hash(_ text: String) -> String { Data(Digests.raw(.sha256, Array(text.utf8))).base64EncodedString() }
    return "default-src 'none'; script-src 'sha256-\(hash(PreviewScript.text))'; "
      + "style-src 'sha256-\(hash(PreviewStyle.text))'; img-src 'self' file:; media-src 'self' file:; "
      + "base-uri 'none'; form-action 'none'"
  }

  private var header: String {
    let search = Phrase("Search in titles and subtitles", "搜索标题和字幕")
    let theme = Phrase("Dark theme", "深色主题")
    return """
      <header class="bar">
      <a class="brand" href="#">\(HTML.words(manifest.label)) <span class="version">\
      \(Phrase("version \(manifest.version)", "版本 \(manifest.version)").html)</span></a>
      <form id="search" class="needs-script" role="search">
      <input id="query" type="search" autocomplete="off" spellcheck="false" \(search.label) \
      placeholder="\(search.english)" data-placeholder-en="\(search.english)" data-placeholder-zh="\(search.chinese)">
      </form>
      <div class="tools needs-script">
      <div class="choice" role="group" \(Phrase("Language of this page", "页面语言").label)>
      <button type="button" data-ui="en" lang="en" aria-pressed="true">English</button>
      <button type="button" data-ui="zh" lang="zh-Hans" aria-pressed="false">中文</button>
      </div>
      <button type="button" id="theme" aria-pressed="false">\(theme.html)</button>
      </div>
      </header>
      """
  }

  private var overview: String {
    let sender = HTML.words(manifest.sender.name)
    let fields = byField.map { field, lessons in
      let cards = lessons.map(card).joined()
      let count = Phrase(lessons.count == 1 ? "1 lesson" : "\(lessons.count) lessons", "\(lessons.count) 课")
      return """
        <section class="field">
        <div class="field-head"><h2>\(PreviewWords.field(field).html)</h2><span class="quiet">\(count.html)</span></div>
        <ul class="cards">\(cards)</ul>
        </section>

        """
    }.joined()
    let recipient = PlainText.line(manifest.recipient.name)
    let headline = Phrase("Video lessons for \(recipient)", "为 \(recipient) 制作的视频课程")
    return """
      <section id="overview">
      <h1 id="overview-title" tabindex="-1">\(headline.html)</h1>
      <p class="lead">\(Phrase("Delivered by", "交付方：").html) \(sender), \(HTML.escaped(manifest.created)).</p>
      <dl class="facts">\(facts)</dl>
      \(missing)
      \(fields)
      </section>
      """
  }

  private var facts: String {
    let time = manifest.lessons.map(\.durationMs.count).saturatedSum
    let tracks = manifest.language.deliver.map(\.endonym).joined(separator: ", ")
    let facts: [(Phrase, String)] = [
      (PreviewWords.lessons, "\(manifest.lessons.count)"),
      (PreviewWords.fields, "\(byField.count)"),
      (PreviewWords.runningTime, PreviewWords.clock(Milliseconds(time))),
      (Phrase("Translated into", "译成"), HTML.escaped(tracks)),
      (PreviewWords.licence, PreviewWords.licence(manifest.licence)),
    ]
    return facts.map { "<div><dt>\($0.html)</dt><dd>\($1)</dd></div>" }.joined()
  }

  /// What the job has and this package lacks: nothing is left out silently.
  private var missing: String {
    guard !manifest.missing.isEmpty else { return "" }
    let rows = manifest.missing.map {
      "<li><strong>\(PreviewWords.name($0).html)</strong> (\(HTML.words($0.id))). \(PreviewWords.reason($0))</li>"
    }.joined()
    return """
      <section class="note missing"><h2>\(Phrase("Not in this package", "未包含在本次交付中").html)</h2><ul>\(rows)</ul></section>
      """
  }

  private func card(_ lesson: DeliveryManifest.Lesson) -> String {
    let poster = lesson.poster.map {
      "<img src=\"\(Vocabulary.reference($0))\" alt=\"\" loading=\"lazy\" width=\"320\" height=\"180\">"
    }
    let languages = (captions[lesson.id] ?? []).map {
      "<span class=\"tag\">\(HTML.escaped($0.language.endonym))</span>"
    }.joined(separator: " ")
    let found = lesson.quality.findings.count
    let look = Phrase(found == 1 ? "1 finding" : "\(found) findings", "\(found) 处问题").html
    let findings = found == 0 ? "" : " <span class=\"tag look\">\(look)</span>"
    let address = "#" + Vocabulary.reference(lesson.id)
    return """
      <li class="card"><a href="\(address)">\
      <span class="thumb">\(poster ?? "")<span class="length">\(PreviewWords.clock(lesson.durationMs))</span></span>\
      \(PreviewWords.name(lesson).html)</a><span class="tags">\(languages)\(findings)</span></li>

      """
  }

  private var footer: String {
    """
    <footer><p>\(Phrase("Digests of every file are in", "每个文件的校验值见").html) \
    <code>ferry-delivery.json</code>; <code>CHECK-ME.txt</code> \
    \(Phrase("says how to prove the package whole.", "说明如何验证交付包的完整性。").html) \
    <a href="catalogue.csv">catalogue.csv</a> · <a href="LICENSE.txt">LICENSE.txt</a> · \
    <a href="ro-crate-metadata.json">ro-crate-metadata.json</a></p>
    <p class="quiet">\(HTML.words("\(manifest.tool.name) \(manifest.tool.version)")) · \
    <code>\(HTML.escaped(manifest.id))</code></p></footer>
    """
  }

  /// In the job's order.
  private var byField: [(String, [DeliveryManifest.Lesson])] {
    var order: [String] = []
    for lesson in manifest.lessons where !order.contains(lesson.field) { order.append(lesson.field) }
    return order.map { field in (field, manifest.lessons.filter { $0.field == field }) }
  }

  /// What the script needs: names, cues, chapters and where in its sheet each small picture is.
  private var data: JSONValue {
    .array(
      manifest.lessons.map { lesson in
        let name = PreviewWords.name(lesson)
        var value: [String: JSONValue] = [
          "id": .string(lesson.id), "en": .string(name.english), "zh": .string(name.chinese),
          "duration": .integer(lesson.durationMs.count),
          "tracks": .array((captions[lesson.id] ?? []).map(track)),
          "chapters": .array(
            lesson.chapters.enumerated().map { number, chapter in
              [.integer(chapter.startMs.count), .string(PlainText.line(chapter.name ?? "\(number + 1)"))]
            }),
        ]
        value["sprite"] = sprite(lesson)
        return .object(value)
      })
  }

  private func sprite(_ lesson: DeliveryManifest.Lesson) -> JSONValue? {
    guard let sheet = lesson.spriteSheet, let grid = thumbnails[lesson.id] else { return nil }
    return [
      "src": .string(Vocabulary.reference(sheet)), "width": .integer(grid.width), "height": .integer(grid.height),
      "columns": .integer(grid.columns), "count": .integer(grid.count), "interval": .integer(grid.interval.count),
    ]
  }

  private func track(_ track: (language: LanguageTag, cues: [Cue])) -> JSONValue {
    [
      "language": .string(track.language.text), "label": .string(track.language.endonym),
      "cues": .array(track.cues.sorted { ($0.start, $0.end) < ($1.start, $1.end) }.map(PreviewCue.value)),
    ]
  }
}

/// A cue as the script takes it: start, end, words; then, where they say more, WebVTT's markup and settings.
enum PreviewCue {
  static func value(_ cue: Cue) -> JSONValue {
    let words = PlainText.lines(cue.text)
    let plain = escaped(words)
    let markup = cue.lines.map { $0.map(self.markup).joined() }.filter { !$0.isEmpty }.joined(separator: "\n")
    var value: [JSONValue] = [.integer(cue.start.milliseconds), .integer(cue.end.milliseconds), .string(words)]
    let hasMarkup = markup != plain
    if hasMarkup || !cue.settings.isEmpty { value.append(.string(hasMarkup ? markup : plain)) }
    if !cue.settings.isEmpty { value.append(.string(PlainText.line(cue.settings))) }
    return .array(value)
  }

  private static func markup(_ run: Run) -> String {
    var text = escaped(String(run.text.unicodeScalars.filter { !PlainText.isHarmful($0) }.map(Character.init)))
    if let ruby = run.ruby { text = "<ruby>\(text)<rt>\(escaped(PlainText.line(ruby)))</rt></ruby>" }
    for (style, tag) in [(Run.Style.italic, "i"), (.bold, "b"), (.underline, "u")] where run.style.contains(style) {
      text = "<\(tag)>\(text)</\(tag)>"
    }
    if let voice = run.voice { text = "<v \(escaped(PlainText.line(voice)))>\(text)</v>" }
    return text
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }
}
