import ArgumentParser
import FerryCore
import FerryOperations

/// `ferry retry LABEL [TITLE…]`, `ferry retry --force LABEL TITLE[:STEP]…`
struct RetryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retry", abstract: "Queue titles again that failed, were held, quarantined or cancelled.",
    discussion: """
      With --force also titles that are done: the next run encodes them again. TITLE:text and TITLE:mux make only what \
      comes after the encoding again.
      """)

  @OptionGroup var output: OutputOptions
  @OptionGroup var folders: FolderOptions
  @Flag(help: "Also titles that are done: they are made anew.") var force = false
  @Argument(help: "The job's label.") var label: String
  @Argument(help: "Titles; without any, all of the job that can be.") var titles: [String] = []

  func validate() throws { _ = try wishes() }

  func run() async throws {
    let operation = RetryTitles(label: label, wishes: try wishes(), isForced: force)
    try await output.tell(operation, in: folders.office()) { queued in
      [queued.isEmpty ? "nothing to try again" : "queued again: \(queued.joined(separator: ", "))"]
    }
  }

  private func wishes() throws -> [RetryTitles.Wish] {
    if titles.isEmpty { return [RetryTitles.Wish()] }
    return try titles.map { text in
      let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2 else { return RetryTitles.Wish(title: text) }
      if !force { throw ValidationError("\(text): a step is named with --force only") }
      switch TitlePlan.Step.Name(rawValue: parts[1]) {
      case .transcode: return RetryTitles.Wish(title: parts[0])
      case .text, .mux: return RetryTitles.Wish(title: parts[0], encodes: false)
      case .package, .verify, nil:
        throw ValidationError("\(text): a title has the steps transcode, text and mux, not '\(parts[1])'")
      }
    }
  }
}
