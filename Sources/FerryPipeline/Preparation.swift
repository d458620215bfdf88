package import FerryCore
internal import FerryMedia
internal import FerryPackage
package import FerryText
internal import Foundation

/// A job before work: every title inspected, every step key known, and the plan that follows from them.
package struct Preparation: Sendable {
  package var titles: [PreparedTitle]
  package var plan: Plan
  /// The digest of all that decides the package's content.
  package var key: String

  /// One title, ready to be ordered.
  package struct PreparedTitle: Sendable {
    package var inspection: Inspection
    package var sourceDigest: String?
    package var key: StepKey?
    package var kept: Bool
  }

  package static func of(_ job: Job, workspace: Workspace) throws -> Preparation {
    var titles: [PreparedTitle] = []
    for inspection in Inspection.of(job) { titles.append(try prepare(inspection, job, workspace)) }
    let plan = Plan(
      delivery: job.delivery,
      titles: titles.map { prepared in
        TitlePlan(
          title: prepared.inspection.title, known: known(prepared), awaited: prepared.inspection.awaited,
          isRefused: prepared.inspection.isRefused)
      })
    return Preparation(titles: titles, plan: plan, key: try packageKey(job, titles))
  }

  private static func prepare(
    _ inspection: Inspection, _ job: Job, _ workspace: Workspace
  ) throws -> PreparedTitle {
    guard !inspection.isRefused, let recipe = inspection.recipe else {
      return PreparedTitle(inspection: inspection, sourceDigest: nil, key: nil, kept: false)
    }
    let digest = try Digests.of(file: inspection.title.source.path).sha256
    let inputs = TranscodeInputs(
      sourceDigest: digest, sourceLanguage: job.language.source, recipe: recipe, tools: Libraries.versions)
    let key = StepKey(digest: Digests.of(bytes: try canonicalJSON(inputs)).sha256)
    return PreparedTitle(
      inspection: inspection, sourceDigest: digest, key: key, kept: try workspace.kept(key) != nil)
  }

  private static func known(_ prepared: PreparedTitle) -> TitlePlan.Known? {
    guard let recipe = prepared.inspection.recipe, let facts = prepared.inspection.facts else { return nil }
    return TitlePlan.Known(
      duration: facts.duration ?? 0, recipe: recipe, hasKeptRenditions: prepared.kept)
  }

  /// What the package would be made of, for comparison with what was published.
  private struct PackageInputs: Encodable {
    struct TitleInputs: Encodable {
      var id: String
      var field: String
      var name: [LanguageTag: String]
      var licence: String?
      var credit: String?
      var transcode: StepKey?
      var tracks: [String]
      var awaited: [LanguageTag]
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
      titles: try titles.map { prepared in
        let title = prepared.inspection.title
        return PackageInputs.TitleInputs(
          id: title.id, field: title.field, name: title.name, licence: title.licence, credit: title.credit,
          transcode: prepared.key,
          tracks: try prepared.inspection.tracks.map { file, track in
            // The source's own digest is part of its step key.
            let content = try file.stream.map { "stream \($0)" } ?? Digests.of(file: file.file.path).sha256
            return "\(file.language) \(track.encoding.encoding.rawValue) \(content)"
          }, awaited: prepared.inspection.awaited.map(\.language), quality: prepared.inspection.trackQuality)
      })
    return Digests.of(bytes: try canonicalJSON(inputs)).sha256
  }

  private static func canonicalJSON(_ value: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(value))
  }
}

extension Inspection {
  /// Inspects every title of a job, several at a time; the order is the job's.
  package static func of(_ job: Job) -> [Inspection] {
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
      results.set(Inspection.of(job.titles[index], in: job, glossary: known), at: index)
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
  private final class Gathered: @unchecked Sendable {
    private let lock = NSLock()
    private var slots: [Inspection?]

    init(count: Int) { slots = Array(repeating: nil, count: count) }

    func set(_ inspection: Inspection, at index: Int) { lock.withLock { slots[index] = inspection } }

    var all: [Inspection] { lock.withLock { slots.compactMap { $0 } } }
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
