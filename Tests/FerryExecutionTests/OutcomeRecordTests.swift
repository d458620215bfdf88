import FerryCore
import FerryExecution
import Foundation
import Testing

@Suite struct OutcomeRecordTests {
  private let outcome = TitleOutcome(
    title: "EPI-001",
    transcode: TranscodeOutcome(
      renditions: [], sounds: [], poster: nil, thumbnails: nil, quality: Quality(findings: [], loudness: nil),
      duration: 3000, chapters: [], tools: ["probe"]),
    didEncode: true, files: [], links: [:], tracks: [], warnings: [])

  @Test func aRecordIsReadAsItWasWritten() throws {
    let bench = try Bench()
    #expect(try OutcomeRecord.read(in: bench.attempt) == nil)
    try OutcomeRecord.write(outcome, in: bench.attempt)
    #expect(try OutcomeRecord.read(in: bench.attempt) == outcome)
    #expect(try FileManager.default.contentsOfDirectory(atPath: bench.attempt) == ["outcome.json"])
  }

  @Test func soIsTheRecordOfAFailure() throws {
    let bench = try Bench()
    let problems = [Diagnostic("source.cut", at: Place("a.mp4"), "it is cut short", hint: "copy it again")]
    #expect(try OutcomeRecord.readFailure(in: bench.attempt) == nil)
    try OutcomeRecord.write(problems, in: bench.attempt)
    #expect(try OutcomeRecord.readFailure(in: bench.attempt) == problems)
    #expect(try OutcomeRecord.read(in: bench.attempt) == nil)
    #expect(try FileManager.default.contentsOfDirectory(atPath: bench.attempt) == ["failure.json"])
  }

  /// What another process left half written is no record.
  @Test func aPartIsNoRecord() throws {
    let bench = try Bench()
    try "{\"ti".write(toFile: bench.attempt + "/.outcome.json.part", atomically: false, encoding: .utf8)
    #expect(try OutcomeRecord.read(in: bench.attempt) == nil)
    try OutcomeRecord.write(outcome, in: bench.attempt)
    #expect(try OutcomeRecord.read(in: bench.attempt) == outcome)
  }

  @Test func aMissingFolderIsNamed() throws {
    let failure = #expect(throws: OutcomeRecord.Failure.self) {
      try OutcomeRecord.write(outcome, in: "/nonexistent")
    }
    #expect(failure?.description == "/nonexistent/.outcome.json.part: open: No such file or directory")
  }

  /// File, then name, then folder: in any other order a power cut leaves a name without its bytes.
  @Test func theDiskHasTheRecordWhenTheCallReturns() throws {
    let bench = try Bench()
    let trace = bench.path + "/trace"
    let strace = Process()
    strace.executableURL = URL(fileURLWithPath: "/usr/bin/strace")
    strace.arguments = ["-f", "-y", "-o", trace, "-e", "trace=fsync,rename", probePath, "finish"]
    let input = Pipe()
    strace.standardInput = input
    strace.standardOutput = FileHandle.nullDevice
    try strace.run()
    try input.fileHandleForWriting.write(contentsOf: JSONEncoder().encode(bench.order()) + Data("\n".utf8))
    strace.waitUntilExit()
    try input.fileHandleForWriting.close()
    let calls = try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n").filter {
      $0.contains("fsync(") || $0.contains("rename(")
    }
    try #require(calls.count == 3)
    #expect(calls[0].contains("fsync(") && calls[0].contains("/attempt/.outcome.json.part>"))
    #expect(calls[1].contains("rename(") && calls[1].contains("/attempt/outcome.json\")"))
    #expect(calls[2].contains("fsync(") && calls[2].contains("/attempt>"))
  }
}
