internal import FerryCore
internal import FerryExecution
internal import FerryPipeline
internal import FerryStore
internal import Foundation

/// What becomes of jobs when their titles have been seen to.
extension Night {
  /// Makes a package of every job whose titles are done, or of what is done where that is allowed.
  func deliver() async throws {
    for label in order where summary.jobs[label]?.isUnchanged != true {
      guard let open = try await opened(label) else { continue }
      do {
        try await deliver(open)
      } catch let error as Diagnostics {
        summary.jobs[label]?.end(with: Refusal(.badInput, error.all))
      } catch let error as StoreError {
        throw error
      } catch  where !error.isNoSpace {
        // What is wrong with one job's files keeps no other from being published.
        summary.jobs[label]?.end(
          with: Refusal(
            .badInput, "job.unusable", at: Place(open.job.file),
            "the job cannot be published: \(error.localizedDescription)",
            hint: "run again when that is fixed: what is made is kept"))
      }
    }
    for label in summary.jobs.keys { try align(label) }
  }

  /// What a partner found and nothing published answers is work still, whatever was made.
  private func align(_ label: String) throws {
    do {
      summary.reopened[label] = try Reopening(workspace: workspace, store: store).align(label)
    } catch let error as Refusal {
      summary.jobs[label]?.note(error.problems, error.kind == .noSpace ? .noSpace : .badInput)
    }
  }

  /// The job as this run knows it, read again where that is out of date.
  private func opened(_ label: String) async throws -> OpenJob? {
    if let open = jobs[label] { return open }
    guard let file = summary.jobs[label]?.file else { return nil }
    do {
      return try await aside { [intake] in try intake.open(JobFile.read(file)) }
    } catch let error as Diagnostics {
      summary.jobs[label]?.end(with: Refusal(.badInput, error.all))
    } catch {
      let problem = Diagnostic("job.unreadable", at: Place(file), "\(error)")
      summary.jobs[label]?.end(with: Refusal(.badInput, [problem]))
    }
    return nil
  }

  /// Says what was found wrong with published versions, and what was done about it.
  func tell(_ condition: PackageCondition, of label: String) {
    for (path, files) in condition.repaired.sorted(by: { $0.key < $1.key }) {
      report(.repaired(path: path, files: files), of: label)
    }
    let errors = condition.problems.filter { $0.severity == .error }
    if !errors.isEmpty { summary.jobs[label]?.note(errors, .failed) }
    let warnings = condition.problems.filter { $0.severity == .warning }
    notes += warnings.filter { !notes.contains($0) }
  }

  /// Puts files back into published versions whose lessons were made again for it.
  private func repair(_ open: OpenJob) async throws {
    let label = open.job.delivery
    let again = try await aside { [intake] in try intake.open(open.job) }
    let keys = again.preparation.titles.compactMap { title in
      title.lessonKey.map { (title.inspection.title.id, $0) }
    }
    let (delivery, isThorough) = (options.delivery, options.isThorough)
    let condition = try await aside {
      try delivery.tend(label, thoroughly: isThorough, made: Dictionary(keys) { first, _ in first })
    }
    tell(condition, of: label)
    repairs[label] = nil
  }

  private func deliver(_ open: OpenJob) async throws {
    let label = open.job.delivery
    if repairs[label] != nil, !stop.isRequested {
      try await repair(open)
      if try options.delivery.alreadyPublished(open.job, open.preparation) != nil { return }
    }
    let rows = Dictionary(try store.titles(of: label).map { ($0.title, $0) }) { first, _ in first }
    var made: [MadeTitle] = []
    var missing: [MissingTitle] = []
    var end = summary.jobs[label] ?? NightSummary.JobEnd(file: open.job.file)
    end.titles = open.preparation.titles.count
    for prepared in open.preparation.titles {
      let title = prepared.inspection.title
      if let done = try MadeTitle(prepared, of: open.job, workspace) {
        made.append(done)
      } else if !prepared.inspection.awaited.isEmpty, !prepared.inspection.isRefused {
        let awaited = prepared.inspection.awaited.map(\.language.text)
        if !(summary.waits.contains(title.id)) { report(.titleWaits(title: title.id, awaited: awaited), of: label) }
        missing.append(
          MissingTitle(
            id: title.id, reason: .waiting, detail: "waits for " + awaited.joined(separator: ", "),
            awaited: prepared.inspection.awaited.map(\.language)))
        end.waiting += 1
      } else if let row = rows[title.id], row.state == .queued {
        missing.append(.failed(title, "not made yet"))
        end.left += 1
      } else {
        let row = rows[title.id]
        missing.append(.failed(title, row?.error ?? "not made yet"))
        summary.add(row, title.id, in: open.job, log: try workspace.log(label, title.id))
        end.failed += 1
        if row?.holdCause == .diskFull { end.note([], .noSpace) }
      }
    }
    summary.jobs[label] = end
    guard !made.isEmpty, missing.isEmpty || options.isPartialAllowed, !stop.isRequested else { return }
    if let path = try options.delivery.alreadyPublished(open.job, open.preparation, missing: missing) {
      summary.jobs[label]?.path = path
      return report(.unchanged(path: path), of: label)
    }
    if missing.isEmpty {
      // Whether the job's waivers serve anybody is known now that every title was heard.
      let used = Set(made.flatMap(\.inspection.usedWaivers))
      notes += open.job.waivers.filter { TextRule.needsSound($0.rule) && !used.contains($0) }.map(\.unused)
    }
    let (delivery, titles, without) = (options.delivery, made, missing)
    let published = try await aside {
      try delivery.publish(open.job, open.preparation, titles, missing: without)
    }
    summary.jobs[label]?.path = published.path
    try store.record(
      PublishedVersion(
        label: label, version: published.version, key: open.preparation.key, path: published.path,
        published: try Moment.now().wall,
        titles: made.map(\.outcome.title), steps: made.flatMap { [$0.renditions, $0.lesson] }))
  }
}
