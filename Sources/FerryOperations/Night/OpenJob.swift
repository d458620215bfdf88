package import FerryCore
internal import FerryFiles
package import FerryPipeline
package import FerryStore
internal import Foundation

/// A job in this run: as its file says now, inspected, and put into the queue.
package struct OpenJob: Sendable {
  package var job: Job
  package var preparation: Preparation
  /// Of the job file's content.
  package var digest: String
  /// Sources and tracks as they were before anything was read of them.
  package var files: [String: FileIdentity]

  package func files(of title: Title) -> [String: FileIdentity] {
    let paths = title.paths
    return files.filter { paths.contains($0.key) }
  }

  package func title(_ id: String) -> (number: Int, prepared: Preparation.PreparedTitle)? {
    preparation.titles.firstIndex { $0.inspection.title.id == id }.map { ($0 + 1, preparation.titles[$0]) }
  }
}

/// Reads, inspects and submits jobs.
package struct Intake: Sendable {
  package let workspace: Workspace
  package let store: Store
  /// How long a file must have stood still before it is read.
  package var settle: Duration = .seconds(2)
  package var reading: MediaReading
  /// This program's file, whose answers about media are remembered.
  package var program: String
  /// Labels of jobs that are made anew although only ferry or its libraries changed.
  package var remade: Set<String> = []

  package init(
    workspace: Workspace, store: Store, settle: Duration = .seconds(2), reading: @escaping MediaReading,
    program: String, remade: Set<String> = []
  ) {
    (self.workspace, self.store, self.settle) = (workspace, store, settle)
    (self.reading, self.program, self.remade) = (reading, program, remade)
  }

  /// Inspects a job that was read, as it is now.
  package func open(_ job: Job) throws -> OpenJob {
    let file = URL(fileURLWithPath: job.file).standardizedFileURL.path
    var job = job
    job.file = file
    var files: [String: FileIdentity] = [:]
    for path in job.titles.flatMap(\.paths) { files[path] = FileIdentity(of: path) }
    var learnt: [FileIdentity: String] = [:]
    let isRemade = remade.contains(job.delivery)
    let media = MediaMemory(store, program: program)
    let preparation = try Preparation.of(
      job, workspace: workspace, isRemade: isRemade, reading: media.reading(reading)
    ) { path in
      guard let identity = FileIdentity(of: path) else { return try Digests.sha256(file: path) }
      if let known = try store.knownDigest(identity) { return known }
      let digest = try Digests.sha256(file: path)
      // A file that changed while it was read has no digest worth remembering.
      if FileIdentity(of: path) == identity { learnt[identity] = digest }
      return digest
    }
    try store.rememberDigests(learnt, now: .now())
    try store.rememberAnswers(media.learnt, now: .now())
    return OpenJob(job: job, preparation: preparation, digest: try Digests.sha256(file: file), files: files)
  }

  /// Whether files have another content than the one that a title was prepared with; another time alone is nothing.
  package func areReplaced(_ files: [String: FileIdentity], _ prepared: Preparation.PreparedTitle) throws -> Bool {
    let expected = [prepared.sourceDigest].compactMap { $0 } + (prepared.inputs?.tracks.map(\.content) ?? [])
    return try files.contains { path, identity in
      if FileIdentity(of: path) == identity { return false }
      guard FileManager.default.fileExists(atPath: path) else { return true }
      return !expected.contains(try Digests.sha256(file: path))
    }
  }

  /// Puts an inspected job into the queue; titles that are refused are held there, with the reason.
  package func submit(_ open: OpenJob, priority: Int? = nil, replacing: Bool = false) throws -> Submitted {
    let known = try store.jobs().first { $0.label == open.job.delivery }
    let now = try Moment.now()
    let submitted = try store.submit(
      Submission(
        label: open.job.delivery, file: open.job.file, digest: open.digest,
        priority: priority ?? known?.priority ?? 0, titles: open.preparation.titles.map(submission)), now: now,
      replacing: replacing)
    let refused = open.preparation.titles.filter(\.inspection.isRefused)
    if refused.isEmpty { return submitted }
    let rows = try store.titles(of: open.job.delivery)
    let states = Dictionary(rows.map { ($0.title, $0.state) }) { first, _ in first }
    for prepared in refused {
      let id = prepared.inspection.title.id
      let problem = prepared.inspection.problems.first { $0.severity == .error }
      guard let problem, states[id]?.after(.held) != nil else { continue }
      _ = try store.hold(job: open.job.delivery, title: id, code: problem.code, problem.message, now: now)
    }
    return submitted
  }

  private func submission(_ prepared: Preparation.PreparedTitle) -> Submission.SubmittedTitle {
    let awaited = prepared.inspection.awaited
    return Submission.SubmittedTitle(
      id: prepared.inspection.title.id, digest: prepared.digest,
      awaited: awaited.isEmpty
        ? nil
        : Awaited(
          languages: awaited.map(\.language), translator: awaited.compactMap(\.translator).first,
          due: awaited.compactMap(\.due).min()))
  }

  /// Sources and tracks that changed within the last moments, and change again while one looks: they are not read.
  package func unstable(_ job: Job) async throws -> [String] {
    guard let young = young(job) else { return [] }
    try await Task.sleep(for: young.wait)
    return young.changed
  }

  private func young(_ job: Job) -> YoungFiles? {
    guard settle > .zero else { return nil }
    let now = Int(Date().timeIntervalSince1970 * 1000)
    let files = job.titles.flatMap(\.paths).compactMap { FileIdentity(of: $0) }
      .filter { now - $0.modified / 1_000_000 < settle.wholeMilliseconds }
    guard let latest = files.map(\.modified).max() else { return nil }
    let wait = min(settle.wholeMilliseconds, settle.wholeMilliseconds - (now - latest / 1_000_000))
    return YoungFiles(files: files, wait: .milliseconds(max(0, wait)))
  }
}

/// Files that changed within the last moments.
private struct YoungFiles {
  var files: [FileIdentity]
  /// After this long they are stable, if nobody writes them.
  var wait: Duration

  /// Those that are not as they were.
  var changed: [String] { files.filter { FileIdentity(of: $0.path) != $0 }.map(\.path) }
}

extension Title {
  /// Its source and the files of its tracks.
  fileprivate var paths: [String] {
    [source.path] + subtitles.filter { $0.stream == nil }.map(\.file.path)
  }
}
