import ArgumentParser
import FerryPipeline
import FerryStore

/// `ferry retry LABEL [TITLE…]`
struct RetryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retry", abstract: "Queue titles again that failed, were held, quarantined or cancelled.")

  @OptionGroup var output: OutputOptions
  @OptionGroup var folders: FolderOptions
  @Flag(help: "Also titles that are done: they are made anew.") var force = false
  @Argument(help: "The job's label.") var label: String
  @Argument(help: "Titles; without any, all of the job that can be.") var titles: [String] = []

  func run() throws {
    let workspace = Workspace(home: folders.homePath)
    let store = try QueueAccess.open(workspace)
    var queued: [String] = []
    let wanted: [String?] = titles.isEmpty ? [nil] : titles
    for title in wanted {
      queued += try QueueAccess.saying { () throws(StoreError) in
        try store.retry(job: label, title: title, force: force, now: .now())
      }
    }
    if force { try workspace.forgetLessons(label, queued) }
    if output.json { return try Terminal.answer(json: queued) }
    Terminal.answer(queued.isEmpty ? "nothing to try again" : "queued again: \(queued.joined(separator: ", "))")
  }
}
