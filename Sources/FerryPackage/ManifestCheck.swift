package import FerryCore
internal import Foundation

/// Compares a delivery manifest with the bag it is in.
package enum ManifestCheck {
  /// Every asset is there in its size, every payload file is an asset, and the state digest is the manifest's.
  package static func problems(of manifest: DeliveryManifest, bag: String) -> [Diagnostic] {
    var found: [Diagnostic] = []
    func problem(_ path: String, _ message: String) {
      found.append(
        Diagnostic(.error, "delivery.differs", at: Place(path), message, hint: "ask the sender for a whole package"))
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
    let digests = Dictionary(
      manifest.lessons.flatMap(\.assets).map { ($0.path, $0.sha512) }, uniquingKeysWith: { first, _ in first })
    for (digest, path) in listed(bag) {
      if !known.contains(path) {
        problem(path, "it is in the payload, but the delivery manifest does not list it")
      } else if let claimed = digests[path], claimed != digest {
        problem(path, "its SHA-512 in the delivery manifest is not the one in manifest-sha512.txt")
      }
    }
    if let data = FileManager.default.contents(atPath: bag + "/manifest-sha512.txt"),
      Digests.of(bytes: Array(data)).sha256 != manifest.stateDigest
    {
      problem(DeliveryManifest.fileName, "its state digest is not that of manifest-sha512.txt")
    }
    return found
  }

  private static func listed(_ bag: String) -> [(digest: String, path: String)] {
    guard let data = FileManager.default.contents(atPath: bag + "/manifest-sha512.txt") else { return [] }
    return String(decoding: data, as: UTF8.self).split(separator: "\n").compactMap { line in
      let parts = line.split(maxSplits: 1, whereSeparator: { $0 == " " })
      return parts.count == 2 ? (String(parts[0]), parts[1].trimmingCharacters(in: .whitespaces)) : nil
    }
  }
}
