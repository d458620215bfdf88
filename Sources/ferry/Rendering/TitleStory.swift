import FerryCore
import FerryStore
import Foundation

/// What the queue did with one title, and why.
struct TitleStory: Encodable {
  struct Attempt: Encodable {
    var number: Int
    var startedMs: Int
    var endedMs: Int?
    var executor: String
    var outcome: String?
    var problems: [Diagnostic]?
  }

  struct Event: Encodable {
    var atMs: Int
    var event: String
    var detail: String?
  }

  var job: String
  var file: String
  var plan: Int
  var title: String
  var state: String
  var sinceMs: Int
  var errorCode: String?
  var error: String?
  var log: String?
  var attempts: [Attempt]
  var history: [Event]

  init(_ row: StatusRow, file: String, plan: Int, log: String, attempts: [AttemptRow], history: [HistoryEntry]) {
    (job, self.file, self.plan, title) = (row.job, file, plan, row.title)
    (state, sinceMs) = (row.state.kind.rawValue, row.since.milliseconds)
    (errorCode, error) = (row.errorCode, row.error)
    self.log = FileManager.default.fileExists(atPath: log) ? log : nil
    self.attempts = attempts.map { attempt in
      Attempt(
        number: attempt.number, startedMs: attempt.started.milliseconds, endedMs: attempt.ended?.milliseconds,
        executor: attempt.executor, outcome: attempt.outcome, problems: attempt.problems)
    }
    self.history = history.map { Event(atMs: $0.at.milliseconds, event: $0.event, detail: $0.detail) }
  }

  /// For people: one fact a line.
  var text: [String] {
    var lines = ["\(job) \(title): \(state) since \(TitleStory.time(sinceMs))"]
    lines.append("  job      \(file), plan \(plan)")
    if let error { lines.append("  reason   \(error)") }
    if let log { lines.append("  log      \(log)") }
    if !attempts.isEmpty { lines.append("  attempts") }
    for attempt in attempts {
      let span = attempt.endedMs.map { ", \(($0 - attempt.startedMs + 500) / 1000) s" } ?? ""
      lines.append(
        "    \(attempt.number)  \(TitleStory.time(attempt.startedMs))  \(attempt.outcome ?? "at work")\(span)")
      for problem in attempt.problems ?? [] {
        lines += problem.description.split(separator: "\n").map { "         \($0)" }
      }
    }
    lines.append("  history")
    for event in history {
      lines.append("    \(TitleStory.time(event.atMs))  \(event.event)\(event.detail.map { ": \($0)" } ?? "")")
    }
    return lines
  }

  private static func time(_ milliseconds: Int) -> String {
    Date(timeIntervalSince1970: Double(milliseconds) / 1000).formatted(
      Date.ISO8601FormatStyle(dateTimeSeparator: .space, timeZone: .current)
        .year().month().day().time(includingFractionalSeconds: false))
  }
}
