import ArgumentParser
import FerryCore
import FerryOperations
import Foundation

/// `ferry status [LABEL]`
struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "What is in the queue: jobs, titles by state, who has what, since when.")

  @OptionGroup var output: OutputOptions
  @OptionGroup var folders: FolderOptions
  @Flag(help: "Show it again every second until interrupted.") var watch = false
  @Flag(help: "List every title, also those that are done.") var all = false
  @Argument(help: "One job's label.") var label: String?

  func run() async throws {
    let operation = ShowQueue(label: label, isComplete: all)
    guard watch else { return try await output.tell(operation, in: folders.office()) { [text($0)] } }
    while true {
      let reply = try await output.perform(operation, in: folders.office())
      if output.json {
        try Terminal.answer(json: reply.answer, pretty: false)
      } else {
        Terminal.answer("\u{1B}[H\u{1B}[2J", isRaw: true)
        Terminal.answer(text(reply.answer))
      }
      if let shortfall = reply.shortfall { throw ExitCode(shortfall) }
      try await Task.sleep(for: .seconds(1))
    }
  }

  private func text(_ status: QueueStatus) -> String {
    var lines: [String] = []
    for job in status.jobs {
      let counts = TitleState.Kind.allCases.compactMap { kind in
        job.counts[kind.rawValue].map { "\($0) \(kind.rawValue)" }
      }
      let priority = job.priority == 0 ? "" : ", priority \(job.priority)"
      lines.append("\(job.label)  \(counts.joined(separator: ", "))\(priority)\(job.package.map { "  → \($0)" } ?? "")")
    }
    if status.jobs.isEmpty { lines.append(label.map { "the queue has no job \($0)" } ?? "the queue is empty") }
    for kind in TitleState.Kind.allCases {
      let own = status.titles.filter { $0.state == kind.rawValue }
      if own.isEmpty { continue }
      lines.append("\n\(kind.rawValue.uppercased()) (\(status.counts[kind.rawValue] ?? own.count))")
      let width = own.map { $0.job.count + $0.title.count + 1 }.max() ?? 0
      for title in own {
        let name = title.job + " " + title.title
        lines.append(
          "  \(name)\(String(repeating: " ", count: width - name.count))  \(age(title.sinceMs))  \(detail(title))")
      }
    }
    return lines.joined(separator: "\n")
  }

  private func detail(_ title: QueueStatus.TitleLine) -> String {
    var parts: [String] = []
    if let progress = title.progress { parts.append("\(Int(progress * 100)) %") }
    if let awaited = title.awaited, !awaited.isEmpty {
      let who = title.translator.map { " from \($0)" } ?? ""
      let due = title.due.map { ", due \($0)\(title.isOverdue == true ? ", OVERDUE" : "")" } ?? ""
      parts.append("waits for \(awaited.map(\.text).joined(separator: ", "))\(who)\(due)")
    }
    if let retry = title.retryAtMs {
      parts.append("again in \(max(0, (retry - Int(Date().timeIntervalSince1970 * 1000)) / 1000)) s")
    }
    if title.attempts > 1 { parts.append("attempt \(title.attempts)") }
    if let error = title.error { parts.append(error) }
    return parts.joined(separator: "; ")
  }

  /// How long ago, in the largest unit that says something.
  private func age(_ since: Int) -> String {
    let seconds = max(0, Int(Date().timeIntervalSince1970) - since / 1000)
    let text = readable(seconds: seconds)
    return String(repeating: " ", count: max(0, 7 - text.count)) + text
  }
}
