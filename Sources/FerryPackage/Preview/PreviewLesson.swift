internal import FerryCore

/// What the template of a title shows: player, files, what the checks found, and where it comes from.
struct PreviewLesson {
  struct Player {
    /// The only film, where there is one.
    let source: String?
    let poster: String?
    let label: String
    let choice: Choice?
  }

  /// The browser takes the first that fits the screen: upright and sideways phones get the smaller picture.
  struct Choice {
    let small: String
    let smallType: String
    let large: String
    let largeType: String
  }

  struct Downloads {
    /// What a reader opens to see them.
    let summary: String?
    let files: [File]
  }

  struct File {
    let address: String
    let name: String
    let about: String
  }

  struct Finding {
    let startMs: Int
    let play: String
    let clock: String
    let kind: String
    let detail: String
  }

  struct Level {
    let measure: String
    let before: String
    let after: String
  }

  struct Track {
    struct Line {
      let what: String
      let rule: String
      let count: Int
      let reason: String?
    }

    let language: String
    let endonym: String
    let rules: String
    let hasLines: Bool
    let lines: [Line]
  }

  struct Neighbour {
    let anchor: String
    let name: String

    init(_ lesson: DeliveryManifest.Lesson) {
      (anchor, name) = (Vocabulary.reference(lesson.id), PreviewWords.name(lesson).html)
    }
  }

  let anchor: String
  let id: String
  let field: String
  let shownId: String
  let name: String
  let otherNames: [String]
  let player: Player?
  let downloads: [Downloads]
  let hasFindings: Bool
  let findings: [Finding]
  let hasSound: Bool
  let loudness: [Level]
  let hasTracks: Bool
  let tracks: [Track]
  let origin: [PreviewFact]
  /// Its neighbours in the job's order.
  let before: Neighbour?
  let after: Neighbour?

  init(
    _ lesson: DeliveryManifest.Lesson, of manifest: DeliveryManifest, before: DeliveryManifest.Lesson?,
    after: DeliveryManifest.Lesson?
  ) {
    anchor = Vocabulary.reference(lesson.id)
    id = lesson.id
    field = PreviewWords.field(lesson.field).html
    shownId = HTML.words(lesson.id)
    name = PreviewWords.name(lesson).html
    otherNames = lesson.title.sorted { $0.key < $1.key }.map { HTML.words($0.value, language: $0.key) }
    player = Player(lesson)
    downloads = Downloads.all(of: lesson)
    findings = lesson.quality.findings.map(Finding.init)
    hasFindings = !findings.isEmpty
    loudness = lesson.quality.loudness.map(Level.all) ?? []
    hasSound = !loudness.isEmpty
    tracks = (lesson.text ?? []).map(Track.init)
    hasTracks = !tracks.isEmpty
    origin = PreviewLesson.origin(of: lesson, from: manifest.sender.name)
    self.before = before.map(Neighbour.init)
    self.after = after.map(Neighbour.init)
  }

  private static func origin(of lesson: DeliveryManifest.Lesson, from sender: String) -> [PreviewFact] {
    func digest(_ sha256: String) -> String { "<code>\(HTML.escaped(sha256))</code>" }
    var facts = [PreviewFact(PreviewWords.licence, PreviewWords.licence(lesson.licence))]
    if let credit = lesson.credit { facts.append(PreviewFact(Phrase("Credit", "署名"), HTML.words(credit))) }
    facts.append(PreviewFact(Phrase("Publisher", "发布者"), HTML.words(sender)))
    facts.append(PreviewFact(Phrase("Source file", "源文件"), HTML.words(lesson.source.name)))
    facts.append(PreviewFact(Phrase("Its SHA-256", "源文件 SHA-256"), digest(lesson.source.sha256)))
    if let file = lesson.programme {
      facts.append(PreviewFact(Phrase("SHA-256 as delivered", "交付文件 SHA-256"), digest(file.sha256)))
      if let making = file.madeBy {
        let libraries = HTML.words(making.libraries.joined(separator: ", "))
        facts.append(PreviewFact(Phrase("Made with", "制作工具"), libraries))
        if !making.copied.isEmpty {
          let copied = making.copied.map { PreviewWords.stream($0).html }.joined(separator: ", ")
          facts.append(PreviewFact(Phrase("Not re-encoded", "未重新编码"), copied))
        }
      }
    }
    for file in lesson.captions where file.mediaType == "text/vtt" {
      guard let subtitle = file.subtitle, let language = file.language.flatMap({ LanguageTag($0) }) else { continue }
      let translator = subtitle.translator.map { " · " + HTML.words($0) } ?? ""
      let name = Phrase("Subtitles, \(language.endonym)", "字幕，\(language.endonym)")
      facts.append(PreviewFact(name, PreviewWords.reading(subtitle.readAs).html + translator))
    }
    return facts
  }
}

extension PreviewLesson.Player {
  fileprivate init?(_ lesson: DeliveryManifest.Lesson) {
    guard let file = lesson.programme else { return nil }
    let name = PreviewWords.name(lesson)
    let large = Vocabulary.reference(file)
    choice = lesson.programmeForPhones.map { small in
      PreviewLesson.Choice(
        small: Vocabulary.reference(small), smallType: small.mediaType, large: large, largeType: file.mediaType)
    }
    source = choice == nil ? large : nil
    poster = lesson.poster.map(Vocabulary.reference)
    label = Phrase("Video: \(name.english)", "视频：\(name.chinese)").label
  }
}

extension PreviewLesson.Downloads {
  fileprivate static func all(of lesson: DeliveryManifest.Lesson) -> [Self] {
    let listed = lesson.assets.filter { !isStreaming($0) && $0.role != .thumbnails && $0.role != .chapters }
    let ranked = listed.enumerated().sorted { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }
    let files = Self(summary: nil, files: ranked.map { file($0.element, of: lesson) })
    let streaming = lesson.assets.filter(isStreaming)
    if streaming.isEmpty { return [files] }
    let bytes = PreviewWords.size(streaming.map(\.size).saturatedSum)
    let summary = Phrase(
      "Streaming files (HLS, DASH): \(streaming.count), \(bytes)", "流媒体文件（HLS、DASH）：\(streaming.count) 个，\(bytes)")
    return [files, Self(summary: summary.html, files: streaming.map { file($0, of: lesson) })]
  }

  private static func isStreaming(_ asset: DeliveryManifest.Asset) -> Bool {
    asset.path.contains("/hls/") || [.playlist, .rendition, .fragmentedText, .mpd].contains(asset.role)
  }

  private static func rank(_ asset: DeliveryManifest.Asset) -> Int {
    switch asset.role {
    case .video, .audio: 0
    case .subtitle: 1
    case .transcript: 2
    default: 3
    }
  }

  private static func file(
    _ asset: DeliveryManifest.Asset, of lesson: DeliveryManifest.Lesson
  ) -> PreviewLesson.File {
    let name = asset.path.split(separator: "/").last.map(String.init) ?? asset.path
    let about = [
      asset.language.flatMap { LanguageTag($0) }.map { "<bdi lang=\"\($0)\">\($0.endonym)</bdi>" },
      asset == lesson.programmeForPhones ? Phrase("for phones", "适合手机").html : nil,
      asset.video.map { "\($0.width)×\($0.height)" }, PreviewWords.size(asset.size),
    ]
    return PreviewLesson.File(
      address: Vocabulary.reference(asset), name: HTML.words(name),
      about: about.compactMap { $0 }.joined(separator: " · "))
  }
}

extension PreviewLesson.Finding {
  fileprivate init(_ finding: Quality.Finding) {
    startMs = finding.startMs.count
    clock = PreviewWords.clock(finding.startMs)
    play = Phrase("Play from \(clock)", "从 \(clock) 播放").label
    kind = PreviewWords.finding(finding.kind).html
    detail = PreviewWords.detail(finding)?.html ?? "<span lang=\"en\">\(HTML.words(finding.detail))</span>"
  }
}

extension PreviewLesson.Level {
  fileprivate static func all(of change: Quality.LoudnessChange) -> [Self] {
    func text(_ number: Double?, _ unit: String) -> String {
      number.map { "\(PreviewWords.decimal($0)) \(unit)" } ?? "–"
    }
    func level(_ name: Phrase, _ value: (Loudness) -> Double?, _ unit: String) -> Self {
      Self(measure: name.html, before: text(value(change.before), unit), after: text(value(change.after), unit))
    }
    return [
      level(Phrase("Integrated", "综合响度"), { $0.integrated }, "LUFS"),
      level(Phrase("True peak", "真峰值"), { $0.truePeak }, "dBTP"),
      level(Phrase("Range", "响度范围"), { $0.range }, "LU"),
    ]
  }
}

extension PreviewLesson.Track {
  fileprivate init(_ track: TrackQuality) {
    func rule(_ id: String) -> String {
      (PreviewRules.name(id).map { $0.html + " " } ?? "") + "<code>\(HTML.escaped(id))</code>"
    }
    language = track.language.text
    endonym = track.language.endonym
    rules = HTML.words(track.rules)
    let found = track.findings.map {
      Line(
        what: PreviewWords.severity($0.severity.rawValue).html, rule: rule($0.rule), count: $0.count, reason: nil)
    }
    lines =
      found
      + track.waived.map {
        Line(
          what: Phrase("waived", "已豁免").html, rule: rule($0.rule), count: $0.count, reason: HTML.words($0.reason))
      }
    hasLines = !lines.isEmpty
  }
}
