/// All that a worker needs to make one title, as values: it reads nothing else and decides nothing that is not here.
package struct WorkOrder: Hashable, Sendable, Codable {
  package var title: String
  package var name: [LanguageTag: String]
  package var source: String
  /// SHA-256 of the source when the work was planned, in hex.
  package var sourceDigest: String
  package var sourceLanguage: LanguageTag
  package var recipe: Recipe
  package var outputs: Set<Profile.Output>
  package var text: Profile.TextRules
  package var tracks: [TrackOrder]
  /// Whether only what needs no text is made, since the text is not there yet.
  package var isPreparation: Bool
  /// Verified renditions of the same source and recipe from an earlier attempt, if there are any.
  package var kept: String?
  /// The attempt's own empty folder; everything is written below it.
  package var folder: String

  package init(
    title: String, name: [LanguageTag: String], source: String, sourceDigest: String, sourceLanguage: LanguageTag,
    recipe: Recipe, outputs: Set<Profile.Output>, text: Profile.TextRules, tracks: [TrackOrder],
    isPreparation: Bool, kept: String?, folder: String
  ) {
    self.title = title
    self.name = name
    self.source = source
    self.sourceDigest = sourceDigest
    self.sourceLanguage = sourceLanguage
    self.recipe = recipe
    self.outputs = outputs
    self.text = text
    self.tracks = tracks
    self.isPreparation = isPreparation
    self.kept = kept
    self.folder = folder
  }

  /// A subtitle file to attach.
  package struct TrackOrder: Hashable, Sendable, Codable {
    package var language: LanguageTag
    package var path: String
    /// The stream of `path` that holds the track, where it is a media file.
    package var stream: Int?
    package var encoding: TextEncoding?
    /// Whether the job asks for this language, so that the best of them is on by default.
    package var isDelivered: Bool

    package init(language: LanguageTag, path: String, stream: Int?, encoding: TextEncoding?, isDelivered: Bool) {
      self.language = language
      self.path = path
      self.stream = stream
      self.encoding = encoding
      self.isDelivered = isDelivered
    }
  }
}
