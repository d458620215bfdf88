internal import FerryCore

/// One title's part of the page: player, files, what the checks found, and where it comes from.
struct PreviewLesson {
  let lesson: DeliveryManifest.Lesson
  let manifest: DeliveryManifest
  /// Its neighbours in the job's order.
  let before: DeliveryManifest.Lesson?
  let after: DeliveryManifest.Lesson?

  var html: String {
    let id = Vocabulary.reference(lesson.id)
    return """
      <article class="lesson" id="lesson-\(id)" data-lesson="\(HTML.escaped(lesson.id))" aria-labelledby="title-\(id)">
      <p class="crumbs"><a href="#">\(Phrase("All lessons", "全部课程").html)</a> <span aria-hidden="true">/</span> \
      \(PreviewWords.field(lesson.field).html) <span aria-hidden="true">/</span> \(HTML.words(lesson.id))</p>
      <h1 id="title-\(id)" tabindex="-1">\(PreviewWords.name(lesson).html)</h1>
      \(otherNames)
      <div class="stage">
      <div class="player">\(player)</div>
      <section class="transcript needs-script" \(Phrase("Transcript", "字幕文本").label)></section>
      </div>
      <div class="panels">
      \(panel(Phrase("Downloads", "下载"), downloads))
      \(panel(Phrase("Checks", "质量检查"), picture + loudness + text))
      \(panel(Phrase("Origin and licence", "来源与许可"), origin))
      </div>
      \(around)
      </article>

      """
  }

  private var around: String {
    func link(_ lesson: DeliveryManifest.Lesson?, _ what: Phrase) -> String {
      guard let lesson else { return "" }
      let name = PreviewWords.name(lesson).html
      return "<a href=\"#\(Vocabulary.reference(lesson.id))\">\(what.html) \(name)</a>"
    }
    return "<nav class=\"around needs-script\" \(Phrase("Other lessons", "其他课程").label)>"
      + "<span>\(link(before, Phrase("Previous:", "上一课：")))</span><span>\(link(after, Phrase("Next:", "下一课：")))</span></nav>"
  }

  private func panel(_ name: Phrase, _ content: String) -> String {
    "<section class=\"panel\"><h2>\(name.html)</h2>\(content)</section>"
  }

  private var otherNames: String {
    lesson.title.sorted { $0.key < $1.key }.map {
      "<p class=\"quiet name\" data-name>\(HTML.words($0.value, language: $0.key))</p>"
    }.joined()
  }

  private var player: String {
    guard let file = lesson.programme else {
      let only = Phrase("Delivered for streaming only: see the downloads.", "仅以流媒体形式交付，见下载部分。")
      return "<p class=\"problem\">\(only.html)</p>"
    }
    let poster = lesson.poster.map { " poster=\"\(Vocabulary.reference($0))\"" } ?? ""
    let name = PreviewWords.name(lesson)
    let label = Phrase("Video: \(name.english)", "视频：\(name.chinese)").label
    let isSingle = lesson.programmeForPhones == nil
    let source = isSingle ? " src=\"\(Vocabulary.reference(file))\"" : ""
    return """
      <div class="screen"><video\(source)\(poster) preload="none" playsinline controls \
      \(label)>\(isSingle ? "" : sources(file))</video></div>
      """
  }

  /// The browser takes the first that fits the screen: upright and sideways phones get the smaller picture.
  private func sources(_ file: DeliveryManifest.Asset) -> String {
    let small = lesson.programmeForPhones.map {
      "<source class=\"small\" src=\"\(Vocabulary.reference($0))\" type=\"\($0.mediaType)\" "
        + "media=\"(max-width: 40rem), (max-height: 30rem)\">"
    }
    return (small ?? "") + "<source src=\"\(Vocabulary.reference(file))\" type=\"\(HTML.escaped(file.mediaType))\">"
  }

  private var downloads: String {
    let listed = lesson.assets.filter { !isStreaming($0) && $0.role != .thumbnails && $0.role != .chapters }
    let ranked = listed.enumerated().sorted { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }
    let rows = ranked.map { row($0.element) }.joined()
    let streaming = lesson.assets.filter(isStreaming)
    let bytes = PreviewWords.size(streaming.map(\.size).saturatedSum)
    let summary = Phrase(
      "Streaming files (HLS, DASH): \(streaming.count), \(bytes)", "流媒体文件（HLS、DASH）：\(streaming.count) 个，\(bytes)")
    let more =
      streaming.isEmpty
      ? ""
      : "<details><summary>\(summary.html)</summary><ul class=\"files\">\(streaming.map(row).joined())</ul></details>"
    return "<ul class=\"files\">\(rows)</ul>\(more)"
  }

  private func isStreaming(_ asset: DeliveryManifest.Asset) -> Bool {
    asset.path.contains("/hls/") || [.playlist, .rendition, .fragmentedText, .mpd].contains(asset.role)
  }

  private func rank(_ asset: DeliveryManifest.Asset) -> Int {
    switch asset.role {
    case .video, .audio: 0
    case .subtitle: 1
    case .transcript: 2
    default: 3
    }
  }

  private func row(_ asset: DeliveryManifest.Asset) -> String {
    let file = asset.path.split(separator: "/").last.map(String.init) ?? asset.path
    let language = asset.language.flatMap { LanguageTag($0) }.map { "<bdi lang=\"\($0)\">\($0.endonym)</bdi> · " } ?? ""
    let picture = asset.video.map { "\($0.width)×\($0.height) · " } ?? ""
    let phones = asset == lesson.programmeForPhones ? Phrase("for phones", "适合手机").html + " · " : ""
    return """
      <li><a href="\(Vocabulary.reference(asset))" download>\(HTML.words(file))</a> \
      <span class="quiet">\(language)\(phones)\(picture)\(PreviewWords.size(asset.size))</span></li>
      """
  }

  private var picture: String {
    let found = lesson.quality.findings
    let heading = "<h3>\(Phrase("Picture and sound", "画面与声音").html)</h3>"
    guard !found.isEmpty else { return heading + "<p class=\"good\">\(Phrase("Nothing found.", "未发现问题。").html)</p>" }
    let rows = found.map { finding in
      let detail =
        PreviewWords.detail(finding)?.html ?? "<span lang=\"en\">\(HTML.words(finding.detail))</span>"
      return """
        <li class="finding"><button type="button" class="seek needs-script" data-seek="\(finding.startMs.count)" \
        \(Phrase("Play from \(PreviewWords.clock(finding.startMs))", "从 \(PreviewWords.clock(finding.startMs)) 播放").label)>\
        \(PreviewWords.clock(finding.startMs))</button> <strong>\(PreviewWords.finding(finding.kind).html)</strong> \
        \(detail)</li>
        """
    }.joined()
    return heading + "<ul class=\"findings\">\(rows)</ul>"
  }

  private var loudness: String {
    let heading = "<h3>\(Phrase("Loudness", "响度").html)</h3>"
    guard let change = lesson.quality.loudness else {
      return heading + "<p>\(Phrase("This lesson has no sound.", "本课没有声音。").html)</p>"
    }
    func cell(_ number: Double?, _ unit: String) -> String {
      "<td>\(number.map { "\(PreviewWords.decimal($0)) \(unit)" } ?? "–")</td>"
    }
    func row(_ name: Phrase, _ value: KeyPath<Loudness, Double?>, _ unit: String) -> String {
      "<tr><th scope=\"row\">\(name.html)</th>\(cell(change.before[keyPath: value], unit))"
        + "\(cell(change.after[keyPath: value], unit))</tr>"
    }
    return heading + """
      <table><thead><tr><td></td><th scope="col">\(Phrase("Source", "源文件").html)</th>\
      <th scope="col">\(Phrase("Delivered", "交付").html)</th></tr></thead><tbody>\
      \(row(Phrase("Integrated", "综合响度"), \.integrated, "LUFS"))\
      \(row(Phrase("True peak", "真峰值"), \.truePeak, "dBTP"))\
      \(row(Phrase("Range", "响度范围"), \.optionalRange, "LU"))</tbody></table>
      """
  }

  private var text: String {
    guard let tracks = lesson.text, !tracks.isEmpty else { return "" }
    let parts = tracks.map { track in
      let found = track.findings.map {
        "<li><strong>\(PreviewWords.severity($0.severity.rawValue).html)</strong> \(rule($0.rule)) × \($0.count)</li>"
      }
      let waived = track.waived.map {
        "<li><strong>\(Phrase("waived", "已豁免").html)</strong> \(rule($0.rule)) × \($0.count): "
          + "\(HTML.words($0.reason))</li>"
      }
      let all = (found + waived).joined()
      let list =
        all.isEmpty
        ? "<p class=\"good\">\(Phrase("Every rule is kept.", "符合全部规则。").html)</p>"
        : "<ul class=\"findings\">\(all)</ul>"
      return "<h4><bdi lang=\"\(track.language)\">\(track.language.endonym)</bdi> "
        + "<span class=\"quiet\">\(HTML.words(track.rules))</span></h4>\(list)"
    }
    return "<h3>\(Phrase("Subtitles", "字幕").html)</h3>" + parts.joined()
  }

  private func rule(_ id: String) -> String {
    (PreviewRules.name(id).map { $0.html + " " } ?? "") + "<code>\(HTML.escaped(id))</code>"
  }

  private var origin: String {
    var facts: [(Phrase, String)] = [(PreviewWords.licence, PreviewWords.licence(lesson.licence))]
    if let credit = lesson.credit { facts.append((Phrase("Credit", "署名"), HTML.words(credit))) }
    facts.append((Phrase("Publisher", "发布者"), HTML.words(manifest.sender.name)))
    facts.append((Phrase("Source file", "源文件"), HTML.words(lesson.source.name)))
    facts.append((Phrase("Its SHA-256", "源文件 SHA-256"), "<code>\(HTML.escaped(lesson.source.sha256))</code>"))
    if let file = lesson.programme {
      facts.append((Phrase("SHA-256 as delivered", "交付文件 SHA-256"), "<code>\(HTML.escaped(file.sha256))</code>"))
      if let making = file.madeBy {
        facts.append((Phrase("Made with", "制作工具"), HTML.words(making.libraries.joined(separator: ", "))))
        if !making.copied.isEmpty {
          let copied = making.copied.map { PreviewWords.stream($0).html }.joined(separator: ", ")
          facts.append((Phrase("Not re-encoded", "未重新编码"), copied))
        }
      }
    }
    for file in lesson.captions where file.mediaType == "text/vtt" {
      guard let subtitle = file.subtitle, let language = file.language.flatMap({ LanguageTag($0) }) else { continue }
      let translator = subtitle.translator.map { " · " + HTML.words($0) } ?? ""
      let name = Phrase("Subtitles, \(language.endonym)", "字幕，\(language.endonym)")
      facts.append((name, PreviewWords.reading(subtitle.readAs).html + translator))
    }
    return "<dl class=\"origin\">" + facts.map { "<dt>\($0.html)</dt><dd>\($1)</dd>" }.joined() + "</dl>"
  }
}

extension Loudness {
  fileprivate var optionalRange: Double? { range }
}
