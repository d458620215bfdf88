internal import CSandbox
package import FerryCore
internal import FerryFiles
internal import Foundation
internal import Synchronization

/// A worker's end of the pipes to the run that started it: the order comes in, messages go out.
///
/// Standard input stays open as long as the parent lives, so its end is the parent's end, and the worker's.
package final class ParentPipe: Sendable {
  private let output = Mutex(())

  /// The order: the first line of standard input. Nothing else is started by this, so that the sandbox may follow.
  package static func order() throws -> WorkOrder {
    var line = Data()
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = read(STDIN_FILENO, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      if count <= 0 { break }
      let end = chunk[..<count].firstIndex(of: UInt8(ascii: "\n"))
      line.append(contentsOf: chunk[..<(end ?? count)])
      if end != nil { break }
    }
    return try ForeignLine.decoded(line, as: WorkOrder.self)
  }

  /// Gives a sign of life every `beat` from now on, and ends this process when the parent is gone.
  package init(beat: Duration = .seconds(5)) {
    var status = stat()
    // An order from a file has no parent behind it.
    let hasParent = fstat(STDIN_FILENO, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO
    if hasParent { _ = ferry_die_with_parent() }
    let thread = Thread { [self] in attend(hasParent, beat) }
    thread.start()
  }

  /// Writes one message; when the parent is gone there is nobody to work for.
  package func say(_ message: WorkerMessage) {
    let line: Data
    do { line = try JSONEncoder().encode(message) + Data("\n".utf8) } catch {
      preconditionFailure("a message is always JSON: \(error)")
    }
    let code = output.withLock { _ in writeAll(line, to: STDOUT_FILENO) }
    if code != 0 { _exit(EXIT_FAILURE) }
  }

  private func attend(_ hasParent: Bool, _ beat: Duration) -> Never {
    while true {
      // A negative descriptor is passed over, which leaves the beat.
      var input = pollfd(fd: hasParent ? STDIN_FILENO : -1, events: Int16(POLLIN), revents: 0)
      if poll(&input, 1, Int32(beat.wholeMilliseconds)) == 0 {
        say(.alive)
      } else if input.revents != 0 {
        var byte: UInt8 = 0
        if read(STDIN_FILENO, &byte, 1) == 0 { _exit(EXIT_FAILURE) }
      }
    }
  }
}
