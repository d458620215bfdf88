package import FerryCore
internal import FerryExchange
internal import FerryFiles
internal import FerryPackage
internal import Foundation

/// How the published versions of a job were found, and what was done about it.
package struct PackageCondition: Sendable {
  /// Files that were put back, byte for byte, by the folder of their package.
  package var repaired: [String: [String]] = [:]
  /// Titles whose lessons must be made again before their files can be put back.
  package var titles: Set<String> = []
  package var problems: [Diagnostic] = []
}

extension Delivery {
  /// Compares every published version of a job that is where it was published with its record, and puts back what is
  /// missing or was changed from what is kept: sizes, or with `thoroughly` all digests.
  ///
  /// `made` are lessons that were made again for it; what they do not hold either is refused.
  package func tend(
    _ label: String, thoroughly: Bool = false, made: [String: StepKey]? = nil
  ) throws -> PackageCondition {
    var condition = PackageCondition()
    for name in try workspace.publishedNames(label) {
      guard let published = try workspace.published(name, package: "\(out)/\(label)/\(name)"),
        FileManager.default.fileExists(atPath: published.path)
      else { continue }
      do { try tend(name, published, thoroughly, made, &condition) } catch  where !error.isNoSpace {
        condition.problems.append(
          Diagnostic(
            "package.hole", at: Place(published.path),
            "the published package cannot be compared with its record: \(error.localizedDescription)",
            hint: "check the permissions of its folder and of ferry's own"))
      }
    }
    return condition
  }

  private func tend(
    _ name: String, _ published: Workspace.Published, _ isThorough: Bool, _ made: [String: StepKey]?,
    _ condition: inout PackageCondition
  ) throws {
    guard var repair = try PublishedRepair(name, published, workspace, thoroughly: isThorough) else { return }
    try repair.run(made: made ?? [:])
    condition.problems += repair.problems
    if !repair.repaired.isEmpty { condition.repaired[published.path] = repair.repaired }
    if made == nil {
      condition.titles.formUnion(repair.pending.map(\.title))
    } else {
      condition.problems += repair.refused
    }
  }
}

/// One published version being compared with its record.
private struct PublishedRepair {
  /// A file of a lesson that nothing kept can replace.
  struct Pending {
    var path: String
    var title: String
  }

  private let name: String
  private let published: Workspace.Published
  private let workspace: Workspace
  private let isThorough: Bool
  private let sizes: [String: Int]
  private let copies: [String: String]
  private(set) var repaired: [String] = []
  private(set) var pending: [Pending] = []
  private(set) var problems: [Diagnostic] = []
  /// Of the payload, in SHA-512; read where it is needed.
  private var digests: [String: String]?

  /// Name of a file on its way to its place.
  private static let part = ".ferry-repair-"

  /// `nil` for a folder that is another package than the one that was published.
  init?(_ name: String, _ published: Workspace.Published, _ workspace: Workspace, thoroughly: Bool) throws {
    (self.name, self.workspace, isThorough) = (name, workspace, thoroughly)
    let manifest = PackageTree.manifest(published.path)
    let bytes = PublishedRepair.sha256(published.path + "/" + DeliveryManifest.fileName)
    let copy = workspace.publishedFolder(name) + "/files"
    if bytes != published.manifest, let manifest {
      // Damaged, or somebody else's; the state of its payload tells.
      guard let known = PackageTree.manifest(copy), known.stateDigest == manifest.stateDigest else { return nil }
    }
    var published = published
    if published.sizes == nil || published.copies == nil {
      guard let manifest, bytes == published.manifest else {
        self.published = published
        (sizes, copies) = ([:], [:])
        problems = [
          Diagnostic(
            "package.hole", at: Place(published.path + "/" + DeliveryManifest.fileName),
            manifest == nil && bytes == nil
              ? "it is missing from a published package" : "it was changed in a published package",
            hint: "ferry has no copy of it: put it back from a backup or from what the partner received")
        ]
        return
      }
      published = try workspace.completed(published, name, manifest)
    }
    self.published = published
    (sizes, copies) = (published.sizes ?? [:], published.copies ?? [:])
  }

  mutating func run(made: [String: StepKey]) throws {
    if sizes.isEmpty { return }
    var found = try PackageTree.files(in: published.path)
    for (path, _) in found where path.split(separator: "/").last?.hasPrefix(PublishedRepair.part) == true {
      try FileManager.default.removeItem(atPath: published.path + "/" + path)
      found[path] = nil
    }
    for (path, size) in sizes.sorted(by: { $0.key < $1.key }) {
      if let status = found[path], status.st_mode & S_IFMT == S_IFREG, Int(status.st_size) == size,
        try !isThorough || isIntact(published.path + "/" + path, path)
      {
        continue
      }
      try repair(path, made)
    }
    if isThorough { try repairCopies() }
    let extra = found.keys.filter { sizes[$0] == nil }.sorted()
    if !extra.isEmpty {
      problems.append(
        Diagnostic(
          .warning, "package.extra", at: Place(published.path),
          "\(extra.count == 1 ? "a file was" : "\(extra.count) files were") added to a published package: "
            + extra.prefix(5).joined(separator: ", ") + (extra.count > 5 ? ", …" : ""),
          hint: "a partner's check may refuse the package: move what is not part of it elsewhere"))
    }
  }

  /// Copies that no longer are what they were serve nobody: they are taken from the package again, where that is whole.
  private mutating func repairCopies() throws {
    for (path, digest) in copies.sorted(by: { $0.key < $1.key }) {
      let copy = workspace.publishedFolder(name) + "/files/" + path
      let original = published.path + "/" + path
      if PublishedRepair.sha256(copy) == digest || PublishedRepair.sha256(original) != digest { continue }
      let folder = URL(fileURLWithPath: copy).deletingLastPathComponent().path
      try FileTree.makeFolder(folder)
      if FileManager.default.fileExists(atPath: copy) { try FileManager.default.removeItem(atPath: copy) }
      try FileManager.default.copyItem(atPath: original, toPath: copy)
      problems.append(
        Diagnostic(
          .warning, "home.record", at: Place(copy), "ferry's own copy of a published file was damaged or missing",
          hint: "it was copied again from the package"))
    }
  }

  /// Puts one file back, or notes why that cannot be done yet.
  private mutating func repair(_ path: String, _ made: [String: StepKey]) throws {
    let parts = path.split(separator: "/").map(String.init)
    if copies[path] != nil {
      let copy = workspace.publishedFolder(name) + "/files/" + path
      guard PublishedRepair.sha256(copy) == copies[path] else {
        problems.append(refusal(path, "ferry's own copy of it is damaged too"))
        return
      }
      return try put(path) { try FileManager.default.copyItem(atPath: copy, toPath: $0) }
    }
    guard parts.count > 3 else { return problems.append(refusal(path, "ferry has no copy of it")) }
    let title = parts[2]
    let rest = parts.dropFirst(3).joined(separator: "/")
    for lesson in [published.steps?[title]?.lesson, made[title]].compactMap({ $0 }) {
      let kept = workspace.lesson(lesson) + "/lesson/" + rest
      if try isIntact(kept, path) { return try put(path) { try FileTree.link(kept, to: $0) } }
    }
    // What is kept is damaged as well, since packages are links of it: it must not serve again.
    if let steps = published.steps?[title], made.isEmpty { try workspace.forgetDamaged(steps) }
    pending.append(Pending(path: path, title: title))
  }

  /// Whether `file` holds what the package's lists say of `path`.
  private mutating func isIntact(_ file: String, _ path: String) throws -> Bool {
    var status = stat()
    guard stat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, Int(status.st_size) == sizes[path] else {
      return false
    }
    if let copy = copies[path] { return PublishedRepair.sha256(file) == copy }
    if digests == nil {
      let list = workspace.publishedFolder(name) + "/files"
      do throws(Refusal) { digests = try PayloadList.read(bag: list).digests } catch { digests = [:] }
    }
    return try Digests.sha512(file: file) == digests?[path]
  }

  private static func sha256(_ file: String) -> String? {
    do { return try Digests.sha256(file: file) } catch { return nil }
  }

  /// Makes a file beside its place and renames it there.
  private mutating func put(_ path: String, _ make: (String) throws -> Void) throws {
    let target = published.path + "/" + path
    let url = URL(fileURLWithPath: target)
    let part = url.deletingLastPathComponent().path + "/" + PublishedRepair.part + url.lastPathComponent
    do {
      try FileTree.makeFolder(url.deletingLastPathComponent().path)
      try make(part)
      guard rename(part, target) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
      repaired.append(path)
    } catch  where error.isNoSpace {
      throw error
    } catch {
      if access(part, F_OK) == 0 { unlink(part) }
      problems.append(refusal(path, "it cannot be put back: \(error.localizedDescription)"))
    }
  }

  /// What is left to say of files that making their lessons again did not bring back.
  var refused: [Diagnostic] {
    pending.map { refusal($0.path, "what is made of \($0.title) today has other bytes, so it is not put in its place") }
  }

  private func refusal(_ path: String, _ reason: String) -> Diagnostic {
    Diagnostic(
      "package.hole", at: Place(published.path + "/" + path),
      "it is missing from a published package, or was changed there, and \(reason)",
      hint: "put it back from a backup or from what the partner received, or make the next version: "
        + "ferry run --remake \(name.split(separator: "_v").dropLast().joined(separator: "_v"))")
  }
}

extension Workspace {
  /// The record of a version of ferry 0.1 with what repairs it, as far as its small files are what its lists say.
  fileprivate func completed(_ published: Published, _ name: String, _ manifest: DeliveryManifest) throws -> Published {
    var published = published
    published.steps = try published.steps ?? Attempts(of: manifest, self).steps
    var sizes = Dictionary(manifest.lessons.flatMap(\.assets).map { ($0.path, $0.size) }) { first, _ in first }
    let small = SmallFiles.all(of: manifest, in: published.path)
    for (path, isSound) in small {
      var status = stat()
      // No file has such a size: it is told at every run until it is put back.
      sizes[path] = isSound && stat(published.path + "/" + path, &status) == 0 ? Int(status.st_size) : -1
    }
    published.sizes = sizes
    try record(published, for: name, files: published.path, copying: small.filter(\.value).keys.sorted())
    return try self.published(name) ?? published
  }

  /// Removes kept files of a title that are not what their records say: they are made anew.
  fileprivate func forgetDamaged(_ steps: Published.Steps) throws {
    if let outcome = try made(steps.lesson) {
      let folder = lesson(steps.lesson) + "/lesson/"
      for file in outcome.files where try Digests.sha512(file: folder + file.path) != file.sha512 {
        try FileManager.default.removeItem(atPath: lesson(steps.lesson))
        break
      }
    }
    guard let kept = try kept(steps.renditions) else { return }
    for (file, digests) in kept.digests
    where try Digests.sha512(file: renditions(steps.renditions) + "/" + file) != digests.sha512 {
      return try FileManager.default.removeItem(atPath: renditions(steps.renditions))
    }
  }
}
