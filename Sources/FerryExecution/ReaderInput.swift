internal import CSandbox
internal import FerryFiles
internal import Foundation

/// A reader's end of the socket to the process that asks: questions come in, a line each, and answers go out.
package struct ReaderInput: ~Copyable {
  /// Where a reader keeps its note of what it is doing.
  package static let note: Int32 = 3

  private var pending = Data()

  package init() {}

  /// The next line, or `nil` when nobody asks any more.
  package mutating func next<Value: Decodable>(_: Value.Type) throws -> Value? {
    var searched = pending.startIndex
    while true {
      if let end = pending[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        let line = pending[..<end]
        defer { pending = Data(pending[(end + 1)...]) }
        return try ForeignLine.decoded(line, as: Value.self)
      }
      searched = pending.endIndex
      var chunk = [UInt8](repeating: 0, count: 64 << 10)
      let count = read(STDIN_FILENO, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      if count <= 0 { return nil }
      pending.append(contentsOf: chunk[..<count])
    }
  }

  package func answer(_ value: some Encodable) throws {
    if writeAll(try JSONEncoder().encode(value) + Data("\n".utf8), to: STDOUT_FILENO) != 0 { _exit(EXIT_FAILURE) }
  }

  /// Ends this process, whatever it is doing, when the one that asks is gone.
  package func endWithParent() {
    Thread {
      ferry_wait_for_end(STDIN_FILENO)
      _exit(EXIT_FAILURE)
    }.start()
  }

  /// In debug builds the tests name a file that ends its reader.
  package func fallWhereATestSaysSo(_ path: String) {
    #if DEBUG
      if let killer = ProcessInfo.processInfo.environment[ChildEnvironment.fault], path.hasSuffix("/" + killer) {
        raise(SIGSEGV)
      }
    #endif
  }
}
