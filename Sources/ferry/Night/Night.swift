import FerryCore
import FerryExecution
import FerryOperations
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
    /// Compare every digest of what is published, not only sizes.
    var isThorough = false
    /// Labels of jobs that are made anew although only ferry or its libraries changed.
    var remade: Set<String> = []
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
  let report: @Sendable (RunEvent) -> Void
  let started: Timestamp
  private(set) var jobs: [String: OpenJob] = [:]
  private(set) var order: [String] = []
  /// Jobs that nothing is made of in this run: they cannot be read, or are still being copied, or have no room.
  private var closed: Set<String> = []
  /// Titles whose lessons are made again because a published version lacks files of them, by job.
  var repairs: [String: Set<String>] = [:]
  /// What a person should know about what is published, although it stopped nothing.
  var notes: [Diagnostic] = []
  var summary = NightSummary()
  /// Attempts at work, and how far each one is, 0 to 1.
  private var active: [LeaseToken: Work] = [:]
  /// How often a title's source was another one after the work than before.
  private var replaced: [String: Int] = [:]

  private struct Work: Sendable {
    var claim: Claim
    var job: Job
    var jobDigest: String
    var prepared: Preparation.PreparedTitle
    var order: WorkOrder
    var stop: Stop
    /// Its source and tracks as they were before anything was read of them.
    var files: [String: FileIdentity]
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
    intake = Intake(
      workspace: workspace, store: store, settle: options.settle, reading: options.delivery.reading,
      program: Executable.path,
      remade: options.remade)
    started = try Moment.now().wall
  }

  /// Ends the leases of runs that are gone; the lock says that nobody else is at work.
  func recover() throws {
    let now = try Moment.now()
    let accepted = try store.leases().filter { $0.executor == "local" && $0.state == .publishing }
    // Reading every kept lesson's record is for the run after a killed one only.
    let kept = accepted.isEmpty ? [] : Set(try workspace.records().map(\.token))
    for lease in accepted where kept.contains(lease.token) {
      // The rename was made and only the word about it is missing.
      try store.commitPublished([lease.token], now: now)
    }
    _ = try store.expire(silent: .zero, now: now)
  }

  /// Inspects a job and puts it into the queue; the summary has what holds it as a whole.
  func submit(_ job: Job) throws {
    let label = job.delivery
    guard try isSettled(job) else { return }
    let condition = try options.delivery.tend(label, thoroughly: options.isThorough)
    let open = try intake.open(job)
    if !order.contains(label) { order.append(label) }
    jobs[label] = open
    summary.jobs[label] = NightSummary.JobEnd(file: job.file)
    tell(condition, of: label)
    let published = try options.delivery.alreadyPublished(job, open.preparation)
    summary.jobs[label]?.path = published
    if let published, condition.titles.isEmpty {
      summary.jobs[label]?.isUnchanged = true
      return report(.unchanged(path: published))
    }
    do {
      if published == nil { try options.delivery.refuse(job, open.preparation) }
    } catch let error as Diagnostics {
      closed.insert(label)
      order.removeAll { $0 == label }
      if summary.jobs[label]?.problems.isEmpty == true { summary.jobs[label]?.problems = error.all }
      return
    }
    if !condition.titles.isEmpty { repairs[label] = condition.titles }
    _ = try intake.submit(open)
    try requeueLost(open, among: published == nil ? nil : condition.titles)
    try requeueMended(open)
    for prepared in open.preparation.titles where prepared.inspection.isRefused {
      report(.titleFailed(title: prepared.inspection.title.id, problems: prepared.inspection.problems))
    }
  }

  /// Whether nobody is copying the job's files; otherwise the job is left for the next run.
  private func isSettled(_ job: Job) throws -> Bool {
    let names = try intake.unsettled(job).map { URL(fileURLWithPath: $0).lastPathComponent }
    if names.isEmpty { return true }
    closed.insert(job.delivery)
    summary.unsettled[job.delivery] = names
    report(.unsettled(job: job.delivery, files: names))
    return false
  }

  /// A job file that cannot be read holds its titles in the queue, and nobody else's.
  func hold(_ file: String, _ problems: Diagnostics) throws {
    let path = URL(fileURLWithPath: file).standardizedFileURL.path
    let words = problems.all.first.map(\.message) ?? "it cannot be read"
    for job in try store.jobs() where job.file == path {
      closed.insert(job.label)
      _ = try store.hold(job: job.label, code: "job.unreadable", "the job file: \(words)", now: .now())
    }
  }

  /// What held these titles was the job file or the disk, and it is mended.
  private func requeueMended(_ open: OpenJob) throws {
    for row in try store.titles(in: [.held], of: open.job.delivery) {
      guard ["job.unreadable", "disk.full"].contains(row.errorCode) else { continue }
      _ = try store.retry(job: open.job.delivery, title: row.title, now: .now())
    }
  }

  /// Titles that the queue calls done and whose lessons are gone are made again.
  private func requeueLost(_ open: OpenJob, among wanted: Set<String>?) throws {
    var done = Set(try store.titles(in: [.done, .reopened], of: open.job.delivery).map(\.title))
    if let wanted { done.formIntersection(wanted) }
    for prepared in open.preparation.titles where prepared.made == nil {
      let id = prepared.inspection.title.id
      guard done.contains(id) else { continue }
      _ = try store.retry(job: open.job.delivery, title: id, force: true, now: .now())
    }
  }

  /// Works until nothing is left that can be claimed.
  func drain() async throws {
    let cores = ProcessInfo.processInfo.activeProcessorCount
    // Titles side by side fill the cores best; one worker a core.
    let workers = options.workers ?? max(1, cores)
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
        try await Task.sleep(for: .seconds(5))
        let beats = active.values.map { Heartbeat($0.claim.token, progress: $0.progress) }
        // Cancelled meanwhile: what is made of them would be thrown away.
        for token in try store.heartbeat(beats, now: .now()) {
          active[token]?.stop.request(.gracefully(within: .seconds(10)))
        }
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
    guard let work = active[claim.token] else { return }
    let duration = work.prepared.inspection.facts?.duration ?? 0
    if duration.count > 0 {
      active[claim.token]?.progress = min(1, Double(position.count) / Double(duration.count))
    }
    report(.titleProgress(title: claim.title, position: position, duration: duration))
  }

  private typealias Assignment = LocalExecutor.Assignment<Claim>

  /// The next title to work on; `nil` when there is none, or none may be begun any more.
  private func next() async throws -> Assignment? {
    while !stop.isRequested, options.until.map({ Date() < $0 }) ?? true {
      guard let claim = try store.claim(now: .now(), except: closed).first else {
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
    let wasOpen = jobs[claim.job] != nil
    let open: OpenJob?
    do { open = try job(of: claim) } catch let error as Diagnostics {
      summary.jobs[claim.job] = NightSummary.JobEnd(file: claim.file, problems: error.all)
      try store.release(claim.token, now: .now())
      try hold(claim.file, error)
      return nil
    }
    guard let open, let (number, prepared) = open.title(claim.title) else {
      try store.release(claim.token, now: .now())
      // The file may name it since this run read it; a file just read that does not is left alone.
      if wasOpen { jobs[claim.job] = nil } else { closed.insert(claim.job) }
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
    let end = Stop()
    active[claim.token] = Work(
      claim: claim, job: open.job, jobDigest: open.digest, prepared: prepared, order: order, stop: end,
      files: open.files(of: prepared.inspection.title), began: .now, progress: 0)
    report(
      .titleStarted(
        title: claim.title, number: number, of: open.preparation.titles.count, encodes: order.kept == nil))
    return Assignment(claim, order, log: try workspace.log(claim.job, claim.title), stop: end)
  }

  /// The job of a claim, read when this run has not done so.
  private func job(of claim: Claim) throws -> OpenJob? {
    if let open = jobs[claim.job] { return open }
    let job = try JobFile.read(claim.file)
    guard job.delivery == claim.job, try isSettled(job) else { return nil }
    let open = try intake.open(job)
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
      case .finished, .rejected:
        if try intake.areReplaced(work.files, work.prepared) { try again(work) } else { try judge(work, outcome) }
      case .crashed, .overLimit, .timedOut: try crash(work, outcome.description)
      case .cancelled: try store.release(claim.token, now: .now())
      }
    } catch StoreError.staleLease {
      // Cancelled, or given to another attempt: what this one made is thrown away.
      report(.titleFailed(title: claim.title, problems: [stale(claim)]))
    }
  }

  private func judge(_ work: Work, _ outcome: Outcome) throws {
    switch outcome {
    case .finished(let title): try finish(work, title)
    case .rejected(let problems): try reject(work, problems)
    case .crashed, .overLimit, .timedOut, .cancelled: preconditionFailure("there is nothing to judge")
    }
  }

  private func finish(_ work: Work, _ outcome: TitleOutcome) throws {
    let claim = work.claim
    let prepared = work.prepared
    let isPreparation = work.order.isPreparation
    do { try stage.keepRenditions(of: work.order, prepared) } catch  where error.isNoSpace {
      return try reject(work, TitleWork.diagnose(error, work.order))
    }
    if !isPreparation {
      guard try store.beginPublishing(claim.token, files: prepared.digest, now: .now()) == .publishing else {
        jobs[claim.job] = nil
        return
      }
    }
    let now = try Moment.now()
    let record = AttemptRecord(
      token: claim.token, job: claim.job, jobFile: claim.file, jobDigest: work.jobDigest, title: claim.title,
      titleDigest: claim.digest, started: now.wall - (ContinuousClock.now - work.began), ended: now.wall,
      outcome: .made, files: prepared.digest)
    let judged = stage.judged(outcome, prepared, in: work.job)
    do {
      try stage.keep(outcome, of: work.order, prepared, judged: judged, in: work.job, record: record)
    } catch let error as Diagnostics {
      return try reject(work, error.all)
    } catch  where error.isNoSpace {
      return try reject(work, TitleWork.diagnose(error, work.order))
    }
    let seconds = (ContinuousClock.now - work.began).inSeconds
    summary.add(outcome, seconds: seconds, isPreparation: isPreparation)
    if isPreparation {
      _ = try wait(claim, prepared)
      summary.waits.insert(claim.title)
      return report(.titleWaits(title: claim.title, awaited: prepared.inspection.awaited.map(\.language.text)))
    }
    try store.commitPublished([claim.token], now: .now())
    report(
      .titleFinished(
        title: claim.title, didEncode: outcome.didEncode, seconds: seconds,
        warnings: stage.warnings(outcome, judged), notes: judged.notJudged))
  }

  /// A source or track was replaced since it was looked at: what was made is thrown away, and the job is read anew.
  ///
  /// Where only a track was replaced, the renditions serve.
  private func again(_ work: Work) throws {
    let source = work.files.filter { $0.key == work.prepared.inspection.title.source.path }
    if try !intake.areReplaced(source, work.prepared) { try stage.keepRenditions(of: work.order, work.prepared) }
    let name = work.claim.job + " " + work.claim.title
    replaced[name, default: 0] += 1
    jobs[work.claim.job] = nil
    let problem = Diagnostic(
      .warning, "source.replaced", at: work.prepared.inspection.title.source.place,
      "a file of \(work.claim.title) was replaced while it was worked on", hint: "it is made again of what is there now"
    )
    report(.titleFailed(title: work.claim.title, problems: [problem]))
    if replaced[name, default: 0] < 3 { return try store.release(work.claim.token, now: .now()) }
    try fail(work.claim, .transient, problem.code, problem.message)
  }

  /// The title or its files are wrong: a person is needed.
  private func reject(_ work: Work, _ problems: [Diagnostic]) throws {
    let told = stage.relocated(problems, work.prepared.inspection.title)
    let first = told.first { $0.severity == .error } ?? told.first
    let failure: FailureClass = told.contains { $0.code == "disk.full" } ? .diskFull : .permanent
    report(.titleFailed(title: work.claim.title, problems: told))
    try fail(work.claim, failure, first?.code ?? "work.failed", first?.message ?? "the worker gave no reason")
  }

  private func crash(_ work: Work, _ words: String) throws {
    let state = try store.crash(work.claim.token, words, now: .now())
    let log = try workspace.log(work.claim.job, work.claim.title)
    let next = state == .quarantined ? "it is kept from its neighbours" : "it is tried once more, at once"
    let problem = Diagnostic(
      "work.crashed", at: work.prepared.inspection.title.source.place,
      "the worker for \(work.claim.title) died: \(words)",
      hint: "\(next); the source may be damaged; the other titles are not affected; the log is \(log)")
    report(.titleFailed(title: work.claim.title, problems: [problem]))
  }

  private func fail(_ claim: Claim, _ failure: FailureClass, _ code: String, _ message: String) throws {
    _ = try store.fail(claim.token, .init(failure, code: code, message), now: .now())
  }

  private func stale(_ claim: Claim) -> Diagnostic {
    Diagnostic(
      "work.stale", at: Place(claim.file), "what was made of \(claim.title) came too late and is not used",
      hint: "the title was cancelled or changed meanwhile; `ferry why \(claim.title)` tells")
  }
}
