import ArgumentParser
import FerryCore
import FerryPipeline
import FerryStore

/// `ferry retry LABEL [TITLE…]`, `ferry retry --force LABEL TITLE[:STEP]…`
struct RetryCommand: ParsableCommand {
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

  /// A title as the command line names it.
  private struct Wish {
    var title: String?
    var encodes = true
  }

  func validate() throws { _ = try wishes() }

  func run() throws {
    let workspace = Workspace(home: folders.homePath)
    // What is kept may be in use by a run.
    let lock = force ? try QueueAccess.lock(workspace) : nil
    let store = try QueueAccess.open(workspace)
    var queued: [String] = []
    for wish in try wishes() {
      let again = try QueueAccess.saying { () throws(StoreError) in
        try store.retry(job: label, title: wish.title, force: force, now: .now())
      }
      if force { try workspace.forget(label, again, encodes: wish.encodes) }
      queued += again
    }
    _ = consume lock
    if output.json { return try Terminal.answer(json: queued) }
    Terminal.answer(queued.isEmpty ? "nothing to try again" : "queued again: \(queued.joined(separator: ", "))")
  }

  private func wishes() throws -> [Wish] {
    if titles.isEmpty { return [Wish()] }
    return try titles.map { text in
      let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2 else { return Wish(title: text) }
      if !force { throw ValidationError("\(text): a step is named with --force only") }
      switch TitlePlan.Step.Name(rawValue: parts[1]) {
      case .transcode: return Wish(title: parts[0])
      case .text, .mux: return Wish(title: parts[0], encodes: false)
      case .package, .verify, nil:
        throw ValidationError("\(text): a title has the steps transcode, text and mux, not '\(parts[1])'")
      }
    }
  }
}
