import FerryCore
import FerryExecution
import Foundation
import Synchronization
import Testing

@Suite struct WorkerTests {
  @Test func finishedWorkIsItsRecord() async throws {
    let bench = try Bench()
    let positions = Mutex<[Milliseconds]>([])
    let outcome = try await probe("finish").run(bench.order()) { position in positions.withLock { $0.append(position) }
    }
    guard case .finished(let title) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(title.title == "EPI-001")
    #expect(positions.withLock { $0 } == [1000, 2000, 3000])
    #expect(outcome.description == "made")
  }

  /// Everything that a short-lived worker wrote is heard, though its pipes close with it.
  @Test func nothingIsLostAtTheEnd() async throws {
    let bench = try Bench()
    for attempt in 1...20 {
      let outcome = try await probe("reject").run(bench.order(attempt: "\(attempt)"))
      let diagnostic = Diagnostic("source.broken", at: Place("lesson.mp4"), "it is broken", hint: "film it again")
      #expect(outcome == .rejected([diagnostic]))
    }
  }

  @Test(arguments: [
    ("fall", "the worker was killed by signal 11 (Segmentation fault); its last words: before the fall"),
    ("bad-exit", "the worker ended with exit code 9; its last words: no, thank you"),
    ("no-record", "the worker ended without an outcome"),
    ("not-listening", "the worker ended without an outcome"),
    ("reject", "refused: it is broken"), ("reject-unheard", "refused: it is broken"),
  ])
  func endsAreTold(behaviour: String, words: String) async throws {
    let bench = try Bench()
    #expect(try await probe(behaviour).run(bench.order()).description == words)
  }

  @Test func aTrapIsACrashWithItsSentence() async throws {
    let bench = try Bench()
    let outcome = try await probe("trap").run(bench.order())
    guard case .crashed(.signal, let line, _) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(line?.contains("Fatal error: this cannot be") == true)
  }

  @Test(arguments: [
    ("memory", Outcome.Limit.memory, "the worker went over its limit of memory; its last words: "),
    ("processor", .processorTime, "the worker went over its limit of processor time"),
    ("file-size", .fileSize, "the worker went over its limit of file size"),
  ])
  func limitsAreNamed(behaviour: String, limit: Outcome.Limit, words: String) async throws {
    let bench = try Bench()
    let outcome = try await probe(behaviour).run(bench.order())
    guard case .overLimit(limit, _, _) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(outcome.description.hasPrefix(words))
  }

  /// What a worker wrote is a stranger's word too: it is an end like others, and no error of the run.
  @Test func aBrokenRecordIsACrash() async throws {
    let bench = try Bench()
    let outcome = try await probe("bad-record").run(bench.order())
    guard case .crashed(.exited(0), let line?, _) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(line.hasPrefix("its record cannot be read: "))
  }

  @Test func anOrderThatNobodyReadsKillsOnlyItsWorker() async throws {
    let bench = try Bench()
    var order = try bench.order()
    order.sourceDigest = String(repeating: "0", count: 1 << 20)
    #expect(try await probe("not-listening").run(order) == .crashed(.exited(0), lastLine: nil))
  }

  @Test func anOrderThatIsStuckDoesNotHoldUpItsRun() async throws {
    let bench = try Bench()
    var order = try bench.order()
    order.sourceDigest = String(repeating: "0", count: 1 << 20)
    let outcome = try await probe("not-reading", sign: .milliseconds(300)).run(order)
    #expect(outcome == .timedOut(.sign(.milliseconds(300))))
  }

  @Test func failuresKeepTheirWords() throws {
    let diagnostic = Diagnostic("source.broken", at: Place("lesson.mp4"), "it is broken")
    #expect(throws: WorkFailure.rejected([diagnostic])) { try Outcome.rejected([diagnostic]).get() }
    #expect(throws: WorkFailure.crashed("the worker made no progress for 600 s and was stopped")) {
      try Outcome.timedOut(.progress(.seconds(600))).get()
    }
    #expect(throws: WorkFailure.crashed("stopped before it was made")) { try Outcome.cancelled.get() }
    #expect(
      Outcome.crashed(.signal(SIGKILL), lastLine: nil).description
        == "the worker was killed from outside, by the kernel for lack of memory or by a person")
  }

  @Test func aMissingProgramIsAnErrorAndNoOutcome() async throws {
    let bench = try Bench()
    await #expect(throws: (any Error).self) {
      try await Worker(executable: bench.path + "/nothing").run(bench.order())
    }
  }

  /// A stopped process gives no sign and hears no SIGTERM.
  @Test func silenceIsEndedAndNamed() async throws {
    let bench = try Bench()
    async let outcome = probe("orphan", sign: .milliseconds(700)).run(bench.order())
    let worker = try await bench.number(in: "pid")
    kill(worker, SIGSTOP)
    let ended = try await outcome
    #expect(ended == .timedOut(.sign(.milliseconds(700))))
    #expect(ended.description == "the worker gave no sign for 0.7 s and was stopped")
    #expect(!isRunning(worker))
  }

  /// It beats, so only the lack of progress ends it; it ignores SIGTERM, so SIGKILL does.
  @Test func aLiveWorkerWithoutProgressIsEndedByForce() async throws {
    let bench = try Bench()
    async let outcome = probe("deaf", sign: .seconds(5), progress: .milliseconds(400)).run(bench.order())
    let worker = try await bench.number(in: "pid")
    #expect(isRunning(worker))
    #expect(try await outcome == .timedOut(.progress(.milliseconds(400))))
    #expect(!isRunning(worker))
  }

  @Test func aWorkerThatClosesItsPipesIsEnded() async throws {
    let bench = try Bench()
    let outcome = try await probe("mute").run(bench.order())
    #expect(outcome == .crashed(.signal(SIGKILL), lastLine: nil))
  }

  @Test func aFloodIsSurvivedAndTheLogIsCapped() async throws {
    let bench = try Bench()
    let log = bench.path + "/EPI-001.log"
    let outcome = try await probe("flood").run(bench.order(), log: log)
    guard case .finished = outcome else {
      Issue.record("\(outcome)")
      return
    }
    let kept = try #require(FileManager.default.contents(atPath: log))
    let end = "\n(more than 4194304 bytes; the rest was not kept)\n"
    #expect(kept.count == (4 << 20) + end.utf8.count)
    #expect(String(decoding: kept.suffix(end.utf8.count), as: UTF8.self) == end)
  }

  @Test func linesThatAreNoMessagesDoNotHideOneThatIs() async throws {
    let bench = try Bench()
    let outcome = try await probe("babble").run(bench.order())
    #expect(outcome == .rejected([Diagnostic("title.bad", at: Place("a\u{2028}b"), "one\u{85}two")]))
  }

  @Test func whatAWorkerStartedGoesWithIt() async throws {
    let bench = try Bench()
    let outcome = try await probe("family").run(bench.order())
    #expect(outcome == .crashed(.signal(SIGKILL), lastLine: nil))
    let child = try await bench.number(in: "child")
    try await eventually("the worker's child ends") { !isRunning(child) }
  }

  @Test func aWorkerKnowsNoSecrets() async throws {
    setenv("FERRY_TEST_CANARY", "a secret", 1)
    defer { unsetenv("FERRY_TEST_CANARY") }
    let bench = try Bench()
    let log = bench.path + "/log"
    _ = try await probe("environment").run(bench.order(), log: log)
    let names = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").map(String.init)
    #expect(names.contains("SWIFT_BACKTRACE"))
    #expect(Set(names).isSubset(of: ["LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "SWIFT_BACKTRACE", "TZ"]))
  }

  /// The parent is killed; a worker that is stopped itself can only be ended by the kernel.
  @Test(arguments: [false, true])
  func aWorkerDoesNotOutliveItsParent(isStopped: Bool) async throws {
    let bench = try Bench()
    let host = Process()
    host.executableURL = URL(fileURLWithPath: probePath)
    host.arguments = ["host", "deaf", bench.attempt]
    try host.run()
    let worker = try await bench.number(in: "pid")
    if isStopped { kill(worker, SIGSTOP) }
    #expect(isRunning(worker))
    kill(host.processIdentifier, SIGKILL)
    try await eventually("the worker ends") { !isRunning(worker) }
  }

  /// The parent lives, but has let go of the worker.
  @Test func aWorkerEndsWithItsPipe() async throws {
    let bench = try Bench()
    let worker = Process()
    worker.executableURL = URL(fileURLWithPath: probePath)
    worker.arguments = ["deaf"]
    worker.standardOutput = FileHandle.nullDevice
    let input = Pipe()
    worker.standardInput = input
    try worker.run()
    try input.fileHandleForWriting.write(contentsOf: JSONEncoder().encode(bench.order()) + Data("\n".utf8))
    let number = try await bench.number(in: "pid")
    #expect(isRunning(number))
    try input.fileHandleForWriting.close()
    try await eventually("the worker ends") { !isRunning(number) }
  }
}
