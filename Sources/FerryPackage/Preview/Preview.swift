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

  /// The sheet and the script begin on a line of their own; the policy is of the bytes between the tags.
  static let style = "\n" + PreviewAssets.style
  static let script = "\n" + PreviewAssets.script

  private var page: String {
    let all = manifest.lessons
    let recipient = PlainText.line(manifest.recipient.name)
    return PreviewTemplates.render(
      PreviewPage(
        policy: policy, style: Preview.style, script: Preview.script, data: data.compact,
        title: PlainText.line("\(manifest.label): \(manifest.recipient.name)"), label: HTML.words(manifest.label),
        version: Phrase("version \(manifest.version)", "版本 \(manifest.version)").html,
        headline: Phrase("Video lessons for \(recipient)", "为 \(recipient) 制作的视频课程").html,
        sender: HTML.words(manifest.sender.name), created: manifest.created, facts: facts,
        isIncomplete: !manifest.missing.isEmpty, missing: manifest.missing.map(PreviewPage.Missing.init),
        fields: byField.map { field, lessons in
          let count = Phrase(lessons.count == 1 ? "1 lesson" : "\(lessons.count) lessons", "\(lessons.count) 课")
          return PreviewPage.Field(
            name: PreviewWords.field(field).html, count: count.html, cards: lessons.map(card))
        },
        identity: PreviewPaper.identity(of: manifest), digests: all.map(PreviewPaper.init),
        lessons: all.indices.map { index in
          PreviewLesson(
            all[index], of: manifest, before: index > 0 ? all[index - 1] : nil,
            after: index + 1 < all.count ? all[index + 1] : nil)
        },
        tool: HTML.words("\(manifest.tool.name) \(manifest.tool.version)"), packageId: manifest.id))
  }

  /// Nothing but this page's own style and script, and pictures and films beside it: no connection anywhere.
  private var policy: String {
    func hash(_ text: String) -> String { Data(Digests.raw(.sha256, Array(text.utf8))).base64EncodedString() }
    return "default-src 'none'; script-src 'sha256-\(hash(Preview.script))'; "
      + "style-src 'sha256-\(hash(Preview.style))'; img-src 'self' file:; media-src 'self' file:; "
      + "base-uri 'none'; form-action 'none'"
  }

  private var facts: [PreviewFact] {
    let time = manifest.lessons.map(\.durationMs.count).saturatedSum
    let tracks = manifest.language.deliver.map(\.endonym).joined(separator: ", ")
    return [
      PreviewFact(PreviewWords.lessons, "\(manifest.lessons.count)"),
      PreviewFact(PreviewWords.fields, "\(byField.count)"),
      PreviewFact(PreviewWords.runningTime, PreviewWords.clock(Milliseconds(time))),
      PreviewFact(Phrase("Translated into", "译成"), HTML.escaped(tracks)),
      PreviewFact(PreviewWords.licence, PreviewWords.licence(manifest.licence)),
    ]
  }

  private func card(_ lesson: DeliveryManifest.Lesson) -> PreviewPage.Card {
    let languages = (captions[lesson.id] ?? []).map {
      "<span class=\"tag\">\(HTML.escaped($0.language.endonym))</span>"
    }
    let found = lesson.quality.findings.count
    let findings = Phrase(found == 1 ? "1 finding" : "\(found) findings", "\(found) 处问题").html
    return PreviewPage.Card(
      anchor: Vocabulary.reference(lesson.id), poster: lesson.poster.map(Vocabulary.reference),
      length: PreviewWords.clock(lesson.durationMs), name: PreviewWords.name(lesson).html,
      tags: languages.joined(separator: " "), findings: found == 0 ? nil : findings)
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
