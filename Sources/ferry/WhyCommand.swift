import ArgumentParser
import FerryCore
import FerryPipeline

/// `ferry why JOB TITLE`
struct WhyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "why", abstract: "Say for one title what runs or is skipped, what will be made of it, and why.")

  @OptionGroup var output: OutputOptions
  @OptionGroup var folders: FolderOptions
  @Argument(help: "The job file.") var job: String
  @Argument(help: "The title's id.") var title: String

  private struct Answer: Encodable {
    var plan: TitlePlan
    var decisions: [String]
    var recipe: Recipe?
  }

  func run() throws {
    let (read, unreadable) = JobFile.readAll([job])
    Terminal.say(unreadable)
    guard let read = read.first else { throw ExitCode.badInput }
    let ids = read.titles.map(\.id)
    guard ids.contains(title) else {
      let near =
        suggestion(for: title, among: ids).map { ": did you mean \($0)?" } ?? "; it has \(ids.joined(separator: ", "))"
      throw ValidationError("\(job) has no title \(title)\(near)")
    }
    var one = read
    one.titles = read.titles.filter { $0.id == title }
    let preparation = try Preparation.of(one, workspace: Workspace(home: folders.homePath))
    guard let prepared = preparation.titles.first, let plan = preparation.plan.titles.first else { return }
    Terminal.say(prepared.inspection.problems)
    let decisions = prepared.inspection.decisions(by: read.profile)
    if output.json {
      try Terminal.answer(json: Answer(plan: plan, decisions: decisions, recipe: prepared.inspection.recipe))
    } else {
      Terminal.answer(PlanText.describe(plan).joined(separator: "\n"))
      for decision in decisions { Terminal.answer("    \(decision)") }
    }
    if prepared.inspection.isRefused { throw ExitCode.badInput }
  }
}
