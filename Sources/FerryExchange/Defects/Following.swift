package import FerryCore
internal import FerryFiles
package import FerryPackage
internal import Foundation

extension DeliveryManifest {
  /// Reads a package's own manifest.
  package static func read(in bag: String) throws(Refusal) -> DeliveryManifest {
    let path = bag + "/" + fileName
    guard let bytes = try Files.readSmall(path) else {
      throw Refusal(
        .incomplete, "delivery.missing", at: Place(path), "it is missing, so this is no package of ferry's",
        hint: "name the package's folder, the one that holds bagit.txt", fault: .missing)
    }
    return try ExchangeJSON.decoded(bytes, schemas: DeliveryManifest.schemas, file: path)
  }

  /// The same content as the version after `previous`: its number, what it replaces, and for each file whether it is
  /// new, changed or as before, and since when.
  ///
  /// `fixed` are the defects that this version mends, by the path of the file that mends them.
  package func following(_ previous: DeliveryManifest, fixed: [String: [String]] = [:]) throws(Refusal)
    -> DeliveryManifest
  {
    guard previous.id == id else {
      throw Refusal(
        .invalid, "delivery.other", at: Place(label),
        "the version before is of another delivery or partner: \(previous.label) for \(previous.recipient.name)",
        hint: "a new delivery begins with version 1")
    }
    var next = self
    next.version = previous.version + 1
    next.supersedes = previous.supersedes + [previous.version]
    let before = Dictionary(
      previous.lessons.flatMap(\.assets).map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
    for lesson in next.lessons.indices {
      for index in next.lessons[lesson].assets.indices {
        next.lessons[lesson].assets[index].follow(before[next.lessons[lesson].assets[index].path], next.version, fixed)
      }
    }
    next.fixes = Set(fixed.values.joined()).sorted()
    let paths = Set(next.lessons.flatMap(\.assets).map(\.path))
    next.removed = before.values.filter { !paths.contains($0.path) }
      .map { .init(path: $0.path, sha512: $0.sha512, sinceVersion: next.version) }.sorted { $0.path < $1.path }
    return next
  }

  /// The manifest of the supplement that leads from `base` to this full version.
  func supplement(
    to base: Supplement.Version, carrying files: [String: FileDigests], assembled: [String], removed paths: [String],
    stateDigest: String
  ) -> DeliveryManifest {
    var own = self
    own.kind = .supplement
    own.assembled = assembled.isEmpty ? nil : assembled
    own.base = Base(version: base.manifest.version, stateDigest: base.payload.stateDigest)
    own.stateDigest = stateDigest
    own.removed = paths.map { path in
      .init(path: path, sha512: base.payload.digests[path] ?? "", sinceVersion: version)
    }
    own.lessons = lessons.compactMap { lesson in
      var lesson = lesson
      lesson.assets.removeAll { files[$0.path] == nil }
      for index in lesson.assets.indices {
        let held = base.payload.digests[lesson.assets[index].path]
        lesson.assets[index].change =
          held == nil ? .added : held == lesson.assets[index].sha512 ? .unchanged : .changed
      }
      return lesson.assets.isEmpty ? nil : lesson
    }
    own.totals = Totals(
      files: files.count, bytes: files.values.map(\.size).saturatedSum, lessons: own.lessons.count)
    return own
  }
}

extension DeliveryManifest.Asset {
  fileprivate mutating func follow(
    _ before: DeliveryManifest.Asset?, _ version: Int, _ fixed: [String: [String]]
  ) {
    guard let before, before.sha512 == sha512 else {
      change = before == nil ? .added : .changed
      sinceVersion = version
      fixes = fixed[path]
      return
    }
    change = .unchanged
    sinceVersion = before.sinceVersion
    fixes = before.fixes
  }
}
