internal import FerryCore
package import FerryPackage

/// What defects are compared with: a version's manifest, and SHA-512 of those of its files that no lesson owns.
package struct VersionContent: Hashable, Sendable {
  package var manifest: DeliveryManifest
  /// By path: the catalogue, the crate, the page, the licences.
  package var common: [String: String]

  package init(manifest: DeliveryManifest, common: [String: String]) {
    (self.manifest, self.common) = (manifest, common)
  }

  package init(_ version: Supplement.Version) {
    manifest = version.manifest
    common = version.payload.digests.filter { Description.common.contains($0.key) }
  }

  package var number: Int { manifest.version }

  /// SHA-512 of a file of the payload.
  package func digest(of path: String) -> String? { asset(path)?.sha512 ?? common[path] }

  func asset(_ path: String) -> DeliveryManifest.Asset? {
    manifest.lessons.lazy.flatMap(\.assets).first { $0.path == path }
  }

  func lesson(_ id: String) -> DeliveryManifest.Lesson? { manifest.lessons.first { $0.id == id } }
}
