package import FerryCore
internal import Foundation

// The order of the stages, on one screen:
//
//   prepare   read every source's facts and every track, find the step keys, plan           Preparation, Inspection
//   work      one worker a title: decode once, encode, mux, write text and playlists        TitleStage, TitleWork
//   assemble  a bag in a scratch folder beside its home                                     PackageStage
//   verify    digests, structure, and every file reopened and decoded against the manifest  VerifyStage
//   publish   one rename; only what was verified can be published                           PublishStage
//
// Who works when, and what becomes of a title that fails, is the queue's business (FerryStore) and the run's (ferry).

/// Makes a package of a job's finished lessons.
package struct Delivery: Sendable {
  package var workspace: Workspace
  /// Where packages go: `OUT/LABEL/LABEL_vN`.
  package var out: String
  /// Ferry's own version, for the package's provenance.
  package var version: String
  /// The package's date.
  package var day: Day
  /// How media files are read.
  package var reading: MediaReading
  package var report: @Sendable (RunEvent) -> Void

  package init(
    workspace: Workspace, out: String, version: String, day: Day, reading: @escaping MediaReading,
    report: @escaping @Sendable (RunEvent) -> Void
  ) {
    self.workspace = workspace
    self.out = out
    self.version = version
    self.day = day
    self.reading = reading
    self.report = report
  }

  /// The newest version's package, if it was made of the very same content, without the same titles.
  package func alreadyPublished(
    _ job: Job, _ preparation: Preparation, missing: [MissingTitle] = []
  ) throws -> String? {
    try PackageHome.newest(out: out, label: job.delivery)?
      .alreadyPublished(Delivery.key(preparation, missing), workspace)
  }

  /// Of the package's content; without a title it is another package.
  private static func key(_ preparation: Preparation, _ missing: [MissingTitle]) -> String {
    ([preparation.key] + missing.map { "without \($0.id)" }).joined(separator: " ")
  }

  /// Throws `Diagnostics` or a `Refusal` for what stops the job as a whole before any work: a full disk, an output folder not ours.
  package func refuse(_ job: Job, _ preparation: Preparation) throws {
    try PackageHome(out: out, label: job.delivery, version: 1).refuseFile(job)
    _ = try PackageHome.newest(out: out, label: job.delivery)?.manifest(job)
    try DiskSpace.refuseIfScarce(preparation.plan, workspace: workspace, out: out, job)
  }

  /// Assembles, verifies and publishes the version after the newest; `missing` are titles that the package lacks and
  /// lists.
  package func publish(
    _ job: Job, _ preparation: Preparation, _ titles: [MadeTitle], missing: [MissingTitle]
  ) throws -> PublishedPackage {
    let newest = try PackageHome.newest(out: out, label: job.delivery)
    let previous = try newest?.manifest(job)
    let home = PackageHome(out: out, label: job.delivery, version: (newest?.version ?? 0) + 1)
    report(.assembling(titles: titles.count))
    let staged = try PackageStage(
      job: job, home: home, previous: previous, workspace: workspace, version: version, day: day
    ).assemble(titles, missing)
    report(.verifying(files: staged.files))
    let verified: VerifiedPackage
    do {
      verified = try staged.verify(reading)
    } catch {
      // Kept files may have been damaged on disk: the next run makes them anew.
      for title in titles {
        try workspace.forget(title.renditions)
        try workspace.forget(title.lesson)
      }
      throw error
    }
    let lessons = titles.flatMap { title in
      title.outcome.files.map { "data/lessons/\(title.outcome.title)/\($0.path)" }
    }
    let published = try verified.publish(
      workspace, lessons: Set(lessons),
      Workspace.Published(
        key: Delivery.key(preparation, missing), path: home.path, manifest: "", asked: preparation.asked,
        steps: Dictionary(
          titles.map { ($0.outcome.title, .init(renditions: $0.renditions, lesson: $0.lesson)) },
          uniquingKeysWith: { first, _ in first })))
    report(.published(path: published.path, files: published.files, bytes: published.bytes))
    return published
  }
}

/// A title whose lesson is kept, whole.
package struct MadeTitle: Sendable {
  package var inspection: Inspection
  package var sourceDigest: String
  package var recipe: Recipe
  package var renditions: StepKey
  package var lesson: StepKey
  package var outcome: TitleOutcome

  /// `nil` where the lesson is not there.
  package init?(_ prepared: Preparation.PreparedTitle, of job: Job, _ workspace: Workspace) throws {
    guard let digest = prepared.sourceDigest, let recipe = prepared.inspection.recipe, let key = prepared.key,
      let lesson = prepared.lessonKey, let outcome = try workspace.made(lesson)
    else { return nil }
    inspection = prepared.inspection
    inspection.hold(against: outcome.transcode, in: job)
    sourceDigest = digest
    self.recipe = recipe
    renditions = key
    self.lesson = lesson
    self.outcome = outcome
  }
}

/// A title that a package lacks, and why.
package struct MissingTitle: Hashable, Sendable {
  package enum Reason: String, Sendable { case waiting, failed }

  package var id: String
  package var reason: Reason
  package var detail: String
  /// The tracks that a waiting title waits for.
  package var awaited: [LanguageTag]

  package init(id: String, reason: Reason, detail: String, awaited: [LanguageTag] = []) {
    self.id = id
    self.reason = reason
    self.detail = detail
    self.awaited = awaited
  }

  /// For a title that failed; the partner reads this, and our folders are not theirs to know.
  package static func failed(_ title: Title, _ message: String) -> MissingTitle {
    let detail = message.replacing(title.source.path, with: title.source.name)
      .replacing(title.source.written, with: title.source.name)
    return MissingTitle(id: title.id, reason: .failed, detail: detail)
  }
}

/// What the picture and sound checks found, in words for the person who named the source.
enum Findings {
  static func diagnostics(_ quality: Quality, at place: Place) -> [Diagnostic] {
    quality.findings.compactMap { finding in
      let span =
        finding.startMs == finding.endMs
        ? finding.startMs.clock(.tenths) : "\(finding.startMs.clock(.tenths)) to \(finding.endMs.clock(.tenths))"
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
}
