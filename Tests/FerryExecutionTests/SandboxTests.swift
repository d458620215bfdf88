import FerryCore
import FerryExecution
import Foundation
import Testing

@Suite struct SandboxTests {
  @Test func everyLayerIsProven() throws {
    let reports = try Sandbox.selfTest()
    #expect(reports.map(\.layer) == Sandbox.Layer.allCases)
    for report in reports { #expect(report.isHeld, "\(report.layer): \(report.detail)") }
    #expect(reports[0].detail == "memory, size of a file, open files")
    #expect(reports[1].detail == "setuid programs")
    #expect(
      reports[3].detail
        == "sockets, programs, processes, tracing, signals to others, higher limits, emptying files")
  }

  /// A proof that cannot fail proves nothing: without its layer, each thing that it tries goes through.
  @Test(arguments: [
    (
      Sandbox.Layer.limits,
      """
      memory: done, not refused (Cannot allocate memory), size of a file: done, not killed (File size limit exceeded), \
      open files: done, not refused (Too many open files)
      """
    ),
    (.privileges, "setuid programs: done, not refused (Operation not permitted)"),
    (.landlock, "reading outside: done, not refused (Permission denied)"),
    (.landlock, "writing outside: done, not refused (Permission denied)"),
    (.landlock, "writing a source: done, not refused (Permission denied)"),
    (.seccomp, "sockets: done, not refused (Operation not permitted)"),
    (.seccomp, "programs: refused (No such file or directory), not refused (Operation not permitted)"),
    (.seccomp, "processes: done, not refused (Operation not permitted)"),
    (.seccomp, "signals to others: done, not refused (Operation not permitted)"),
    (.seccomp, "higher limits: done, not refused (Operation not permitted)"),
    (.seccomp, "emptying files: done, not refused (Operation not permitted)"),
  ])
  func aLayerThatIsLeftOutIsNoticed(layer: Sandbox.Layer, words: String) throws {
    for report in try Sandbox.selfTest(leavingOut: [layer]) where report.layer == layer {
      #expect(!report.isHeld)
      #expect(report.detail.contains(words), "\(report.detail)")
    }
  }

  /// The other layers' proofs do not lean on the one that is missing; only root may enter them without `privileges`.
  @Test(arguments: [Sandbox.Layer.limits, .landlock, .seccomp])
  func layersAreProvenOneByOne(layer: Sandbox.Layer) throws {
    let held = try Sandbox.selfTest(leavingOut: [layer]).filter(\.isHeld).map(\.layer)
    #expect(held == Sandbox.Layer.allCases.filter { $0 != layer })
  }

  /// A real worker process: Foundation, threads, converters and files work inside, and a stranger's wishes do not.
  @Test func aWorkerWorksInside() async throws {
    let bench = try Bench()
    for attempt in 1...5 {
      let outcome = try await probe("shut-in").run(bench.order(attempt: "\(attempt)"))
      guard case .finished = outcome else {
        Issue.record("\(outcome)")
        return
      }
    }
  }

  /// Threads that run already would stay outside, so it is an error and not a sandbox with a hole.
  @Test func aProcessWithThreadsIsRefused() async throws {
    let bench = try Bench()
    let rules = Sandbox.Rules(
      for: try bench.order(), limits: Sandbox.Limits(memory: nil, processorTime: nil, fileSize: nil))
    await #expect(throws: Sandbox.Failure.self) {
      try await Task.detached { _ = try Sandbox.apply(rules) }.value
    }
    #expect(
      Sandbox.Failure.threads(4).description == "the sandbox must be entered with one thread, and there are 4")
    #expect(
      Sandbox.Failure.layer(.landlock, subject: "attempts/1", code: ENOENT).description
        == "landlock cannot be set up for attempts/1: No such file or directory")
  }

  @Test func rulesNameTheVeryFilesOfAnOrder() throws {
    let bench = try Bench()
    var order = try bench.order()
    order.tracks = [
      WorkOrder.TrackOrder(
        language: order.sourceLanguage, path: "subs/a.srt", stream: nil, encoding: nil, isDelivered: true)
    ]
    order.kept = "kept/1"
    let rules = Sandbox.Rules(for: order, limits: Sandbox.Limits(memory: nil, processorTime: nil, fileSize: nil))
    #expect(rules.readOnly == [order.source, "subs/a.srt", "kept/1"])
    #expect(rules.readWrite == [order.folder])
  }
}
