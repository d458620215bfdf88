internal import FerryCore

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

  static func name(_ lesson: DeliveryManifest.Lesson) -> Phrase {
    func name(_ language: String) -> String {
      LanguageTag(language).map { Vocabulary.name(lesson, $0).text } ?? lesson.id
    }
    return Phrase(name("en"), name("zh-Hans"))
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
    case .damaged: Phrase("Damaged part", "损坏片段")
    }
  }

  /// A link to the licence's text, which opens only when somebody follows it.
  static func licence(_ name: String) -> String {
    "<a href=\"\(HTML.escaped(CheckMe.licenceAddress(name)))\" rel=\"license noreferrer\">\(HTML.words(name))</a>"
  }

  /// `1:02:03` or `2:03`, as players show it.
  static func clock(_ time: Milliseconds) -> String {
    let seconds = (time.count + 500) / 1000
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
    return (hours > 0 ? "\(hours):\(two(minutes))" : "\(minutes)") + ":\(two(seconds % 60))"
  }

  /// `739 kB`, `36.9 MB`.
  static func size(_ bytes: Int) -> String {
    if bytes < 1000 { return "\(bytes) B" }
    if bytes < 999_500 { return "\((bytes + 500) / 1000) kB" }
    let isLarge = bytes >= 999_950_000
    let tenths = (bytes + (isLarge ? 50_000_000 : 50_000)) / (isLarge ? 100_000_000 : 100_000)
    return "\(tenths / 10).\(tenths % 10) \(isLarge ? "GB" : "MB")"
  }

  /// With one digit after the point, and a real minus sign.
  static func decimal(_ number: Double) -> String {
    let tenths = Int(bounded: number.magnitude * 10)
    return (number < 0 && tenths > 0 ? "\u{2212}" : "") + "\(tenths / 10).\(tenths % 10)"
  }
}
