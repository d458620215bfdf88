import FerryCore
import Foundation

@testable import FerryBag
@testable import FerryFiles
@testable import FerryPackage

/// A bag of RFC 8493's own rules, put together in memory and spoiled in one way.
struct CorpusBag {
  static let payload = ["data/a.txt", "data/b/c.txt"]

  /// Contents by path; a name that ends with a slash is an empty folder.
  var files: [String: [UInt8]] = [:]
  /// Files whose names Swift takes for those of others.
  var twins: [String: [UInt8]] = [:]
  /// Made after the files: name and destination.
  var links: [String: String] = [:]

  /// A good bag without tag manifests, so that spoiling a tag file has one consequence.
  init(version: String = "1.0") {
    put("bagit.txt", "BagIt-Version: \(version)\nTag-File-Character-Encoding: UTF-8\n")
    put("data/a.txt", "one\n")
    put("data/b/c.txt", "two\n")
    list()
  }

  mutating func put(_ name: String, _ text: String) { files[name] = Array(text.utf8) }

  mutating func append(_ name: String, _ text: String) { files[name, default: []] += Array(text.utf8) }

  func digest(_ name: String, _ algorithm: String = "sha512") -> String {
    let digests = Digests.of(bytes: files[name] ?? [])
    return algorithm == "sha256" ? digests.sha256 : digests.sha512
  }

  func line(_ name: String, _ algorithm: String = "sha512", as path: String? = nil) -> String {
    "\(digest(name, algorithm))  \(path ?? name)\n"
  }

  /// Writes the payload manifest of all payload files.
  mutating func list(_ algorithm: String = "sha512") {
    let names = files.keys.filter { $0.hasPrefix("data/") && !$0.hasSuffix("/") }.sorted()
    put("manifest-\(algorithm).txt", names.map { line($0, algorithm) }.joined())
  }

  /// Writes the tag manifest of all tag files.
  mutating func seal(_ algorithm: String = "sha512", without left: Set<String> = []) {
    let names = files.keys.filter { !$0.hasPrefix("data/") && !$0.hasPrefix("tagmanifest-") && !left.contains($0) }
    put("tagmanifest-\(algorithm).txt", names.sorted().map { line($0, algorithm) }.joined())
  }

  /// What the reader says, a line for each problem.
  func report() throws -> BagReport {
    let folder = FileManager.default.temporaryDirectory.path + "/ferry-corpus-" + UUID().uuidString
    for (name, bytes) in Array(files) + Array(twins) {
      let path = folder + "/" + name
      let parent = name.hasSuffix("/") ? path : URL(fileURLWithPath: path).deletingLastPathComponent().path
      try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
      if !name.hasSuffix("/") { try Data(bytes).write(to: URL(fileURLWithPath: path)) }
    }
    for (name, destination) in links {
      try FileManager.default.createSymbolicLink(atPath: folder + "/" + name, withDestinationPath: destination)
    }
    defer {
      do { try FileManager.default.removeItem(atPath: folder) } catch { print("cannot remove \(folder): \(error)") }
    }
    return BagReader.report(of: folder)
  }
}

/// One way to spoil a bag, or one that must not matter, and exactly what is said about it.
struct CorpusCase: CustomStringConvertible, Sendable {
  let name: String
  let verdict: BagReport.Verdict
  let says: [String]
  let bag: @Sendable () -> CorpusBag

  var description: String { name }

  init(
    _ name: String, _ verdict: BagReport.Verdict, _ says: [String], version: String = "1.0",
    _ spoil: @escaping @Sendable (inout CorpusBag) -> Void
  ) {
    (self.name, self.verdict, self.says) = (name, verdict, says)
    bag = {
      var bag = CorpusBag(version: version)
      spoil(&bag)
      return bag
    }
  }
}
