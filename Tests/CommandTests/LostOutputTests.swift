import Foundation
import Testing

/// An answer that cannot be written is not an answer: every command says so and ends with another code than 0.
struct LostOutputTests {
  private let words = "ferry: error: the answer cannot be written to standard output: "

  /// Runs ferry with its standard output on a disk that is full.
  private func onFullDisk(_ arguments: [String]) throws -> Finished {
    let errors = Pipe()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: binary)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: "/dev/full"))
    process.standardError = errors
    try process.run()
    let said = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Finished(code: process.terminationStatus, output: "", errors: String(decoding: said, as: UTF8.self))
  }

  @Test func helpAndVersion() throws {
    let help = try ferry("--help").output
    let list = try #require(help.components(separatedBy: "SUBCOMMANDS:\n").last)
    let names = list.split(separator: "\n").filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") }
      .compactMap { $0.split(separator: " ").first.map(String.init) }
    #expect(names.count > 20, "\(names)")
    let all =
      names.map { [$0, "--help"] } + [["--help"], ["--version"], ["help", "run"], ["subtitles", "check", "-h"]]
    for arguments in all {
      let end = try onFullDisk(arguments)
      #expect(end.code == 74 && end.errors.contains(words + "No space left on device"), "\(arguments): \(end)")
    }
  }

  @Test func answers() throws {
    let place = try Place()
    let job = try place.job([place.lesson("A")])
    #expect(try place.run(job).code == 0)
    let track = place.path + "/A.srt"
    let queue = ["--home", place.home]
    let commands: [[String]] = [
      ["schema"], ["profiles"], ["profiles", "web"], ["profiles", "--json"], ["probe", place.path + "/A.mp4"],
      ["probe", "--json", place.path + "/A.mp4"], ["check", job], ["check", "--json", job], ["plan", job] + queue,
      ["plan", "--json", job] + queue, ["why", job, "A"] + queue, ["why", "A", "--json"] + queue,
      ["status"] + queue, ["status", "--json"] + queue, ["submit", job] + queue, ["verify", place.package],
      ["verify", "--json", "--quick", place.package], ["doctor", "--out", place.out] + queue,
      ["run", "--json", "--settle", "0", "--out", place.out, job] + queue, ["gc"] + queue, ["defects", "template"],
      ["defects", "list"] + queue, ["deliveries", "--json"] + queue, ["keys", "new"] + queue,
      ["subtitles", "check", "--language", "en", track], ["subtitles", "check", "--json", "--language", "en", track],
      ["subtitles", "convert", "--language", "en", track, "-o", place.path + "/B.vtt"],
      ["new", place.path, "-o", place.path + "/new.yaml"], ["backup", place.path + "/copy.db"] + queue,
      ["retry", "TEST-1"] + queue, ["cancel", "TEST-1", "A"] + queue, ["adopt"] + queue,
    ]
    var lost = 0
    for arguments in commands {
      let end = try onFullDisk(arguments)
      #expect(end.code != 0 && end.code < 128, "\(arguments): \(end)")
      // A command that has nothing to say has lost nothing.
      if end.code == 74 {
        lost += 1
        #expect(end.errors.contains(words), "\(arguments): \(end)")
      }
    }
    #expect(lost >= 20, "most of them end only for this reason")
  }

  /// A failure of its own is not hidden by the lost answer.
  @Test func theWorseCodeStays() throws {
    let place = try Place()
    let end = try onFullDisk(["probe", "--json", place.path + "/nowhere.mp4"])
    #expect(end.code == 65)
    #expect(end.errors.contains("nowhere.mp4: error: ") && end.errors.contains(words))
  }

  @Test func whoClosesTheOutputIsTold() throws {
    let end = try runProgram("/usr/bin/env", ["bash", "-c", "exec \"$0\" schema >&-", binary])
    #expect(end.code == 74 && end.errors.contains(words), "\(end)")
  }

  /// `head` wants no more, and that is nobody's fault.
  @Test func aReaderThatGoesAwayIsNoError() throws {
    let end = try runProgram(
      "/usr/bin/env", ["bash", "-c", "\"$0\" schema | head -c 1 > /dev/null", binary])
    #expect(end.errors == "", "\(end)")
  }
}
