import ArgumentParser
import FerryCore
import FerryPipeline
import FerryRules
import FerryText
import Foundation

/// `ferry subtitles check FILE…`
struct SubtitlesCheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Hold subtitle files against the rules, as `ferry check` does for a whole job.",
    discussion: """
      Exit code 0: nothing worse than warnings, 65: errors. The rules are those of the language (iite-en, zh-course) \
      unless --profile names others: \(TextProfile.all.map(\.name).joined(separator: ", ")).
      """)

  @OptionGroup var output: OutputOptions
  @OptionGroup var reading: TrackOptions
  @Option(help: ArgumentHelp("The track in the language filmed, to compare with.", valueName: "file"))
  var against: String?
  @Option(
    help: ArgumentHelp("The video, for its length, rate and shape, and the speech in its sound.", valueName: "file"))
  var video: String?
  @Option(help: ArgumentHelp("The rules to hold them against.", valueName: "name")) var profile: String?
  @Option(help: ArgumentHelp("Terms and their translations, in CSV.", valueName: "file")) var glossary: String?
  @Argument(help: "Subtitle files: SubRip, WebVTT, ASS or SSA, TTML.") var files: [String]

  private struct Answer: Encodable {
    var file: String
    var language: LanguageTag
    var profile: String
    var format: Track.Format?
    var encoding: EncodingDecision?
    var cues: Int?
    var problems: [Diagnostic]
    var findings: [TextFinding]
  }

  func validate() throws {
    if files.isEmpty { throw ValidationError("name at least one subtitle file") }
    _ = try rules()
  }

  private func rules() throws -> TextProfile? {
    guard let profile else { return nil }
    if let rules = TextProfile.named(profile) { return rules }
    let known = TextProfile.all.map(\.name)
    let near = suggestion(for: profile, among: known).map { "did you mean \($0)?" }
    throw ValidationError(
      "--profile: there are no rules '\(profile)'; \(near ?? "there are " + known.joined(separator: ", "))")
  }

  func run() throws {
    let rules = try rules()
    let media = try video.map { try facts(of: $0) }
    let terms = try glossary.map { try readGlossary($0) }
    let source = try against.map { try readSource($0) }
    let speech = try video.map { try levels(of: $0, source) }
    var answers: [Answer] = []
    for file in files {
      let language = try reading.language(of: file)
      let (track, problems) = try reading.examine(file, language)
      let used = rules ?? .default(for: language)
      let findings = track.map { track in
        let input = TextChecks.Input(
          track: track, file: file, profile: used, media: media, source: source, glossary: terms)
        return (TextChecks.run(input) + (speech.map { TextChecks.speech(input, $0) } ?? []))
          // What reading the file said already is not said twice.
          .filter { finding in
            !problems.contains { $0.code == finding.rule && $0.place.line == finding.line && finding.line > 0 }
          }
      }
      answers.append(
        Answer(
          file: file, language: language, profile: used.name, format: track?.format, encoding: track?.encoding,
          cues: track?.cues.count, problems: problems, findings: findings ?? []))
    }
    if output.json {
      try Terminal.answer(json: answers)
    } else {
      for answer in answers { Terminal.answer(report(answer)) }
    }
    let isWrong = answers.contains { answer in
      answer.problems.contains { $0.severity == .error } || answer.findings.contains { $0.severity == .error }
    }
    if isWrong { throw ExitCode.badInput }
  }

  private func facts(of path: String) throws -> TextChecks.MediaFacts {
    try refusing { () throws(Diagnostics) in
      try mustExist(path, "video")
      return try TrackSource.mediaFacts(of: path, in: Reading.begin()([path]))
    }
  }

  /// How loud the voices in the video are, in the language filmed where a track says it.
  private func levels(of path: String, _ source: Track?) throws -> SpeechLevels? {
    let language = try source?.language ?? reading.language(of: files[0])
    return try refusing { () throws(Diagnostics) in
      try TrackSource.speechLevels(of: path, language: language, in: Reading.begin()([path]))
    }
  }

  private func readGlossary(_ path: String) throws -> Glossary {
    try refusing { () throws(Diagnostics) in
      try mustExist(path, "glossary")
      return try Glossary.read(FileReference(written: path, path: path, place: Place(path)))
    }
  }

  private func readSource(_ path: String) throws -> Track {
    let language = try FileNaming(path)?.language ?? LanguageGuess.of(path: path) ?? reading.language(of: path)
    return try refusing { () throws(Diagnostics) in try TrackFile.read(path: path, language: language).track }
  }

  private func mustExist(_ path: String, _ what: String) throws(Diagnostics) {
    guard !FileManager.default.fileExists(atPath: path) else { return }
    throw Diagnostics(
      Diagnostic("\(what).missing", at: Place(path), "the \(what) does not exist", hint: "check its name and folder"))
  }

  /// Says what is wrong with a file that the checks need, and ends.
  private func refusing<Value>(_ body: () throws(Diagnostics) -> Value) throws -> Value {
    do throws(Diagnostics) {
      return try body()
    } catch {
      Terminal.say(error.all)
      throw ExitCode.badInput
    }
  }

  private func report(_ answer: Answer) -> String {
    var head = "\(answer.file): \(answer.language), rules \(answer.profile)"
    if let format = answer.format, let encoding = answer.encoding, let cues = answer.cues {
      head += "; \(format.name), \(encoding.encoding.rawValue) (\(encoding.evidence)), \(counted(cues, "cue"))"
    }
    return FindingsText.text(head: head, problems: answer.problems, findings: answer.findings, quiet: output.quiet)
  }
}
