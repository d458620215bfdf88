package import FerryCore
internal import FerryExecution
internal import FerryPipeline
internal import FerryStore
internal import Foundation

/// Works until the queue is drained, and makes the packages of jobs.
package struct RunQueue: Operation {
  /// Job files, or folders of them; where it is empty, the jobs that the queue knows.
  package var jobs: [String]
  /// Labels of jobs that are made anew although only ferry or its libraries changed.
  package var remade: [String] = []
  /// Deliver the titles that are done although others failed or wait.
  package var isPartialAllowed = false
  /// Compare every digest of what is published, not only sizes.
  package var isThorough = false
  /// Titles made at the same time; as many as the cores can encode where it is `nil`.
  package var workers: Int?
  /// No title is begun after this time.
  package var until: Timestamp?
  /// Wait for titles that are to be tried again.
  package var drains = false
  /// How long a file must have stood still before it is read.
  package var settle: Duration = .seconds(2)
  /// A file for the queue's figures, as Prometheus reads them.
  package var metrics: String?
  /// The day that packages name as their date.
  package var day: Day

  package init(jobs: [String], day: Day) { (self.jobs, self.day) = (jobs, day) }

  /// Answers how the run ended; the first wish to stop, SIGTERM or SIGINT, ends it when the titles at work are given back.
  package func perform(in office: Office) async throws(Refusal) -> Reply<NightSummary> {
    let lock = try office.lock()
    let reply = try await office.awaiting { try await run(in: office) }
    // Until here nobody else may write the queue.
    _ = consume lock
    return reply
  }

  private func run(in office: Office) async throws -> Reply<NightSummary> {
    let workspace = office.repairableWorkspace
    try workspace.sweep()
    let wasEmpty = office.hasEmptyQueue
    let store = try office.queue()
    if wasEmpty { note(try QueueRebuilding(store: store, workspace: workspace).refill(), office) }
    let stop = Stop()
    let log = RunLog(store: store, run: UUID().uuidString, watcher: office.tell)
    let night = try Night(
      options(office, workspace, log),
      intake: Intake(
        workspace: workspace, store: store, settle: settle, reading: office.reading, program: office.program,
        remade: Set(remade)), stop: stop, log: log)
    try await night.recover()
    let (read, isWrong) = try await readJobs(try paths(store), for: night, office)
    try await Signals.stopping(stop) { try await night.work(on: read) }
    try await night.deliver()
    await night.writeLastMetrics()
    let notes = await night.notes + workspace.damage.diagnostics
    let summary = await night.summary
    var shortfalls = await night.shortfalls + summary.jobs.values.flatMap(\.shortfalls)
    if isWrong { shortfalls.append(.badInput) }
    // What was rebuilt is as it was; what was lost is something that somebody must see to.
    if notes.contains(where: { $0.severity == .error }) { shortfalls.append(.incomplete) }
    if !summary.unsettled.isEmpty || stop.isRequested { shortfalls.append(.tryLater) }
    try store.close()
    return Reply(summary, problems: notes, shortfall: RunQueue.worst(of: shortfalls))
  }

  private func options(_ office: Office, _ workspace: Workspace, _ log: RunLog) -> Night.Options {
    Night.Options(
      workers: workers, isPartialAllowed: isPartialAllowed, isThorough: isThorough, until: until, drains: drains,
      worker: Worker(executable: office.program, arguments: office.arguments("work")),
      delivery: Delivery(
        workspace: workspace, out: office.out, version: office.version, day: day, reading: office.reading,
        report: { log.tell($0) }), metrics: metrics)
  }

  private func note(_ problems: [Diagnostic], _ office: Office) {
    if !problems.isEmpty { office.tell(.noted(problems)) }
  }

  /// The job files that are named, or those of the queue.
  private func paths(_ store: Store) throws -> [String] {
    if !jobs.isEmpty { return try JobPaths.expanded(jobs) }
    let known = try store.jobs()
    if remade.isEmpty { return known.filter { !$0.isHistory }.map(\.file) }
    return try remade.map { label in
      if let job = known.first(where: { $0.label == label }) { return job.file }
      throw Refusal(
        .usage, "run.unknown-job", at: Place(label), "the queue has no job of this label",
        hint: suggestion(for: label, among: known.map(\.label)).map { "did you mean \($0)?" }
          ?? "see 'ferry status' for the labels")
    }
  }

  /// The jobs that can be read; the titles of the others are held.
  private func readJobs(
    _ paths: [String], for night: Night, _ office: Office
  ) async throws -> (jobs: [Job], isWrong: Bool) {
    var jobs: [Job] = []
    for path in paths {
      do throws(Diagnostics) {
        let job = try JobFile.read(path)
        note(job.profile.warnings, office)
        jobs.append(job)
      } catch {
        note(error.all, office)
        try await night.hold(path, error)
      }
    }
    return (jobs, jobs.count < paths.count)
  }

  /// What matters most to whoever reads it in the morning.
  private static func worst(of kinds: [Refusal.Kind]) -> Refusal.Kind? {
    let order: [Refusal.Kind] = [.noSpace, .tryLater, .badInput, .failed, .incomplete]
    return order.first(where: kinds.contains) ?? kinds.first
  }
}
