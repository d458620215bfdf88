internal import FerryCore
internal import FerryExecution
internal import FerryPipeline
internal import FerryStore
internal import Foundation

// One run of the queue:
//
//   recover   what a killed run left: attempts whose lesson is in place are done, the others go back    recover()
//   submit    the jobs that were named, or all that the queue knows                                     NightIntake
//   work      workers take titles until none is left, a stop is asked for or the hour has come          here
//   judge     what becomes of a title when its worker has ended                                         NightWork
//   deliver   a package for every job whose titles are all done                                         NightDelivery
//
// Only this process writes the queue. Whatever happens in it, a title is done when its lesson is kept under its key,
// by a rename, and only then does the queue say so. Jobs are submitted while titles of others are made, and all that is
// slow (reading sources, waiting for files to be stable, flushing) happens aside: the actor itself never waits.

/// One run: it owns the queue from its first moment to its last.
actor Night {
  struct Options: Sendable {
    var workers: Int?
    var isPartialAllowed = false
    /// Compare every digest of what is published, not only sizes.
    var isThorough = false
    /// Titles may be claimed until then.
    var until: Timestamp?
    /// Wait for titles that are to be tried again.
    var drains = false
    var worker: Worker
    var delivery: Delivery
    var metrics: String?
  }

  let options: Options
  let workspace: Workspace
  let store: Store
  let stage: TitleStage
  let intake: Intake
  let stop: Stop
  private let log: RunLog
  private let started: Timestamp
  var jobs: [String: OpenJob] = [:]
  var order: [String] = []
  /// Jobs that nothing is made of in this run: they cannot be read, or are still being copied, or have no room.
  var closed: Set<String> = []
  /// Jobs that are still to be looked at; none of their titles is claimed meanwhile.
  var opening: [String: Int] = [:]
  /// Jobs that are being looked at now.
  var looking: Set<String> = []
  /// Claims that wait until their job is open.
  var held: [LeaseToken: Claim] = [:]
  /// Claims whose job was opened for them.
  var ready: [Claim] = []
  /// What ended the run while a job was looked at.
  var failure: (any Error)?
  /// Titles whose lessons are made again because a published version lacks files of them, by job.
  var repairs: [String: Set<String>] = [:]
  /// What a person should know about what is published, although it stopped nothing.
  var notes: [Diagnostic] = []
  var summary = NightSummary()
  /// Why not all was done, for what belongs to no job's end.
  var shortfalls: [Refusal.Kind] = []
  /// Attempts at work, and how far each one is, 0 to 1.
  var active: [LeaseToken: Work] = [:]
  /// How often a title's source was another one after the work than before.
  var replaced: [String: Int] = [:]
  private var waiters: [UUID: CheckedContinuation<Void, Never>] = [:]

  struct Work: Sendable {
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

  init(_ options: Options, intake: Intake, stop: Stop, log: RunLog) throws {
    self.options = options
    self.intake = intake
    self.stop = stop
    self.log = log
    (workspace, store) = (intake.workspace, intake.store)
    stage = TitleStage(workspace: intake.workspace)
    started = try Moment.now().wall
  }

  func report(_ event: RunEvent, of job: String? = nil) { log.tell(event, of: job) }

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

  /// Submits jobs, and works until nothing is left that can be claimed.
  func work(on submitted: [Job]) async throws {
    for job in submitted { opening[job.delivery, default: 0] += 1 }
    let cores = ProcessInfo.processInfo.activeProcessorCount
    // Titles side by side fill the cores best; one worker a core.
    let workers = options.workers ?? max(1, cores)
    let executor = LocalExecutor(worker: options.worker, workers: workers, stop: stop)
    let beat = Task { await self.beat() }
    let submission = Task { await self.submit(submitted) }
    defer {
      beat.cancel()
      submission.cancel()
    }
    try await executor.drain(
      next: { try await self.next() },
      progress: { claim, position in Task { await self.progress(claim, position) } },
      ended: { claim, outcome in try await self.end(claim, outcome) })
    // No title may be begun any more, and yet every job is looked at.
    while !opening.isEmpty, !stop.isRequested { await change(within: .seconds(1)) }
    for claim in Array(held.values) + ready { try release(claim) }
    (held, ready) = ([:], [])
    if let failure { throw failure }
  }

  /// A sign of life for every attempt now and then, and the metrics with it.
  private func beat() async {
    while !Task.isCancelled {
      do {
        try await Task.sleep(for: .seconds(5))
        let waiting = (Array(held.values) + ready).map { Heartbeat($0.token) }
        let beats = active.values.map { Heartbeat($0.claim.token, progress: $0.progress) }
        // Cancelled meanwhile: what is made of them would be thrown away.
        for token in try store.heartbeat(waiting + beats, now: .now()) {
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
    report(.titleProgress(title: claim.title, position: position, duration: duration), of: claim.job)
  }

  private typealias Assignment = LocalExecutor.Assignment<Claim>

  /// The next title to work on; `nil` when there is none, or none may be begun any more.
  private func next() async throws -> Assignment? {
    while try mayBegin() {
      if let failure { throw failure }
      guard let claim = try take() else {
        if !opening.isEmpty {
          await change(within: .seconds(1))
          continue
        }
        // What another lane works on may come back; otherwise only a later try is waited for.
        guard options.drains, let retry = try store.nextRetry() else { return nil }
        let wait = retry - (try Moment.now().wall)
        do { try await Task.sleep(for: min(max(wait, .milliseconds(50)), .seconds(1))) } catch { return nil }
        continue
      }
      guard let open = jobs[claim.job] else {
        openJob(of: claim)
        continue
      }
      do {
        if let assignment = try assignment(for: claim, of: open) { return assignment }
      } catch StoreError.staleLease {
        // Cancelled while its job was looked at.
        continue
      }
    }
    return nil
  }

  private func mayBegin() throws -> Bool {
    if stop.isRequested { return false }
    guard let until = options.until else { return true }
    return try Moment.now().wall < until
  }

  /// A claim whose job was opened for it, or else the most urgent one.
  private func take() throws -> Claim? {
    if !ready.isEmpty { return ready.removeFirst() }
    return try store.claim(now: .now(), except: closed.union(opening.keys)).first
  }

  /// What a worker is told, or `nil` when the title needs none and has been seen to.
  private func assignment(for claim: Claim, of open: OpenJob) throws -> Assignment? {
    guard let (number, prepared) = open.title(claim.title), prepared.digest == claim.digest else {
      // Submitted by somebody else since this run read the job: as it is now, it is claimed again.
      try release(claim)
      jobs[claim.job] = nil
      return nil
    }
    let awaited = prepared.inspection.awaited.map(\.language.text)
    if prepared.made != nil {
      try settle(claim, prepared)
      return nil
    }
    if !awaited.isEmpty, prepared.kept {
      try wait(claim, prepared)
      return nil
    }
    guard let order = try stage.order(prepared, of: open.job, attempt: claim.token.text) else {
      try fail(
        claim, .permanent,
        [Diagnostic("title.refused", at: prepared.inspection.title.source.place, "the title is refused")])
      return nil
    }
    let end = Stop()
    active[claim.token] = Work(
      claim: claim, job: open.job, jobDigest: open.digest, prepared: prepared, order: order, stop: end,
      files: open.files(of: prepared.inspection.title), began: .now, progress: 0)
    report(
      .titleStarted(
        title: claim.title, number: number, of: open.preparation.titles.count, encodes: order.kept == nil),
      of: claim.job)
    return Assignment(claim, order, log: try workspace.log(claim.job, claim.title), stop: end)
  }

  /// A title whose very lesson is kept: nothing is done but to say so.
  private func settle(_ claim: Claim, _ prepared: Preparation.PreparedTitle) throws {
    guard try store.beginPublishing(claim.token, files: prepared.digest, now: .now()) == .publishing else { return }
    try store.commitPublished([claim.token], now: .now())
  }

  /// Gives a claim back; one that is over already needs nothing.
  func release(_ claim: Claim) throws {
    do { try store.release(claim.token, now: .now()) } catch StoreError.staleLease {}
  }

  /// The figures of the queue for Prometheus, where somebody wants them.
  private func writeMetrics() throws {
    guard let path = options.metrics else { return }
    let now = try Moment.now().wall
    let text = Metrics.text(
      counts: try store.counts(), oldest: try store.oldestQueued().map { now - $0 },
      failures: try store.failures(since: started - .seconds(86_400)), summary: summary)
    try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
  }

  /// Figures that cannot be written are no reason to be silent about the run.
  func writeLastMetrics() {
    do { try writeMetrics() } catch {
      report(.metricsUnwritable(path: options.metrics ?? "", reason: error.localizedDescription))
    }
  }

  /// Returns when something changed about the jobs that are looked at, or after so long.
  func change(within limit: Duration) async {
    let id = UUID()
    let timer = Task {
      do { try await Task.sleep(for: limit) } catch { return }
      self.wake(id)
    }
    await withCheckedContinuation { waiters[id] = $0 }
    timer.cancel()
  }

  private func wake(_ id: UUID) { waiters.removeValue(forKey: id)?.resume() }

  /// Tells whoever waits for a change.
  func changed() {
    for id in waiters.keys { wake(id) }
  }
}
