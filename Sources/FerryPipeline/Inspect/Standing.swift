internal import FerryCore
internal import FerryFiles
internal import FerryMedia
internal import FerryPackage
internal import Foundation

/// The newest published version as a job that is looked at again finds it: what people changed since decides what is
/// made anew, and nothing else does.
struct Standing {
  let name: String
  private(set) var published: Workspace.Published
  private let workspace: Workspace
  private let asked: Asked
  /// What was asked for when it was published.
  private let before: Asked

  /// `nil` where nothing was published from here, or it is gone.
  static func of(_ job: Job, _ asked: Asked, key: String, _ workspace: Workspace) throws -> Standing? {
    guard let (name, found) = try workspace.lastPublished(job.delivery) else { return nil }
    var published = found
    // The same content by today's ferry too: what is asked for is known exactly.
    if published.baseKey == key { published.asked = asked }
    if published.asked == nil || published.steps == nil {
      guard let manifest = PackageTree.manifest(published.path) else { return nil }
      let attempts = try Attempts(of: manifest, workspace)
      published.steps = published.steps ?? attempts.steps
      published.asked =
        try published.asked
        ?? Asked(
          published: manifest, now: asked, isUnedited: try attempts.isUnedited(job, since: published.path)
        ) { title in
          let isOfPublished =
            attempts.isNewest.contains(title)
            || attempts.isWithoutRecord.contains(title)
              && workspace.isNote(job.delivery, title, olderThan: published.path + "/" + DeliveryManifest.fileName)
          return isOfPublished ? workspace.note(job.delivery, title) : nil
        }
    }
    guard let before = published.asked else { return nil }
    if workspace.damage.mayRepair, found.asked != published.asked || found.steps != published.steps {
      try workspace.write(published, name)
    }
    return Standing(name: name, published: published, workspace: workspace, asked: asked, before: before)
  }

  private init(name: String, published: Workspace.Published, workspace: Workspace, asked: Asked, before: Asked) {
    (self.name, self.published, self.workspace) = (name, published, workspace)
    (self.asked, self.before) = (asked, before)
  }

  /// Whether people changed nothing at all.
  var isUnchanged: Bool { asked == before }

  /// Takes over what a title was published with, where people changed nothing in it and today's ferry would make
  /// another one.
  func adopt(_ prepared: inout Preparation.PreparedTitle) throws {
    let id = prepared.inspection.title.id
    guard let steps = published.steps?[id], prepared.inspection.recipe != nil else { return }
    if prepared.lessonKey == steps.lesson { return }
    if asked.asksSameLesson(id, as: before), prepared.inspection.awaited.isEmpty,
      let made = try workspace.made(steps.lesson) ?? workspace.restored(steps.lesson, of: id, from: published)
    {
      prepared.adopt(steps, made, source: asked.title(id)?.source)
    } else if asked.asksSamePicture(id, as: before), !prepared.inspection.isRefused, prepared.key != steps.renditions,
      let kept = try workspace.kept(steps.renditions)
    {
      try prepared.adopt(renditions: steps.renditions, kept.transcode, workspace)
    }
  }

  /// For each title that stays as it was published although today's ferry would make another one: how it differs.
  func words(for titles: [Preparation.PreparedTitle], _ label: String, tools: [String]) throws -> [String: String] {
    let kept = titles.filter { prepared in
      guard let steps = published.steps?[prepared.inspection.title.id] else { return false }
      return prepared.isAsPublished || isUnchanged && prepared.lessonKey != steps.lesson
    }
    guard !kept.isEmpty, let manifest = PackageTree.manifest(published.path) else { return [:] }
    var words: [String: String] = [:]
    for prepared in kept {
      let id = prepared.inspection.title.id
      let making = manifest.lessons.first { $0.id == id }?.assets.lazy.compactMap(\.madeBy).first
      let other = making?.libraries.filter { !tools.contains($0) } ?? []
      let last = try workspace.lastInputs(label, id)
      let changes = last.flatMap { prepared.inputs?.changesByFerry(since: $0) } ?? []
      let made = (["ferry \(manifest.tool.version)"] + other).joined(separator: ", ")
      let differs = changes.isEmpty ? "" : " in: " + changes.joined(separator: ", ")
      words[id] = "made with \(made); today's would differ\(differs); kept as published"
    }
    return words
  }
}

extension Preparation.PreparedTitle {
  /// Stands for what was published: its keys, and its lesson. What today's rules hold against it was not held then.
  fileprivate mutating func adopt(_ steps: Workspace.Published.Steps, _ outcome: TitleOutcome, source: String?) {
    for index in inspection.problems.indices { inspection.problems[index].severity = .warning }
    sourceDigest = sourceDigest ?? source
    key = steps.renditions
    lessonKey = steps.lesson
    transcode = outcome.transcode
    made = outcome
    digest = steps.lesson.digest
    isAsPublished = true
  }

  /// Makes its lesson of the renditions that were published; the key is another one than that of new renditions.
  fileprivate mutating func adopt(
    renditions: StepKey, _ outcome: TranscodeOutcome, _ workspace: Workspace
  ) throws {
    key = renditions
    transcode = outcome
    digest = "waits " + renditions.digest
    guard let today = lessonKey else { return }
    let lesson = try StepKey(of: [today.digest, renditions.digest])
    lessonKey = lesson
    made = try workspace.made(lesson)
    digest = lesson.digest
  }
}

/// What the records of kept lessons tell of a version that ferry 0.1 published.
struct Attempts {
  /// The steps of each title whose kept lesson is the published one.
  private(set) var steps: [String: Workspace.Published.Steps] = [:]
  /// Titles whose newest attempt is the published one.
  private(set) var isNewest: Set<String> = []
  /// Titles of which no lesson is kept.
  private(set) var isWithoutRecord: Set<String> = []
  /// Stands for a lesson whose record is gone; none is kept under it.
  private static let lost = StepKey(digest: "lost")
  /// Of the job file, as the published lessons' records have it.
  private var jobDigests: Set<String> = []

  init(of manifest: DeliveryManifest, _ workspace: Workspace) throws {
    let records = try workspace.records().filter { $0.job == manifest.label }.sorted { $0.ended < $1.ended }
    for lesson in manifest.lessons {
      let published = Dictionary(lesson.assets.map { ($0.path, $0.sha512) }) { first, _ in first }
      let own = records.filter { $0.title == lesson.id }
      if own.isEmpty { isWithoutRecord.insert(lesson.id) }
      for record in own {
        let key = StepKey(digest: record.titleDigest)
        guard let outcome = try workspace.made(key), !outcome.files.isEmpty,
          outcome.files.allSatisfy({ published["data/lessons/\(lesson.id)/\($0.path)"] == $0.sha512 }),
          let renditions = lesson.assets.lazy.compactMap(\.madeBy).first?.settingsDigest
        else { continue }
        steps[lesson.id] = .init(renditions: StepKey(digest: renditions), lesson: key)
        jobDigests.insert(record.jobDigest)
        if record.token == own.last?.token { isNewest.insert(lesson.id) }
      }
      // Its record is lost; what it was made of may be there all the same.
      if steps[lesson.id] == nil, let renditions = lesson.assets.lazy.compactMap(\.madeBy).first?.settingsDigest {
        steps[lesson.id] = .init(renditions: StepKey(digest: renditions), lesson: Attempts.lost)
      }
    }
  }

  /// Whether the job's own files are those that the version was made by: by their content, or since nobody wrote to
  /// them later.
  func isUnedited(_ job: Job, since package: String) throws -> Bool {
    func modified(_ path: String) throws -> Date? {
      try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
    }
    let published = try modified(package + "/" + DeliveryManifest.fileName) ?? .distantPast
    for file in [job.profileFile, job.glossary?.path].compactMap({ $0 }) {
      if try modified(file) ?? .distantFuture > published { return false }
    }
    if jobDigests.contains(try Digests.sha256(file: job.file)) { return true }
    return try modified(job.file) ?? .distantFuture <= published
  }
}
