import ArgumentParser
import FerryCore
import FerryOperations

/// `ferry plan JOB…`
struct PlanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Print every step with its reason, and what it is likely to cost; do nothing.")

  @OptionGroup var output: OutputOptions
  @OptionGroup var folders: FolderOptions
  @Argument(help: "Job files.") var jobs: [String]

  func validate() throws {
    if jobs.isEmpty { throw ValidationError("name at least one job file") }
  }

  func run() async throws {
    try await output.tell(PlanJobs(jobs: jobs), in: folders.office()) { $0.map(PlanText.text) }
  }
}
