import ArgumentParser
import FerryCore
import FerryPipeline
import FerryStore
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

  private struct Answer: Encodable {
    struct JobLine: Encodable {
      var label: String
      var file: String
      var priority: Int
      var plan: Int
      var counts: [String: Int]
      var package: String?
    }
    struct TitleLine: Encodable {
      var job: String
      var title: String
      var state: String
      var sinceMs: Int
      var attempts: Int
      var progress: Double?
      var awaited: [LanguageTag]?
      var translator: String?
      var due: String?
      var isOverdue: Bool?
      var retryAtMs: Int?
      var errorCode: String?
      var error: String?
    }

    var counts: [String: Int]
    var jobs: [JobLine]
    var titles: [TitleLine]
  }

  /// Titles of one state that are listed without --all.
  private static let listed = 200

  func run() async throws {
    let store = try QueueAccess.open(Workspace(home: folders.homePath))
    while true {
      let answer = try QueueAccess.saying { () throws(StoreError) in try read(store) }
      if output.json {
        try Terminal.answer(json: answer, pretty: !watch)
      } else {
        if watch { Terminal.answer("\u{1B}[H\u{1B}[2J", isRaw: true) }
        Terminal.answer(text(answer))
      }
      if label != nil, answer.jobs.isEmpty { throw ExitCode.badInput }
      guard watch else { return }
      try await Task.sleep(for: .seconds(1))
    }
  }

  private func read(_ store: Store) throws(StoreError) -> Answer {
    var versions: [String: String] = [:]
    for version in try store.versions() { versions[version.label] = version.path }
    let today = Day(String(ISO8601DateFormatter().string(from: Date()).prefix(10)))
    let states: Set<TitleState.Kind>? = all ? nil : Set(TitleState.Kind.allCases).subtracting([.done, .cancelled])
    let rows = try store.titles(in: states, of: label, limit: all ? nil : StatusCommand.listed)
    return Answer(
      counts: named(try store.counts()),
      jobs: try store.jobs().filter { label == nil || $0.label == label }.map { job in
        Answer.JobLine(
          label: job.label, file: job.file, priority: job.priority, plan: job.plan, counts: named(job.counts),
          package: versions[job.label])
      },
      titles: rows.map { row in
        var retry: Int?
        if case .failed(let time) = row.state { retry = time.milliseconds }
        return Answer.TitleLine(
          job: row.job, title: row.title, state: row.state.kind.rawValue, sinceMs: row.since.milliseconds,
          attempts: row.attempts, progress: row.progress, awaited: row.awaited?.languages,
          translator: row.awaited?.translator, due: row.awaited?.due?.description,
          isOverdue: row.awaited?.due.flatMap { due in today.map { due < $0 } }, retryAtMs: retry,
          errorCode: row.errorCode, error: row.error)
      })
  }

  private func named(_ counts: [TitleState.Kind: Int]) -> [String: Int] {
    Dictionary(uniqueKeysWithValues: counts.map { ($0.key.rawValue, $0.value) })
  }

  private func text(_ answer: Answer) -> String {
    var lines: [String] = []
    for job in answer.jobs {
      let counts = TitleState.Kind.allCases.compactMap { kind in
        job.counts[kind.rawValue].map { "\($0) \(kind.rawValue)" }
      }
      let priority = job.priority == 0 ? "" : ", priority \(job.priority)"
      lines.append("\(job.label)  \(counts.joined(separator: ", "))\(priority)\(job.package.map { "  → \($0)" } ?? "")")
    }
    if answer.jobs.isEmpty { lines.append(label.map { "the queue has no job \($0)" } ?? "the queue is empty") }
    for kind in TitleState.Kind.allCases {
      let own = answer.titles.filter { $0.state == kind.rawValue }
      if own.isEmpty { continue }
      lines.append("\n\(kind.rawValue.uppercased()) (\(answer.counts[kind.rawValue] ?? own.count))")
      let width = own.map { $0.job.count + $0.title.count + 1 }.max() ?? 0
      for title in own {
        let name = title.job + " " + title.title
        lines.append(
          "  \(name)\(String(repeating: " ", count: width - name.count))  \(age(title.sinceMs))  \(detail(title))")
      }
    }
    return lines.joined(separator: "\n")
  }

  private func detail(_ title: Answer.TitleLine) -> String {
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
