package import FerryCore
internal import Foundation

/// One title's attempt as the run sees it: an order for a worker, and what becomes of its outcome.
package struct TitleStage: Sendable {
  package var workspace: Workspace

  package init(workspace: Workspace) { self.workspace = workspace }

  /// The order for a prepared title, with an empty folder of its own; `nil` for a title that is refused.
  package func order(
    _ prepared: Preparation.PreparedTitle, of job: Job, attempt: String
  ) throws -> WorkOrder? {
    let title = prepared.inspection.title
    guard let recipe = prepared.inspection.recipe, let key = prepared.key, let digest = prepared.sourceDigest else {
      return nil
    }
    let folder = try workspace.folder("attempts/\(title.id)-\(attempt)")
    let isPreparation = !prepared.inspection.awaited.isEmpty
    return WorkOrder(
      title: title.id, name: title.name, source: title.source.absolutePath, sourceDigest: digest,
      sourceLanguage: job.language.source, recipe: recipe, outputs: job.profile.outputs, text: job.profile.text,
      tracks: isPreparation
        ? []
        : title.subtitles.map { file in
          WorkOrder.TrackOrder(
            language: file.language, path: file.file.absolutePath, stream: file.stream, encoding: file.encoding,
            isDelivered: job.language.deliver.contains(file.language))
        },
      isPreparation: isPreparation,
      kept: try workspace.kept(key) != nil ? workspace.renditions(key) : nil, folder: folder)
  }

  /// Keeps the renditions that a worker made, if it came so far: they serve later attempts whatever becomes of this one.
  package func keepRenditions(of order: WorkOrder, _ prepared: Preparation.PreparedTitle) throws {
    let folder = order.folder + "/renditions"
    guard let key = prepared.key, order.kept == nil, FileManager.default.fileExists(atPath: folder + "/kept.json")
    else { return }
    try workspace.keep(folder, as: key)
  }

  /// Keeps what a worker made beyond its renditions, flushed to the disk; the title is made when this returns.
  ///
  /// Throws `Diagnostics` when the profile holds what the picture and sound checks found, or what the text turns out
  /// to be now that the title's length and its sound are known.
  package func keep(
    _ outcome: TitleOutcome, of order: WorkOrder, _ prepared: Preparation.PreparedTitle, judged: Inspection,
    in job: Job, record: AttemptRecord
  ) throws {
    guard let key = prepared.key else { return }
    let findings = Findings.diagnostics(outcome.transcode.quality, at: prepared.inspection.title.source.place)
    let text = judged.problems.filter { $0.severity == .error }
    if !text.isEmpty || findings.contains(where: { $0.severity == .error }) { throw Diagnostics(text + findings) }
    if !order.isPreparation, let lesson = prepared.lessonKey {
      try workspace.keep(outcome, of: order, renditions: key, as: lesson, record: record)
    }
    if let inputs = prepared.inputs {
      try workspace.remember(inputs, of: job.delivery, prepared.inspection.title.id)
    }
  }

  /// What a person should know about a title although it is made.
  package func warnings(_ outcome: TitleOutcome, _ judged: Inspection) -> [Diagnostic] {
    judged.problems + Findings.diagnostics(outcome.transcode.quality, at: judged.title.source.place)
  }

  /// The title's text, judged by its length and its sound now that both are known.
  package func judged(_ outcome: TitleOutcome, _ prepared: Preparation.PreparedTitle, in job: Job) -> Inspection {
    var inspection = prepared.inspection
    inspection.hold(against: outcome.transcode, in: job)
    return inspection
  }

  /// Removes an attempt's folder; one that cannot be removed now is swept by the next run.
  package func discard(_ order: WorkOrder) {
    do { try FileManager.default.removeItem(atPath: order.folder) } catch {}
  }

  /// A worker knows paths only; the job's place is where a person looks.
  package func relocated(_ problems: [Diagnostic], _ title: Title) -> [Diagnostic] {
    problems.map { problem in
      var problem = problem
      if [title.source.path, title.source.absolutePath].contains(problem.place.file) {
        problem.place = title.source.place
      }
      return problem
    }
  }
}

extension FileReference {
  /// The path as a process in another folder needs it.
  package var absolutePath: String { URL(fileURLWithPath: path).standardizedFileURL.path }
}
