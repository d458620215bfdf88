import FerryCore
import FerryExecution
import Foundation
import Synchronization
import Testing

/// Processes that open files for others, and what becomes of those that a file ends.
///
/// One at a time: each holds a thread while it waits, and workers are watched by the clock.
@Suite(.serialized) struct ReaderTests {
  private func readers(_ readable: [String] = []) -> Readers {
    Readers(executable: probePath, arguments: ["read"], readable: readable)
  }

  private func ask(_ readers: Readers, _ question: String, _ patience: Duration = .seconds(20)) throws -> String {
    try readers.ask(question, patience: patience)
  }

  private func failure(_ readers: Readers, _ question: String, _ patience: Duration = .seconds(20)) -> ReaderFailure? {
    do throws(ReaderFailure) {
      let _: String = try readers.ask(question, patience: patience)
      return nil
    } catch {
      return error
    }
  }

  @Test func oneProcessAnswersAsLongAsThereAreQuestions() throws {
    let readers = readers()
    let numbers = try (0..<50).map { _ in try ask(readers, "process") }
    #expect(Set(numbers).count == 1)
    #expect(try ask(readers, "long").utf8.count == 5 << 20)
  }

  @Test func onlyWhatWasNamedCanBeRead() throws {
    let bench = try Bench()
    let readers = readers([bench.path + "/sources/lesson.mp4"])
    #expect(try ask(readers, bench.path + "/sources/lesson.mp4") == "lesson")
    #expect(try ask(readers, bench.path + "/sources/secret") == "refused")
  }

  @Test(arguments: [
    ("fall", "the process that reads it was killed by signal 11 (Segmentation fault) while opening fall"),
    ("exit", "the process that reads it ended with exit code 9 while opening exit"),
  ])
  func aFileThatEndsItsReaderIsNamedAndTheRestGoesOn(question: String, words: String) throws {
    let readers = readers()
    let first = try ask(readers, "process")
    #expect(failure(readers, question)?.description == words)
    #expect(failure(readers, question)?.description == words, "nor does the next process survive it")
    #expect(try ask(readers, "process") != first)
  }

  @Test func aTrapIsASignal() throws {
    guard case .killed(let signal, _, let doing) = failure(readers(), "trap") else {
      Issue.record("a trap ends nothing")
      return
    }
    #expect([SIGILL, SIGTRAP].contains(signal))
    #expect(doing == Doing(.opening, "trap"))
  }

  /// What ends a process that has read other files may be their making.
  @Test func aFileIsJudgedByAProcessThatReadNoOther() throws {
    let readers = readers()
    _ = try ask(readers, "process")
    #expect(try ask(readers, "fall later") == "refused", "a new process reads it")
  }

  @Test func whoeverDoesNothingNewIsStopped() throws {
    let readers = readers()
    #expect(
      failure(readers, "hang", .milliseconds(400)) == .stalled(.milliseconds(400), doing: Doing(.opening, "hang")))
    #expect(try ask(readers, "work", .milliseconds(400)) == "worked", "it takes longer, and goes on")
  }

  @Test func whatCannotBeStartedOrUnderstoodIsSaid() throws {
    #expect(
      failure(Readers(executable: "/nowhere/ferry", arguments: [], readable: []), "process")
        == .unusable("/nowhere/ferry: No such file or directory"))
    guard case .unusable = failure(readers(), "number") else {
      Issue.record("a number is not text")
      return
    }
    guard case .ended(7, _, nil) = failure(readers(["nothing"]), "process") else {
      Issue.record("it ended before it was asked")
      return
    }
  }

  @Test func manyAskAtOnce() throws {
    let readers = readers()
    let answers = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: 40) { index in
      let question = index % 10 == 0 ? "fall" : "process"
      let said = failure(readers, question).map { _ in "failed" } ?? "answered"
      answers.withLock { $0.append(said) }
    }
    #expect(answers.withLock { $0.count { $0 == "failed" } } == 4)
    #expect(answers.withLock { $0.count { $0 == "answered" } } == 36)
  }

  @Test func readersEndWithWhoeverAsks() async throws {
    let bench = try Bench()
    let number: pid_t
    do {
      let readers = readers()
      number = try #require(pid_t(ask(readers, "process")))
      #expect(isRunning(number))
    }
    #expect(!isRunning(number))
    let host = Process()
    host.executableURL = URL(fileURLWithPath: probePath)
    host.arguments = ["read-host", bench.attempt]
    try host.run()
    let reader = try await bench.number(in: "pid")
    #expect(isRunning(reader))
    kill(host.processIdentifier, SIGKILL)
    try await eventually("the reader ends") { !isRunning(reader) }
  }

  @Test(arguments: [SIGSEGV, SIGILL, SIGKILL])
  func aWorkerThatIsKilledSaysWhatItWasDoing(signal: Int32) async throws {
    let bench = try Bench()
    let log = bench.path + "/log"
    async let outcome = probe("decode").run(bench.order(), log: log)
    kill(try await bench.number(in: "pid"), signal)
    let words = " while decoding the picture of lesson.mp4 (stream 0) at 83.4 s"
    #expect(try await outcome.description.hasSuffix(words))
    let kept = try String(contentsOfFile: log, encoding: .utf8)
    #expect(kept.hasPrefix("ferry: the worker was killed ") && kept.hasSuffix(words + "\n"))
  }
}
