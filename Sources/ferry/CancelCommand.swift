import ArgumentParser
import FerryPipeline
import FerryStore

/// `ferry cancel LABEL [TITLE…]`
struct CancelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cancel",
    abstract: "Take titles out of the queue; what is published stays, and a running attempt is not used.")

  @OptionGroup var output: OutputOptions
  @OptionGroup var folders: FolderOptions
  @Argument(help: "The job's label.") var label: String
  @Argument(help: "Titles; without any, all of the job that can be.") var titles: [String] = []

  func run() throws {
    let store = try QueueAccess.open(Workspace(home: folders.homePath))
    var cancelled: [String] = []
    let wanted: [String?] = titles.isEmpty ? [nil] : titles
    for title in wanted {
      cancelled += try QueueAccess.saying { () throws(StoreError) in
        try store.cancel(job: label, title: title, now: .now())
      }
    }
    if output.json { return try Terminal.answer(json: cancelled) }
    Terminal.answer(cancelled.isEmpty ? "nothing to cancel" : "cancelled: \(cancelled.joined(separator: ", "))")
  }
}
