internal import Foundation

/// Makes a finished folder visible, whole or not at all.
package enum Publish {
  package enum Failure: Error, Hashable {
    /// Something has the name already.
    case exists
    case failed(call: String, path: String, code: Int32)
  }

  /// Flushes every file and folder below `folder`, renames it to `path` without replacing, and flushes the parent.
  package static func folder(_ folder: String, as path: String) throws {
    try flushTree(folder)
    // rename(2) of a folder takes the place of an empty folder at most; anything else there is refused.
    if rename(folder, path) != 0 {
      if [EEXIST, ENOTEMPTY, ENOTDIR].contains(errno) { throw Failure.exists }
      throw Failure.failed(call: "rename", path: path, code: errno)
    }
    try flush(URL(fileURLWithPath: path).deletingLastPathComponent().path)
  }

  private static func flushTree(_ folder: String) throws {
    guard let names = FileManager.default.enumerator(atPath: folder) else {
      throw Failure.failed(call: "open", path: folder, code: ENOENT)
    }
    for case let name as String in names { try flush(folder + "/" + name) }
    try flush(folder)
  }

  private static func flush(_ path: String) throws {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Failure.failed(call: "open", path: path, code: errno) }
    defer { close(descriptor) }
    if fsync(descriptor) != 0 { throw Failure.failed(call: "fsync", path: path, code: errno) }
  }
}
