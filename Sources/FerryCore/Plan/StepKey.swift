/// The digest of everything that decides a step's bytes, in hex; equal keys mean equal results.
package struct StepKey: Hashable, Sendable, Codable {
  package let digest: String

  package init(digest: String) { self.digest = digest }
}

extension StepKey: CustomStringConvertible {
  package var description: String { digest }
}

/// All that decides a transcode's bytes; its canonical JSON is digested into a `StepKey`.
package struct TranscodeInputs: Hashable, Sendable, Codable {
  /// Counts up when ferry itself encodes differently with the same recipe.
  package var engine = 4
  package var sourceDigest: String
  package var sourceLanguage: LanguageTag
  package var recipe: Recipe
  /// Versions of the libraries that encode.
  package var tools: [String]

  package init(sourceDigest: String, sourceLanguage: LanguageTag, recipe: Recipe, tools: [String]) {
    self.sourceDigest = sourceDigest
    self.sourceLanguage = sourceLanguage
    self.recipe = recipe
    self.tools = tools
  }
}

/// All that decides what a title's lesson folder holds; its canonical JSON is digested into a `StepKey` too.
package struct TitleInputs: Hashable, Sendable, Codable {
  /// Counts up when ferry itself writes differently from the same inputs.
  package var engine = 2
  /// Files have its name; `nil` in what was noted before it counted.
  package var id: String?
  package var name: [LanguageTag: String]
  package var transcode: TranscodeInputs
  package var outputs: Set<Profile.Output>
  package var text: Profile.TextRules
  package var tracks: [TrackInputs]

  package init(
    id: String, name: [LanguageTag: String], transcode: TranscodeInputs, outputs: Set<Profile.Output>,
    text: Profile.TextRules, tracks: [TrackInputs]
  ) {
    self.id = id
    self.name = name
    self.transcode = transcode
    self.outputs = outputs
    self.text = text
    self.tracks = tracks
  }

  /// One track as it is now.
  package struct TrackInputs: Hashable, Sendable, Codable {
    package var language: LanguageTag
    /// SHA-256 of the file, or the number of the source's stream.
    package var content: String
    package var encoding: TextEncoding
    package var isDelivered: Bool

    package init(language: LanguageTag, content: String, encoding: TextEncoding, isDelivered: Bool) {
      self.language = language
      self.content = content
      self.encoding = encoding
      self.isDelivered = isDelivered
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(engine, forKey: .engine)
    try container.encode(id, forKey: .id)
    try container.encode(name, forKey: .name)
    try container.encode(transcode, forKey: .transcode)
    try container.encode(outputs, forKey: .outputs)
    try container.encode(text, forKey: .text)
    try container.encode(tracks, forKey: .tracks)
  }
}

extension TitleInputs {
  /// What differs from `before`, in a person's words; `new` where the title was never made.
  package func changes(since before: TitleInputs?) -> [String] {
    guard let before else { return ["new source"] }
    var changes: [String] = []
    if before.transcode.sourceDigest != transcode.sourceDigest { changes.append("source changed") }
    if before.transcode.recipe != transcode.recipe { changes.append("settings changed") }
    if before.transcode.tools != transcode.tools { changes.append("another library version") }
    if before.engine != engine || before.transcode.engine != transcode.engine {
      changes.append("another ferry version")
    }
    let old = Dictionary(before.tracks.map { ($0.language, $0) }) { first, _ in first }
    for track in tracks {
      guard let was = old[track.language] else {
        changes.append("\(track.language) subtitle new")
        continue
      }
      if was != track { changes.append("\(track.language) subtitle changed") }
    }
    for language in old.keys.sorted() where !tracks.contains(where: { $0.language == language }) {
      changes.append("\(language) subtitle removed")
    }
    if before.outputs != outputs || before.text != text { changes.append("other outputs") }
    if before.name != name { changes.append("title renamed") }
    return changes
  }
}
