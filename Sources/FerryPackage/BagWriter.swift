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
    let names = payload.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    let long = manifest(names) { payload[$0]?.sha512 ?? "" }
    let short = manifest(names) { payload[$0]?.sha256 ?? "" }
    let bytes = payload.values.reduce(0) { $0 + $1.size }
    let oxum = [("Payload-Oxum", "\(bytes).\(payload.count)")]
    var tags: [String: [UInt8]] = [
      "bagit.txt": Array("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n".utf8),
      "bag-info.txt": Array((information + oxum).map { "\($0): \(oneLine($1))\n" }.joined().utf8),
      "manifest-sha512.txt": long,
      "manifest-sha256.txt": short,
    ]
    for (name, content) in try tagFiles(Digests.of(bytes: long)) { tags[name] = content }
    for (name, content) in tags { try write(content, name) }
    let tagNames = tags.keys.sorted()
    let digests = tags.mapValues { Digests.of(bytes: $0) }
    try write(manifest(tagNames) { digests[$0]?.sha512 ?? "" }, "tagmanifest-sha512.txt")
    try write(manifest(tagNames) { digests[$0]?.sha256 ?? "" }, "tagmanifest-sha256.txt")
  }

  private func manifest(_ names: [String], digest: (String) -> String) -> [UInt8] {
    Array(names.map { "\(digest($0))  \(encoded($0))\n" }.joined().utf8)
  }

  /// Only line ends and the percent sign are encoded in paths (RFC 8493, 2.1.3).
  private func encoded(_ path: String) -> String {
    path.replacing("%", with: "%25").replacing("\n", with: "%0A").replacing("\r", with: "%0D")
  }

  /// A tag's value is one line here: a line end in it would begin another tag.
  private func oneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).joined(separator: " ")
  }

  private func write(_ bytes: [UInt8], _ name: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: folder + "/" + name))
  }
}
