internal import FerryCore
internal import FerryExecution
internal import FerryPipeline
internal import FerryStore
internal import Foundation
internal import Synchronization

/// What becomes of titles when their workers have ended.
extension Night {
  /// What is put into ferry's own folder is put there one after the other.
  private static let shelf = Mutex(())

  private func shelve(_ body: @escaping @Sendable () throws -> Void) async throws {
    try await aside { try Night.shelf.withLock { _ in try body() } }
  }

  func end(_ claim: Claim, _ outcome: Outcome) async throws {
    guard let work = active[claim.token] else { return }
    defer {
      active[claim.token] = nil
      stage.discard(work.order)
    }
    do {
      switch outcome {
      case .finished, .rejected:
        if try await areReplaced(work.files, work) { try await again(work) } else { try await judge(work, outcome) }
      case .crashed, .overLimit, .timedOut: try crash(work, outcome.description)
      case .cancelled: try store.release(claim.token, now: .now())
      }
    } catch StoreError.staleLease {
      // Cancelled, or given to another attempt: what this one made is thrown away.
      report(.titleFailed(title: claim.title, problems: [stale(claim)]), of: claim.job)
    }
  }

  private func areReplaced(_ files: [String: FileIdentity], _ work: Work) async throws -> Bool {
    try await aside { [intake] in try intake.areReplaced(files, work.prepared) }
  }

  private func judge(_ work: Work, _ outcome: Outcome) async throws {
    switch outcome {
    case .finished(let title): try await finish(work, title)
    case .rejected(let problems): try reject(work, problems)
    case .crashed, .overLimit, .timedOut, .cancelled: preconditionFailure("there is nothing to judge")
    }
  }

  private func finish(_ work: Work, _ outcome: TitleOutcome) async throws {
    let (claim, prepared, stage) = (work.claim, work.prepared, stage)
    let isPreparation = work.order.isPreparation
    do { try await shelve { try stage.keepRenditions(of: work.order, prepared) } } catch  where error.isNoSpace {
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
      try await shelve {
        try stage.keep(outcome, of: work.order, prepared, judged: judged, in: work.job, record: record)
      }
    } catch let error as Diagnostics {
      return try reject(work, error.all)
    } catch  where error.isNoSpace {
      return try reject(work, TitleWork.diagnose(error, work.order))
    }
    let seconds = (ContinuousClock.now - work.began).inSeconds
    summary.add(outcome, seconds: seconds, isPreparation: isPreparation)
    if isPreparation {
      try wait(claim, prepared)
      summary.waits.insert(claim.title)
      return report(
        .titleWaits(title: claim.title, awaited: prepared.inspection.awaited.map(\.language.text)), of: claim.job)
    }
    try store.commitPublished([claim.token], now: .now())
    report(
      .titleFinished(
        title: claim.title, didEncode: outcome.didEncode, seconds: seconds,
        warnings: stage.warnings(outcome, judged), notes: judged.notJudged), of: claim.job)
  }

  /// All that needs no text is made: the title waits for its translation.
  func wait(_ claim: Claim, _ prepared: Preparation.PreparedTitle) throws {
    let awaited = prepared.inspection.awaited
    try store.awaitTranslation(
      claim.token,
      Awaited(
        languages: awaited.map(\.language), translator: awaited.compactMap(\.translator).first,
        due: awaited.compactMap(\.due).min()), now: .now())
  }

  /// A source or track was replaced since it was looked at: what was made is thrown away, and the job is read anew.
  ///
  /// Where only a track was replaced, the renditions serve.
  private func again(_ work: Work) async throws {
    let stage = stage
    let source = work.files.filter { $0.key == work.prepared.inspection.title.source.path }
    if try await !areReplaced(source, work) {
      try await shelve { try stage.keepRenditions(of: work.order, work.prepared) }
    }
    let name = work.claim.job + " " + work.claim.title
    replaced[name, default: 0] += 1
    jobs[work.claim.job] = nil
    let problem = Diagnostic(
      .warning, "source.replaced", at: work.prepared.inspection.title.source.place,
      "a file of \(work.claim.title) was replaced while it was worked on", hint: "it is made again of what is there now"
    )
    report(.titleFailed(title: work.claim.title, problems: [problem]), of: work.claim.job)
    if replaced[name, default: 0] < 3 { return try store.release(work.claim.token, now: .now()) }
    try fail(work.claim, .transient, [problem])
  }

  /// The title or its files are wrong, or the disk is full: a person is needed.
  private func reject(_ work: Work, _ problems: [Diagnostic]) throws {
    let told = stage.relocated(problems, work.prepared.inspection.title)
    report(.titleFailed(title: work.claim.title, problems: told), of: work.claim.job)
    let failure: FailureClass = problems.contains { $0.cause == .noSpace } ? .diskFull : .permanent
    try fail(work.claim, failure, told)
  }

  private func crash(_ work: Work, _ words: String) throws {
    let state = try store.crash(work.claim.token, words, now: .now())
    let log = try workspace.log(work.claim.job, work.claim.title)
    let next = state == .quarantined ? "it is kept from its neighbours" : "it is tried once more, at once"
    let problem = Diagnostic(
      "work.crashed", at: work.prepared.inspection.title.source.place,
      "the worker for \(work.claim.title) died: \(words)",
      hint: "\(next); the source may be damaged; the other titles are not affected; the log is \(log)")
    report(.titleFailed(title: work.claim.title, problems: [problem]), of: work.claim.job)
  }

  func fail(_ claim: Claim, _ failure: FailureClass, _ problems: [Diagnostic]) throws {
    let first = problems.first { $0.severity == .error } ?? problems.first
    _ = try store.fail(
      claim.token,
      .init(
        failure, code: first?.code ?? "work.failed", first?.message ?? "the worker said nothing", problems: problems),
      now: .now())
  }

  private func stale(_ claim: Claim) -> Diagnostic {
    Diagnostic(
      "work.stale", at: Place(claim.file), "what was made of \(claim.title) came too late and is not used",
      hint: "the title was cancelled or changed meanwhile; `ferry why \(claim.title)` tells")
  }
}
