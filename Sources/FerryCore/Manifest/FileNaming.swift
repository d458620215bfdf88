/// What a file's name says about it: which video it belongs to, and which language its text is in.
package struct FileNaming: Hashable, Sendable {
  package enum Kind: Hashable, Sendable { case video, audio, subtitle }

  /// Relative to the folder that was looked at.
  package let path: String
  package let kind: Kind
  /// The name without folder, ending and language.
  package let stem: String
  /// `nil` where the name names none.
  package let language: LanguageTag?
  /// Whether the name says that both languages stand in one file.
  package let isBilingual: Bool

  /// `nil` for a file that is neither media nor text by its ending.
  package init?(_ path: String) {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    guard !name.hasPrefix("."), let dot = name.lastIndex(of: "."), dot > name.startIndex else { return nil }
    guard let kind = FileNaming.kind(ofEnding: name[name.index(after: dot)...].lowercased()) else { return nil }
    self.path = path
    self.kind = kind
    var stem = String(name[..<dot])
    var language: LanguageTag?
    var isBilingual = false
    if kind == .subtitle, let (rest, said) = FileNaming.languageWord(endOf: stem) {
      stem = rest
      switch said {
      case .one(let tag): language = tag
      case .both: isBilingual = true
      case .none: break
      }
    }
    self.stem = stem
    self.language = language
    self.isBilingual = isBilingual
  }

  private static func kind(ofEnding ending: String) -> Kind? {
    switch ending {
    case "mp4", "m4v", "mov", "mkv", "webm", "avi", "wmv", "flv", "f4v", "mpg", "mpeg", "vob", "ts", "m2ts", "mts",
      "3gp", "ogv", "asf", "rm", "rmvb", "mxf", "dv":
      .video
    case "mp3", "m4a", "aac", "wav", "flac", "ogg", "opus", "mka", "wma", "amr", "ac3", "aiff", "aif", "caf", "w64":
      .audio
    case "srt", "vtt", "ass", "ssa", "ttml", "dfxp": .subtitle
    default: nil
    }
  }

  private enum Said {
    case one(LanguageTag)
    case both, none
  }

  /// The language at the end of a name and what stands before it: `lesson01.zh-CN`, `lesson01_英文字幕`, `lesson01(EN)`.
  private static func languageWord(endOf name: String) -> (stem: String, said: Said)? {
    // The longest word first: `zh-CN` is one word although a hyphen also separates words.
    for start in name.indices.dropFirst() {
      let before = name[name.index(before: start)]
      var word = name[start...]
      if before == "(" || before == "（" || before == "[" || before == "【" {
        guard let last = word.last, ")）]】".contains(last) else { continue }
        word = word.dropLast()
      } else if !".-_ ".contains(before), word.first.map(\.isASCII) ?? true || before.isASCII == false {
        continue
      }
      guard let said = language(word: word.lowercased()) else { continue }
      let stem = name[..<start].reversed().drop { ".-_ (（[【".contains($0) }.reversed()
      return stem.isEmpty ? nil : (String(stem), said)
    }
    return nil
  }

  private static func language(word: String) -> Said? {
    if let tag = words[word] { return LanguageTag(tag).map { .one($0) } }
    if bilingual.contains(word) { return .both }
    if ["sub", "subs", "subtitle", "subtitles", "字幕"].contains(word) { return Said.none }
    // Any other code of two or three letters could be part of a name: only what players and stores use counts.
    let tag = LanguageTag(word.replacing("_", with: "-"))
    guard let tag, others.contains(tag.language) || words[tag.language] != nil,
      word.utf8.count == 2 || word.contains("-")
    else { return nil }
    return .one(tag.registered ?? tag)
  }

  private static let words: [String: String] = [
    "zh": "zh-Hans", "chs": "zh-Hans", "sc": "zh-Hans", "chi": "zh-Hans", "zho": "zh-Hans", "cn": "zh-Hans",
    "gb": "zh-Hans", "zh-cn": "zh-Hans", "zh_cn": "zh-Hans", "zh-hans": "zh-Hans", "chinese": "zh-Hans",
    "中文": "zh-Hans", "简体": "zh-Hans", "简中": "zh-Hans", "中文字幕": "zh-Hans", "简体中文": "zh-Hans",
    "cht": "zh-Hant", "tc": "zh-Hant", "zh-tw": "zh-Hant", "zh_tw": "zh-Hant", "zh-hk": "zh-Hant",
    "zh-hant": "zh-Hant", "big5": "zh-Hant", "繁体": "zh-Hant", "繁體": "zh-Hant", "繁体中文": "zh-Hant",
    "en": "en", "eng": "en", "english": "en", "en-us": "en-US", "en_us": "en-US", "en-gb": "en-GB", "en_gb": "en-GB",
    "英文": "en", "英语": "en", "英文字幕": "en", "英语字幕": "en",
  ]
  private static let bilingual: Set = [
    "中英", "中英字幕", "双语", "双语字幕", "bilingual", "chs&eng", "chs-eng", "chs_eng", "zh-en", "zh&en", "en-zh",
  ]
  private static let others: Set = ["ar", "de", "es", "fr", "id", "it", "ja", "ko", "pt", "ru", "th", "vi"]
}

/// Videos of a folder with the subtitle files that belong to them by name.
package struct FolderPairing: Sendable {
  package struct Pair: Hashable, Sendable {
    package var media: FileNaming
    /// By language; the source language first, then in alphabetical order.
    package var tracks: [(language: LanguageTag, file: FileNaming)]

    package static func == (a: Pair, b: Pair) -> Bool {
      a.media == b.media && a.tracks.map(\.file) == b.tracks.map(\.file)
    }
    package func hash(into hasher: inout Hasher) { hasher.combine(media) }
  }

  /// A file that needs a person's decision, and why.
  package struct Doubt: Hashable, Sendable, Codable {
    package var file: String
    package var reason: String
  }

  package private(set) var pairs: [Pair] = []
  /// Subtitle files without a video.
  package private(set) var orphans: [String] = []
  package private(set) var doubts: [Doubt] = []

  /// Pairs files by their names.
  ///
  /// - Parameters:
  ///   - paths: files relative to one folder.
  ///   - source: the language filmed in.
  ///   - language: what a subtitle file's text is in, for one whose name names no language; `nil` if nobody can tell.
  package init(_ paths: [String], source: LanguageTag, language: (String) -> LanguageTag?) {
    let files = paths.sorted().compactMap(FileNaming.init)
    let media = files.filter { $0.kind != .subtitle }
    var byStem: [String: [FileNaming]] = [:]
    for file in media { byStem[FolderPairing.key(file), default: []].append(file) }
    for same in byStem.values where same.count > 1 {
      let names = same.map(\.path).sorted()
      for name in names.dropFirst() {
        doubts.append(Doubt(file: name, reason: "has the name of \(names[0]), which is taken"))
      }
    }
    var tracks: [String: [(LanguageTag, FileNaming)]] = [:]
    for file in files where file.kind == .subtitle {
      guard let owner = FolderPairing.owner(of: file, among: byStem) else {
        orphans.append(file.path)
        continue
      }
      if file.isBilingual {
        doubts.append(Doubt(file: file.path, reason: "holds two languages: split it into one file for each"))
        continue
      }
      guard let tag = file.language ?? language(file.path) else {
        doubts.append(Doubt(file: file.path, reason: "does not say its language: name it like \(file.stem).en.srt"))
        continue
      }
      if let other = tracks[owner]?.first(where: { $0.0 == tag }) {
        doubts.append(Doubt(file: file.path, reason: "is a second \(tag) track beside \(other.1.path), which is taken"))
        continue
      }
      if file.language == nil {
        doubts.append(Doubt(file: file.path, reason: "names no language; its text looks like \(tag)"))
      }
      tracks[owner, default: []].append((tag, file))
    }
    for (key, same) in byStem {
      guard let first = same.min(by: { $0.path < $1.path }) else { continue }
      let own = (tracks[key] ?? []).sorted { ($0.0 == source ? 0 : 1, $0.0) < ($1.0 == source ? 0 : 1, $1.0) }
      pairs.append(Pair(media: first, tracks: own.map { (language: $0.0, file: $0.1) }))
    }
    pairs.sort { $0.media.path < $1.media.path }
    doubts.sort { $0.file < $1.file }
  }

  /// The video whose name a subtitle file has: exactly, else without regard to letter case and separators.
  private static func owner(of file: FileNaming, among media: [String: [FileNaming]]) -> String? {
    let own = key(file)
    if media[own] != nil { return own }
    let loose = squeezed(file.stem)
    let near = media.keys.filter { key in media[key]?.contains { squeezed($0.stem) == loose } ?? false }
    return near.count == 1 ? near[0] : nil
  }

  /// The folder and the stem.
  private static func key(_ file: FileNaming) -> String {
    (file.path.split(separator: "/").dropLast() + [file.stem[...]]).joined(separator: "/").lowercased()
  }

  private static func squeezed(_ stem: String) -> String { stem.lowercased().filter { !" ._-".contains($0) } }
}
