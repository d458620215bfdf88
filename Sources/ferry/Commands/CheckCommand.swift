import ArgumentParser
import FerryCore
import FerryOperations

/// `ferry check JOB…`
struct CheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Read jobs, sources and subtitles and report all problems; encode nothing.")

  @OptionGroup var output: OutputOptions
  @OptionGroup var state: HomeOption
  @Argument(help: "Job files.") var jobs: [String]

  func validate() throws {
    if jobs.isEmpty { throw ValidationError("name at least one job file") }
  }

  func run() async throws {
    try await output.tell(CheckJobs(jobs: jobs), in: state.office) { checked in
      output.quiet ? [] : checked.map(summary)
    }
  }

  private func summary(_ checked: CheckedJob) -> String {
    let errors = checked.problems.count { $0.severity == .error }
    let warnings = checked.problems.count - errors
    let waiting = checked.waiting == 0 ? "" : ", \(checked.waiting) waiting for a translation"
    let counts = "\(counted(errors, "error")), \(counted(warnings, "warning"))"
    return "\(checked.job): \(counted(checked.titles, "title"))\(waiting): \(counts)"
  }
}
