package import FerryCore
internal import FerryFiles
internal import FerryMedia
package import FerryRules
internal import Foundation
internal import Synchronization

/// A job before work: every title inspected, every step key known, and the plan that follows from them.
package struct Preparation: Sendable {
  package var titles: [PreparedTitle]
  package var plan: Plan
  /// The digest of all that decides the package's content.
  package var key: String
  /// What people ask for.
  package var asked: Asked

  /// One title, ready to be ordered.
  package struct PreparedTitle: Sendable {
    package var inspection: Inspection
    package var sourceDigest: String?
    /// Of the renditions; `nil` for a refused title.
    package var key: StepKey?
    /// What the renditions turned out to be, where they are kept.
    package var transcode: TranscodeOutcome?
    package var kept: Bool { transcode != nil }
    /// What the lesson is made of, as far as it is there; `nil` for a title that is refused.
    package var inputs: TitleInputs?
    /// Of the lesson; `nil` for a title that is refused or waits.
    package var lessonKey: StepKey?
    package var made: TitleOutcome?
    /// Of all that decides what will be done for it, whatever its state: when it changes, the title is looked at again.
    package var digest: String
    /// Whether it stands for what was published, which today's ferry would make in another way.
    var isAsPublished = false
  }

  /// `sourceDigest` answers a file's SHA-256, perhaps from memory; `tools` are the versions of the libraries that encode.
  ///
  /// What was published stays as it is where people changed nothing, unless the job is `remade`.
  package static func of(
    _ job: Job, workspace: Workspace, isRemade: Bool = false, tools: [String] = Libraries.versions,
    reading: MediaReading, sourceDigest: (String) throws -> String = { try Digests.sha256(file: $0) }
  ) throws -> Preparation {
    var titles: [PreparedTitle] = []
    for inspection in Inspection.of(job, reading: reading) {
      titles.append(try prepare(inspection, job, workspace, tools, sourceDigest))
    }
    var key = try packageKey(job, titles)
    let asked = try Asked(job, sourceDigest: sourceDigest)
    let standing = isRemade ? nil : try Standing.of(job, asked, key: key, workspace)
    if let standing {
      for index in titles.indices { try standing.adopt(&titles[index]) }
      key = standing.isUnchanged ? standing.published.baseKey : try packageKey(job, titles)
    }
    let isPublished = standing?.published.key == key
    // What is published was judged when it was made.
    if !isPublished {
      for index in titles.indices { titles[index].judge(in: job) }
      if standing?.isUnchanged != true { key = try packageKey(job, titles) }
    }
    let words = try standing?.words(for: titles, job.delivery, tools: tools) ?? [:]
    let plan = Plan(
      delivery: job.delivery,
      titles: try titles.map { prepared in
        TitlePlan(
          title: prepared.inspection.title,
          known: try known(prepared, job, workspace, words[prepared.inspection.title.id]),
          awaited: prepared.inspection.awaited, isRefused: prepared.inspection.isRefused, isPublished: isPublished)
      })
    return Preparation(titles: titles, plan: plan, key: key, asked: asked)
  }

  private static func prepare(
    _ inspection: Inspection, _ job: Job, _ workspace: Workspace, _ tools: [String],
    _ sourceDigest: (String) throws -> String
  ) throws -> PreparedTitle {
    guard !inspection.isRefused, let recipe = inspection.recipe else {
      return refused(inspection)
    }
    let source = try sourceDigest(inspection.title.source.path)
    let transcode = TranscodeInputs(
      sourceDigest: source, sourceLanguage: job.language.source, recipe: recipe, tools: tools)
    let key = try StepKey(of: transcode)
    var prepared = PreparedTitle(
      inspection: inspection, sourceDigest: source, key: key, transcode: try workspace.kept(key)?.transcode,
      inputs: nil, lessonKey: nil, made: nil, digest: "waits " + key.digest)
    let inputs = TitleInputs(
      id: inspection.title.id, name: inspection.title.name, transcode: transcode, outputs: job.profile.outputs,
      text: job.profile.text,
      tracks: try inspection.tracks.map { file, track in
        TitleInputs.TrackInputs(
          language: file.language,
          content: try file.stream.map { "stream \($0)" } ?? Digests.sha256(file: file.file.path),
          encoding: track.encoding.encoding, isDelivered: job.language.deliver.contains(file.language))
      })
    prepared.inputs = inputs
    guard inspection.awaited.isEmpty else { return prepared }
    let lesson = try StepKey(of: inputs)
    prepared.lessonKey = lesson
    prepared.made = try workspace.made(lesson)
    let open = inspection.openWaivers(job)
    prepared.digest = lesson.digest + (open.isEmpty ? "" : " waives " + open.joined(separator: " "))
    return prepared
  }

  fileprivate static func refused(_ inspection: Inspection) -> PreparedTitle {
    let problems = inspection.problems.filter { $0.severity == .error }.map(\.description).joined(separator: "\n")
    return PreparedTitle(
      inspection: inspection, sourceDigest: nil, key: nil, transcode: nil, inputs: nil, lessonKey: nil, made: nil,
      digest: "refused " + Digests.sha256(Array(problems.utf8)))
  }

  private static func known(
    _ prepared: PreparedTitle, _ job: Job, _ workspace: Workspace, _ keptAsPublished: String?
  ) throws -> TitlePlan.Known? {
    guard var recipe = prepared.inspection.recipe, let facts = prepared.inspection.facts else { return nil }
    if prepared.transcode?.reasonToEncode(.video) != nil { recipe.video?.isCopied = false }
    let last = try workspace.lastInputs(job.delivery, prepared.inspection.title.id)
    return TitlePlan.Known(
      duration: facts.duration ?? 0, recipe: recipe, hasKeptRenditions: prepared.kept, isMade: prepared.made != nil,
      changes: prepared.lessonKey == nil
        ? (last == nil ? ["new source"] : []) : prepared.inputs?.changes(since: last) ?? [],
      keptAsPublished: keptAsPublished)
  }

  /// What the package would be made of, for comparison with what was published.
  private struct PackageInputs: Encodable {
    struct TitleInputs: Encodable {
      var id: String
      var field: String
      var licence: String?
      var credit: String?
      var lesson: String
      var quality: [TrackQuality]
    }

    var delivery: String
    var partner: Job.Partner
    var sender: Job.Sender
    var profile: Profile
    var language: Job.LanguagePair
    var licence: String
    var titles: [TitleInputs]
  }

  private static func packageKey(_ job: Job, _ titles: [PreparedTitle]) throws -> String {
    let inputs = PackageInputs(
      delivery: job.delivery, partner: job.partner, sender: job.sender, profile: job.profile, language: job.language,
      licence: job.licence,
      titles: titles.map { prepared in
        let title = prepared.inspection.title
        return PackageInputs.TitleInputs(
          id: title.id, field: title.field, licence: title.licence, credit: title.credit, lesson: prepared.digest,
          quality: prepared.inspection.plannedQuality)
      })
    return try StepKey(of: inputs).digest
  }
}

extension Preparation.PreparedTitle {
  /// Where the title's renditions are kept, its length and its sound are known, and its text is judged by them.
  fileprivate mutating func judge(in job: Job) {
    guard let transcode, !isAsPublished, !inspection.isRefused else { return }
    inspection.hold(against: transcode, in: job)
    if inspection.isRefused { self = Preparation.refused(inspection) }
  }
}

extension StepKey {
  /// The digest of inputs in canonical JSON.
  init(of inputs: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    self.init(digest: Digests.sha256(Array(try encoder.encode(inputs))))
  }
}

extension Inspection {
  /// Inspects every title of a job, several at a time; the order is the job's.
  package static func of(_ job: Job, reading: MediaReading) -> [Inspection] {
    let session = reading(job.titles.flatMap(\.mediaPaths))
    let results = Gathered(count: job.titles.count)
    var glossary: Glossary?
    var jobProblems: [Diagnostic] = []
    do throws(Diagnostics) {
      glossary = try job.glossary.map { file throws(Diagnostics) in try Glossary.read(file) }
    } catch {
      jobProblems = error.all
    }
    let known = glossary
    DispatchQueue.concurrentPerform(iterations: job.titles.count) { index in
      results.set(Inspection.of(job.titles[index], in: job, glossary: known, media: session), at: index)
    }
    var all = results.all
    let used = Set(all.flatMap(\.usedWaivers))
    jobProblems += job.waivers.filter { !used.contains($0) && $0.problem == nil }.map(\.unused)
    // What is wrong with the job as a whole is said once, and holds every title.
    for index in all.indices where index == 0 || jobProblems.contains(where: { $0.severity == .error }) {
      all[index].problems = jobProblems + all[index].problems
    }
    return all
  }

  /// Results that arrive from several threads.
  private final class Gathered: Sendable {
    private let slots: Mutex<[Inspection?]>

    init(count: Int) { slots = Mutex(Array(repeating: nil, count: count)) }

    func set(_ inspection: Inspection, at index: Int) { slots.withLock { $0[index] = inspection } }

    var all: [Inspection] { slots.withLock { $0.compactMap { $0 } } }
  }
}

extension Title {
  /// The files that are opened as media.
  fileprivate var mediaPaths: [String] {
    [source.path] + subtitles.filter { $0.stream != nil }.map(\.file.path)
  }
}

extension Glossary {
  /// Reads the file that a job names.
  package static func read(_ file: FileReference) throws(Diagnostics) -> Glossary {
    if let problem = FileProblem.of(file, what: "the glossary") { throw Diagnostics(problem) }
    let bytes: [UInt8]
    do {
      bytes = Array(try Data(contentsOf: URL(fileURLWithPath: file.path)))
    } catch {
      throw Diagnostics(
        Diagnostic("file.unreadable", at: file.place, "the glossary '\(file.written)' cannot be read: \(error)"))
    }
    return try read(bytes: bytes, file: file.path)
  }
}
