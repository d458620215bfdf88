internal import FerryBag
internal import FerryCore
internal import FerryFiles
internal import FerryPackage
internal import Foundation

/// A file of a new version as a supplement brings it when little of it changed: below `delta/`, `PATH.list` says which
/// ranges of the file before and of `PATH.new` it is made of.
enum Delta {
  /// Smaller files travel whole: a partner copies them with less thought.
  static let smallestFile = 16 << 10

  /// Puts the file `path` together in the new file `target`; what is not the file of that SHA-512 is refused.
  static func apply(
    _ supplement: String, to base: String, _ path: String, _ sha512: String, at target: String
  ) throws {
    let descriptor = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else { throw Files.failed("creating", target) }
    defer { close(descriptor) }
    let isMade = try read(supplement, from: base, path) { bytes in
      try Files.writeAll(descriptor, Array(bytes)[...], target)
    }
    if isMade != sha512 {
      throw Refusal(
        .wrongBase, "supplement.missing-file", at: Place(path),
        "put together from the version here, it is not the sender's: the file here is another one",
        hint: "ask the sender for this file, or for the full package", fault: .missing)
    }
  }

  /// Whether the file `path` can be put together with this SHA-512.
  static func makes(_ sha512: String, _ supplement: String, from base: String, _ path: String) throws -> Bool {
    guard Files.exists(supplement + "/" + PartList.listName(path)) else { return false }
    // What stands in a file's place after a bad transfer may be a pipe, which nobody ever writes to.
    for part in [supplement + "/" + PartList.newName(path), base + "/" + path]
    where Files.exists(part) && !Files.isFile(part) {
      return false
    }
    do {
      return try read(supplement, from: base, path) { _ in } == sha512
    } catch let error as Refusal where error.kind == .invalid {
      // The list is what was damaged.
      return false
    }
  }

  /// Hands over the bytes of the file and answers their SHA-512; `nil` when they end before a range does.
  private static func read(
    _ supplement: String, from base: String, _ path: String, _ take: (UnsafeRawBufferPointer) throws -> Void
  ) throws -> String? {
    let list = try PartList.read(supplement + "/" + PartList.listName(path))
    let hashing = Hashing([.sha512])
    let isWhole = try list.assemble(base: base + "/" + path, new: supplement + "/" + PartList.newName(path)) { bytes in
      hashing.update(bytes)
      try take(bytes)
    }
    return isWhole ? hashing.finish()[.sha512].map { Digests.hex($0) } : nil
  }
}

/// A full package beside an older version of it, as far as that is what the partner has.
struct Comparison {
  private let full: String
  private let held: String
  private let sent: [String: String]

  /// `held` is the folder of the older version; when it is not there any more, or not as it was sent, nothing is compared.
  init(of full: String, with held: String, sent: PayloadList) throws(Refusal) {
    (self.full, self.held) = (full, held)
    let isThere = Files.exists(held + "/" + PayloadList.fileName)
    let isSame = isThere ? try PayloadList.read(bag: held).stateDigest == sent.stateDigest : false
    self.sent = isSame ? try PayloadList.tags(bag: held).merging(sent.digests) { $1 } : [:]
  }

  /// What makes the file from the older one; `nil` where it travels whole.
  func delta(of path: String) throws -> (list: PartList, bytes: [UInt8])? {
    let (old, new) = (held + "/" + path, full + "/" + path)
    // The names below delta/ are longer than the file's own.
    guard let digest = sent[path], PortableName.flaw(of: PartList.listName(path)) == nil, Files.exists(old),
      try Checksums.of(file: old, ["sha512"])["sha512"] == digest
    else { return nil }
    let bytes = try Data(contentsOf: URL(fileURLWithPath: new), options: .alwaysMapped)
    if bytes.count < Delta.smallestFile { return nil }
    return CommonParts.between(try Data(contentsOf: URL(fileURLWithPath: old), options: .alwaysMapped), bytes)
  }

  /// Puts a file together as the partner will, and throws when it is not as the package's own manifests say.
  func prove(_ path: String, at supplement: String, _ payload: PayloadList) throws {
    let digest = try payload.digests[path] ?? PayloadList.tags(bag: full)[path] ?? ""
    if try !Delta.makes(digest, supplement, from: held, path) {
      throw Refusal(
        .invalid, "supplement.damaged", at: Place(full + "/" + path), "it is not as the package's own manifest says",
        hint: "run 'ferry verify' on the package, and make it again")
    }
  }
}
