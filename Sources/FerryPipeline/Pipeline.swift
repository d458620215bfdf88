package import FerryCore
internal import FerryPackage
internal import Foundation

// The order of the stages, on one screen:
//
//   prepare   read every source's facts and every track, find the step keys, plan           Preparation, Inspection
//   work      one worker a title: decode once, encode, mux, write text and playlists        TitleWork
//   assemble  a bag in a scratch folder beside its home                                     PackageStage
//   verify    digests, structure, and every file reopened and decoded against the manifest  VerifyStage
//   publish   one rename; only what was verified can be published                           PublishStage

/// Makes a job's package.
package struct Pipeline: Sendable {
  package var workspace: Workspace
  /// Where packages go: `OUT/LABEL/LABEL_v1`.
  package var out: String
  /// Ferry's own version, for the package's provenance.
  package var version: String
  /// The package's date.
  package var day: Day
  package var isPartialAllowed: Bool
  package var work: @Sendable (WorkOrder, @escaping @Sendable (Milliseconds) -> Void) async throws -> TitleOutcome
  package var report: @Sendable (RunEvent) -> Void

  package init(
    workspace: Workspace, out: String, version: String, day: Day, isPartialAllowed: Bool,
    work: @escaping @Sendable (WorkOrder, @escaping @Sendable (Milliseconds) -> Void) async throws -> TitleOutcome,
    report: @escaping @Sendable (RunEvent) -> Void
  ) {
    self.workspace = workspace
    self.out = out
    self.version = version
    self.day = day
    self.isPartialAllowed = isPartialAllowed
    self.work = work
    self.report = report
  }

  /// How a run of a job ended.
  package enum End: Equatable, Sendable {
    /// `failed` and `waiting` count titles that the package lacks.
    case published(path: String, failed: Int, waiting: Int)
    /// The same content is published already.
    case unchanged(path: String)
    case held(failed: Int, waiting: Int)
  }

  /// Runs a job; throws `Diagnostics` for what stops the job as a whole (a full disk, an output folder not ours).
  package func run(_ job: Job) async throws -> End {
    let preparation = try Preparation.of(job, workspace: workspace)
    let home = PackageHome(out: out, label: job.delivery, version: 1)
    if let path = try home.alreadyPublished(preparation.key, workspace) {
      report(.unchanged(path: path))
      return .unchanged(path: path)
    }
    try home.refuseIfTaken(job)
    try DiskSpace.refuseIfScarce(preparation.plan, workspace: workspace, out: out, job)

    var made: [MadeTitle] = []
    var missing: [MissingTitle] = []
    defer { for title in made { title.discard() } }
    for (index, prepared) in preparation.titles.enumerated() {
      switch try await make(prepared, number: index + 1, of: preparation.titles.count, job) {
      case .made(let title): made.append(title)
      case .missing(let title): missing.append(title)
      }
    }
    let failed = missing.count { $0.reason == .failed }
    let waiting = missing.count - failed
    guard !made.isEmpty, missing.isEmpty || isPartialAllowed else { return .held(failed: failed, waiting: waiting) }

    report(.assembling(titles: made.count))
    let staged = try PackageStage(job: job, home: home, workspace: workspace, version: version, day: day)
      .assemble(made, missing)
    report(.verifying(files: staged.files))
    let verified: VerifiedPackage
    do {
      verified = try staged.verify()
    } catch {
      // Kept renditions may have been damaged on disk: the next run makes them anew.
      for title in made where !title.outcome.didEncode { try workspace.forget(title.key) }
      throw error
    }
    let published = try verified.publish()
    if missing.isEmpty {
      try workspace.record(.init(key: preparation.key, path: published.path), for: home.name)
    }
    report(.published(path: published.path, files: published.files, bytes: published.bytes))
    return .published(path: published.path, failed: failed, waiting: waiting)
  }

  /// What became of one title.
  private enum Making {
    case made(MadeTitle)
    case missing(MissingTitle)
  }

  private func make(
    _ prepared: Preparation.PreparedTitle, number: Int, of count: Int, _ job: Job
  ) async throws -> Making {
    let inspection = prepared.inspection
    let title = inspection.title
    guard !inspection.isRefused, let recipe = inspection.recipe, let key = prepared.key,
      let digest = prepared.sourceDigest
    else { return failed(title, inspection.problems) }
    if !inspection.awaited.isEmpty {
      let awaited = inspection.awaited.map(\.language.text)
      report(.titleWaits(title: title.id, awaited: awaited))
      return .missing(
        MissingTitle(id: title.id, reason: .waiting, detail: "waits for " + awaited.joined(separator: ", ")))
    }
    let folder = try workspace.folder("attempts/\(title.id)-\(UUID().uuidString)")
    let isKept = try workspace.kept(key) != nil
    let order = WorkOrder(
      title: title.id, name: title.name, source: title.source.path, sourceDigest: digest,
      sourceLanguage: job.language.source, recipe: recipe, outputs: job.profile.outputs,
      text: job.profile.text,
      tracks: title.subtitles.map { file in
        WorkOrder.TrackOrder(
          language: file.language, path: file.file.path, stream: file.stream, encoding: file.encoding,
          isDelivered: job.language.deliver.contains(file.language))
      },
      kept: isKept ? workspace.renditions(key) : nil, folder: folder)
    report(.titleStarted(title: title.id, number: number, of: count, encodes: !isKept))
    let started = ContinuousClock.now
    let duration = inspection.facts?.duration ?? 0
    do {
      let outcome = try await work(order) { position in
        report(.titleProgress(title: title.id, position: position, duration: duration))
      }
      if !isKept { try workspace.keep(folder + "/renditions", as: key) }
      let seconds = (ContinuousClock.now - started).inSeconds
      let findings = Findings.diagnostics(outcome.transcode.quality, at: title.source.place)
      if findings.contains(where: { $0.severity == .error }) {
        try FileManager.default.removeItem(atPath: folder)
        return failed(title, findings)
      }
      let warnings = inspection.problems + findings
      report(.titleFinished(title: title.id, didEncode: outcome.didEncode, seconds: seconds, warnings: warnings))
      return .made(MadeTitle(inspection: inspection, key: key, order: order, outcome: outcome))
    } catch let failure as WorkFailure {
      try FileManager.default.removeItem(atPath: folder)
      switch failure {
      case .rejected(let problems):
        if let full = problems.first(where: { $0.code == "disk.full" }) { throw Diagnostics(full) }
        return failed(title, problems.map { relocated($0, title) })
      case .crashed(let words):
        return failed(
          title,
          [
            Diagnostic(
              "work.crashed", at: title.source.place, "the worker for \(title.id) died: \(words)",
              hint: "the source may be damaged; the other titles are not affected")
          ])
      }
    }
  }

  private func failed(_ title: Title, _ problems: [Diagnostic]) -> Making {
    report(.titleFailed(title: title.id, problems: problems))
    let first = problems.first { $0.severity == .error }
    // The partner reads this: our folders are not theirs to know.
    let detail = (first?.message ?? "failed").replacing(title.source.path, with: title.source.name)
      .replacing(title.source.written, with: title.source.name)
    return .missing(MissingTitle(id: title.id, reason: .failed, detail: detail))
  }

  /// A worker knows paths only; the job's place is where a person looks.
  private func relocated(_ problem: Diagnostic, _ title: Title) -> Diagnostic {
    var problem = problem
    if problem.place.file == title.source.path { problem.place = title.source.place }
    return problem
  }
}

/// A title whose lesson folder is whole.
package struct MadeTitle: Sendable {
  package var inspection: Inspection
  package var key: StepKey
  package var order: WorkOrder
  package var outcome: TitleOutcome

  /// Removes the attempt's folder; the package has its own links by then, or will never have.
  func discard() {
    // A folder that cannot be removed now is swept by the next run.
    do { try FileManager.default.removeItem(atPath: order.folder) } catch {}
  }
}

/// A title that a package lacks, and why.
package struct MissingTitle: Hashable, Sendable {
  package enum Reason: String, Sendable { case waiting, failed }

  package var id: String
  package var reason: Reason
  package var detail: String
}

/// What the picture and sound checks found, in words for the person who named the source.
enum Findings {
  static func diagnostics(_ quality: Quality, at place: Place) -> [Diagnostic] {
    quality.findings.compactMap { finding in
      let span =
        finding.startMs == finding.endMs
        ? clock(finding.startMs) : "\(clock(finding.startMs)) to \(clock(finding.endMs))"
      return switch finding.severity {
      case .off: nil
      case .warning:
        Diagnostic(
          .warning, "quality." + finding.kind.rawValue, at: place, "\(span): \(finding.detail)",
          hint: "look at that place; the profile says what counts as a finding")
      case .error:
        Diagnostic(
          "quality." + finding.kind.rawValue, at: place, "\(span): \(finding.detail)",
          hint: "the profile holds titles with this: mend the source, or make it a warning in the profile's checks")
      }
    }
  }

  /// `1:02:03.4`, as players show it, with tenths.
  private static func clock(_ time: Milliseconds) -> String {
    let tenths = (time.count + 50) / 100
    let (hours, minutes, rest) = (tenths / 36_000, tenths / 600 % 60, tenths % 600)
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return (hours > 0 ? "\(hours):\(two(minutes))" : "\(minutes)") + ":\(two(rest / 10)).\(rest % 10)"
  }
}
