import ArgumentParser
import FerryCore
import FerryOperations

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
    _ = try reading()
  }

  func reading() throws -> TrackReading {
    TrackReading(
      language: try language.map { try LanguageTag(argument: $0, of: "--language") },
      encoding: try encoding.map(known), stream: stream)
  }

  private func known(_ name: String) throws -> TextEncoding {
    if let known = TextEncoding(writtenAs: name) { return known }
    let names = TextEncoding.allCases.map(\.rawValue).joined(separator: ", ")
    throw ValidationError("--encoding: ferry does not read '\(name)'; it reads \(names)")
  }
}

extension LanguageTag {
  /// The tag that an option was given, as it is registered.
  init(argument text: String, of option: String) throws {
    guard let tag = LanguageTag(text) else {
      throw ValidationError("\(option): '\(text)' is no language tag; write one such as en or zh-Hans")
    }
    self = tag.registered ?? tag
  }
}
