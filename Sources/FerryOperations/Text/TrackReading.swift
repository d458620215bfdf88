package import FerryCore
internal import FerryPipeline
internal import FerryText

/// How subtitle files are to be read, where they do not say it themselves.
package struct TrackReading: Hashable, Sendable {
  /// Without it the files' names say it (`lesson01.en.srt`), or their words.
  package var language: LanguageTag?
  /// Set where the encoding must be forced.
  package var encoding: TextEncoding?
  /// The stream of a video that the track is taken from.
  package var stream: Int?

  package init(language: LanguageTag? = nil, encoding: TextEncoding? = nil, stream: Int? = nil) {
    (self.language, self.encoding, self.stream) = (language, encoding, stream)
  }

  /// The language of the track at `path`, or a refusal to guess.
  func language(of path: String) throws(Refusal) -> LanguageTag {
    if let language { return language }
    if let named = FileNaming(path)?.language { return named }
    if stream == nil, let guessed = LanguageGuess.of(path: path) { return guessed }
    throw Refusal(
      .usage, "text.language", at: Place(path), "its name does not say its language",
      hint: "add --language en, or name it like lesson01.en.srt")
  }

  /// The track as far as it can be read, and what is wrong with it.
  func examine(_ path: String, _ language: LanguageTag, in office: Office) -> (track: Track?, problems: [Diagnostic]) {
    guard let stream else { return TrackFile.examine(path: path, language: language, encoding: encoding) }
    let session = office.reading([path])
    do throws(Diagnostics) {
      let (track, warnings) = try TrackSource.read(
        path: path, stream: stream, language: language, encoding: nil,
        programme: TrackSource.programme(of: path, in: session), in: session)
      return (track, warnings)
    } catch {
      return (nil, error.all)
    }
  }
}
