import FerryCore
import FerryExecution
import FerryPackage
import FerryPipeline
import FerryStore
import Foundation

// One run of the queue:
//
//   recover   what a killed run left: attempts whose lesson is in place are done, the others go back    recover()
//   submit    the jobs that were named, or all that the queue knows                                     submit(_:)
//   drain     workers take titles until none is left, a stop is asked for or the hour has come          drain()
//   deliver   a package for every job whose titles are all done                                         deliver()
//
// Only this process writes the queue. Whatever happens in it, a title is done when its lesson is kept under its key,
// by a rename, and only then does the queue say so.

/// One run: it owns the queue from its first moment to its last.
actor Night {
  struct Options: Sendable {
    var workers: Int?
    var isPartialAllowed = false
    /// Titles may be claimed until then.
    var until: Date?
    /// Wait for titles that are to be tried again.
    var drains = false
    var worker: Worker
    var delivery: Delivery
    var metrics: String?
    var settle: Duration
  }

  let options: Options
  let workspace: Workspace
  let store: Store
  let stage: TitleStage
  let intake: Intake
  let stop: Stop
  private let report: @Sendable (RunEvent) -> Void
  private let started: Timestamp
  private(set) var jobs: [String: OpenJob] = [:]
  private(set) var order: [String] = []
  private(set) var summary = NightSummary()
  /// Attempts at work, and how far each one is, 0 to 1.
  private var active: [LeaseToken: Work] = [:]

  struct Work: Sendable {
    var claim: Claim
    var order: WorkOrder
    var identity: FileIdentity?
    var began: ContinuousClock.Instant
    var progress: Double
  }

  init(
    _ options: Options, workspace: Workspace, store: Store, stop: Stop, report: @escaping @Sendable (RunEvent) -> Void
  ) throws {
    self.options = options
    self.workspace = workspace
    self.store = store
    self.stop = stop
    self.report = report
    stage = TitleStage(workspace: workspace)
    intake = Intake(workspace: workspace, store: store, settle: options.settle)
    started = try Moment.now().wall
  }

  /// Ends the leases of runs that are gone; the lock says that nobody else is at work.
  func recover() throws {
    let now = try Moment.now()
    let kept = Dictionary(try workspace.records().map { ($0.token, $0) }) { first, _ in first }
    for lease in try store.leases() where lease.executor == "local" && lease.state == .publishing {
      // The rename was made and only the word about it is missing.
      if kept[lease.token] != nil { try store.commitPublished([lease.token], now: now) }
    }
    _ = try store.expire(silent: .zero, now: now)
  }

  /// Inspects a job and puts it into the queue; answers the problems that hold it as a whole.
  func submit(_ job: Job) throws {
    let open = try intake.open(job)
    let label = job.delivery
    if !order.contains(label) { order.append(label) }
    jobs[label] = open
    summary.jobs[label] = NightSummary.JobEnd(file: job.file)
    if let path = try options.delivery.alreadyPublished(job, open.preparation) {
      summary.jobs[label]?.path = path
      summary.jobs[label]?.isUnchanged = true
      return report(.unchanged(path: path))
    }
    try options.delivery.refuse(job, open.preparation)
    guard open.unsettled.isEmpty else {
      jobs[label] = nil
      order.removeAll { $0 == label }
      summary.jobs[label] = nil
      let names = open.unsettled.map { URL(fileURLWithPath: $0).lastPathComponent }
      summary.unsettled[label] = names
      return report(.unsettled(job: label, files: names))
    }
    _ = try intake.submit(open)
    try requeueLost(open)
    for prepared in open.preparation.titles where prepared.inspection.isRefused {
      report(.titleFailed(title: prepared.inspection.title.id, problems: prepared.inspection.problems))
    }
  }

  /// Titles that the queue calls done and whose lessons are gone are made again.
  private func requeueLost(_ open: OpenJob) throws {
    let done = Set(try store.titles(in: [.done], of: open.job.delivery).map(\.title))
    for prepared in open.preparation.titles where prepared.made == nil {
      let id = prepared.inspection.title.id
      guard done.contains(id) else { continue }
      _ = try store.retry(job: open.job.delivery, title: id, force: true, now: .now())
    }
  }

  /// Works until nothing is left that can be claimed.
  func drain() async throws {
    let threads = jobs.values.compactMap { $0.job.profile.video?.encoderThreads }.max() ?? 1
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let workers = options.workers ?? WorkerCount.standard(cores: cores, encoderThreads: threads)
    let executor = LocalExecutor(worker: options.worker, workers: workers, stop: stop)
    let beat = Task { await self.beat() }
    defer { beat.cancel() }
    try await executor.drain(
      next: { try await self.next() },
      progress: { claim, position in Task { await self.progress(claim, position) } },
      ended: { claim, outcome in try await self.end(claim, outcome) })
  }

  /// A sign of life for every attempt now and then, and the metrics with it.
  private func beat() async {
    while !Task.isCancelled {
      do {
        try await Task.sleep(for: .seconds(10))
        _ = try store.heartbeat(active.values.map { Heartbeat($0.claim.token, progress: $0.progress) }, now: .now())
        try writeMetrics()
      } catch is CancellationError {
        return
      } catch {
        // A queue that is busy or a full disk is said by whatever needs it next.
        continue
      }
    }
  }

  private func progress(_ claim: Claim, _ position: Milliseconds) {
    guard let title = jobs[claim.job]?.title(claim.title)?.prepared.inspection else { return }
    let duration = title.facts?.duration ?? 0
    if duration.count > 0 {
      active[claim.token]?.progress = min(1, Double(position.count) / Double(duration.count))
    }
    report(.titleProgress(title: claim.title, position: position, duration: duration))
  }

  private typealias Assignment = LocalExecutor.Assignment<Claim>

  /// The next title to work on; `nil` when there is none, or none may be begun any more.
  private func next() async throws -> Assignment? {
    while !stop.isRequested, options.until.map({ Date() < $0 }) ?? true {
      guard let claim = try store.claim(now: .now()).first else {
        // What another lane works on may come back; otherwise only a later try is waited for.
        guard options.drains, let retry = try store.nextRetry() else { return nil }
        let wait = retry - (try Moment.now().wall)
        do { try await Task.sleep(for: min(max(wait, .milliseconds(50)), .seconds(1))) } catch { return nil }
        continue
      }
      if let assignment = try assignment(for: claim) { return assignment }
    }
    return nil
  }

  /// What a worker is told, or `nil` when the title needs none and has been seen to.
  private func assignment(for claim: Claim) throws -> Assignment? {
    guard let open = try job(of: claim), let (number, prepared) = open.title(claim.title) else {
      try fail(claim, .permanent, "job.unreadable", "the job file \(claim.file) cannot be read or lacks the title")
      return nil
    }
    guard prepared.digest == claim.digest else {
      // Submitted by somebody else since this run read the job: as it is now, it is claimed again.
      try store.release(claim.token, now: .now())
      jobs[claim.job] = nil
      return nil
    }
    let awaited = prepared.inspection.awaited.map(\.language.text)
    if prepared.made != nil { return try settle(claim, prepared) }
    if !awaited.isEmpty, prepared.kept { return try wait(claim, prepared) }
    guard let order = try stage.order(prepared, of: open.job, attempt: claim.token.text) else {
      try fail(claim, .permanent, "title.refused", "the title is refused")
      return nil
    }
    active[claim.token] = Work(
      claim: claim, order: order, identity: FileIdentity(of: order.source), began: .now, progress: 0)
    report(
      .titleStarted(
        title: claim.title, number: number, of: open.preparation.titles.count, encodes: order.kept == nil))
    return Assignment(claim, order, log: try workspace.log(claim.job, claim.title))
  }

  /// The job of a claim, read when this run has not done so.
  private func job(of claim: Claim) throws -> OpenJob? {
    if let open = jobs[claim.job] { return open }
    let job: Job
    do throws(Diagnostics) { job = try JobFile.read(claim.file) } catch {
      report(.titleFailed(title: claim.title, problems: error.all))
      return nil
    }
    let open = try intake.open(job)
    guard open.job.delivery == claim.job else { return nil }
    _ = try intake.submit(open)
    jobs[claim.job] = open
    if !order.contains(claim.job) { order.append(claim.job) }
    if summary.jobs[claim.job] == nil { summary.jobs[claim.job] = NightSummary.JobEnd(file: claim.file) }
    return open
  }

  /// A title whose very lesson is kept: nothing is done but to say so.
  private func settle(_ claim: Claim, _ prepared: Preparation.PreparedTitle) throws -> Assignment? {
    guard try store.beginPublishing(claim.token, files: prepared.digest, now: .now()) == .publishing else { return nil }
    try store.commitPublished([claim.token], now: .now())
    return nil
  }

  private func wait(_ claim: Claim, _ prepared: Preparation.PreparedTitle) throws -> Assignment? {
    let awaited = prepared.inspection.awaited
    try store.awaitTranslation(
      claim.token,
      Awaited(
        languages: awaited.map(\.language), translator: awaited.compactMap(\.translator).first,
        due: awaited.compactMap(\.due).min()), now: .now())
    return nil
  }

  private func end(_ claim: Claim, _ outcome: Outcome) throws {
    guard let work = active.removeValue(forKey: claim.token) else { return }
    defer { stage.discard(work.order) }
    do {
      switch outcome {
      case .finished(let title): try finish(work, title)
      case .rejected(let problems): try reject(work, problems)
      case .crashed, .overLimit, .timedOut: try crash(work, outcome.description)
      case .cancelled: try store.release(claim.token, now: .now())
      }
    } catch StoreError.staleLease {
      // Cancelled, or given to another attempt: what this one made is thrown away.
      report(.titleFailed(title: claim.title, problems: [stale(claim)]))
    }
  }

  private func finish(_ work: Work, _ outcome: TitleOutcome) throws {
    let claim = work.claim
    guard let open = jobs[claim.job], let (_, prepared) = open.title(claim.title) else { return }
    if let identity = work.identity, FileIdentity(of: work.order.source) != identity,
      try intake.digestNow(of: work.order.source) != work.order.sourceDigest
    {
      try fail(claim, .transient, "source.replaced", "the source was replaced while it was read")
      jobs[claim.job] = nil
      return
    }
    let isPreparation = work.order.isPreparation
    if !isPreparation {
      guard try store.beginPublishing(claim.token, files: prepared.digest, now: .now()) == .publishing else {
        jobs[claim.job] = nil
        return
      }
    }
    let now = try Moment.now()
    let record = AttemptRecord(
      token: claim.token, job: claim.job, jobFile: claim.file, jobDigest: open.digest, title: claim.title,
      titleDigest: claim.digest, started: now.wall - (ContinuousClock.now - work.began), ended: now.wall,
      outcome: .made, files: prepared.digest)
    do {
      try stage.keep(outcome, of: work.order, prepared, in: open.job, record: record)
    } catch let error as Diagnostics {
      return try reject(work, error.all)
    } catch  where error.isNoSpace {
      return try reject(work, TitleWork.diagnose(error, work.order))
    }
    let seconds = (ContinuousClock.now - work.began).inSeconds
    summary.add(outcome, seconds: seconds)
    if isPreparation {
      _ = try wait(claim, prepared)
      summary.waits.insert(claim.title)
      return report(.titleWaits(title: claim.title, awaited: prepared.inspection.awaited.map(\.language.text)))
    }
    try store.commitPublished([claim.token], now: .now())
    report(
      .titleFinished(
        title: claim.title, didEncode: outcome.didEncode, seconds: seconds, warnings: stage.warnings(outcome, prepared))
    )
  }

  /// The title or its files are wrong: a person is needed.
  private func reject(_ work: Work, _ problems: [Diagnostic]) throws {
    let title = jobs[work.claim.job]?.title(work.claim.title)?.prepared.inspection.title
    let told = title.map { stage.relocated(problems, $0) } ?? problems
    let first = told.first { $0.severity == .error } ?? told.first
    let failure: FailureClass = told.contains { $0.code == "disk.full" } ? .diskFull : .permanent
    report(.titleFailed(title: work.claim.title, problems: told))
    try fail(work.claim, failure, first?.code ?? "work.failed", first?.message ?? "the worker gave no reason")
  }

  private func crash(_ work: Work, _ words: String) throws {
    let place = jobs[work.claim.job]?.title(work.claim.title)?.prepared.inspection.title.source.place
    report(
      .titleFailed(
        title: work.claim.title,
        problems: [
          Diagnostic(
            "work.crashed", at: place ?? Place(work.order.source), "the worker for \(work.claim.title) died: \(words)",
            hint:
              "the source may be damaged; the other titles are not affected; the log is \(try workspace.log(work.claim.job, work.claim.title))"
          )
        ]))
    _ = try store.crash(work.claim.token, words, now: .now())
  }

  private func fail(_ claim: Claim, _ failure: FailureClass, _ code: String, _ message: String) throws {
    _ = try store.fail(claim.token, .init(failure, code: code, message), now: .now())
  }

  private func stale(_ claim: Claim) -> Diagnostic {
    Diagnostic(
      "work.stale", at: Place(claim.file), "what was made of \(claim.title) came too late and is not used",
      hint: "the title was cancelled or changed meanwhile; `ferry why \(claim.title)` tells")
  }

  /// Makes a package of every job whose titles are done, or of what is done where that is allowed.
  func deliver() throws {
    for label in order {
      guard let open = try jobs[label] ?? reopened(label), summary.jobs[label]?.isUnchanged != true else { continue }
      do {
        try deliver(open)
      } catch let error as Diagnostics {
        summary.jobs[label]?.problems = error.all
      }
    }
  }

  private func reopened(_ label: String) throws -> OpenJob? {
    guard let file = summary.jobs[label]?.file else { return nil }
    do throws(Diagnostics) {
      let job = try JobFile.read(file)
      return .some(try openAgain(job))
    } catch {
      summary.jobs[label]?.problems = error.all
      return nil
    }
  }

  private func openAgain(_ job: Job) throws(Diagnostics) -> OpenJob {
    do { return try intake.open(job) } catch let error as Diagnostics { throw error } catch {
      throw Diagnostics(Diagnostic("job.unreadable", at: Place(job.file), "\(error)"))
    }
  }

  private func deliver(_ open: OpenJob) throws {
    let label = open.job.delivery
    let rows = Dictionary(try store.titles(of: label).map { ($0.title, $0) }) { first, _ in first }
    var made: [MadeTitle] = []
    var missing: [MissingTitle] = []
    for prepared in open.preparation.titles {
      let title = prepared.inspection.title
      if let done = try MadeTitle(prepared, workspace) {
        made.append(done)
      } else if !prepared.inspection.awaited.isEmpty, !prepared.inspection.isRefused {
        let awaited = prepared.inspection.awaited.map(\.language.text)
        if !(summary.waits.contains(title.id)) { report(.titleWaits(title: title.id, awaited: awaited)) }
        missing.append(
          MissingTitle(id: title.id, reason: .waiting, detail: "waits for " + awaited.joined(separator: ", ")))
      } else {
        let row = rows[title.id]
        missing.append(.failed(title, row?.error ?? "not made yet"))
        summary.add(row, title.id, in: open.job, log: try workspace.log(label, title.id))
      }
    }
    let failed = missing.count { $0.reason == .failed }
    summary.jobs[label]?.failed = failed
    summary.jobs[label]?.waiting = missing.count - failed
    summary.jobs[label]?.titles = open.preparation.titles.count
    guard !made.isEmpty, missing.isEmpty || options.isPartialAllowed, !stop.isRequested else { return }
    let published = try options.delivery.publish(open.job, open.preparation, made, missing: missing)
    summary.jobs[label]?.path = published.path
    try store.record(
      PublishedVersion(
        label: label, version: published.version, key: open.preparation.key, path: published.path,
        published: try Moment.now().wall,
        titles: made.map(\.outcome.title), steps: made.flatMap { [$0.renditions, $0.lesson] }))
  }

  /// The figures of the queue for Prometheus, where somebody wants them.
  func writeMetrics() throws {
    guard let path = options.metrics else { return }
    let now = try Moment.now().wall
    let text = Metrics.text(
      counts: try store.counts(), oldest: try store.oldestQueued().map { now - $0 },
      failures: try store.failures(since: started - .seconds(86_400)), summary: summary)
    try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
  }
}

extension Intake {
  func digestNow(of path: String) throws -> String? {
    FileManager.default.fileExists(atPath: path) ? try Digests.of(file: path).sha256 : nil
  }
}
