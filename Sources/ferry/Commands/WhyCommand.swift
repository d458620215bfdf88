import ArgumentParser
import FerryCore
import FerryOperations
import FerryPipeline
import FerryStore
import Foundation

/// `ferry why [JOB] TITLE`
struct WhyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "why", abstract: "Say for one title what runs or is skipped, what will be made of it, and why.",
    discussion: """
      With a job file: what that file asks for. With a title alone, or after a job's label: what the queue did with it, \
      and what comes next.
      """)

  @OptionGroup var output: OutputOptions
  @OptionGroup var folders: FolderOptions
  @Argument(help: "The title's id; before it the job file, or the label of a job in the queue.") var names: [String]

  private var title: String { names[names.count - 1] }
  private var job: String? { names.count == 2 ? names[0] : nil }

  private struct Answer: Encodable {
    var plan: TitlePlan
    var decisions: [String]
    var recipe: Recipe?
  }

  func validate() throws {
    if !(1...2).contains(names.count) { throw ValidationError("name a title, and before it a job file or a label") }
  }

  func run() throws {
    if let job, job.contains("/") || job.contains(".yaml") || FileManager.default.fileExists(atPath: job) {
      let answer = try planned(job)
      if output.json {
        try Terminal.answer(json: answer)
      } else {
        Terminal.answer(Self.text(answer).joined(separator: "\n"))
      }
      if answer.plan.state == .refused { throw ExitCode.badInput }
      return
    }
    let store = try QueueAccess.open(Workspace(home: folders.homePath))
    let rows = try QueueAccess.saying { () throws(StoreError) in try store.titles(of: job, named: title) }
    if rows.isEmpty { throw ValidationError(try unknown(store)) }
    let stories = try QueueAccess.saying { () throws(StoreError) in
      try rows.map { row throws(StoreError) in try story(row, store) }
    }
    if output.json { return try Terminal.answer(json: stories) }
    for story in stories {
      Terminal.answer(story.text.joined(separator: "\n"))
      let (read, unreadable) = JobFile.readAll([story.file])
      Terminal.say(unreadable)
      guard let job = read.first, job.titles.contains(where: { $0.id == title }) else { continue }
      Terminal.answer("  next")
      for line in Self.text(try planned(story.file)).dropFirst() { Terminal.answer(line) }
    }
  }

  /// What a job file asks for.
  private func planned(_ file: String) throws -> Answer {
    let (read, unreadable) = JobFile.readAll([file])
    Terminal.say(unreadable)
    guard let read = read.first else { throw ExitCode.badInput }
    let ids = read.titles.map(\.id)
    guard ids.contains(title) else {
      let near = suggestion(for: title, among: ids).map { ": did you mean \($0)?" }
      throw ValidationError("\(file) has no title \(title)\(near ?? "; it has \(ids.joined(separator: ", "))")")
    }
    let workspace = Workspace(home: folders.homePath)
    let preparation = try Preparation.of(read, workspace: workspace, reading: Reading.begin())
    guard let prepared = preparation.titles.first(where: { $0.inspection.title.id == title }),
      let plan = preparation.plan.titles.first(where: { $0.title == title })
    else { preconditionFailure("a job's plan has all its titles") }
    Terminal.say(prepared.inspection.problems + workspace.damage.diagnostics)
    return Answer(
      plan: plan, decisions: prepared.inspection.decisions(by: read.profile, made: prepared.transcode),
      recipe: prepared.inspection.recipe)
  }

  private static func text(_ answer: Answer) -> [String] {
    PlanText.describe(answer.plan) + answer.decisions.map { "    \($0)" }
  }

  private func story(_ row: StatusRow, _ store: Store) throws(StoreError) -> TitleStory {
    let job = try store.jobs().first { $0.label == row.job }
    return TitleStory(
      row, file: job?.file ?? "", plan: job?.plan ?? 0,
      log: Workspace(home: folders.homePath).home + "/logs/\(row.job)/\(row.title).log",
      attempts: try store.attempts(job: row.job, title: row.title),
      history: try store.history(job: row.job, title: row.title))
  }

  private func unknown(_ store: Store) throws -> String {
    let labels = try store.jobs().map(\.label)
    if let job, !labels.contains(job) {
      let near = suggestion(for: job, among: labels).map { ": did you mean \($0)?" } ?? ""
      return "\(job) is no file, and the queue has no job of that label\(near)"
    }
    let ids = try store.titles(of: job).map(\.title)
    let near = suggestion(for: title, among: ids).map { ": did you mean \($0)?" } ?? ""
    return "\(job ?? "the queue") has no title \(title)\(near)"
  }
}
