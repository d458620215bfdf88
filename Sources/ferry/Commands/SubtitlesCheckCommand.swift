import ArgumentParser
import FerryCore
import FerryOperations

/// `ferry subtitles check FILE…`
struct SubtitlesCheckCommand: AsyncParsableCommand {
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

  func run() async throws {
    let check = CheckSubtitles(
      files: files, reading: try reading.reading(), rules: try rules(), source: against, video: video,
      glossary: glossary)
    try await output.tell(check, in: .plain) { $0.map(report) }
  }

  private func report(_ answer: CheckedSubtitles) -> String {
    var head = "\(answer.file): \(answer.language), rules \(answer.profile)"
    if let format = answer.format, let encoding = answer.encoding, let cues = answer.cues {
      head += "; \(format.name), \(encoding.encoding.rawValue) (\(encoding.evidence)), \(counted(cues, "cue"))"
    }
    return FindingsText.text(head: head, problems: answer.problems, findings: answer.findings, quiet: output.quiet)
  }
}
