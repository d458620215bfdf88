import ArgumentParser
import FerryCore
import FerryOperations
import FerryPipeline
import FerryStore

/// `ferry submit JOB…`
struct SubmitCommand: ParsableCommand {
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

  private struct Answer: Encodable {
    var job: String
    var plan: Int
    var isNew: Bool
    var added: [String]
    var changed: [String]
    var removed: [String]
    var unchanged: Int
  }

  func validate() throws {
    if jobs.isEmpty { throw ValidationError("name at least one job file") }
  }

  func run() throws {
    let workspace = Workspace(home: folders.homePath)
    let store = try QueueAccess.open(workspace)
    let (read, unreadable) = JobFile.readAll(try ExchangeAccess.saying { try JobPaths.expanded(jobs) })
    Terminal.say(unreadable)
    var isWrong = !unreadable.isEmpty
    var isLater = false
    var answers: [Answer] = []
    for job in read {
      let intake = Intake(
        workspace: workspace, store: store, settle: intake.span, reading: Reading.begin(), program: Executable.path)
      let unsettled = try intake.unsettled(job)
      guard unsettled.isEmpty else {
        Terminal.say("\(job.delivery): still being copied: \(unsettled.joined(separator: ", ")); submit it again then")
        isLater = true
        continue
      }
      let open = try intake.open(job)
      Terminal.say(job.profile.warnings + open.preparation.titles.flatMap(\.inspection.problems))
      isWrong = isWrong || open.preparation.titles.contains { $0.inspection.isRefused }
      do {
        let submitted = try intake.submit(open, priority: priority, replacing: replace)
        answers.append(
          Answer(
            job: job.delivery, plan: submitted.plan, isNew: submitted.isNewJob, added: submitted.added,
            changed: submitted.changed, removed: submitted.removed, unchanged: submitted.unchanged))
      } catch let error as StoreError {
        Terminal.say([error.diagnostic])
        throw error.isTemporary ? ExitCode.tryLater : ExitCode.badInput
      }
    }
    if output.json {
      try Terminal.answer(json: answers)
    } else {
      for answer in answers { Terminal.answer(line(answer)) }
    }
    if isLater { throw ExitCode.tryLater }
    if isWrong { throw ExitCode.badInput }
  }

  private func line(_ answer: Answer) -> String {
    var parts: [String] = []
    if !answer.added.isEmpty { parts.append("\(counted(answer.added.count, "title")) added") }
    if !answer.changed.isEmpty { parts.append("changed: \(answer.changed.joined(separator: ", "))") }
    if !answer.removed.isEmpty { parts.append("removed: \(answer.removed.joined(separator: ", "))") }
    if answer.unchanged > 0 { parts.append("\(answer.unchanged) unchanged") }
    return "\(answer.job): plan \(answer.plan), \(parts.isEmpty ? "nothing in it" : parts.joined(separator: "; "))"
  }
}
