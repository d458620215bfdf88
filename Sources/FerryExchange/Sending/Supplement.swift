internal import FerryBag
internal import FerryCore
internal import FerryFiles
package import FerryPackage
internal import Foundation

/// A package that holds only what changed since a version the partner has, and below `result/` the tag files of the new
/// one: full(n) and supplement(n→m) together are full(m), byte for byte.
///
/// A large file of which only little changed, such as an MP4 file with a corrected text track, travels below `delta/` as
/// its new bytes and a list of ranges.
package enum Supplement {
  static let resultFolder = "result"
  /// What a receipt asks for when it cannot name files: the folder of all the payload.
  static let wholePayload = "data"

  /// The state that a supplement leads to.
  static func result(in supplement: String) throws(Refusal) -> PayloadList {
    try PayloadList.read(bag: supplement + "/" + resultFolder)
  }

  /// Writes the supplement that leads from `base` to the full package in folder `full` into the new folder `folder`;
  /// `held` is the folder of the base's own package, where it is still there to be compared with.
  @discardableResult
  package static func write(
    from base: Version, to full: String, at folder: String, held: String? = nil
  ) throws -> DeliveryManifest {
    let new = try Version(manifest: .read(in: full), payload: .read(bag: full))
    try refuseMisfit(base, new.manifest, full)
    let change = PayloadChange(from: base.payload, to: new.payload)
    guard !change.isEmpty else {
      throw Refusal(
        .invalid, "supplement.nothing", at: Place(full),
        "nothing differs from version \(base.manifest.version), so there is nothing to send",
        hint: "the partner has it all already")
    }
    let comparison = try held.map { try Comparison(of: full, with: $0, sent: base.payload) }
    return try write(
      new, full, from: base, carrying: change.carried, removed: change.removed, at: folder, comparing: comparison)
  }

  /// Writes a repair package: the files of `resend` from the full package in folder `full`, and all its tag files, for a
  /// partner with whom that very version arrived damaged.
  @discardableResult
  package static func writeRepair(of full: String, resend: [String], at folder: String) throws -> DeliveryManifest {
    let version = try Version.read(full)
    let tags = Set(try Files.list(full).filter { !$0.hasPrefix("data/") })
    // What a supplement has below result/ and delta/ is for a file of the version.
    let resend = resend.flatMap { path in
      if path == wholePayload { return Array(version.payload.digests.keys) }
      let name = path.hasPrefix(resultFolder + "/") ? String(path.dropFirst(resultFolder.count + 1)) : path
      return [PartList.subject(of: path) ?? name]
    }
    let unknown = resend.filter { version.payload.digests[$0] == nil && !tags.contains($0) }
    if !unknown.isEmpty {
      throw Refusal(
        .invalid,
        unknown.sorted().map {
          Diagnostic(
            "repair.unknown-file", at: Place($0),
            "version \(version.manifest.version) of \(version.manifest.label) has no such file",
            hint: "the receipt is of another version, or was changed: ask the partner")
        })
    }
    let files = Set(resend).filter { version.payload.digests[$0] != nil }
    return try write(version, full, from: version, carrying: files.sorted(), removed: [], at: folder)
  }

  private static func write(
    _ new: Version, _ full: String, from base: Version, carrying paths: [String], removed: [String], at folder: String,
    comparing comparison: Comparison? = nil
  ) throws -> DeliveryManifest {
    try Files.makeFolder(folder + "/data")
    var carried: [String: FileDigests] = [:]
    var tags: [String: [UInt8]] = [:]
    var assembled: [String] = []
    for path in paths + [DeliveryManifest.fileName] {
      guard let delta = try comparison?.delta(of: path) else { continue }
      tags[PartList.listName(path)] = Array(delta.list.text.utf8)
      tags[PartList.newName(path)] = delta.bytes
      assembled.append(path)
    }
    for path in paths where !assembled.contains(path) {
      try Files.makeFolder(URL(fileURLWithPath: folder + "/" + path).deletingLastPathComponent().path)
      try Files.copy(full + "/" + path, to: folder + "/" + path)
      let digests = try Digests.of(file: folder + "/" + path)
      guard digests.sha512 == new.payload.digests[path] else {
        throw Refusal(
          .invalid, "supplement.damaged", at: Place(full + "/" + path), "it is not as the package's own manifest says",
          hint: "run 'ferry verify' on the package, and make it again")
      }
      carried[path] = digests
    }
    for name in try Files.list(full) where !name.hasPrefix("data/") && !assembled.contains(name) {
      try tags["\(resultFolder)/\(name)"] = FileBytes.read(full + "/" + name, followingLinks: false)
    }
    let own = new.manifest.supplement(
      to: base, carrying: carried, assembled: assembled, removed: removed, stateDigest: new.payload.stateDigest)
    tags[DeliveryManifest.fileName] = try own.encoded()
    tags["CHECK-ME.txt"] = Array(
      CheckMe.supplement(
        label: own.label, version: own.version, base: base.manifest.version, hasDeltas: !assembled.isEmpty
      ).utf8)
    try BagWriter(folder: folder).write(payload: carried, information: try information(own, full)) { _ in tags }
    for path in assembled { try comparison?.prove(path, at: folder, new.payload) }
    return own
  }

  private static func refuseMisfit(_ base: Version, _ manifest: DeliveryManifest, _ full: String) throws(Refusal) {
    let place = Place(full + "/" + DeliveryManifest.fileName)
    if manifest.kind != .full {
      throw Refusal(
        .invalid, "supplement.not-full", at: place, "it is a supplement itself",
        hint: "name the folder of the full new version")
    }
    if manifest.id != base.manifest.id {
      throw Refusal(
        .invalid, "supplement.other-delivery", at: place,
        "it is \(manifest.label), and the older version is of another delivery: \(base.manifest.label)",
        hint: "name two versions of the same delivery")
    }
    if manifest.version <= base.manifest.version {
      throw Refusal(
        .conflict, "supplement.order", at: place,
        "version \(manifest.version) does not come after version \(base.manifest.version)",
        hint: "a version that was sent stays as it is: give the change the next number")
    }
  }

  /// The full package's own words, since the bag-info of a supplement speaks of the same delivery.
  private static func information(_ own: DeliveryManifest, _ full: String) throws -> [(String, String)] {
    let text = String(decoding: try FileBytes.read(full + "/bag-info.txt", followingLinks: false), as: UTF8.self)
    let elements = BagInformation(name: "bag-info.txt", text: text, version: .current).elements
    let description =
      "Supplement to version \(own.base?.version ?? 0) of \(own.label): what changed in version \(own.version)"
    return elements.filter { $0.label != "Payload-Oxum" }
      .map { ($0.label, $0.label == "External-Description" ? description : $0.value) }
  }

  /// What applying did.
  package enum Applied: Hashable, Sendable {
    case made
    /// The version was there already, byte for byte.
    case alreadyThere
  }

  /// Makes the full new version in the new folder `folder` from a supplement and the version it applies to; neither is
  /// changed. `folder` is a scratch folder of the caller's: nothing is flushed here, and nothing renamed.
  @discardableResult
  package static func apply(_ supplement: String, to base: String, at folder: String) throws -> Applied {
    let manifest = try DeliveryManifest.read(in: supplement)
    if Files.exists(folder) {
      guard try isWhole(folder, supplement) else {
        throw Refusal(
          .conflict, "supplement.target", at: Place(folder),
          "something else than version \(manifest.version) of \(manifest.label) is there already",
          hint: "name a folder that does not exist")
      }
      return .alreadyThere
    }
    try apply(supplement, manifest, to: base, at: folder) { _ in }
    return .made
  }

  /// The same for a folder that does not exist; `after` is called when a file is in its place.
  static func apply(
    _ supplement: String, _ manifest: DeliveryManifest, to base: String, at folder: String,
    after: (String) throws -> Void
  ) throws {
    let result = try result(in: supplement)
    let carried = try PayloadList.read(bag: supplement)
    try refuseWrongBase(manifest, base, carried: carried, result: result)
    let assembled = Set(manifest.assembled ?? [])
    let list = result.digests.merging(try tagsMade(by: manifest, supplement)) { first, _ in first }
    try assemble(list, supplement, at: folder, after: after) { path, digest, target in
      if carried.digests[path] == digest {
        try Files.copy(supplement + "/" + path, to: target)
      } else if assembled.contains(path) {
        try Delta.apply(supplement, to: base, path, digest, at: target)
      } else {
        try Files.share(base + "/" + path, as: target)
      }
    }
  }

  /// SHA-512 of the tag files that are put together.
  private static func tagsMade(
    by manifest: DeliveryManifest, _ supplement: String
  ) throws(Refusal) -> [String: String] {
    let paths = Set(manifest.assembled ?? []).filter { !BagPath($0).isPayload && BagPath($0).danger == nil }
    return paths.isEmpty
      ? [:] : try PayloadList.tags(bag: supplement + "/" + resultFolder).filter { paths.contains($0.key) }
  }

  /// Makes the version of a repair package from it and from whatever is good in `damaged`, folders in the order in which
  /// they are asked; every file is looked at, since no list there can be trusted.
  static func repair(
    _ supplement: String, _ manifest: DeliveryManifest, damaged: [String], at folder: String,
    after: (String) throws -> Void
  ) throws {
    let result = try result(in: supplement)
    let sources = ([supplement] + damaged).filter(Files.isFolder)
    let sizes = ListedSizes(of: supplement + "/" + resultFolder)
    var found: [String: String] = [:]
    // Parts of a damaged supplement that are whole are put together as they would have been.
    var deltas: [String: (supplement: String, base: String)] = [:]
    for (path, digest) in result.digests {
      // A link or a device that stands in a file's place is as good as nothing.
      for source in sources where found[path] == nil && Files.isFile(source + "/" + path) {
        let file = source + "/" + path
        if let most = sizes.limit(BagPath(path)), FileBytes.size(of: file) ?? 0 > most { continue }
        if try sha512(of: file) == digest { found[path] = source }
      }
      for source in damaged where found[path] == nil && deltas[path] == nil {
        let base = try damaged.first { try Delta.makes(digest, source, from: $0, path) }
        deltas[path] = base.map { (source, $0) }
      }
    }
    let missing = result.digests.keys.filter { found[$0] == nil && deltas[$0] == nil }.sorted()
    if !missing.isEmpty {
      throw Refusal(
        .incomplete,
        missing.map {
          Diagnostic(
            "repair.missing-file", at: Place($0), "it is in none of the folders that arrived, or damaged in all",
            hint: "ask the sender for this file too", fault: .missing)
        })
    }
    try assemble(result.digests, supplement, at: folder, after: after) { path, digest, target in
      if let delta = deltas[path] {
        try Delta.apply(delta.supplement, to: delta.base, path, digest, at: target)
      } else {
        try Files.copy((found[path] ?? supplement) + "/" + path, to: target)
      }
    }
  }

  private static func sha512(of file: String) throws(Refusal) -> String? {
    do { return try Checksums.of(file: file, ["sha512"])["sha512"] } catch { throw Files.failed("reading", file) }
  }

  private static func assemble(
    _ files: [String: String], _ supplement: String, at folder: String, after: (String) throws -> Void,
    place: (_ path: String, _ digest: String, _ target: String) throws -> Void
  ) throws {
    try Files.makeFolder(folder)
    try after(folder)
    for (path, digest) in files.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
      let target = folder + "/" + path
      try Files.makeFolder(URL(fileURLWithPath: target).deletingLastPathComponent().path)
      try place(path, digest, target)
      try after(path)
    }
    for name in try Files.list(supplement + "/" + resultFolder) {
      let target = folder + "/" + name
      try Files.makeFolder(URL(fileURLWithPath: target).deletingLastPathComponent().path)
      try Files.copy("\(supplement)/\(resultFolder)/\(name)", to: target)
      try after(name)
    }
  }

  /// Whether `folder` is the version that the supplement leads to: its tag files are, and it is a valid bag.
  private static func isWhole(_ folder: String, _ supplement: String) throws -> Bool {
    for name in try Files.list(supplement + "/" + resultFolder) {
      guard Files.exists(folder + "/" + name),
        try FileBytes.read(folder + "/" + name) == FileBytes.read("\(supplement)/\(resultFolder)/\(name)")
      else { return false }
    }
    return BagReader.report(of: folder, limit: ListedSizes(of: folder).limit).verdict == .valid
  }

  private static func refuseWrongBase(
    _ manifest: DeliveryManifest, _ base: String, carried: PayloadList, result: PayloadList
  ) throws(Refusal) {
    guard manifest.kind == .supplement, let wanted = manifest.base else {
      throw Refusal(
        .invalid, "supplement.kind", at: Place(DeliveryManifest.fileName),
        "it is no supplement, so there is nothing to apply",
        hint: "take a full package as it is")
    }
    let held = Files.isFolder(base) ? try PayloadList.read(bag: base) : nil
    if let held, held.stateDigest == wanted.stateDigest { return }
    let missing = result.digests.filter { path, digest in
      carried.digests[path] != digest && held?.digests[path] != digest
    }
    .keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    let what = held == nil ? "that version is not here" : "what is here is another state of it"
    throw Refusal(
      .wrongBase,
      [
        Diagnostic(
          "supplement.wrong-base", at: Place(manifest.label),
          "version \(manifest.version) is a supplement to version \(wanted.version), and \(what)",
          hint: "ask the sender for the full package, or for a supplement to the version that is here")
      ]
        + missing.map {
          Diagnostic(
            "supplement.missing-file", at: Place($0), "neither the supplement nor the version here has it",
            fault: .missing)
        })
  }

  /// One version that exists: its manifest and its payload.
  package struct Version: Hashable, Sendable {
    package var manifest: DeliveryManifest
    package var payload: PayloadList

    package init(manifest: DeliveryManifest, payload: PayloadList) {
      (self.manifest, self.payload) = (manifest, payload)
    }

    /// Of the full package in folder `bag`, or of the version that the supplement there leads to.
    package static func read(_ bag: String) throws -> Version {
      let isSupplement = Files.isFolder("\(bag)/\(resultFolder)")
      let folder = isSupplement ? "\(bag)/\(resultFolder)" : bag
      return Version(manifest: try .read(in: folder), payload: try .read(bag: folder))
    }
  }
}
