internal import FerryCore
internal import Foundation

/// The file in an attempt's folder that says what its worker is doing.
package enum DoingNote {
  private static let name = "doing"

  /// A file for the notes of a worker; -1 where there is no room for one, which is no reason not to work.
  package static func open(in folder: String) -> Int32 {
    Foundation.open(folder + "/" + name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
  }

  static func read(in folder: String) -> Doing? {
    let descriptor = Foundation.open(folder + "/" + name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    return read(descriptor)
  }

  static func read(_ descriptor: Int32) -> Doing? {
    var bytes = [UInt8](repeating: 0, count: Doing.noteSize)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    return count > 0 ? Doing(note: Array(bytes.prefix(count))) : nil
  }
}

/// What a process that opens a stranger's file may know of this one's environment: no secret, and nothing that changes
/// what it makes.
enum ChildEnvironment {
  static var kept: [String: String] {
    var names: Set = ["LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "TZ"]
    #if DEBUG
      names.insert(fault)
    #endif
    var kept = ProcessInfo.processInfo.environment.filter { names.contains($0.key) }
    // A crash is one line in the log; the backtracer would be a program to start.
    kept["SWIFT_BACKTRACE"] = "enable=no"
    return kept
  }

  #if DEBUG
    /// Names a file that ends its reader, for tests.
    static let fault = "FERRY_TEST_KILLER"
  #endif
}
