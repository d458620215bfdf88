package import FerryCore
internal import FerryFiles
internal import FerryPackage
internal import Foundation

/// What people gave and asked for: the job as they wrote it and the content of their files, whatever ferry, its defaults
/// and its libraries make of them.
package struct Asked: Hashable, Sendable, Codable {
  package var order: Order
  package var titles: [Title]

  /// All that is said of the job as a whole.
  package struct Order: Hashable, Sendable, Codable {
    package var partner: Job.Partner
    package var sender: Job.Sender
    /// The profile's name, as files of its own say it.
    package var profile: String
    /// SHA-256 of the profile's file; `nil` for one of ferry's own, whose defaults may change.
    package var profileFile: String?
    package var language: Job.LanguagePair
    package var licence: String
    /// Names of the rules by language.
    package var textRules: [String: String]
    package var glossary: String?
    package var waivers: [String]
  }

  package struct Title: Hashable, Sendable, Codable {
    package var id: String
    package var field: String
    package var name: [LanguageTag: String]
    package var licence: String?
    package var credit: String?
    /// SHA-256 of the source.
    package var source: String
    package var tolerances: [String]
    package var waivers: [String]
    package var tracks: [Track]
  }

  package struct Track: Hashable, Sendable, Codable {
    package var language: LanguageTag
    /// SHA-256 of the file, or the number of the source's stream.
    package var content: String
    /// Set only where the job forces one.
    package var encoding: TextEncoding?
    package var translator: String?
  }
}

extension Asked {
  /// What a job asks for now; tracks that are not there yet are not in it.
  init(_ job: Job, sourceDigest: (String) throws -> String) throws {
    func digest(_ path: String) throws -> String? {
      Asked.isReadable(path) ? try Digests.sha256(file: path) : nil
    }
    order = Order(
      partner: job.partner, sender: job.sender, profile: job.profile.name,
      profileFile: try job.profileFile.flatMap(digest), language: job.language, licence: job.licence,
      textRules: Dictionary(job.textRules.map { ($0.key.text, $0.value.name) }) { first, _ in first },
      glossary: try job.glossary.flatMap { try digest($0.path) }, waivers: job.waivers.map(Asked.text))
    titles = try job.titles.map { title in
      Title(
        id: title.id, field: title.field, name: title.name, licence: title.licence, credit: title.credit,
        source: Asked.isReadable(title.source.path) ? try sourceDigest(title.source.path) : "missing",
        tolerances: title.tolerances.map(\.rawValue).sorted(), waivers: title.waivers.map(Asked.text),
        tracks: try title.subtitles.compactMap { file in
          let content = try file.stream.map { "stream \($0)" } ?? digest(file.file.path)
          return content.map {
            Track(language: file.language, content: $0, encoding: file.encoding, translator: file.translator)
          }
        })
    }
  }

  /// Whether a regular file is there to be read: a device or a pipe may have no end.
  private static func isReadable(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access(path, R_OK) == 0
  }

  private static func text(_ waiver: Waiver) -> String { "\(waiver.rule): \(waiver.reason)" }

  package func title(_ id: String) -> Title? { titles.first { $0.id == id } }

  /// Whether a title's lesson is asked for as it was: the same film, text and profile, whatever is said about it.
  func asksSameLesson(_ id: String, as other: Asked) -> Bool {
    guard asksSamePicture(id, as: other), let mine = title(id), let theirs = other.title(id) else { return false }
    return mine.name == theirs.name && mine.tracks.map(\.made) == theirs.tracks.map(\.made)
  }

  /// Whether a title's renditions are asked for as they were.
  func asksSamePicture(_ id: String, as other: Asked) -> Bool {
    guard let mine = title(id), let theirs = other.title(id) else { return false }
    return mine.source == theirs.source && mine.tolerances == theirs.tolerances && order.profile == other.order.profile
      && order.profileFile == other.order.profileFile && order.language == other.order.language
  }
}

extension Asked.Track {
  /// What lessons are made of.
  fileprivate var made: Asked.Track { Asked.Track(language: language, content: content, encoding: encoding) }
}

/// What a record of ferry 0.1 says of a title's inputs, and of nothing else in it: recipes change their form.
private struct NotedInputs: Decodable {
  struct Transcode: Decodable {
    struct Recipe: Decodable { var tolerances: [String]? }
    var sourceDigest: String
    var recipe: Recipe
  }
  struct Track: Decodable {
    var language: LanguageTag
    var content: String
    var encoding: TextEncoding
  }

  var name: [LanguageTag: String]
  var transcode: Transcode
  var tracks: [Track]
}

extension Asked {
  /// Whether these are a title's inputs as some ferry noted them.
  static func isNote(_ data: Data) -> Bool {
    do { _ = try HomeRecord.decoded(data, as: NotedInputs.self) } catch { return false }
    return true
  }

  /// What was asked for when a version was published that has no such record: as its manifest and the notes in `home`
  /// tell it. What neither tells is taken to be as it is now where `isUnedited` says that the job's own files are.
  init(
    published manifest: DeliveryManifest, now: Asked, isUnedited: Bool, inputs: (String) throws -> Data?
  ) throws {
    order = now.order
    order.partner = manifest.recipient
    order.sender = manifest.sender
    order.profile = manifest.profile
    order.licence = manifest.licence
    order.language = manifest.language
    if !isUnedited {
      order.waivers = ["not recorded"]
      if now.order.profileFile != nil { order.profileFile = "not recorded" }
    }
    titles = try manifest.lessons.map { lesson in
      let current = now.title(lesson.id)
      var title = Title(
        id: lesson.id, field: lesson.field,
        name: Dictionary(
          lesson.title.compactMap { tag, name in LanguageTag(tag).map { ($0, name) } },
          uniquingKeysWith: { first, _ in first }),
        licence: lesson.licence == manifest.licence
          ? current?.licence.flatMap { $0 == lesson.licence ? $0 : nil } : lesson.licence,
        credit: lesson.credit, source: lesson.source.sha256, tolerances: current?.tolerances ?? [],
        waivers: current?.waivers ?? [], tracks: [])
      guard let data = try inputs(lesson.id) else { return title }
      let noted: NotedInputs
      do { noted = try HomeRecord.decoded(data, as: NotedInputs.self) } catch { return title }
      // Made of another film since: the note is about a later attempt.
      guard noted.transcode.sourceDigest == lesson.source.sha256 else { return title }
      title.tolerances = noted.transcode.recipe.tolerances?.sorted() ?? title.tolerances
      title.tracks = noted.tracks.map { track in
        let now = current?.tracks.first { $0.language == track.language }
        return Track(
          language: track.language, content: track.content,
          encoding: now?.encoding == track.encoding ? track.encoding : nil, translator: now?.translator)
      }
      return title
    }
    // Titles that the package lacked are asked for still.
    let missing = Set(manifest.missing.map(\.id))
    if !missing.isEmpty {
      let made = Dictionary(titles.map { ($0.id, $0) }) { first, _ in first }
      titles = now.titles.compactMap { made[$0.id] ?? (missing.contains($0.id) ? $0 : nil) }
    }
  }
}
