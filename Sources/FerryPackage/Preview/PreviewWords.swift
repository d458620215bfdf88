internal import FerryCore
internal import FerryMarkup

/// What the page says again and again, and how it writes numbers.
enum PreviewWords {
  static let lessons = Phrase("Lessons", "课程")
  static let fields = Phrase("Fields", "领域")
  static let runningTime = Phrase("Running time", "总时长")
  static let licence = Phrase("Licence", "许可")

  /// The founding batch's fields have Chinese names; others stand as the job writes them.
  static func field(_ field: String) -> Phrase {
    let known = [
      "epidemic-prevention": "疫情防控", "artificial-intelligence": "人工智能", "higher-education": "高等教育",
      "vocational-education": "职业教育", "school-education": "基础教育",
    ]
    let english = Vocabulary.field(field)
    return Phrase(english, known[field] ?? english)
  }

  static func name(_ lesson: DeliveryManifest.Lesson) -> Phrase { name(lesson.id, lesson.title) }

  static func name(_ missing: DeliveryManifest.Missing) -> Phrase { name(missing.id, missing.title ?? [:]) }

  private static func name(_ id: String, _ title: [String: String]) -> Phrase {
    func name(_ language: String) -> String {
      LanguageTag(language).map { Vocabulary.name(id, title, $0).text } ?? id
    }
    return Phrase(name("en"), name("zh-Hans"))
  }

  /// Why a title is not in the package; what only English says is marked as such.
  static func reason(_ missing: DeliveryManifest.Missing) -> String {
    let english = "<span class=\"quiet\" lang=\"en\">\(HTML.words(missing.detail))</span>"
    switch (missing.reason, missing.awaited) {
    case ("waiting", let awaited?):
      let tracks = PlainText.line(
        awaited.map { language in LanguageTag(language)?.endonym ?? language }.joined(separator: ", "))
      return Phrase("Its subtitles are still to come: \(tracks).", "字幕尚未交付：\(tracks)。").html
    case ("waiting", nil): return Phrase("Its subtitles are still to come.", "字幕尚未交付。").html + " " + english
    case ("failed", _): return Phrase("It could not be made.", "未能制作完成。").html + " " + english
    default: return english
    }
  }

  /// A stream as manifests name it.
  static func stream(_ stream: String) -> Phrase {
    let known = ["video": Phrase("picture", "画面"), "audio": Phrase("sound", "声音")]
    return known[stream] ?? Phrase(stream, stream)
  }

  static func severity(_ severity: String) -> Phrase {
    let chinese = ["error": "错误", "warning": "警告", "info": "提示"]
    return Phrase(severity, chinese[severity] ?? severity)
  }

  static func finding(_ kind: Quality.Finding.Kind) -> Phrase {
    switch kind {
    case .black: Phrase("Black picture", "黑屏")
    case .frozen: Phrase("Frozen picture", "画面静止")
    case .silent: Phrase("Silence", "静音")
    case .clipped: Phrase("Clipped sound", "声音削波")
    case .channels: Phrase("Sound channels", "声道")
    case .fieldOrder: Phrase("Field order", "场序")
    case .pictureSize: Phrase("Picture size", "画面尺寸")
    case .soundBegins: Phrase("Late sound", "声音开始较晚")
    case .soundEnds: Phrase("Sound ends early", "声音提前结束")
    case .lateBeginning: Phrase("Missing beginning", "开头缺失")
    case .leftOut: Phrase("Stream left out", "未采用的流")
    case .damaged: Phrase("Damaged part", "损坏片段")
    }
  }

  /// What was measured, in words of the page; `nil` where the manifest has it in English only.
  static func detail(_ finding: Quality.Finding) -> Phrase? {
    switch (finding.measure, finding.kind) {
    case (.more(let count), _):
      return Phrase("\(count) more until \(clock(finding.endMs))", "到 \(clock(finding.endMs)) 为止还有 \(count) 处")
    case (.clips(let times, let tenths), _):
      let length = decimal(Double(tenths) / 10)
      return Phrase(
        "\(times == 1 ? "once" : "\(times) times"), \(length) ms in all", "\(times) 次，共 \(length) 毫秒")
    case (.sizes(let before, let after), _):
      let (old, new) = ("\(before.width)×\(before.height)", "\(after.width)×\(after.height)")
      return Phrase("\(old) becomes \(new)", "由 \(old) 变为 \(new)")
    case (.fields(let flagged, let found), _):
      let said = flagged.map(fields) ?? Phrase("nothing", "无标记")
      let really = fields(found)
      return Phrase(
        "the file says \(said.english), the pictures are \(really.english)",
        "文件标记：\(said.chinese)；实际画面：\(really.chinese)")
    case (nil, .black), (nil, .frozen), (nil, .silent):
      let length = decimal(Double(finding.endMs.count - finding.startMs.count) / 1000)
      return Phrase("for \(length) s", "持续 \(length) 秒")
    case (nil, _): return nil
    }
  }

  private static func fields(_ fields: Quality.Finding.Fields) -> Phrase {
    switch fields {
    case .progressive: Phrase("progressive", "逐行")
    case .topFirst: Phrase("interlaced, top field first", "隔行，上场优先")
    case .bottomFirst: Phrase("interlaced, bottom field first", "隔行，下场优先")
    }
  }

  /// How the bytes of a track became text.
  static func reading(_ decision: EncodingDecision) -> Phrase {
    let name = decision.encoding.rawValue
    return switch decision.method {
    case .explicit: Phrase("\(name), as the job says", "\(name)（由任务文件指定）")
    case .byteOrderMark: Phrase("\(name), by its byte order mark", "\(name)（依据字节顺序标记）")
    case .nulPattern: Phrase("\(name), by its zero bytes", "\(name)（依据零字节分布）")
    case .strictUTF8: Phrase("\(name), valid throughout", "\(name)（全文有效）")
    case .score: Phrase("\(name), recognised by its characters", "\(name)（依据字符特征识别）")
    }
  }

  /// A link to the licence's text, which opens only when somebody follows it.
  static func licence(_ name: String) -> String {
    "<a href=\"\(HTML.escaped(CheckMe.licenceAddress(name)))\" rel=\"license noreferrer\">\(HTML.words(name))</a>"
  }

  /// `1:02:03` or `2:03`, as players show it.
  static func clock(_ time: Milliseconds) -> String { time.clock(.seconds) }

  /// `739 kB`, `36.9 MB`.
  static func size(_ bytes: Int) -> String { readable(bytes: bytes, unit: "B") }

  /// With one digit after the point, and a real minus sign.
  static func decimal(_ number: Double) -> String {
    number.tenths.replacing("-", with: "\u{2212}")
  }
}
