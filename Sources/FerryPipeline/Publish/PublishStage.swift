internal import FerryCore
internal import FerryExchange
internal import FerryFiles
internal import FerryPackage
internal import Foundation

/// Where a delivery's version lives: `OUT/LABEL/LABEL_vN`.
package struct PackageHome: Sendable {
  package let series: String
  package let name: String
  package let version: Int

  package init(out: String, label: String, version: Int) {
    series = out + "/" + label
    name = "\(label)_v\(version)"
    self.version = version
  }

  package var path: String { series + "/" + name }

  /// The highest version that is there, ferry's or not; `nil` before the first.
  static func newest(out: String, label: String) throws -> PackageHome? {
    try VersionFolders.newest(in: out + "/" + label, label: label)
      .map { PackageHome(out: out, label: label, version: $0) }
  }

  /// The package that is there, if ferry published it from the very same content.
  func alreadyPublished(_ key: String, _ workspace: Workspace) throws -> String? {
    let manifest = path + "/ferry-delivery.json"
    guard let published = try workspace.published(name), published.key == key, published.path == path,
      FileManager.default.fileExists(atPath: manifest), try Digests.sha256(file: manifest) == published.manifest
    else { return nil }
    return path
  }

  /// Throws when something else has a name that the delivery needs.
  func refuseFile(_ job: Job) throws {
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: series, isDirectory: &isFolder), !isFolder.boolValue {
      throw taken(job, "'\(series)' is a file, and the package's folder would have that name")
    }
  }

  /// The manifest of the version that is there, whose number the next one follows.
  func manifest(_ job: Job) throws -> DeliveryManifest {
    guard FileManager.default.fileExists(atPath: path + "/" + DeliveryManifest.fileName) else {
      throw taken(job, "'\(path)' exists and was not made by ferry")
    }
    let manifest: DeliveryManifest
    do { manifest = try DeliveryManifest.read(in: path) } catch { throw Diagnostics(error.problems) }
    guard manifest.id == DeliveryManifest.urn(job.partner.id, job.delivery) else {
      throw taken(job, "'\(path)' is published already, for another partner: \(manifest.recipient.name)")
    }
    return manifest
  }

  func taken(_ job: Job, _ message: String) -> Diagnostics {
    Diagnostics(
      Diagnostic(
        "out.taken", at: Place(job.file), message,
        hint: "it is left as it is: give another folder with --out, or another 'delivery' label in the job"))
  }
}

/// A package that was verified, and so may be published; only verifying makes one.
package struct VerifiedPackage: Sendable {
  let staged: StagedPackage

  /// Makes the package visible under its name by one rename that never replaces anything; `record` says what it is made
  /// of, and `lessons` are the paths of files that kept lessons have.
  func publish(
    _ workspace: Workspace, lessons: Set<String>, _ record: Workspace.Published
  ) throws -> PublishedPackage {
    var record = record
    record.manifest = try Digests.sha256(file: staged.folder + "/" + DeliveryManifest.fileName)
    let sizes = try PackageTree.files(in: staged.folder).mapValues { Int($0.st_size) }
    record.sizes = sizes
    try workspace.record(
      record, for: staged.home.name, files: staged.folder, copying: sizes.keys.filter { !lessons.contains($0) })
    do {
      try Publish.folder(staged.folder, as: staged.home.path)
    } catch let error as Publish.Failure where error == .exists {
      throw staged.home.taken(staged.job, "'\(staged.home.path)' appeared while the package was being made")
    }
    try staged.scratch.forget()
    return PublishedPackage(
      path: staged.home.path, version: staged.home.version, files: staged.files, bytes: staged.bytes)
  }
}

/// A package that a partner can take.
package struct PublishedPackage: Sendable {
  package let path: String
  package let version: Int
  package let files: Int
  package let bytes: Int
}

/// A folder being filled beside its home, known to the workspace so that a killed run's is swept by the next.
struct Scratch: Sendable {
  let folder: String
  private let note: String

  /// Makes an empty hidden folder beside `home`.
  static func make(beside home: PackageHome, _ workspace: Workspace) throws -> Scratch {
    let token = UUID().uuidString
    let note = try workspace.folder("scratch") + "/" + token
    let folder = home.series + "/.\(home.name).\(token)"
    try FileTree.makeFolder(home.series)
    try folder.write(toFile: note, atomically: true, encoding: .utf8)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return Scratch(folder: folder, note: note)
  }

  /// Lets go of a folder that was published or removed.
  func forget() throws { try FileManager.default.removeItem(atPath: note) }

  func discard() throws {
    try FileManager.default.removeItem(atPath: folder)
    try forget()
  }
}
