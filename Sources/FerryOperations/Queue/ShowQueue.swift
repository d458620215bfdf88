package import FerryCore
internal import FerryStore
internal import Foundation

/// What is in the queue: jobs, titles by state, who has what, since when.
package struct ShowQueue: Operation {
  /// One job's label; all jobs where it is `nil`.
  package var label: String?
  /// Every title, also those that are done.
  package var isComplete: Bool

  /// Titles of one state that are listed where not all are wanted.
  private static let listed = 200

  package init(label: String? = nil, isComplete: Bool = false) { (self.label, self.isComplete) = (label, isComplete) }

  /// Answers with a shortfall where the job that was named is not in the queue.
  package func perform(in office: Office) async throws(Refusal) -> Reply<QueueStatus> {
    var answer = QueueStatus(counts: [:], jobs: [], titles: [])
    if let store = try office.existingQueue() { answer = try office.refusing { try read(store) } }
    return Reply(answer, shortfall: label != nil && answer.jobs.isEmpty ? .badInput : nil)
  }

  private func read(_ store: Store) throws(StoreError) -> QueueStatus {
    var versions: [String: String] = [:]
    for version in try store.versions() { versions[version.label] = version.path }
    let today = Day(String(ISO8601DateFormatter().string(from: Date()).prefix(10)))
    let states: Set<TitleState.Kind>? =
      isComplete ? nil : Set(TitleState.Kind.allCases).subtracting([.done, .cancelled])
    let rows = try store.titles(in: states, of: label, limit: isComplete ? nil : ShowQueue.listed)
    return QueueStatus(
      counts: named(try store.counts()),
      jobs: try store.jobs().filter { label == nil || $0.label == label }.map { job in
        QueueStatus.JobLine(
          label: job.label, file: job.file, priority: job.priority, plan: job.plan, counts: named(job.counts),
          package: versions[job.label])
      }, titles: rows.map { QueueStatus.TitleLine($0, today: today) })
  }

  private func named(_ counts: [TitleState.Kind: Int]) -> [String: Int] {
    Dictionary(uniqueKeysWithValues: counts.map { ($0.key.rawValue, $0.value) })
  }
}

/// The queue as it is now.
package struct QueueStatus: Encodable, Sendable {
  package struct JobLine: Encodable, Sendable {
    package var label: String
    package var file: String
    package var priority: Int
    package var plan: Int
    /// Titles by state.
    package var counts: [String: Int]
    /// The newest published version's folder.
    package var package: String?
  }

  package struct TitleLine: Encodable, Sendable {
    package var job: String
    package var title: String
    package var state: String
    package var sinceMs: Int
    package var attempts: Int
    /// Of the attempt at work, from 0 to 1.
    package var progress: Double?
    package var awaited: [LanguageTag]?
    package var translator: String?
    package var due: String?
    package var isOverdue: Bool?
    package var retryAtMs: Int?
    package var errorCode: String?
    package var error: String?
  }

  /// Titles of all jobs by state.
  package var counts: [String: Int]
  package var jobs: [JobLine]
  package var titles: [TitleLine]
}

extension QueueStatus.TitleLine {
  fileprivate init(_ row: StatusRow, today: Day?) {
    (job, title, state) = (row.job, row.title, row.state.kind.rawValue)
    (sinceMs, attempts, progress) = (row.since.milliseconds, row.attempts, row.progress)
    (awaited, translator) = (row.awaited?.languages, row.awaited?.translator)
    due = row.awaited?.due?.description
    isOverdue = row.awaited?.due.flatMap { due in today.map { due < $0 } }
    if case .failed(let time) = row.state { retryAtMs = time.milliseconds }
    (errorCode, error) = (row.errorCode, row.error)
  }
}
