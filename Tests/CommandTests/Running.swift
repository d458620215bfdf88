import Foundation
import Testing

/// A run of ferry that goes on while the test does something to it.
final class Running {
  private let process = Process()
  private let output = Pipe()
  private let errors: URL
  /// The events so far.
  private(set) var lines: [String] = []
  private var pending = ""

  /// Starts `ferry run` with `--json`.
  convenience init(_ place: Place, _ arguments: String...) throws { try self.init(place, arguments, under: []) }

  /// `under` is a program that starts it, with that program's own arguments.
  init(_ place: Place, _ arguments: [String], under: [String]) throws {
    errors = URL(fileURLWithPath: place.path + "/errors-" + UUID().uuidString)
    try Data().write(to: errors)
    let words =
      under + [binary, "run", "--settle", "0", "--json", "--home", place.home, "--out", place.out] + arguments
    process.executableURL = URL(fileURLWithPath: words[0])
    process.arguments = Array(words.dropFirst())
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
  }

  deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

  /// Reads on to an event that has all these words; fails the test when the run ends before.
  func wait(for words: String...) throws {
    while true {
      while let line = nextLine() { if words.allSatisfy(line.contains) { return } }
      let data = output.fileHandleForReading.availableData
      try #require(!data.isEmpty, "the run ended without \(words): \(lines)")
      pending += String(decoding: data, as: UTF8.self)
    }
  }

  private func nextLine() -> String? {
    guard let end = pending.firstIndex(of: "\n") else { return nil }
    let line = String(pending[..<end])
    pending = String(pending[pending.index(after: end)...])
    lines.append(line)
    return line
  }

  /// The workers that run now; readers come and go beside them.
  var workers: [pid_t] {
    let tasks = "/proc/\(process.processIdentifier)/task"
    do {
      return try FileManager.default.contentsOfDirectory(atPath: tasks).flatMap { task in
        try String(contentsOfFile: "\(tasks)/\(task)/children", encoding: .utf8).split(separator: " ").compactMap {
          pid_t($0)
        }.filter { child in
          try String(contentsOfFile: "/proc/\(child)/cmdline", encoding: .utf8).split(separator: "\0").contains("work")
        }
      }
    } catch {
      // A thread that ended while one looked.
      return []
    }
  }

  /// The one worker, once it is there.
  func worker() throws -> pid_t {
    while process.isRunning {
      if let worker = workers.first { return worker }
      sched_yield()
    }
    throw Ended()
  }

  struct Ended: Error {}

  func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

  /// Waits for the end.
  func finish() throws -> Finished {
    let rest = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Finished(
      code: process.terminationStatus,
      output: lines.map { $0 + "\n" }.joined() + pending + String(decoding: rest, as: UTF8.self),
      errors: try String(contentsOf: errors, encoding: .utf8))
  }
}

/// Whether a process is there and not only waited for.
func isAlive(_ process: pid_t) -> Bool {
  do {
    let stat = try String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
    return stat.split(separator: ")").last?.hasPrefix(" Z") == false
  } catch {
    return false
  }
}

/// The built binary, which lies beside the test runner.
let binary =
  URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path + "/ferry"

extension Place {
  /// A lesson of so many seconds, as YAML of a title; one that is `later` has a subtitle file that is not there.
  func lesson(_ id: String, seconds: Int = 1, later: String? = nil) throws -> String {
    let made = try runProgram(
      "/usr/bin/ffmpeg",
      [
        "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=\(seconds)", "-f", "lavfi", "-i",
        "sine=d=\(seconds)", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-shortest", "-metadata",
        "title=\(id)", "\(path)/\(id).mp4",
      ])
    try #require(made.code == 0, "\(made.errors)")
    if let later { return title(id, source: "\(id).mp4", english: "{ file: \(id).srt, \(later) }") }
    _ = try write(Place.cue("This is \(id)."), "\(id).srt")
    return title(id, source: "\(id).mp4", english: "\(id).srt")
  }

  static func cue(_ text: String) -> String { "1\n00:00:00,000 --> 00:00:01,000\n\(text)\n" }

  /// What a run at this place says and how it ends.
  func run(_ arguments: String...) throws -> Finished { try run(arguments) }

  func run(_ arguments: [String]) throws -> Finished {
    try runProgram(binary, ["run", "--settle", "0", "--home", home, "--out", out] + arguments)
  }

  func queue(_ arguments: String...) throws -> Finished {
    try runProgram(binary, arguments + ["--home", home])
  }

  var package: String { out + "/TEST-1/TEST-1_v1" }

  /// The digests of all that a partner receives.
  var payload: String {
    get throws { try String(contentsOfFile: package + "/manifest-sha512.txt", encoding: .utf8) }
  }
}
