import ArgumentParser
import FerryOperations

/// `ferry cancel LABEL [TITLE…]`
struct CancelCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cancel",
    abstract: "Take titles out of the queue; what is published stays, and a running attempt is not used.")

  @OptionGroup var output: OutputOptions
  @OptionGroup var folders: FolderOptions
  @Argument(help: "The job's label.") var label: String
  @Argument(help: "Titles; without any, all of the job that can be.") var titles: [String] = []

  func run() async throws {
    try await output.tell(CancelTitles(label: label, titles: titles), in: folders.office()) { cancelled in
      [cancelled.isEmpty ? "nothing to cancel" : "cancelled: \(cancelled.joined(separator: ", "))"]
    }
  }
}
