import ArgumentParser
import Foundation
import Synchronization

/// Standard output, which must be known to have arrived: an answer that is lost must not end with 0.
enum StandardOutput {
  /// The errno of the first write that failed.
  private static let failure = Mutex<Int32?>(nil)

  /// Writes every byte, or notes that it did not; a reader that went away wanted no more.
  static func write(_ data: Data) {
    data.withUnsafeBytes { bytes in
      var left = bytes[...]
      while !left.isEmpty {
        let count = Foundation.write(
          STDOUT_FILENO, UnsafeRawBufferPointer(rebasing: left).baseAddress, left.count)
        if count >= 0 {
          left = left.dropFirst(count)
        } else if errno != EINTR {
          return note(errno)
        }
      }
    }
  }

  private static func note(_ code: Int32) {
    if code == EPIPE { return }
    failure.withLock { if $0 == nil { $0 = code } }
  }

  /// The code to end with in place of `code`, after standard output is closed.
  static func end(_ code: ExitCode) -> ExitCode {
    // Some file systems say only now that there is no room.
    if close(STDOUT_FILENO) != 0 { note(errno) }
    guard let failure = failure.withLock({ $0 }) else { return code }
    Terminal.say("ferry: error: the answer cannot be written to standard output: \(String(cString: strerror(failure)))")
    return code == .success ? .lostOutput : code
  }

  /// Opens the standard descriptors that the caller closed, so that no other file takes their numbers: writing to a
  /// standard output that is not there still fails.
  static func holdDescriptors() {
    for (descriptor, flags) in [(STDIN_FILENO, O_RDONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_WRONLY)]
    where fcntl(descriptor, F_GETFD) < 0 {
      _ = open("/dev/null", flags)
    }
  }
}
