import ArgumentParser
import FerryCore
import FerryPipeline
import FerryText

/// `ferry subtitles check|convert`
struct SubtitlesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "subtitles", abstract: "Check and convert subtitle files, for translators; needs no job.",
    subcommands: [SubtitlesCheckCommand.self, SubtitlesConvertCommand.self])
}

/// How a subtitle file is to be read.
struct TrackOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The language of the files; without it their names say it (lesson01.en.srt), or their words.", valueName: "tag"))
  var language: String?
  @Option(help: ArgumentHelp("The character encoding, where it must be forced.", valueName: "name"))
  var encoding: String?
  @Option(
    help: ArgumentHelp("Take the track from this stream of a video, as `ferry probe` numbers it.", valueName: "n"))
  var stream: Int?

  func validate() throws {
    if stream != nil, encoding != nil {
      throw ValidationError("--encoding: a track inside a video says its encoding itself; leave it out with --stream")
    }
    _ = try forcedEncoding()
  }

  /// The language of the track at `path`, or a refusal to guess.
  func language(of path: String) throws -> LanguageTag {
    if let language {
      guard let tag = LanguageTag(language) else {
        throw ValidationError("--language: '\(language)' is no language tag; write one such as en or zh-Hans")
      }
      return tag.registered ?? tag
    }
    if let named = FileNaming(path)?.language { return named }
    if stream == nil, let guessed = LanguageGuess.of(path: path) { return guessed }
    throw ValidationError(
      "\(path): its name does not say its language; add --language en, or name it like lesson01.en.srt")
  }

  func forcedEncoding() throws -> TextEncoding? {
    guard let encoding else { return nil }
    if let known = TextEncoding(writtenAs: encoding) { return known }
    let names = TextEncoding.allCases.map(\.rawValue).joined(separator: ", ")
    throw ValidationError("--encoding: ferry does not read '\(encoding)'; it reads \(names)")
  }

  /// The track as far as it can be read, and what is wrong with it.
  func examine(_ path: String, _ language: LanguageTag) throws -> (track: Track?, problems: [Diagnostic]) {
    guard let stream else {
      return TrackFile.examine(path: path, language: language, encoding: try forcedEncoding())
    }
    do throws(Diagnostics) {
      let session = Reading.begin()([path])
      let (track, warnings) = try TrackSource.read(
        path: path, stream: stream, language: language, encoding: nil,
        programme: TrackSource.programme(of: path, in: session), in: session)
      return (track, warnings)
    } catch {
      return (nil, error.all)
    }
  }
}
