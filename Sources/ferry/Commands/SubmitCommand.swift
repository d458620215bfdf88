import ArgumentParser
import FerryCore
import FerryOperations

/// `ferry submit JOB…`
struct SubmitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "submit", abstract: "Put jobs into the queue; the same job twice is one job, an edited one a new plan."
  )

  @OptionGroup var output: OutputOptions
  @OptionGroup var folders: FolderOptions
  @OptionGroup var intake: IntakeOptions
  @Option(help: ArgumentHelp("Jobs of a higher priority go first; 0 unless it was set before.", valueName: "n"))
  var priority: Int?
  @Flag(help: "Let this file take over a label that another file has in the queue.") var replace = false
  @Argument(help: "Job files, or folders of them (every *.yaml).") var jobs: [String]

  func validate() throws {
    if jobs.isEmpty { throw ValidationError("name at least one job file") }
  }

  func run() async throws {
    let operation = SubmitJobs(jobs: jobs, priority: priority, isReplacing: replace, settle: intake.span)
    let office = folders.office { event in
      guard case .unsettled(let job, let files) = event else { return }
      Terminal.say("\(job): still being copied: \(files.joined(separator: ", ")); submit it again then")
    }
    try await output.tell(operation, in: office) { $0.map(line) }
  }

  private func line(_ job: SubmittedJob) -> String {
    var parts: [String] = []
    if !job.added.isEmpty { parts.append("\(counted(job.added.count, "title")) added") }
    if !job.changed.isEmpty { parts.append("changed: \(job.changed.joined(separator: ", "))") }
    if !job.removed.isEmpty { parts.append("removed: \(job.removed.joined(separator: ", "))") }
    if job.unchanged > 0 { parts.append("\(job.unchanged) unchanged") }
    return "\(job.job): plan \(job.plan), \(parts.isEmpty ? "nothing in it" : parts.joined(separator: "; "))"
  }
}
