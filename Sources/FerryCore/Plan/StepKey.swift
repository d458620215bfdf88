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
  package var engine = 2
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
