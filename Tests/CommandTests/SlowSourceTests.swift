import Foundation
import Testing

/// Jobs that take long to be looked at, and those beside them.
@Suite
struct SlowSourceTests {
  /// One job of one lesson of the same name, whose files nobody has touched for an hour.
  private func job(_ name: String, at place: Place) throws -> String {
    let job = place.path + "/\(name).yaml"
    try FileManager.default.moveItem(atPath: place.job([place.lesson(name)], label: name), toPath: job)
    for file in [".mp4", ".srt"] {
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSinceNow: -3600)], ofItemAtPath: place.path + "/" + name + file)
    }
    return job
  }

  /// Every read of one source by the run itself takes a minute, and another source has just been written.
  @Test func aSlowSourceAndAYoungOneKeepNobodyWaiting() throws {
    let place = try Place()
    let jobs = try ["YOUNG", "SLOW", "READY"].map { try job($0, at: place) }
    try FileManager.default.setAttributes([.modificationDate: Date()], ofItemAtPath: place.path + "/YOUNG.mp4")
    let run = try Running(
      place, ["--settle", "1800"] + jobs,
      under: [
        "/usr/bin/strace", "-D", "-f", "-b", "execve", "-qq", "-o", "/dev/null", "-P", place.path + "/SLOW.mp4", "-e",
        "trace=read", "-e", "inject=read:delay_enter=60000000",
      ])
    try run.wait(for: "title-finished", "READY")
    #expect(!run.lines.contains { $0.contains("SLOW") || $0.contains("YOUNG") }, "\(run.lines)")
  }
}
