internal import FerryCore
package import FerryFiles
internal import Foundation

/// Turns a folder that holds `data/` into a BagIt 1.0 bag (RFC 8493).
package struct BagWriter {
  private let folder: String

  package init(folder: String) { self.folder = folder }

  /// Writes `bagit.txt`, `bag-info.txt`, both payload manifests, the other tag files and both tag manifests.
  ///
  /// `payload` names every file below `data/` by its path from the bag. `tagFiles` is asked once the SHA-512 manifest is
  /// known, since a delivery manifest repeats its digest.
  package func write(
    payload: [String: FileDigests], information: [(String, String)],
    tagFiles: (_ manifestDigests: FileDigests) throws -> [String: [UInt8]]
  ) throws {
    let long = BagWriter.manifest(payload.mapValues(\.sha512))
    let short = BagWriter.manifest(payload.mapValues(\.sha256))
    let bytes = payload.values.map(\.size).saturatedSum
    let oxum = [("Payload-Oxum", "\(bytes).\(payload.count)")]
    var tags: [String: [UInt8]] = [
      "bagit.txt": Array("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n".utf8),
      "bag-info.txt": Array((information + oxum).map { "\($0): \(oneLine($1))\n" }.joined().utf8),
      "manifest-sha512.txt": long,
      "manifest-sha256.txt": short,
    ]
    for (name, content) in try tagFiles(Digests.of(bytes: long)) { tags[name] = content }
    for (name, content) in tags { try write(content, name) }
    let digests = tags.mapValues { Digests.of(bytes: $0) }
    try write(BagWriter.manifest(digests.mapValues(\.sha512)), "tagmanifest-sha512.txt")
    try write(BagWriter.manifest(digests.mapValues(\.sha256)), "tagmanifest-sha256.txt")
  }

  /// The lines of a manifest, in the order of the paths' bytes.
  package static func manifest(_ digests: [String: String]) -> [UInt8] {
    let lines = digests.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    return Array(lines.map { "\($0.value)  \(PathEncoding.encoded($0.key))\n" }.joined().utf8)
  }

  /// A tag's value is one line here: a line end in it would begin another tag.
  private func oneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).joined(separator: " ")
  }

  private func write(_ bytes: [UInt8], _ name: String) throws {
    if name.contains("/") {
      try FileManager.default.createDirectory(
        at: URL(fileURLWithPath: folder + "/" + name).deletingLastPathComponent(), withIntermediateDirectories: true)
    }
    try Data(bytes).write(to: URL(fileURLWithPath: folder + "/" + name))
  }
}
