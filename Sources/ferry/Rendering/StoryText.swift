import FerryCore
import FerryOperations
import Foundation

/// What the queue did with a title, for people: one fact a line.
enum StoryText {
  static func lines(_ story: TitleStory) -> [String] {
    var lines = ["\(story.job) \(story.title): \(story.state) since \(time(story.sinceMs))"]
    lines.append("  job      \(story.file), plan \(story.plan)")
    if let error = story.error { lines.append("  reason   \(error)") }
    if let log = story.log { lines.append("  log      \(log)") }
    if !story.attempts.isEmpty { lines.append("  attempts") }
    for attempt in story.attempts { lines += describe(attempt) }
    lines.append("  history")
    for event in story.history {
      lines.append("    \(time(event.atMs))  \(event.event)\(event.detail.map { ": \($0)" } ?? "")")
    }
    if let next = story.next { lines += ["  next"] + PlanText.text(of: next).dropFirst() }
    return lines
  }

  private static func describe(_ attempt: TitleStory.Attempt) -> [String] {
    let span = attempt.endedMs.map { ", \(($0 - attempt.startedMs + 500) / 1000) s" } ?? ""
    return ["    \(attempt.number)  \(time(attempt.startedMs))  \(attempt.outcome ?? "at work")\(span)"]
      + (attempt.problems ?? []).flatMap { problem in
        problem.description.split(separator: "\n").map { "         \($0)" }
      }
  }

  private static func time(_ milliseconds: Int) -> String {
    Date(timeIntervalSince1970: Double(milliseconds) / 1000).formatted(
      Date.ISO8601FormatStyle(dateTimeSeparator: .space, timeZone: .current)
        .year().month().day().time(includingFractionalSeconds: false))
  }
}
