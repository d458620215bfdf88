internal import FerryBag
package import FerryCore
internal import FerryFiles
internal import Foundation

/// Compares a delivery manifest with the bag it is in.
package enum ManifestCheck {
  private static let hint = "ask the sender for a whole package"

  /// Every asset is there in its size, every payload file is an asset, and the state digest is the manifest's; the four
  /// lists are there, each as ferry writes it, and no other tag file than theirs; catalogue, crate, records and licences
  /// of a full package say what the manifest says.
  ///
  /// `unsound` are files that are known to be missing or damaged: no sum or digest that they spoil is held against the
  /// manifest.
  package static func problems(
    of manifest: DeliveryManifest, bag: String, unsound: Set<String> = []
  ) -> [Diagnostic] {
    var found: [Diagnostic] = []
    func problem(_ path: String, _ message: String) {
      found.append(Diagnostic(.error, "delivery.differs", at: Place(path), message, hint: hint, fault: .mismatched))
    }
    var known = Description.common
    for asset in manifest.lessons.flatMap(\.assets) {
      known.insert(asset.path)
      var status = stat()
      guard BagPath(asset.path).danger == nil, lstat(bag + "/" + asset.path, &status) == 0 else {
        problem(asset.path, "the delivery manifest lists it, but it is not there")
        continue
      }
      if Int(status.st_size) != asset.size {
        problem(asset.path, "it has \(status.st_size) bytes, the delivery manifest says \(asset.size)")
      }
    }
    let assets = Dictionary(
      manifest.lessons.flatMap(\.assets).map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
    let long = listed(bag, "sha512")
    for (path, digest) in long.sorted(by: { $0.key < $1.key }) {
      if !known.contains(path) {
        problem(path, "it is in the payload, but the delivery manifest does not list it")
      } else if let asset = assets[path], asset.sha512 != digest {
        problem(path, "its SHA-512 in the delivery manifest is not the one in manifest-sha512.txt")
      }
    }
    for (path, digest) in listed(bag, "sha256").sorted(by: { $0.key < $1.key }) {
      if let asset = assets[path], asset.sha256 != digest {
        problem(path, "its SHA-256 in the delivery manifest is not the one in manifest-sha256.txt")
      }
    }
    let totals = DeliveryManifest.Totals(
      files: long.count, bytes: size(of: long.keys, bag), lessons: manifest.lessons.count)
    // Sums are wrong because files are, which say more.
    let isCountable =
      found.isEmpty && Files.isFile(bag + "/manifest-sha512.txt") && unsound.isDisjoint(with: long.keys)
      && !unsound.contains("manifest-sha512.txt") && long.keys.allSatisfy { Files.isFile(bag + "/" + $0) }
    if isCountable, totals != manifest.totals {
      problem(
        DeliveryManifest.fileName,
        "it counts \(manifest.totals.words); there are \(totals.words)")
    }
    let stateFile = manifest.kind == .supplement ? "result/manifest-sha512.txt" : "manifest-sha512.txt"
    if !unsound.contains(stateFile), let bytes = contents(bag, stateFile),
      Digests.sha256(bytes) != manifest.stateDigest
    {
      problem(DeliveryManifest.fileName, "its state digest is not that of \(stateFile)")
    }
    // What a supplement has of these is of the full version.
    let described = manifest.kind == .full ? DescriptionCheck.problems(of: manifest, bag: bag) : []
    return found + described + lists(bag)
  }

  private static func listed(_ bag: String, _ algorithm: String) -> [String: String] {
    guard let bytes = contents(bag, "manifest-\(algorithm).txt") else { return [:] }
    return BagManifest.digests(of: String(decoding: bytes, as: UTF8.self), algorithm: algorithm) ?? [:]
  }

  /// A tag file's bytes; `nil` where they cannot be had, which the bag's own check says.
  private static func contents(_ bag: String, _ name: String) -> [UInt8]? {
    guard Files.isFile(bag + "/" + name) else { return nil }
    do { return try FileBytes.read(bag + "/" + name, followingLinks: false) } catch { return nil }
  }

  private static func size(of paths: some Sequence<String>, _ bag: String) -> Int {
    paths.map { path in
      var status = stat()
      return BagPath(path).danger == nil && lstat(bag + "/" + path, &status) == 0 ? Int(status.st_size) : 0
    }
    .saturatedSum
  }

  /// A list that says the same in other bytes was changed too: nothing else covers the tag manifests.
  private static func lists(_ bag: String) -> [Diagnostic] {
    var found: [Diagnostic] = []
    var covered = Set(
      ["manifest", "tagmanifest"].flatMap { list in ["sha256", "sha512"].map { "\(list)-\($0).txt" } })
    var areTagsListed = false
    for name in covered.sorted() {
      guard let bytes = contents(bag, name) else {
        found.append(
          Diagnostic(
            "bag.missing-file", at: Place(name), "it is missing; every package of ferry's has it", hint: hint,
            fault: .missing))
        continue
      }
      let algorithm = String(name.dropLast(4).split(separator: "-")[1])
      let text = String(decoding: bytes, as: UTF8.self)
      let digests = BagManifest.digests(of: text, algorithm: algorithm) ?? [:]
      if bytes != BagWriter.manifest(digests) {
        found.append(
          Diagnostic(
            "delivery.manifest-form", at: Place(name), "it was changed: it is not as ferry writes it", hint: hint,
            fault: .mismatched))
      }
      covered.formUnion(digests.keys)
      if name.hasPrefix("tagmanifest-") { areTagsListed = true }
    }
    // Without any list, every file would be named for the two that are missing.
    if !areTagsListed { return found }
    let others = FileManager.default.enumerator(atPath: bag)?.compactMap { $0 as? String } ?? []
    for name in others.sorted() where !name.hasPrefix("data/") && !covered.contains(name) {
      var status = stat()
      guard lstat(bag + "/" + name, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else { continue }
      found.append(
        Diagnostic(
          "delivery.unlisted", at: Place(name), "it is there, but no tag manifest lists it",
          hint: "remove it: it is no part of the package", fault: .unexpected))
    }
    return found
  }
}

extension DeliveryManifest.Totals {
  fileprivate var words: String { "\(files) files, \(bytes) bytes and \(lessons) lessons" }
}
