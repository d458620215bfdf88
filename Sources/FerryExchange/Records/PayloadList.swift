internal import FerryBag
package import FerryCore
internal import FerryFiles
internal import Foundation

/// The payload of one version: SHA-512 by path, as its manifest lists them, and the digest that names this state.
package struct PayloadList: Hashable, Sendable {
  package static let fileName = "manifest-sha512.txt"

  package let digests: [String: String]
  /// SHA-256 of the manifest's bytes.
  package let stateDigest: String

  /// Reads the list of the bag in folder `bag`, or of the full version below `result/` of a supplement.
  package static func read(bag: String) throws(Refusal) -> PayloadList {
    let path = bag + "/" + fileName
    guard let bytes = try manifest(path) else {
      throw Refusal(
        .incomplete, "delivery.no-manifest", at: Place(path), "it is missing, so the package's content is unknown",
        hint: "copy the package again", fault: .missing)
    }
    return try PayloadList(bytes, file: path)
  }

  /// SHA-512 of the tag files of the bag in folder `bag`, or of the full version below `result/` of a supplement.
  static func tags(bag: String) throws(Refusal) -> [String: String] {
    let path = bag + "/tagmanifest-sha512.txt"
    guard let bytes = try Files.readSmall(path),
      let digests = BagManifest.digests(of: String(decoding: bytes, as: UTF8.self), algorithm: "sha512")
    else {
      throw Refusal(
        .incomplete, "delivery.no-manifest", at: Place(path), "there is no list of SHA-512 checksums of the tag files",
        hint: "copy the package again", fault: .missing)
    }
    return digests
  }

  private static func manifest(_ path: String) throws(Refusal) -> [UInt8]? {
    guard Files.exists(path) else { return nil }
    do {
      return try FileBytes.read(path, followingLinks: false)
    } catch {
      throw Files.failed("reading", path)
    }
  }

  package init(_ bytes: [UInt8], file: String) throws(Refusal) {
    guard let text = String(validating: bytes, as: UTF8.self),
      let digests = BagManifest.digests(of: text, algorithm: "sha512"),
      digests.keys.allSatisfy({ BagPath($0).danger == nil && BagPath($0).flaw == nil && BagPath($0).isPayload })
    else {
      throw Refusal(
        .invalid, "delivery.manifest", at: Place(file), "it is no list of SHA-512 checksums and files below data/",
        hint: "run 'ferry verify' on the package; it says which line is wrong", fault: .mismatched)
    }
    self.digests = digests
    stateDigest = Digests.sha256(bytes)
  }

  /// Bytes of the files that are listed and there.
  func size(in bag: String) throws(Refusal) -> Int {
    var sizes: [Int] = []
    for path in digests.keys {
      var status = stat()
      guard lstat(bag + "/" + path, &status) == 0 else { throw Files.failed("lstat", bag + "/" + path) }
      sizes.append(Int(status.st_size))
    }
    return sizes.saturatedSum
  }
}

/// What differs between two versions' payloads.
package struct PayloadChange: Hashable, Sendable {
  package var added: [String]
  package var changed: [String]
  package var removed: [String]

  package init(from old: PayloadList, to new: PayloadList) {
    func sorted(_ paths: some Sequence<String>) -> [String] {
      paths.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
    added = sorted(new.digests.keys.filter { old.digests[$0] == nil })
    changed = sorted(new.digests.filter { old.digests[$0.key] != nil && old.digests[$0.key] != $0.value }.keys)
    removed = sorted(old.digests.keys.filter { new.digests[$0] == nil })
  }

  /// What a supplement carries.
  package var carried: [String] { (added + changed).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } }
  package var isEmpty: Bool { added.isEmpty && changed.isEmpty && removed.isEmpty }
}
