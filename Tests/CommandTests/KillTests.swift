import Foundation
import Testing

/// Runs that are ended from outside, at every point where it matters.
@Suite(.serialized)
struct KillTests {
  /// `kill.py` says what must hold after a SIGKILL. Proven by planting bugs, each of which turned it red:
  ///
  /// - the note of what is published written after the rename: "the next run ends with 65 … published already"
  ///   (this one was real);
  /// - `commitPublished` before `stage.keep`: "was acknowledged and is begun again", and the order of calls;
  /// - `place` without `flushTree`: "is renamed to its place without having been flushed";
  /// - `Publish.folder` without the last flush: "is not flushed before the queue hears of";
  /// - `place` by copying file by file: "two renditions, two lessons and a package are renamed, not 1";
  /// - no `sweep` at the start: "something is left in attempts".
  ///
  /// `FERRY_KILL_TRIALS=300` also kills at every single call.
  @Test func nothingIsLostOrHalfVisibleWhereverARunIsKilled() throws {
    let place = try Place()
    let trials = ProcessInfo.processInfo.environment["FERRY_KILL_TRIALS"]
    let verdict = try judge("kill.py", [binary, place.path] + (trials.map { ["--every-call", "--random", $0] } ?? []))
    #expect(verdict.code == 0, "\(verdict.output)\(verdict.errors)")
    #expect(verdict.output.contains(" kills, 0 wrong"))
  }

  @Test func oneSignalStopsARunAndPutsItsTitlesBackUnharmed() throws {
    let place = try Place()
    let job = try place.job([place.lesson("LONG", seconds: 200), place.lesson("SHORT")])
    let run = try Running(place, job, "--workers", "1")
    try run.wait(for: "title-progress", "LONG")
    let worker = try run.worker()
    let began = ContinuousClock.now
    run.send(SIGTERM)
    let end = try run.finish()
    #expect(end.code == 75, "\(end.errors)")
    #expect(ContinuousClock.now - began < .seconds(120))
    #expect(!isAlive(worker))
    #expect(!end.output.contains("SHORT\""), "nothing is begun after the signal")
    let status = try place.queue("status", "--json")
    #expect(status.output.contains(#""queued" : 2"#), "\(status.output)")
    #expect(try place.queue("why", "LONG").output.contains("released"))
    #expect(try Place.files(below: place.home + "/attempts").isEmpty)
  }

  @Test func aSecondSignalIsHeardAtOnce() throws {
    let place = try Place()
    let job = try place.job([place.lesson("LONG", seconds: 200)])
    let run = try Running(place, job)
    try run.wait(for: "title-progress", "LONG")
    let worker = try run.worker()
    // A worker that is stopped hears no SIGTERM: only the second signal's SIGKILL ends it before half a minute.
    kill(worker, SIGSTOP)
    let began = ContinuousClock.now
    // Two of one kind at once would be one.
    run.send(SIGINT)
    run.send(SIGTERM)
    let end = try run.finish()
    #expect(end.code == 75, "\(end.errors)")
    #expect(ContinuousClock.now - began < .seconds(25))
    #expect(!isAlive(worker))
  }

  @Test func aTitleThatIsCancelledWhileItIsMadeIsStopped() throws {
    let place = try Place()
    let job = try place.job([place.lesson("LONG", seconds: 600), place.lesson("B")])
    let run = try Running(place, job, "--workers", "1")
    try run.wait(for: "title-progress", "LONG")
    #expect(try place.queue("cancel", "TEST-1", "LONG").output == "cancelled: LONG\n")
    let end = try run.finish()
    #expect(end.code == 1, "\(end.errors)")
    #expect(!end.output.contains(#""position_ms":600000"#), "its worker does not go on to the end")
    #expect(end.output.contains("what was made of LONG came too late and is not used"))
    #expect(end.output.contains(#"{"encoded":true,"event":"title-finished""#), "the other one is made")
    #expect(try place.queue("status").output.hasPrefix("TEST-1  1 done, 1 cancelled"))
  }

  @Test func workersDieWithTheirRun() throws {
    let place = try Place()
    let job = try place.job([place.lesson("LONG", seconds: 200)])
    let run = try Running(place, job)
    try run.wait(for: "title-progress", "LONG")
    let worker = try run.worker()
    run.send(SIGKILL)
    _ = try run.finish()
    let deadline = ContinuousClock.now + .seconds(25)
    while isAlive(worker), ContinuousClock.now < deadline { sched_yield() }
    #expect(!isAlive(worker))
  }

  @Test func thePoisonTitleIsQuarantinedWithinOneRunAndTheOthersAreDone() throws {
    let place = try Place()
    let job = try place.job([place.lesson("GOOD-1"), place.lesson("POISON", seconds: 60), place.lesson("GOOD-2")])
    let run = try Running(place, job, "--workers", "1")
    for _ in 0..<2 {
      try run.wait(for: "title-started", "POISON")
      kill(try run.worker(), SIGKILL)
    }
    let end = try run.finish()
    #expect(end.code == 1, "\(end.errors)")
    let status = try place.queue("status")
    #expect(status.output.hasPrefix("TEST-1  2 done, 1 quarantined"), "\(status.output)")
    #expect(end.output.contains(#""message":"the worker for POISON died: the worker was killed from outside"#))
    // The page at the end is for people.
    let again = try place.run(job)
    #expect(again.code == 1)
    #expect(again.errors.contains("TEST-1 POISON: quarantined: the worker was killed from outside"))
    #expect(again.errors.contains("log: \(place.home)/logs/TEST-1/POISON.log"))
    #expect(try place.queue("why", "POISON").output.contains("2  "), "both attempts are told")
    #expect(try place.queue("retry", "TEST-1", "POISON").output == "queued again: POISON\n")
    #expect(try place.run(job).code == 0)
  }

  @Test func ofTwoRunsAtOnceOneWorks() throws {
    let folder = try Place()
    let lesson = try folder.lesson("A")
    let job = try folder.job([lesson])
    for round in 1...20 {
      let home = "\(folder.path)/home-\(round)"
      let arguments = ["run", job, "--settle", "0", "--json", "--home", home, "--out", home + "/out"]
      let ends = Ends()
      DispatchQueue.concurrentPerform(iterations: 2) { _ in ends.add(Result { try runProgram(binary, arguments) }) }
      let both = try ends.all.map { try $0.get() }
      let encodes = both.map(\.output).joined().split(separator: "\n").count {
        $0.contains("title-started") && $0.contains(#""encoded":true"#)
      }
      #expect(encodes == 1, "round \(round): the title is encoded \(encodes) times")
      #expect(both.contains { $0.code == 0 })
      for end in both where end.code != 0 {
        #expect(end.code == 75)
        #expect(
          end.errors == "\(home): error: another run is at work\n  hint: try again when it is done\n", "\(end.errors)")
      }
    }
  }
}

private final class Ends: @unchecked Sendable {
  private let lock = NSLock()
  private var ends: [Result<Finished, any Error>] = []

  func add(_ end: Result<Finished, any Error>) { lock.withLock { ends.append(end) } }

  var all: [Result<Finished, any Error>] { lock.withLock { ends } }
}
