import ArgumentParser
import FerryOperations

/// `ferry probe FILE…`
struct ProbeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "probe", abstract: "Show what is in media files.",
    discussion: "With --json: one document, a list of {file, facts} or {file, error}; docs/probe.md names the fields.")

  @OptionGroup var output: OutputOptions
  @Argument(help: "Media files.") var files: [String]

  func validate() throws {
    if files.isEmpty { throw ValidationError("name at least one media file") }
  }

  func run() async throws {
    try await output.tell(ProbeMedia(files: files), in: .plain) { probed in
      probed.compactMap { one in one.facts.map { ProbeText.text(of: $0, path: one.file) } }
    }
  }
}
