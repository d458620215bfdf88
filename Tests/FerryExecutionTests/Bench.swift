import FerryCore
import FerryExecution
import Foundation
import Testing

/// A folder of its own for one test, with a source beside a secret and an attempt folder; removed with it.
final class Bench: Sendable {
  let path: String
  var attempt: String { path + "/attempt" }

  init() throws {
    path = NSTemporaryDirectory() + "/ferry-execution-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path + "/attempt", withIntermediateDirectories: true)
    try FileManager.default.createDirectory(atPath: path + "/sources", withIntermediateDirectories: true)
    try "lesson".write(toFile: path + "/sources/lesson.mp4", atomically: false, encoding: .utf8)
    try "secret".write(toFile: path + "/sources/secret", atomically: false, encoding: .utf8)
  }

  deinit {
    do { try FileManager.default.removeItem(atPath: path) } catch { Issue.record("\(path) stays: \(error)") }
  }

  /// A new attempt folder beside the first, and an order for it.
  func order(_ title: String = "EPI-001", attempt name: String = "attempt") throws -> WorkOrder {
    let folder = path + "/" + name
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return WorkOrder(
      title: title, name: [:], source: path + "/sources/lesson.mp4", sourceDigest: "",
      sourceLanguage: try #require(LanguageTag("zh-Hans")), recipe: Recipe(video: nil, audio: nil), outputs: [],
      text: Profile.TextRules(), tracks: [], isPreparation: false, kept: nil, folder: folder)
  }

  /// What a process left in `name`, as soon as it is there.
  func number(in name: String) async throws -> pid_t {
    let file = attempt + "/" + name
    try await eventually("\(file) appears") { FileManager.default.fileExists(atPath: file) }
    return try #require(pid_t(String(contentsOfFile: file, encoding: .utf8)))
  }
}

/// The probe that was built with the tests, behaving as `behaviour` says.
func probe(
  _ behaviour: String, sign: Duration = .seconds(10), progress: Duration = .seconds(10),
  grace: Duration = .milliseconds(200)
) -> Worker {
  Worker(
    executable: probePath, arguments: [behaviour],
    patience: Worker.Patience(sign: sign, progress: progress, grace: grace))
}

let probePath = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
  .appendingPathComponent("worker-probe").path

/// Looks every few milliseconds until something holds, which must be within five seconds.
func eventually(_ what: String, _ holds: () -> Bool) async throws {
  let end = ContinuousClock.now + .seconds(5)
  while !holds() {
    guard ContinuousClock.now < end else {
      Issue.record("never: \(what)")
      return
    }
    try await Task.sleep(for: .milliseconds(5))
  }
}

/// Whether a process is there; one that nobody has reaped yet is not.
func isRunning(_ number: pid_t) -> Bool {
  guard let status = FileManager.default.contents(atPath: "/proc/\(number)/stat") else { return false }
  return !String(decoding: status, as: UTF8.self).contains(") Z ")
}
