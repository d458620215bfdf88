/// What a job says of its tracks: where they are, the rules they are held against, and what is waived.
extension JobReading {
  mutating func readTextRules(_ node: Node?) -> [LanguageTag: TextProfile] {
    guard let node, !reader.isNothing(node, "'text-rules'") else { return [:] }
    guard case .mapping(let pairs) = node.value else {
      reader.error(
        "wrong-kind", at: node, "the text rules must be given by language, not as \(reader.kind(of: node))",
        hint: "write text-rules: { en: iite-en, zh-Hans: zh-course }")
      return [:]
    }
    var rules: [LanguageTag: TextProfile] = [:]
    let known = TextProfile.all.map(\.name)
    for (key, value) in pairs {
      guard let tag = languageTag(key, "the track's language"), let name = reader.text(value, "the rules") else {
        continue
      }
      if rules[tag] != nil {
        reader.error("duplicate-language", at: key, "there are two rules for \(tag)", hint: "keep one of the two")
      } else if let profile = TextProfile.named(name) {
        rules[tag] = profile
      } else {
        reader.error(
          "text-rules", at: value, "there are no rules '\(name)'",
          hint: suggestion(for: name, among: known).map { "did you mean '\($0)'?" }
            ?? "the rules are: \(known.joined(separator: ", "))")
      }
    }
    return rules
  }

  mutating func readWaivers(_ node: Node?) -> [Waiver] {
    guard let node else { return [] }
    let example = "write waive: [{ rule: read.cps, reason: The speaker is fast and nothing can be cut. }]"
    var waivers: [Waiver] = []
    for item in reader.list(node, "'waive'", hint: example) {
      guard let fields = reader.mapping(item, "a waiver", keys: JobKeys.waiver) else { continue }
      let rule = reader.text(fields["rule"], "the waived rule")
      let reason = reader.text(fields["reason"], "the reason")
      guard let rule, let reason else { continue }
      let waiver = Waiver(rule: rule, reason: reason, place: reader.place(fields["rule"] ?? item))
      if let problem = waiver.problem {
        reader.add([problem])
      } else if let first = waivers.first(where: { $0.rule == rule }) {
        reader.add([waiver.duplicate(of: first)])
      } else {
        waivers.append(waiver)
      }
    }
    return waivers
  }

  mutating func readSubtitles(
    _ node: Node?, _ languages: Job.LanguagePair?, _ source: FileReference?
  ) -> [SubtitleFile] {
    guard let node, !reader.isNothing(node, "'subtitles'") else { return [] }
    guard case .mapping(let pairs) = node.value else {
      reader.error(
        "wrong-kind", at: node, "the subtitles must be given by language, not as \(reader.kind(of: node))",
        hint: "write subtitles: { en: ../subtitles/EPI-001.en.srt }")
      return []
    }
    var files: [SubtitleFile] = []
    var given: [LanguageTag: Node] = [:]
    var isUnclear = false
    for (key, value) in pairs {
      guard let tag = languageTag(key, "the subtitle language") else {
        isUnclear = true
        continue
      }
      if let earlier = given[tag] {
        reader.error(
          "duplicate-language", at: key, "there are two \(tag) tracks, the first in \(reader.spot(earlier))",
          hint: "keep one of the two")
        continue
      }
      given[tag] = key
      if let file = readSubtitle(value, tag, source) { files.append(file) }
    }
    for tag in languages?.deliver ?? [] where given[tag] == nil && tag != languages?.source && !isUnclear {
      reader.error(
        "language-not-given", at: node, "\(tag) is asked for but not given: this title has no \(tag) track",
        hint: "add \(tag): and its file (it may come later: \(tag): { file: …, due: 2026-12-01, translator: … })")
    }
    return files
  }

  mutating func readSubtitle(_ node: Node, _ tag: LanguageTag, _ source: FileReference?) -> SubtitleFile? {
    if case .scalar = node.value {
      return file(node, "the \(tag) subtitle file").map { SubtitleFile(language: tag, file: $0) }
    }
    guard let fields = reader.mapping(node, "the \(tag) track", keys: JobKeys.subtitle) else { return nil }
    let path = fields["file"].flatMap { file($0, "the \(tag) subtitle file") }
    let encoding = fields["encoding"].flatMap { readEncoding($0) }
    let due = fields["due"].flatMap { readDay($0) }
    let translator = reader.text(fields["translator"], "the translator")
    if let stream = fields["stream"] { return readStream(stream, tag, fields, source, translator) }
    if fields["file"] == nil {
      reader.error(
        "missing-key", at: node, "the \(tag) track names neither a file nor a stream of the source",
        hint: "add file: ../subtitles/EPI-001.\(tag).srt, or stream: and the number that `ferry probe` shows")
    }
    return path.map {
      SubtitleFile(language: tag, file: $0, encoding: encoding, due: due, translator: translator)
    }
  }

  /// A track that the source itself holds, by the number of its stream.
  mutating func readStream(
    _ node: Node, _ tag: LanguageTag, _ fields: DocumentReader.Fields, _ source: FileReference?, _ translator: String?
  ) -> SubtitleFile? {
    for key in ["file", "encoding", "due"] where fields[key] != nil {
      reader.error(
        "combination", at: node, "the \(tag) track has both 'stream' and '\(key)'",
        hint: "a stream of the source is there already and says how it is coded: keep one of the two")
    }
    guard let text = reader.text(node, "the stream") else { return nil }
    guard let stream = Int(text), (0..<1000).contains(stream) else {
      reader.error(
        "stream", at: node, "the stream '\(text)' is no number",
        hint: "write the number that `ferry probe` shows after #")
      return nil
    }
    return source.map {
      let place = reader.place(node)
      return SubtitleFile(
        language: tag, file: FileReference(written: $0.written, path: $0.path, place: place), stream: stream,
        translator: translator)
    }
  }

  mutating func readEncoding(_ node: Node) -> TextEncoding? {
    guard let text = reader.text(node, "the encoding") else { return nil }
    if let known = JobKeys.encodings.first(where: { $0.name == text.lowercased() }) { return known.encoding }
    let names = JobKeys.encodings.map(\.name)
    let near = suggestion(for: text, among: names)
    reader.error(
      "encoding", at: node, "ferry does not read the encoding '\(text)'",
      hint: ["utf-16", "utf16", "unicode"].contains(text.lowercased())
        ? "leave it out: ferry sees UTF-16 by itself; or write utf-16le or utf-16be"
        : near.map { "did you mean '\($0)'?" }
          ?? "it reads: \(TextEncoding.allCases.map(\.rawValue).joined(separator: ", "))")
    return nil
  }

  mutating func readDay(_ node: Node) -> Day? {
    guard let text = reader.text(node, "the due day") else { return nil }
    if let day = Day(text) { return day }
    reader.error(
      "day", at: node, "'\(text)' is no day of the calendar", hint: "write year-month-day, such as 2026-12-01")
    return nil
  }
}
