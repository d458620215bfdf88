internal import CSandbox
internal import Dispatch
internal import Foundation

/// SIGTERM and SIGINT as events: the first asks for a graceful stop, the second for one at once, the third kills.
package enum Signals {
  package struct Failure: Error, Hashable {
    package let code: Int32
  }

  /// Turns signals into stop requests while `body` runs; what the signals did before is restored afterwards.
  package static func stopping<Result>(
    _ stop: Stop, within grace: Duration = .seconds(30), _ body: () async throws -> Result
  ) async throws -> Result {
    var ends: [Int32] = [-1, -1]
    if pipe(&ends) != 0 { throw Failure(code: errno) }
    let (reading, writing) = (ends[0], ends[1])
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    let source = DispatchSource.makeReadSource(fileDescriptor: reading)
    source.setEventHandler {
      var bytes = [UInt8](repeating: 0, count: 16)
      let count = read(reading, &bytes, bytes.count)
      for _ in 0..<max(0, count) { stop.request(stop.isRequested ? .atOnce : .gracefully(within: grace)) }
    }
    source.setCancelHandler { close(reading) }
    source.activate()
    defer {
      source.cancel()
      close(writing)
    }
    let code = ferry_signals_watch(writing)
    if code != 0 { throw Failure(code: -code) }
    // The handler is gone before its pipe is.
    defer { ferry_signals_restore() }
    return try await body()
  }
}
