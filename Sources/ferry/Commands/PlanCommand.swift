import ArgumentParser
import FerryCore
import FerryOperations
import FerryPipeline

/// `ferry plan JOB…`
struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Print every step with its reason, and what it is likely to cost; do nothing.")

  @OptionGroup var output: OutputOptions
  @OptionGroup var folders: FolderOptions
  @Argument(help: "Job files.") var jobs: [String]

  func validate() throws {
    if jobs.isEmpty { throw ValidationError("name at least one job file") }
  }

  func run() throws {
    let (read, unreadable) = JobFile.readAll(jobs)
    Terminal.say(unreadable)
    var plans: [Plan] = []
    var hasErrors = !unreadable.isEmpty
    let workspace = Workspace(home: folders.homePath)
    for job in read {
      let prepared = try Preparation.of(job, workspace: workspace, reading: Reading.begin())
      Terminal.say(job.profile.warnings + prepared.titles.flatMap(\.inspection.problems))
      hasErrors = hasErrors || prepared.titles.contains { $0.inspection.isRefused }
      plans.append(prepared.plan)
      if !output.json { Terminal.answer(PlanText.text(of: prepared.plan)) }
    }
    Terminal.say(workspace.damage.diagnostics)
    if output.json { try Terminal.answer(json: plans) }
    if hasErrors { throw ExitCode.badInput }
  }
}
