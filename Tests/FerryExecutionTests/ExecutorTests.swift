import FerryCore
import FerryExecution
import Foundation
import Synchronization
import Testing

@Suite struct ExecutorTests {
  @Test func everyTitleEndsOnce() async throws {
    let bench = try Bench()
    let waiting = Mutex(Array(1...6))
    let ends = Mutex<[Int]>([])
    let executor = LocalExecutor(worker: probe("finish"), workers: 2, stop: Stop())
    try await executor.drain(
      next: { () -> LocalExecutor.Assignment<Int>? in
        guard let number = waiting.withLock({ $0.popLast() }) else { return nil }
        return LocalExecutor.Assignment(number, try bench.order("T-\(number)", attempt: "\(number)"))
      },
      ended: { number, outcome in
        guard case .finished(let title) = outcome else {
          Issue.record("\(number): \(outcome)")
          return
        }
        #expect(title.title == "T-\(number)")
        ends.withLock { $0.append(number) }
      })
    #expect(ends.withLock { $0 }.sorted() == [1, 2, 3, 4, 5, 6])
  }

  /// Two lanes run two workers at the same time, and never three.
  @Test func lanesAreFilledAndNotOverfilled() async throws {
    let bench = try Bench()
    let stop = Stop()
    let given = Mutex(0)
    let executor = LocalExecutor(worker: probe("deaf"), workers: 2, stop: stop)
    async let drained: Void = executor.drain(
      next: { () -> LocalExecutor.Assignment<Int>? in
        let number = given.withLock { count in
          count += 1
          return count
        }
        return LocalExecutor.Assignment(number, try bench.order(attempt: "\(number)"))
      },
      ended: { _, outcome in #expect(outcome == .cancelled) })
    try await eventually("both workers run") {
      (1...2).allSatisfy { FileManager.default.fileExists(atPath: bench.path + "/\($0)/pid") }
    }
    #expect(given.withLock { $0 } == 2)
    stop.request(.atOnce)
    try await drained
    #expect(given.withLock { $0 } == 2)
  }

  @Test func aGracefulStopIsShortForAWorkerThatObeys() async throws {
    let bench = try Bench()
    let stop = Stop()
    async let outcome = probe("orphan").run(bench.order(), stop: stop)
    let worker = try await bench.number(in: "pid")
    let clock = ContinuousClock()
    let start = clock.now
    stop.request(.gracefully(within: .seconds(30)))
    #expect(try await outcome == .cancelled)
    #expect(clock.now - start < .seconds(2))
    #expect(!isRunning(worker))
  }

  @Test func aGracefulStopEndsByForceInTime() async throws {
    let bench = try Bench()
    let stop = Stop()
    async let outcome = probe("deaf").run(bench.order(), stop: stop)
    let worker = try await bench.number(in: "pid")
    stop.request(.gracefully(within: .milliseconds(300)))
    #expect(try await outcome == .cancelled)
    #expect(!isRunning(worker))
  }

  @Test func aSecondWishDoesNotWaitForTheFirst() async throws {
    let bench = try Bench()
    let stop = Stop()
    async let outcome = probe("deaf").run(bench.order(), stop: stop)
    _ = try await bench.number(in: "pid")
    stop.request(.gracefully(within: .seconds(600)))
    stop.request(.atOnce)
    #expect(try await outcome == .cancelled)
  }

  @Test func nothingIsStartedAfterAStop() async throws {
    let stop = Stop()
    stop.request(.gracefully(within: .seconds(30)))
    let executor = LocalExecutor(worker: probe("finish"), workers: 3, stop: stop)
    try await executor.drain(
      next: {
        Issue.record("a title was taken")
        return nil as LocalExecutor.Assignment<Int>?
      }, ended: { _, _ in })
  }

  /// An error of the queue ends the workers of the other lanes, instead of waiting for them.
  @Test func anErrorOfTheQueueEndsEverything() async throws {
    struct Locked: Error {}
    let bench = try Bench()
    let given = Mutex(0)
    let executor = LocalExecutor(worker: probe("deaf"), workers: 2, stop: Stop())
    await #expect(throws: Locked.self) {
      try await executor.drain(
        next: { () -> LocalExecutor.Assignment<Int>? in
          let isFirst = given.withLock { count in
            count += 1
            return count == 1
          }
          if isFirst { return LocalExecutor.Assignment(1, try bench.order()) }
          _ = try await bench.number(in: "pid")
          throw Locked()
        }, ended: { _, _ in })
    }
    #expect(!isRunning(try await bench.number(in: "pid")))
  }

  @Test func signalsAskTwiceAndThenKill() async throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: probePath)
    process.arguments = ["signals"]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    #expect(try line(output) == "ready")
    kill(process.processIdentifier, SIGTERM)
    #expect(try line(output) == "gracefully(within: 7.0 seconds)")
    kill(process.processIdentifier, SIGINT)
    #expect(try line(output) == "atOnce")
    kill(process.processIdentifier, SIGINT)
    #expect(try line(output).isEmpty)
    process.waitUntilExit()
    #expect(process.terminationReason == .uncaughtSignal)
    #expect(process.terminationStatus == SIGINT)
  }

  /// The next line, or nothing when the other end is closed.
  private func line(_ pipe: Pipe) throws -> String {
    var line = Data()
    while let byte = try pipe.fileHandleForReading.read(upToCount: 1), byte != Data("\n".utf8) { line += byte }
    return String(decoding: line, as: UTF8.self)
  }

  @Test func signalsAreRestored() async throws {
    var before = sigaction()
    var during = sigaction()
    var after = sigaction()
    sigaction(SIGTERM, nil, &before)
    let stop = Stop()
    try await Signals.stopping(stop) {
      sigaction(SIGTERM, nil, &during)
      kill(getpid(), SIGTERM)
      try await eventually("the stop is asked for") { stop.isRequested }
    }
    sigaction(SIGTERM, nil, &after)
    #expect(handler(before) == handler(after))
    #expect(handler(before) != handler(during))
  }

  private func handler(_ action: sigaction) -> UInt {
    withUnsafeBytes(of: action.__sigaction_handler) { $0.loadUnaligned(as: UInt.self) }
  }
}
