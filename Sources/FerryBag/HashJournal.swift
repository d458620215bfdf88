internal import FerryCore
internal import FerryFiles
internal import Foundation
internal import Synchronization

/// Digests of a reading that may be killed, in a file outside the bag: the next reading computes only the others.
///
/// The first line says what the file is: one that says anything else is somebody's, and stays as it is. A line is believed
/// only while the file's inode, size and times are those of the line, and a line that was cut off by the kill is no line.
final class HashJournal: Sendable {
  /// Reading a smaller file again costs less than noting it.
  private static let worthNoting = 1 << 20
  private static let header = Array("ferry-digests/1\n".utf8)

  private struct Entry: Codable {
    var path: String
    var file: String
    var digests: [String: String]
  }

  private struct State {
    var entries: [String: Entry] = [:]
    var failure: Int32?
  }

  private let path: String
  private let descriptor: Int32
  private let state = Mutex(State())

  private init(path: String, descriptor: Int32) { (self.path, self.descriptor) = (path, descriptor) }

  deinit { close(descriptor) }

  static func open(_ path: String, bag: String) throws(Diagnostics) -> HashJournal {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().resolvingSymlinksInPath().path
    let inside = URL(fileURLWithPath: bag).resolvingSymlinksInPath().path
    guard folder != inside, !folder.hasPrefix(inside + "/") else {
      throw Diagnostics(
        Diagnostic(
          "bag.journal", at: Place(path), "the journal would be inside the bag, and checking a bag never writes there",
          hint: "name a file somewhere else"))
    }
    let descriptor = Foundation.open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw unwritable(path, errno) }
    let journal = HashJournal(path: path, descriptor: descriptor)
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { throw foreign(path) }
    do {
      if try !journal.read() { throw foreign(path) }
    } catch let error as Diagnostics {
      throw error
    } catch {
      throw Diagnostics(
        Diagnostic(
          "bag.journal", at: Place(path), "the journal cannot be read: \(error)",
          hint: "remove the file; everything is read again then"))
    }
    return journal
  }

  private static func unwritable(_ path: String, _ code: Int32) -> Diagnostics {
    Diagnostics(
      Diagnostic(
        "bag.journal", at: Place(path), "the journal cannot be written: \(String(cString: strerror(code)))",
        hint: "name a file in a folder that you may write to"))
  }

  /// What was named holds something that no reading noted, and a finished reading removes its journal.
  private static func foreign(_ path: String) -> Diagnostics {
    Diagnostics(
      Diagnostic(
        "bag.journal", at: Place(path), "it is no journal of an earlier check, and is left as it is",
        hint: "name a file that does not exist"))
  }

  /// Takes in what was noted; `false` for a file that is no journal. An empty one becomes one.
  private func read() throws -> Bool {
    let bytes = try FileBytes.read(path)
    if bytes.isEmpty {
      append(HashJournal.header)
      return true
    }
    guard bytes.starts(with: HashJournal.header) else { return false }
    // A line that has no end would swallow the next one.
    if bytes.last != 0x0A { append([0x0A]) }
    for line in bytes.dropFirst(HashJournal.header.count).split(separator: 0x0A) {
      do {
        let entry = try JSONDecoder().decode(Entry.self, from: Data(line))
        state.withLock { $0.entries[entry.path] = entry }
      } catch is DecodingError {
        // Cut off by the kill: that file is read again.
      }
    }
    return true
  }

  /// What makes a file the one that was read; `nil` when it is gone.
  private static func identity(_ file: String) -> String? {
    var status = stat()
    guard lstat(file, &status) == 0 else { return nil }
    let times = [status.st_mtim, status.st_ctim].map { "\($0.tv_sec).\($0.tv_nsec)" }
    return "\(status.st_dev):\(status.st_ino):\(status.st_size):" + times.joined(separator: ":")
  }

  func known(_ path: String, file: String, _ algorithms: Set<String>) -> [String: String]? {
    guard let entry = state.withLock({ $0.entries[path] }), entry.file == HashJournal.identity(file),
      algorithms.isSubset(of: entry.digests.keys)
    else { return nil }
    return entry.digests
  }

  func note(_ path: String, file: String, size: Int, _ digests: [String: String]) {
    guard size >= HashJournal.worthNoting, let identity = HashJournal.identity(file) else { return }
    do {
      let line = try JSONEncoder().encode(Entry(path: path, file: identity, digests: digests))
      append(Array(line) + [0x0A])
    } catch {
      preconditionFailure("strings encode as JSON: \(error)")
    }
  }

  private func append(_ bytes: [UInt8]) {
    let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    if written != bytes.count { state.withLock { $0.failure = errno } }
  }

  /// Removes the file: the reading is through. Returns what there is to say where notes were lost.
  func finish() -> Diagnostic? {
    unlink(path)
    guard let code = state.withLock({ $0.failure }) else { return nil }
    return Diagnostic(
      .warning, "bag.journal", at: Place(path),
      "the journal could not be written: \(String(cString: strerror(code))); the check itself is not affected")
  }
}
