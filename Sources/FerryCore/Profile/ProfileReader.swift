/// Turns a document into a profile, or says everything that is wrong with it.
package enum ProfileReader {
  /// Reads the format of version 1: a built-in profile, and what is different in this one.
  package static func read(_ document: Document) throws(Diagnostics) -> Profile {
    var reading = ProfileReading(document)
    let profile = reading.profile()
    let problems = reading.reader.problems.sorted { $0.place < $1.place }
    if problems.isEmpty, var profile {
      profile.warnings = reading.warnings
      return profile
    }
    throw Diagnostics(
      problems.isEmpty
        ? [Diagnostic("profile.unreadable", at: Place(document.file), "the profile cannot be read")] : problems)
  }
}

/// The keys of a profile's mappings.
enum ProfileKeys {
  typealias Key = DocumentReader.Key

  static let profile = [
    Key("ferry-profile", example: "1"), Key("name", example: "campus"), Key("extends", example: "web"),
    Key("outputs", required: false, example: "[mp4, hls, dash]"),
    Key("video", required: false, example: "{ frame-rate: 25 }"),
    Key("audio", required: false, example: "{ bit-rate: 96k }"),
    Key("text", required: false, example: "{ files: [vtt, srt, txt], stpp: no }"),
    Key("stills", required: false, example: "{ poster: yes, thumbnails: no }"),
    Key("checks", required: false, example: "{ black: { longer-than: 5s } }"),
  ]
  static let video = optional([
    ("codecs", "[h264, av1]"), ("ladder", "and below it a list of sizes, each beginning with '- lines:'"),
    ("frame-rate", "30"), ("key-frames", "2s"), ("segment", "4s"), ("threads", "2"), ("copy-when-right", "yes"),
  ])
  static let rung = [
    Key("lines", example: "1080"), Key("quality", example: "21"), Key("max-rate", example: "6000k"),
    Key("buffer", example: "12000k"), Key("preset", example: "veryfast"),
  ]
  static let audio = optional([
    ("codec", "aac"), ("sample-rate", "48000"), ("channels", "stereo"), ("mono", "dual"), ("bit-rate", "128k"),
    ("missing", "none"), ("loudness", "{ target: -16, peak: -1.5, limit: no }"),
  ])
  static let loudness = [
    Key("target", example: "-16"), Key("peak", required: false, example: "-1.5"),
    Key("limit", required: false, example: "no"),
  ]
  static let text = optional([("files", "[vtt, srt, txt]"), ("stpp", "yes")])
  static let stills = optional([("poster", "yes"), ("thumbnails", "yes")])
  static let checks = optional([
    ("black", "{ longer-than: 2s, severity: error }"), ("frozen", "off"), ("silent", "warning"), ("clipped", "off"),
    ("field-order", "warning"), ("picture-size", "error"),
  ])
  static let rule = optional([("longer-than", "2s"), ("threshold", "10 %"), ("severity", "warning")])

  static let presets = [
    "ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow",
  ]

  private static func optional(_ keys: [(String, String)]) -> [Key] {
    keys.map { Key($0.0, required: false, example: $0.1) }
  }
}

/// One document being read.
private struct ProfileReading {
  private let document: Document
  private(set) var reader: DocumentReader
  private(set) var warnings: [Diagnostic] = []

  init(_ document: Document) {
    self.document = document
    reader = DocumentReader(file: document.file, domain: "profile")
  }

  mutating func profile() -> Profile? {
    guard let fields = reader.mapping(document.root, "the profile", keys: ProfileKeys.profile) else { return nil }
    if let node = fields["ferry-profile"], let text = reader.text(node, "the format's version"), text != "1" {
      reader.error(
        "version", at: node, "this ferry reads version 1 of the profile format, the file says '\(text)'",
        hint: "write ferry-profile: 1")
    }
    let name = reader.text(fields["name"], "the profile's name")
    let base: Profile? =
      if let node = fields["extends"] {
        choice(node, "the profile to extend", Profile.builtIn.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
      } else {
        nil
      }
    guard var profile = base else { return nil }
    profile.name = name ?? profile.name
    if fields["outputs"] != nil { profile.outputs = readOutputs(fields["outputs"]) }
    readVideo(fields["video"], into: &profile)
    readAudio(fields["audio"], into: &profile.audio)
    readText(fields["text"], into: &profile)
    if let node = fields["stills"], let stills = reader.mapping(node, "'stills'", keys: ProfileKeys.stills) {
      set(&profile.stills.poster, yes(stills["poster"], "'poster'"))
      set(&profile.stills.thumbnails, yes(stills["thumbnails"], "'thumbnails'"))
    }
    readChecks(fields["checks"], into: &profile.checks)
    refuseWhatCannotWork(profile, fields)
    return profile
  }

  private func set<Value>(_ target: inout Value, _ value: Value?) {
    if let value { target = value }
  }

  private mutating func readOutputs(_ node: Node?) -> Set<Profile.Output> {
    let items = reader.list(node, "'outputs'", hint: "write what a lesson's folder gets: [mp4, hls, dash]")
    return Set(
      items.compactMap { choice($0, "the output", Profile.Output.allCases.map { ($0.rawValue, $0) }) })
  }

  private mutating func readVideo(_ node: Node?, into profile: inout Profile) {
    guard let node else { return }
    if case .scalar("none", _) = node.value {
      profile.video = nil
      return
    }
    guard let fields = reader.mapping(node, "'video'", keys: ProfileKeys.video) else { return }
    guard var video = profile.video ?? Profile.web.video else { return }
    if fields["codecs"] != nil {
      let items = reader.list(fields["codecs"], "'codecs'", hint: "write the codecs in brackets: [h264, av1]")
      let codecs = items.compactMap { choice($0, "the codec", VideoCodec.allCases.map { ($0.rawValue, $0) }) }
      if let twice = codecs.indices.first(where: { codecs[..<$0].contains(codecs[$0]) }) {
        reader.error(
          "twice", at: items[twice], "the codec '\(codecs[twice].rawValue)' is named twice", hint: "keep one of the two"
        )
      }
      if !codecs.isEmpty { video.codecs = codecs }
    }
    if fields["ladder"] != nil { video.ladder = readLadder(fields["ladder"]) ?? video.ladder }
    set(&video.maximumFrameRate, whole(fields["frame-rate"], "the frame rate", 1...120))
    set(&video.keyFrameInterval, span(fields["key-frames"], "the time between key frames", 500...10_000))
    let segment =
      fields["segment"] == nil
      ? Milliseconds(video.keyFrameInterval.count * video.keyFramesPerSegment)
      : span(fields["segment"], "the time of a segment", 1000...30_000)
    if let segment, let node = fields["segment"] ?? fields["key-frames"] {
      if segment.count % video.keyFrameInterval.count != 0 {
        reader.error(
          "segment", at: node, "a segment of \(segment.count) ms is no whole number of key-frame intervals",
          hint: "a segment begins with a key frame: make it a multiple of \(video.keyFrameInterval.count) ms")
      } else {
        video.keyFramesPerSegment = segment.count / video.keyFrameInterval.count
      }
    }
    if let node = fields.keys["threads"] {
      warnings.append(
        Diagnostic(
          .warning, "profile.threads", at: reader.place(node),
          "'threads' no longer has an effect: each encoder has one thread, and the cores are filled by chunks and titles",
          hint: "remove the key"))
    }
    set(&video.copiesWhenRight, yes(fields["copy-when-right"], "'copy-when-right'"))
    profile.video = video
  }

  private mutating func readLadder(_ node: Node?) -> [Profile.Rung]? {
    let items = reader.list(node, "'ladder'", hint: "begin each size with a dash: - { lines: 1080, quality: 21, … }")
    var rungs: [Profile.Rung] = []
    for item in items {
      guard let fields = reader.mapping(item, "a size", keys: ProfileKeys.rung) else { continue }
      let lines = whole(fields["lines"], "the lines", 64...8192)
      let quality = number(fields["quality"], "the quality", 0...51, "x264's constant rate factor, 0 to 51")
      let rate = bits(fields["max-rate"], "the largest rate", 50_000...200_000_000)
      let buffer = bits(fields["buffer"], "the buffer", 50_000...400_000_000)
      let preset = fields["preset"].flatMap { choice($0, "the preset", ProfileKeys.presets.map { ($0, $0) }) }
      guard let lines, let quality, let rate, let buffer, let preset else { continue }
      if let last = rungs.last, lines >= last.shortSide {
        reader.error(
          "ladder", at: item, "\(lines) lines come after \(last.shortSide)",
          hint: "write the sizes from the largest to the smallest, each once")
      }
      rungs.append(
        Profile.Rung(shortSide: lines, rateFactor: quality, maximumRate: rate, bufferSize: buffer, preset: preset))
    }
    return rungs.isEmpty ? nil : rungs
  }

  private mutating func readAudio(_ node: Node?, into audio: inout Profile.AudioRules) {
    guard let node, let fields = reader.mapping(node, "'audio'", keys: ProfileKeys.audio) else { return }
    if let node = fields["codec"] {
      set(&audio.codec, choice(node, "the codec", AudioCodec.allCases.map { ($0.rawValue, $0) }))
    }
    set(&audio.sampleRate, whole(fields["sample-rate"], "the sample rate", 8000...192_000))
    if let node = fields["channels"] {
      set(&audio.channels, choice(node, "the channels", [("mono", 1), ("stereo", 2)]))
    }
    if let node = fields["mono"] {
      set(&audio.mono, choice(node, "'mono'", Profile.AudioRules.Mono.allCases.map { ($0.rawValue, $0) }))
    }
    set(&audio.bitRate, bits(fields["bit-rate"], "the bit rate", 16_000...512_000))
    if let node = fields["missing"] {
      set(&audio.whenMissing, choice(node, "'missing'", Profile.AudioRules.Missing.allCases.map { ($0.rawValue, $0) }))
    }
    guard let node = fields["loudness"] else { return }
    if case .scalar("keep", _) = node.value {
      audio.loudness = nil
    } else if let fields = reader.mapping(node, "the loudness", keys: ProfileKeys.loudness) {
      let target = number(fields["target"], "the loudness", -40 ... -5, "LUFS, -40 to -5")
      let peak =
        fields["peak"] == nil ? -1.5 : number(fields["peak"], "the true peak", -9...0, "dBTP, -9 to 0")
      let limits = yes(fields["limit"], "'limit'") ?? false
      if let target, let peak {
        audio.loudness = LoudnessTarget(integrated: target, truePeak: peak, mayLimit: limits)
      }
    }
  }

  private mutating func readText(_ node: Node?, into profile: inout Profile) {
    guard let node, let fields = reader.mapping(node, "'text'", keys: ProfileKeys.text) else { return }
    if let node = fields["files"] {
      let kinds = Profile.TextFile.allCases.map { ($0.rawValue, $0) }
      let items = reader.list(node, "'files'", hint: "write the kinds of text files: [vtt, srt, txt]")
      profile.text.files = Set(items.compactMap { choice($0, "the text file", kinds) })
      if !items.isEmpty, !profile.text.files.contains(.webVTT) {
        reader.error(
          "combination", at: node, "'vtt' is missing, which players and ferry's own checks read",
          hint: "write files: [vtt, …]")
      }
    }
    set(&profile.text.stpp, yes(fields["stpp"], "'stpp'"))
    if profile.text.stpp, !profile.outputs.contains(.dash), let node = fields["stpp"] {
      reader.error("combination", at: node, "stpp is for DASH, which is not made", hint: "add dash to the outputs")
    }
  }

  private mutating func readChecks(_ node: Node?, into checks: inout CheckRules) {
    guard let node, let fields = reader.mapping(node, "'checks'", keys: ProfileKeys.checks) else { return }
    readRule(fields["black"], "'black'", share: true, into: &checks.black)
    readRule(fields["frozen"], "'frozen'", share: true, into: &checks.frozen)
    readRule(fields["silent"], "'silent'", share: false, into: &checks.silent)
    readRule(fields["clipped"], "'clipped'", share: false, into: &checks.clipped)
    if let node = fields["field-order"] { set(&checks.fieldOrder, severity(node)) }
    if let node = fields["picture-size"] { set(&checks.pictureSize, severity(node)) }
  }

  /// A rule is a severity alone, or keys.
  private mutating func readRule(_ node: Node?, _ what: String, share: Bool, into rule: inout CheckRules.Rule) {
    guard let node else { return }
    if case .scalar = node.value { return set(&rule.severity, severity(node)) }
    guard let fields = reader.mapping(node, what, keys: ProfileKeys.rule) else { return }
    set(&rule.longerThan, span(fields["longer-than"], "the time", 1...3_600_000))
    if share {
      set(&rule.threshold, percent(fields["threshold"], "the threshold"))
    } else {
      set(&rule.threshold, number(fields["threshold"], "the threshold", -120...0, "dBFS, -120 to 0", unit: "dB"))
    }
    if let node = fields["severity"] { set(&rule.severity, severity(node)) }
  }

  private mutating func severity(_ node: Node) -> CheckRules.Severity? {
    choice(node, "the severity", CheckRules.Severity.allCases.map { ($0.rawValue, $0) })
  }

  /// What each key allows alone but not together.
  private mutating func refuseWhatCannotWork(_ profile: Profile, _ fields: DocumentReader.Fields) {
    let streams = !profile.outputs.isDisjoint(with: [.hls, .dash])
    let audio = fields["audio"] ?? fields["outputs"] ?? document.root
    let video = fields["video"] ?? fields["outputs"] ?? document.root
    if profile.audio.codec == .flac && (streams || profile.outputs.contains(.mp4)) {
      reader.error(
        "combination", at: audio, "FLAC does not go into mp4, hls or dash", hint: "use aac there, or outputs: [mkv]")
    }
    let needsOpus = profile.audio.codec == .opus || profile.video?.codecs.contains(.vp9) ?? false
    if needsOpus && profile.audio.sampleRate != 48_000 {
      reader.error(
        "combination", at: audio, "Opus has 48000 samples a second, not \(profile.audio.sampleRate)",
        hint: "write sample-rate: 48000 (VP9 gets Opus beside it)")
    }
    if let codecs = profile.video?.codecs, codecs.first != .h264, profile.outputs.contains(.mp4) {
      reader.error(
        "combination", at: video, "the single mp4 is for every player, so h264 must be the first codec",
        hint: "write codecs: [h264, …], or leave mp4 out of the outputs")
    }
  }

  // Values.

  private mutating func choice<Value>(_ node: Node, _ what: String, _ known: [(String, Value)]) -> Value? {
    guard let text = reader.text(node, what) else { return nil }
    if let found = known.first(where: { $0.0 == text }) { return found.1 }
    let names = known.map(\.0)
    reader.error(
      "value", at: node, "\(what) '\(text)' is not known",
      hint: suggestion(for: text, among: names).map { "did you mean '\($0)'?" }
        ?? "write \(names.joined(separator: ", "))")
    return nil
  }

  private mutating func yes(_ node: Node?, _ what: String) -> Bool? {
    guard let node else { return nil }
    return choice(node, what, [("yes", true), ("no", false), ("true", true), ("false", false)])
  }

  /// A number with an optional unit after it.
  private mutating func number(
    _ node: Node?, _ what: String, _ range: ClosedRange<Double>, _ words: String, unit: String? = nil
  ) -> Double? {
    guard let node, var text = reader.text(node, what) else { return nil }
    if let unit, text.hasSuffix(unit) { text = trimmed(text.dropLast(unit.count)) }
    if let value = Double(text), range.contains(value) { return value }
    reader.error("value", at: node, "\(what) '\(text)' is not in range", hint: "write a number: \(words)")
    return nil
  }

  private mutating func whole(_ node: Node?, _ what: String, _ range: ClosedRange<Int>) -> Int? {
    guard let node, let text = reader.text(node, what) else { return nil }
    if let value = Int(text), range.contains(value) { return value }
    reader.error(
      "value", at: node, "\(what) '\(text)' is not in range",
      hint: "write a whole number from \(range.lowerBound) to \(range.upperBound)")
    return nil
  }

  /// `2s`, `1.5 s`, `500ms`.
  private mutating func span(_ node: Node?, _ what: String, _ range: ClosedRange<Int>) -> Milliseconds? {
    guard let node, let text = reader.text(node, what) else { return nil }
    let isShort = text.hasSuffix("ms")
    let digits = trimmed(text.dropLast(isShort ? 2 : 1))
    if text.hasSuffix("s"), let value = Double(digits), value.isFinite, abs(value) < 1e9 {
      let milliseconds = Int((isShort ? value : value * 1000).rounded())
      if range.contains(milliseconds) { return Milliseconds(milliseconds) }
    }
    reader.error(
      "value", at: node, "\(what) '\(text)' is not in range",
      hint: "write seconds or milliseconds, such as 2s or 500ms, from \(range.lowerBound) to \(range.upperBound) ms")
    return nil
  }

  /// `6000k`, `6M`, `128000`.
  private mutating func bits(_ node: Node?, _ what: String, _ range: ClosedRange<Int>) -> Int? {
    guard let node, let text = reader.text(node, what) else { return nil }
    let factor = text.hasSuffix("k") ? 1000.0 : text.hasSuffix("M") ? 1_000_000 : 1
    let digits = factor == 1 ? text : trimmed(text.dropLast())
    if let value = Double(digits), value.isFinite, value < 1e9 {
      let bits = Int((value * factor).rounded())
      if range.contains(bits) { return bits }
    }
    reader.error(
      "value", at: node, "\(what) '\(text)' is not in range",
      hint: "write bits, such as 6000k or 6M, from \(range.lowerBound / 1000)k to \(range.upperBound / 1000)k")
    return nil
  }

  private mutating func percent(_ node: Node?, _ what: String) -> Double? {
    guard let node, let text = reader.text(node, what) else { return nil }
    if text.hasSuffix("%"), let value = Double(trimmed(text.dropLast())), (0...100).contains(value) {
      return value / 100
    }
    reader.error("value", at: node, "\(what) '\(text)' is not in range", hint: "write a share, 0 % to 100 %")
    return nil
  }

  private func trimmed(_ text: Substring) -> String {
    var text = text
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
