package import FerryCore
internal import FerryExchange
internal import FerryFiles
internal import FerryPackage
internal import Foundation

extension Workspace {
  /// What a published version was made of; noted before its rename, so that a run which is killed in between knows it.
  package struct Published: Codable, Sendable {
    package var key: String
    package var path: String
    /// SHA-256 of its delivery manifest, which tells it from a folder of the same name.
    package var manifest: String
    /// What people asked for; this and the rest is `nil` in records of ferry 0.1 until a run has looked at the package.
    package var asked: Asked?
    /// What each title was made under.
    package var steps: [String: Steps]?
    /// Of every file in the package.
    package var sizes: [String: Int]?
    /// SHA-256 of those that no lesson has: copies of them lie below `published/LABEL_vN/files`.
    package var copies: [String: String]?

    /// Without the titles that the package lacked.
    var baseKey: String { key.split(separator: " ", omittingEmptySubsequences: false).first.map(String.init) ?? key }

    package struct Steps: Codable, Hashable, Sendable {
      package var renditions: StepKey
      package var lesson: StepKey
    }
  }

  /// The names `LABEL_vN` of what was published from here, newest first, whatever state their records are in.
  package func publishedNames(_ label: String) throws -> [String] {
    let versions = try publishedNames().compactMap { VersionFolders.version(of: $0, label: label) }
    return versions.sorted(by: >).map { "\(label)_v\($0)" }
  }

  /// The names of all that was published from here and has a record, or a copy of it.
  func publishedNames() throws -> [String] {
    let folder = home + "/published"
    guard FileManager.default.fileExists(atPath: folder) else { return [] }
    let found = try FileManager.default.contentsOfDirectory(atPath: folder)
    let copied = found.filter { access("\(folder)/\($0)/record.json", F_OK) == 0 }
    return Set(found.filter { $0.hasSuffix(".json") }.map { String($0.dropLast(".json".count)) } + copied).sorted()
  }

  /// What a version was made of; a damaged record is read from its copy, or rebuilt from the package in folder `package`.
  package func published(_ name: String, package: String? = nil) throws -> Published? {
    do throws(DamagedRecord) {
      if let record = try HomeRecord.read(recordPath(name), as: Published.self) { return record }
      if access(publishedFolder(name) + "/record.json", F_OK) != 0 { return nil }
      throw DamagedRecord(path: recordPath(name), fault: .missing)
    } catch {
      if let copy = intactCopy(name) {
        damage.note(error, .rebuilt(from: "its copy"))
        if damage.mayRepair { try write(copy, name) }
        return copy
      }
      if let package, let rebuilt = try Published(rebuiltFrom: package, name: name) {
        damage.note(error, .rebuilt(from: "the package \(package)"))
        if damage.mayRepair { try write(rebuilt, name) }
        return rebuilt
      }
      damage.note(error, .lost("what the package \(name) was made of is not known, so its job is published anew"))
      return nil
    }
  }

  /// A damaged copy has no use, and needs no word: the record itself is there, or is named.
  private func intactCopy(_ name: String) -> Published? {
    do throws(DamagedRecord) {
      return try HomeRecord.read(publishedFolder(name) + "/record.json", as: Published.self)
    } catch {
      return nil
    }
  }

  private func recordPath(_ name: String) -> String { home + "/published/\(name).json" }

  /// Copies of what is needed to repair a version.
  func publishedFolder(_ name: String) -> String { home + "/published/\(name)" }

  /// What the newest version that was published from here, and is there, was made of.
  package func lastPublished(_ label: String) throws -> (name: String, record: Published)? {
    for name in try publishedNames(label) {
      if let record = try published(name), FileManager.default.fileExists(atPath: record.path) { return (name, record) }
    }
    return nil
  }

  /// Writes the record of a version that has its copies.
  func write(_ published: Published, _ name: String) throws {
    if FileManager.default.fileExists(atPath: publishedFolder(name)) {
      try HomeRecord.write(published, to: publishedFolder(name) + "/record.json")
    }
    _ = try folder("published")
    try HomeRecord.write(published, to: recordPath(name))
  }

  /// Notes a version whose files are in folder `package`, with copies of those that it can be repaired by.
  func record(_ published: Published, for name: String, files package: String, copying small: [String]) throws {
    var published = published
    published.copies = [:]
    let staged = try folder("attempts/published-\(UUID().uuidString)")
    for path in small {
      let target = staged + "/files/" + path
      try FileTree.makeFolder(URL(fileURLWithPath: target).deletingLastPathComponent().path)
      try FileManager.default.copyItem(atPath: package + "/" + path, toPath: target)
      published.copies?[path] = try Digests.sha256(file: target)
    }
    for lesson in published.steps?.values.map(\.lesson) ?? [] {
      let outcome = self.lesson(lesson) + "/outcome.json"
      guard FileManager.default.fileExists(atPath: outcome) else { continue }
      try FileTree.makeFolder(staged + "/outcomes")
      try FileManager.default.copyItem(atPath: outcome, toPath: "\(staged)/outcomes/\(lesson.digest).json")
    }
    try place(staged, as: publishedFolder(name))
    try write(published, name)
  }

  /// The outcome of a lesson as it was when a version was published.
  func outcomeCopy(_ key: StepKey) throws -> TitleOutcome? {
    let folder = home + "/published"
    guard FileManager.default.fileExists(atPath: folder) else { return nil }
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) where !name.hasSuffix(".json") {
      do throws(DamagedRecord) {
        let path = "\(folder)/\(name)/outcomes/\(key.digest).json"
        if let outcome = try HomeRecord.read(path, as: TitleOutcome.self) { return outcome }
      } catch {
        // Another version may have the same lesson.
        continue
      }
    }
    return nil
  }

  /// The lesson of a published title whose kept files are gone: linked from the package, where that is whole.
  func restored(_ key: StepKey, of title: String, from published: Published) throws -> TitleOutcome? {
    guard let outcome = try outcomeCopy(key) else { return nil }
    let package = "\(published.path)/data/lessons/\(title)/"
    for file in outcome.files {
      var status = stat()
      guard lstat(package + file.path, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
        Int(status.st_size) == file.size
      else { return nil }
    }
    if !damage.mayRepair { return outcome }
    let staged = try folder("attempts/restored-\(UUID().uuidString)")
    for file in outcome.files {
      guard try Digests.sha512(file: package + file.path) == file.sha512 else { return nil }
      let target = "\(staged)/lesson/\(file.path)"
      try FileTree.makeFolder(URL(fileURLWithPath: target).deletingLastPathComponent().path)
      try FileTree.link(package + file.path, to: target)
    }
    try HomeRecord.write(outcome, to: staged + "/outcome.json")
    try place(staged, as: lesson(key))
    return outcome
  }
}

extension Workspace.Published {
  /// What a package tells of itself, whose record was lost; `nil` where it is another one, or damaged itself.
  fileprivate init?(rebuiltFrom package: String, name: String) throws {
    guard let manifest = PackageTree.manifest(package), "\(manifest.label)_v\(manifest.version)" == name else {
      return nil
    }
    // A key that no content has: what was asked for decides.
    key = (["rebuilt"] + manifest.missing.map { "without \($0.id)" }).joined(separator: " ")
    path = package
    self.manifest = try Digests.sha256(file: package + "/" + DeliveryManifest.fileName)
  }
}

/// What lies in a package's folder.
enum PackageTree {
  /// Everything that is no folder, by its path in the package.
  static func files(in package: String) throws -> [String: stat] {
    guard let names = FileManager.default.enumerator(atPath: package) else { throw POSIXError(.ENOENT) }
    var files: [String: stat] = [:]
    for case let name as String in names {
      var status = stat()
      if lstat(package + "/" + name, &status) == 0, status.st_mode & S_IFMT != S_IFDIR { files[name] = status }
    }
    return files
  }

  /// The delivery manifest, if it can be read.
  static func manifest(_ package: String) -> DeliveryManifest? {
    do throws(Refusal) { return try DeliveryManifest.read(in: package) } catch { return nil }
  }
}
