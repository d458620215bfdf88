internal import FerryCore
internal import FerryExecution
internal import FerryPipeline
internal import FerryStore
internal import Foundation

/// How jobs come into a run.
extension Night {
  /// A job that takes longer to be looked at does not keep the next one waiting.
  private static let patience = Duration.seconds(1)
  /// Jobs that are looked at side by side, at most.
  private static let mostLooks = 4

  /// Submits jobs in their order; those that are slow are overtaken.
  func submit(_ jobs: [Job]) async {
    for job in jobs {
      while looking.count >= Night.mostLooks || looking.contains(job.delivery), !stop.isRequested {
        await change(within: Night.patience)
      }
      if stop.isRequested || Task.isCancelled { return }
      looking.insert(job.delivery)
      Task { await self.look(at: job) }
      let deadline = ContinuousClock.now + Night.patience
      while looking.contains(job.delivery), ContinuousClock.now < deadline {
        await change(within: deadline - .now)
      }
    }
  }

  /// Submits one job, and notes why it cannot be.
  private func look(at job: Job) async {
    do { try await submit(job) } catch {
      switch error {
      case is StoreError, is Diagnostics, is Refusal:
        let refusal = Refusal(error, home: workspace.home)
        report(.noted(refusal.problems), of: job.delivery)
        shortfalls.append(refusal.kind)
      case _ where error.isNoSpace: failure = error
      default:
        let problem = Diagnostic(
          "job.unusable", at: Place(job.file), "the job cannot be looked at: \(error.localizedDescription)",
          hint: "the other jobs go on; run again when that is fixed")
        report(.noted([problem]), of: job.delivery)
        shortfalls.append(.badInput)
      }
    }
    looked(at: job.delivery)
  }

  private func looked(at label: String) {
    looking.remove(label)
    let left = opening[label, default: 1] - 1
    opening[label] = left > 0 ? left : nil
    changed()
  }

  /// Inspects a job and puts it into the queue; the summary has what holds it as a whole.
  private func submit(_ job: Job) async throws {
    let label = job.delivery
    guard try await isStable(job) else { return }
    let (delivery, isThorough) = (options.delivery, options.isThorough)
    let condition = try await aside { try delivery.tend(label, thoroughly: isThorough) }
    let open = try await aside { [intake] in try intake.open(job) }
    // The run is over, and its summary is somebody else's.
    if stop.isRequested { return }
    if !order.contains(label) { order.append(label) }
    jobs[label] = open
    summary.jobs[label] = NightSummary.JobEnd(file: job.file)
    tell(condition, of: label)
    let published = try delivery.alreadyPublished(job, open.preparation)
    summary.jobs[label]?.path = published
    if let published, condition.titles.isEmpty {
      summary.jobs[label]?.isUnchanged = true
      return report(.unchanged(path: published), of: label)
    }
    if published == nil, let refusal = try refusal(of: job, open.preparation) {
      closed.insert(label)
      order.removeAll { $0 == label }
      summary.jobs[label]?.refuse(refusal)
      return
    }
    if !condition.titles.isEmpty { repairs[label] = condition.titles }
    _ = try intake.submit(open)
    try requeueLost(open, among: published == nil ? nil : condition.titles)
    try requeueFixed(open)
    for prepared in open.preparation.titles where prepared.inspection.isRefused {
      report(.titleFailed(title: prepared.inspection.title.id, problems: prepared.inspection.problems), of: label)
    }
  }

  /// What stops a job as a whole before any work.
  private func refusal(of job: Job, _ preparation: Preparation) throws -> Refusal? {
    do {
      try options.delivery.refuse(job, preparation)
      return nil
    } catch let error as Diagnostics {
      return Refusal(.badInput, error.all)
    } catch let error as Refusal {
      return error
    }
  }

  /// Whether nobody is copying the job's files; otherwise the job is left for the next run.
  private func isStable(_ job: Job) async throws -> Bool {
    let names = try await intake.unstable(job).map { URL(fileURLWithPath: $0).lastPathComponent }
    if names.isEmpty { return true }
    if stop.isRequested { return false }
    closed.insert(job.delivery)
    summary.unsettled[job.delivery] = names
    report(.unsettled(job: job.delivery, files: names), of: job.delivery)
    return false
  }

  /// A job file that cannot be read holds its titles in the queue, and nobody else's.
  func hold(_ file: String, _ problems: Diagnostics) throws {
    let path = URL(fileURLWithPath: file).standardizedFileURL.path
    let words = problems.all.first.map(\.message) ?? "it cannot be read"
    for job in try store.jobs() where job.file == path {
      closed.insert(job.label)
      _ = try store.hold(job: job.label, for: .jobUnreadable, "the job file: \(words)", now: .now())
    }
  }

  /// What held these titles was the job file or the disk, and it is fixed.
  private func requeueFixed(_ open: OpenJob) throws {
    for row in try store.titles(in: [.held], of: open.job.delivery) where row.holdCause != nil {
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

  /// Opens the job of a claim, which this run has not read yet, while the lanes go on with others.
  func openJob(of claim: Claim) {
    held[claim.token] = claim
    opening[claim.job, default: 0] += 1
    looking.insert(claim.job)
    Task {
      do { try await self.open(for: claim) } catch { self.failure = error }
      self.looked(at: claim.job)
    }
  }

  private func open(for claim: Claim) async throws {
    let open: OpenJob?
    do { open = try await job(of: claim) } catch let error as Diagnostics {
      guard held.removeValue(forKey: claim.token) != nil else { return }
      summary.jobs[claim.job] = NightSummary.JobEnd(file: claim.file)
      summary.jobs[claim.job]?.refuse(Refusal(.badInput, error.all))
      try release(claim)
      return try hold(claim.file, error)
    }
    // The run is over, and has given the claim back.
    guard held.removeValue(forKey: claim.token) != nil else { return }
    guard let open, open.title(claim.title) != nil else {
      closed.insert(claim.job)
      return try release(claim)
    }
    jobs[claim.job] = open
    if !order.contains(claim.job) { order.append(claim.job) }
    if summary.jobs[claim.job] == nil { summary.jobs[claim.job] = NightSummary.JobEnd(file: claim.file) }
    ready.append(claim)
  }

  private func job(of claim: Claim) async throws -> OpenJob? {
    let job = try await aside { try JobFile.read(claim.file) }
    guard job.delivery == claim.job, try await isStable(job) else { return nil }
    return try await aside { [intake] in
      let open = try intake.open(job)
      _ = try intake.submit(open)
      return open
    }
  }
}

extension JobSummary {
  /// A job whose file is gone and whose titles are all over.
  var isHistory: Bool {
    !FileManager.default.fileExists(atPath: file) && !counts.keys.contains { ![.done, .cancelled].contains($0) }
  }
}
