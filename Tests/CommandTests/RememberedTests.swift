import Foundation
import Testing

/// What the queue remembers serves the commands that only look, and they leave the queue as it is.
@Suite
struct RememberedTests {
  private static let longAgo = Date(timeIntervalSince1970: 1_700_000_000)

  /// Other bytes under the same identity: whoever reads the file notices, and whoever remembers it does not.
  private func disguise(_ file: String) throws {
    let handle = try FileHandle(forUpdating: URL(fileURLWithPath: file))
    let size = try handle.seekToEnd()
    try handle.seek(toOffset: 0)
    try handle.write(contentsOf: Data(count: Int(size)))
    try handle.close()
    try FileManager.default.setAttributes([.modificationDate: Self.longAgo], ofItemAtPath: file)
  }

  @Test func aSourceThatWasSubmittedIsNotReadAgain() throws {
    let place = try Place()
    let job = try place.job([place.lesson("A")])
    try FileManager.default.setAttributes([.modificationDate: Self.longAgo], ofItemAtPath: place.path + "/A.mp4")
    #expect(try place.queue("submit", job).code == 0)
    let commands = [["plan", job], ["why", job, "A"], ["why", "A"], ["check", job]]
    let before = try commands.map { try runProgram(binary, $0 + ["--home", place.home]) }
    try disguise(place.path + "/A.mp4")
    for (command, known) in zip(commands, before) {
      let end = try runProgram(binary, command + ["--home", place.home])
      #expect(end.code == 0 && end.output == known.output, "\(command): \(end.errors)")
      if command[0] != "why" || command.count == 3 {
        let anew = try runProgram(binary, command + ["--home", place.path + "/other"])
        #expect(anew.code == 65, "\(command) without the queue reads the file itself")
      }
    }
    // The folder that a job is named from says nothing about its files.
    let near = try runProgram(
      "/bin/sh", ["-c", "cd '\(place.path)' && '\(binary)' plan job.yaml --home '\(place.home)'"])
    #expect(near.code == 0 && near.output == before[0].output, "\(near.errors)")
  }

  @Test func whoOnlyLooksMakesNoQueue() throws {
    let place = try Place()
    let job = try place.job([place.lesson("A")])
    for command in [["plan", job], ["check", job], ["why", job, "A"], ["status"]] {
      #expect(try runProgram(binary, command + ["--home", place.home]).code == 0, "\(command)")
    }
    #expect(try place.queue("status").output == "the queue is empty\n")
    #expect(try place.queue("why", "A").code == 64)
    #expect(!FileManager.default.fileExists(atPath: place.home))
  }

  @Test func whoMayNotWriteTheQueueGetsAnswers() throws {
    let place = try Place()
    let job = try place.job([place.lesson("A")])
    #expect(try place.queue("submit", job, "--settle", "0").code == 0)
    for command in ["status", "why A", "plan '\(job)'", "check '\(job)'", "why '\(job)' A"] {
      let script = """
        mount --bind '\(place.home)' '\(place.home)' && mount -o remount,bind,ro '\(place.home)' && \
        exec '\(binary)' \(command) --home '\(place.home)'
        """
      let end = try runProgram("/usr/bin/unshare", ["-rm", "sh", "-c", script])
      #expect(end.code == 0, "\(command): \(end.errors)")
      #expect(end.errors.isEmpty, "\(command): \(end.errors)")
    }
  }
}
