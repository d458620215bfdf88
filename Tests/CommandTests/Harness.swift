import Foundation
import Testing

/// The project's own folder, found from this file.
let projectFolder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().path

/// A finished process: what it said and how it ended.
struct Finished {
  var code: Int32
  var output: String
  var errors: String
}

/// Runs a program to its end and collects both of its streams.
func runProgram(_ program: String, _ arguments: [String], environment: [String: String] = [:]) throws -> Finished {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: program)
  process.arguments = arguments
  process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
  let output = Pipe()
  let errors = Pipe()
  process.standardInput = FileHandle.nullDevice
  process.standardOutput = output
  process.standardError = errors
  try process.run()
  // Both pipes are drained at once: either may fill while the other is read.
  let collected = Collected()
  let group = DispatchGroup()
  DispatchQueue.global().async(group: group) {
    collected.errors = errors.fileHandleForReading.readDataToEndOfFile()
  }
  let text = output.fileHandleForReading.readDataToEndOfFile()
  group.wait()
  process.waitUntilExit()
  return Finished(
    code: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
    errors: String(decoding: collected.errors, as: UTF8.self))
}

private final class Collected: @unchecked Sendable { var errors = Data() }

/// The built binary, which lies beside the test runner.
func ferry(_ arguments: String..., environment: [String: String] = [:]) throws -> Finished {
  try ferry(arguments, environment: environment)
}

func ferry(_ arguments: [String], environment: [String: String] = [:]) throws -> Finished {
  let folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
  // The tests' files are written whole before they are named.
  let settled = arguments.first == "run" ? ["--settle", "0"] : []
  return try runProgram(folder.appendingPathComponent("ferry").path, arguments + settled, environment: environment)
}

/// Runs one of the judges; a judge that is not installed is a failure, never a pass.
func judge(_ script: String, _ arguments: String...) throws -> Finished { try judge(script, arguments) }

func judge(_ script: String, _ arguments: [String]) throws -> Finished {
  let python = projectFolder + "/.tools/venv/bin/python"
  try #require(FileManager.default.isExecutableFile(atPath: python), "the judges are missing: run `make deps`")
  return try runProgram(python, [projectFolder + "/Tests/Judges/" + script] + arguments)
}

/// Changes a file of a package and makes all of its digests anew, so that the bag itself is sound.
func forge(_ package: String, _ name: String, _ change: (Data) -> Data) throws {
  let file = URL(fileURLWithPath: package + "/" + name)
  try change(Data(contentsOf: file)).write(to: file)
  for list in ["manifest-sha512.txt", "manifest-sha256.txt", "tagmanifest-sha512.txt", "tagmanifest-sha256.txt"] {
    let tool = list.contains("512") ? "sha512sum" : "sha256sum"
    var lines: [String] = []
    for line in try String(contentsOfFile: package + "/" + list, encoding: .utf8).split(separator: "\n") {
      let file = String(line.split(separator: " ")[1])
      let sum = try runProgram("/usr/bin/" + tool, [package + "/" + file]).output.split(separator: " ")[0]
      lines.append("\(sum)  \(file)\n")
    }
    try lines.joined().write(toFile: package + "/" + list, atomically: true, encoding: .utf8)
  }
}

/// A folder of its own for one test, removed with it.
final class Place {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/ferry-test-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit {
    do { try FileManager.default.removeItem(atPath: path) } catch { print("cannot remove \(path): \(error)") }
  }

  var home: String { path + "/home" }
  var out: String { path + "/out" }

  func write(_ text: String, _ name: String) throws -> String {
    try text.write(toFile: path + "/" + name, atomically: true, encoding: .utf8)
    return path + "/" + name
  }

  /// A job of the given titles, each as YAML lines below `titles:`; `waive` are rules of timed text that it waives.
  func job(_ titles: [String], label: String = "TEST-1", waive: [String] = []) throws -> String {
    let waivers = waive.map { "{ rule: \($0), reason: made for a test }" }.joined(separator: ", ")
    let indented = titles.map { title in
      "  - " + title.split(separator: "\n").joined(separator: "\n    ")
    }
    return try write(
      """
      ferry: 1
      delivery: \(label)
      partner: { id: partner, name: Partner, contact: partner@example.org }
      sender: { name: Open University, contact: media@example.org }
      profile: web
      language: { source: zh-Hans, deliver: [en] }
      licence: CC-BY-4.0\(waive.isEmpty ? "" : "\nwaive: [\(waivers)]")
      titles:
      \(indented.joined(separator: "\n"))

      """, "job.yaml")
  }

  /// Every file below a folder, by its relative path.
  static func files(below folder: String) throws -> [String: Data] {
    var result: [String: Data] = [:]
    guard let names = FileManager.default.enumerator(atPath: folder) else { return [:] }
    for case let name as String in names {
      var isFolder: ObjCBool = false
      if FileManager.default.fileExists(atPath: folder + "/" + name, isDirectory: &isFolder), !isFolder.boolValue {
        result[name] = try Data(contentsOf: URL(fileURLWithPath: folder + "/" + name))
      }
    }
    return result
  }
}

/// A title in YAML with an English track that needs no file of its own to be right.
func title(_ id: String, source: String, english: String, more: String = "") -> String {
  """
  id: \(id)
  field: school-education
  name: { zh-Hans: 测试, en: Test \(id) }
  source: \(source)
  subtitles:
    en: \(english)\(more.isEmpty ? "" : "\n  " + more)
  """
}

/// Short sources and a track that suits them all.
enum Fixture {
  static let folder = projectFolder + "/fixtures"
  static let silent = folder + "/lessons/VOC-004.mkv"
  static let silentEnglish = folder + "/lessons/VOC-004.en.srt"
  static let surround = folder + "/lessons/SCH-004.mp4"
  static let surroundEnglish = folder + "/lessons/SCH-004.en.srt"
  static func odd(_ name: String) -> String { folder + "/odd/" + name }
}
