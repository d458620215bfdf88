package import FerryCore
internal import FerryPipeline
internal import FerryStore
internal import Foundation

/// What a job file asks for in one title: what runs or is skipped, what will be made of it, and why.
package struct PlanTitle: Operation {
  /// The job file.
  package var file: String
  /// The title's id.
  package var title: String

  package init(file: String, title: String) { (self.file, self.title) = (file, title) }

  package func perform(in office: Office) async throws(Refusal) -> Reply<PlannedTitle> {
    let job: Job
    do throws(Diagnostics) { job = try JobFile.read(file) } catch { throw Refusal(.badInput, error.all) }
    let ids = job.titles.map(\.id)
    guard ids.contains(title) else {
      let near = suggestion(for: title, among: ids).map { ": did you mean \($0)?" } ?? ""
      throw Refusal(
        .usage, "why.unknown-title", at: Place(file), "the job has no title \(title)\(near)",
        hint: "it has \(ids.joined(separator: ", "))")
    }
    let memory = FileMemory(in: office)
    let preparation = try await office.awaiting { try await aside { try memory.prepare(job) } }
    guard let prepared = preparation.titles.first(where: { $0.inspection.title.id == title }),
      let plan = preparation.plan.titles.first(where: { $0.title == title })
    else { preconditionFailure("a job's plan has all its titles") }
    return Reply(
      PlannedTitle(
        plan: plan, decisions: prepared.inspection.decisions(by: job.profile, made: prepared.transcode),
        recipe: prepared.inspection.recipe), problems: prepared.inspection.problems + memory.damage,
      shortfall: plan.state == .refused ? .badInput : nil)
  }
}

/// What will be made of a title, and why.
package struct PlannedTitle: Encodable, Sendable {
  package var plan: TitlePlan
  /// What was decided about picture and sound, in words.
  package var decisions: [String]
  package var recipe: Recipe?
}

/// What the queue did with one title, and what comes next.
package struct ExplainTitle: Operation {
  /// The job's label; every job that has such a title where it is `nil`.
  package var label: String?
  /// The title's id.
  package var title: String

  package init(label: String? = nil, title: String) { (self.label, self.title) = (label, title) }

  /// Answers a story for each job that has the title.
  package func perform(in office: Office) async throws(Refusal) -> Reply<[TitleStory]> {
    var reply = Reply([TitleStory]())
    guard let store = try office.existingQueue() else { throw unknown(labels: [], titles: []) }
    reply.answer = try office.refusing { try stories(store, logs: office.home + "/logs") }
    if reply.answer.isEmpty {
      let (labels, titles) = try office.refusing {
        (try store.jobs().map(\.label), try store.titles(of: label).map(\.title))
      }
      throw unknown(labels: labels, titles: titles)
    }
    for index in reply.answer.indices {
      do throws(Refusal) {
        let next = try await PlanTitle(file: reply.answer[index].file, title: title).perform(in: office)
        reply.answer[index].next = next.answer
        reply.problems += next.problems
      } catch {
        // Nothing comes next where the job file does not name the title any more.
        if error.kind != .usage { reply.problems += error.problems }
      }
    }
    return reply
  }

  private func stories(_ store: Store, logs: String) throws(StoreError) -> [TitleStory] {
    let jobs = try store.jobs()
    return try store.titles(of: label, named: title).map { row throws(StoreError) in
      let job = jobs.first { $0.label == row.job }
      return TitleStory(
        row, file: job?.file ?? "", plan: job?.plan ?? 0, log: "\(logs)/\(row.job)/\(row.title).log",
        attempts: try store.attempts(job: row.job, title: row.title),
        history: try store.history(job: row.job, title: row.title))
    }
  }

  /// Why the queue knows nothing of the title, with the name that was perhaps meant.
  private func unknown(labels: [String], titles: [String]) -> Refusal {
    if let label, !labels.contains(label) {
      let near = suggestion(for: label, among: labels).map { ": did you mean \($0)?" } ?? ""
      return Refusal(
        .usage, "why.unknown-job", at: Place(label),
        "there is no such job file, and the queue has no job of that label\(near)",
        hint: "see 'ferry status' for the labels")
    }
    let near = suggestion(for: title, among: titles).map { ": did you mean \($0)?" } ?? ""
    return Refusal(
      .usage, "why.unknown-title", at: Place(title), "\(label ?? "the queue") has no title \(title)\(near)",
      hint: "see 'ferry status --all' for the titles")
  }
}

/// What the queue did with one title, and why.
package struct TitleStory: Encodable, Sendable {
  package struct Attempt: Encodable, Sendable {
    package var number: Int
    package var startedMs: Int
    package var endedMs: Int?
    package var executor: String
    package var outcome: String?
    package var problems: [Diagnostic]?
  }

  package struct Event: Encodable, Sendable {
    package var atMs: Int
    package var event: String
    package var detail: String?
  }

  package var job: String
  package var file: String
  package var plan: Int
  package var title: String
  package var state: String
  package var sinceMs: Int
  package var errorCode: String?
  package var error: String?
  /// What the title's workers said; `nil` where there is no such file.
  package var log: String?
  package var attempts: [Attempt]
  package var history: [Event]
  /// What the job file asks for now; `nil` where it cannot be read or has no such title.
  package var next: PlannedTitle?

  fileprivate init(
    _ row: StatusRow, file: String, plan: Int, log: String, attempts: [AttemptRow], history: [HistoryEntry]
  ) {
    (job, self.file, self.plan, title) = (row.job, file, plan, row.title)
    (state, sinceMs) = (row.state.kind.rawValue, row.since.milliseconds)
    (errorCode, error) = (row.errorCode, row.error)
    self.log = FileManager.default.fileExists(atPath: log) ? log : nil
    self.attempts = attempts.map { attempt in
      Attempt(
        number: attempt.number, startedMs: attempt.started.milliseconds, endedMs: attempt.ended?.milliseconds,
        executor: attempt.executor, outcome: attempt.outcome, problems: attempt.problems)
    }
    self.history = history.map { Event(atMs: $0.at.milliseconds, event: $0.event, detail: $0.detail) }
  }
}
