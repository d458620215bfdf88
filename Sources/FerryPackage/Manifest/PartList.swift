package import FerryCore
internal import FerryFiles
internal import Foundation

/// How one file of a new version is put together from ranges of the same file in the version before and of a file of new
/// bytes: a range a line, so that a partner without ferry follows it with `tail` and `head`.
package struct PartList: Hashable, Sendable {
  package static let folder = "delta"

  package static func listName(_ path: String) -> String { "\(folder)/\(path).list" }
  package static func newName(_ path: String) -> String { "\(folder)/\(path).new" }

  /// The file that a file below `delta/` is for.
  package static func subject(of name: String) -> String? {
    guard name.hasPrefix(folder + "/") else { return nil }
    let path = name.dropFirst(folder.count + 1)
    for suffix in [".list", ".new"] where path.hasSuffix(suffix) { return String(path.dropLast(suffix.count)) }
    return nil
  }

  package enum Origin: String, Sendable {
    case base
    case new
  }

  package struct Part: Hashable, Sendable {
    package var origin: Origin
    package var start: Int
    package var count: Int
  }

  private(set) var parts: [Part] = []

  package init() {}

  /// Adds a range; one without bytes is left out.
  package mutating func add(_ origin: Origin, from start: Int, to end: Int) {
    if end > start { parts.append(Part(origin: origin, start: start, count: end - start)) }
  }

  package var text: String { parts.map { "\($0.origin.rawValue) \($0.start) \($0.count)\n" }.joined() }

  /// Reads what `text` writes and nothing else; the new bytes are used in their order, each once.
  package init(_ text: String, file: String) throws(Refusal) {
    var told = 0
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count == 3, let origin = Origin(rawValue: String(words[0])), let start = Int(words[1]),
        let count = Int(words[2]), start >= 0, count > 0, count <= PartList.longest, start <= PartList.longest,
        origin == .base || start == told
      else { break }
      if origin == .new { told = told.adding(bounded: count) }
      parts.append(Part(origin: origin, start: start, count: count))
    }
    guard self.text == text else {
      throw Refusal(
        .invalid, "delta.list", at: Place(file), "it is no list of ranges",
        hint: "ask the sender for the whole version: 'ferry deliver --full'", fault: .mismatched)
    }
  }

  /// No file is longer, and so no sum of what a list can hold overflows.
  private static let longest = 1 << 40

  /// Bytes that are taken from the file before.
  package var baseCount: Int { parts.map { $0.origin == .base ? $0.count : 0 }.saturatedSum }

  /// Bytes that the file of new bytes has.
  package var newCount: Int { parts.map { $0.origin == .new ? $0.count : 0 }.saturatedSum }

  package static func read(_ path: String) throws(Refusal) -> PartList {
    guard let bytes = try Files.readSmall(path) else {
      throw Refusal(
        .incomplete, "delta.missing", at: Place(path), "it is missing, so the file cannot be put together",
        hint: "copy the package again", fault: .missing)
    }
    return try PartList(String(decoding: bytes, as: UTF8.self), file: path)
  }

  /// Hands over the bytes of the file, block by block; `false` when one of the two ends before a range does.
  ///
  /// More than twice the file before is never made of it: a short list could fill a disk.
  package func assemble(base: String, new: String, _ take: (UnsafeRawBufferPointer) throws -> Void) throws -> Bool {
    var files: [Origin: Int32] = [:]
    defer { for descriptor in files.values { close(descriptor) } }
    for origin in Set(parts.map(\.origin)) {
      let path = origin == .base ? base : new
      let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
      guard descriptor >= 0 else {
        if errno == ENOENT { return false }
        throw Files.failed("opening", path)
      }
      files[origin] = descriptor
      var status = stat()
      guard fstat(descriptor, &status) == 0 else { throw Files.failed("fstat", path) }
      let size = Int(status.st_size)
      if origin == .base, baseCount - size > size { return false }
    }
    let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
    defer { block.deallocate() }
    for part in parts {
      guard let descriptor = files[part.origin] else { preconditionFailure("every origin was opened") }
      var start = part.start
      while start < part.start + part.count {
        let count = pread(descriptor, block.baseAddress, min(block.count, part.start + part.count - start), start)
        if count < 0 && errno == EINTR { continue }
        guard count >= 0 else { throw Files.failed("reading", part.origin == .base ? base : new) }
        if count == 0 { return false }
        try take(UnsafeRawBufferPointer(rebasing: block[..<count]))
        start += count
      }
    }
    return true
  }
}
