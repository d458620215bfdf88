internal import FerryCore
internal import FerryFiles
package import FerryPackage

/// The files of a package that are no lesson's own: its lists, its tags, and what is derived from the delivery manifest.
package enum SmallFiles {
  private static let lists = ["tagmanifest-sha256.txt", "tagmanifest-sha512.txt"]

  /// Each of them by its path, and whether it is as the package's lists say; `manifest` is known to be intact.
  package static func all(of manifest: DeliveryManifest, in package: String) -> [String: Bool] {
    let payload = payload(manifest, package)
    let tags = tags(package)
    var files: [String: Bool] = [:]
    let records = manifest.lessons.flatMap(\.assets).filter { $0.role == .metadata }.map(\.path)
    for path in Description.common.union(records) { files[path] = isSound(package + "/" + path, payload[path]) }
    let known = ["bagit.txt", "bag-info.txt", "manifest-sha256.txt", PayloadList.fileName, "CHECK-ME.txt"]
    for path in Set(known + [DeliveryManifest.fileName]).union(tags.keys) {
      files[path] = isSound(package + "/" + path, tags[path])
    }
    for path in lists { files[path] = !tags.isEmpty && Files.isFile(package + "/" + path) }
    return files
  }

  private static func payload(_ manifest: DeliveryManifest, _ package: String) -> [String: String] {
    do throws(Refusal) {
      let list = try PayloadList.read(bag: package)
      return list.stateDigest == manifest.stateDigest ? list.digests : [:]
    } catch {
      return [:]
    }
  }

  private static func tags(_ package: String) -> [String: String] {
    do throws(Refusal) { return try PayloadList.tags(bag: package) } catch { return [:] }
  }

  private static func isSound(_ file: String, _ sha512: String?) -> Bool {
    guard let sha512, Files.isFile(file) else { return false }
    do { return try Digests.sha512(file: file) == sha512 } catch { return false }
  }
}
