package import FerryCore
internal import FerryStore

/// How a run ended: for the page at its end, for `--on-finish` and for the metrics.
package struct NightSummary: Encodable, Sendable {
  package struct JobEnd: Encodable, Sendable {
    package var file: String
    package var titles = 0
    package var failed = 0
    package var waiting = 0
    /// Not begun, since the run was to end.
    package var left = 0
    /// The package, where there is one.
    package var path: String?
    package var isUnchanged = false
    /// What stopped the job as a whole.
    package var problems: [Diagnostic] = []
    /// What kind of refusal the problems are.
    private var kinds: [Refusal.Kind] = []

    private enum CodingKeys: CodingKey { case file, titles, failed, waiting, left, path, isUnchanged, problems }

    init(file: String) { self.file = file }

    /// Why not all of the job was done, in every way.
    var shortfalls: [Refusal.Kind] { kinds + (failed > 0 ? [.failed] : []) + (left > 0 ? [.incomplete] : []) }

    /// Adds problems; none where a title says them.
    mutating func note(_ more: [Diagnostic], _ kind: Refusal.Kind) {
      problems += more
      kinds.append(kind)
    }

    /// What stops the job before any work; a package with holes says more about what is there already.
    mutating func refuse(_ refusal: Refusal) {
      if problems.isEmpty || refusal.kind == .noSpace { problems += refusal.problems }
      kinds.append(refusal.kind)
    }

    /// What stops the job at its end, in place of all that was said before.
    mutating func end(with refusal: Refusal) {
      problems = refusal.problems
      kinds.append(refusal.kind)
    }
  }

  /// A title that needs somebody.
  struct Trouble: Encodable, Sendable {
    var job: String
    var title: String
    var state: String
    var code: String?
    var message: String?
    var log: String
  }

  package internal(set) var jobs: [String: JobEnd] = [:]
  /// Files that were still being copied, by job.
  var unsettled: [String: [String]] = [:]
  var troubles: [Trouble] = []
  /// Titles with open defects by job, and the words for them.
  var reopened: [String: [String: String]] = [:]
  var made = 0
  /// All that needs no text is made.
  var prepared = 0
  var encoded = 0
  /// Of the titles that were encoded.
  var encodedMinutes = 0.0
  /// Spent on them.
  var seconds = 0.0
  /// Titles whose waiting was told already.
  var waits: Set<String> = []

  mutating func add(_ outcome: TitleOutcome, seconds: Double, isPreparation: Bool) {
    if isPreparation { prepared += 1 } else { made += 1 }
    guard outcome.didEncode else { return }
    encoded += 1
    encodedMinutes += outcome.transcode.duration.duration.inSeconds / 60
    self.seconds += seconds
  }

  mutating func add(_ row: StatusRow?, _ title: String, in job: Job, log: String) {
    guard !troubles.contains(where: { $0.job == job.delivery && $0.title == title }) else { return }
    troubles.append(
      Trouble(
        job: job.delivery, title: title, state: row?.state.kind.rawValue ?? "unknown", code: row?.errorCode,
        message: row?.error, log: log))
  }

  /// The page at the end of a run, where there is something to say.
  package var page: String {
    var lines: [String] = []
    if made + prepared > 0 {
      let rate = encodedMinutes > 0 ? ", \(Int((seconds / encodedMinutes).rounded())) s a minute of lesson" : ""
      let waiting = prepared > 0 ? ", \(prepared) made ready for a translation" : ""
      lines.append("\(counted(made, "title")) made\(waiting), \(encoded) encoded\(rate)")
    }
    for trouble in troubles {
      let message = trouble.message.map { ": \($0)" } ?? ""
      lines.append("\(trouble.job) \(trouble.title): \(trouble.state)\(message)")
      lines.append("  log: \(trouble.log)")
    }
    for (job, titles) in reopened.sorted(by: { $0.key < $1.key }) {
      for (title, words) in titles.sorted(by: { $0.key < $1.key }) {
        lines.append("\(job) \(title): reopened: \(words)")
      }
    }
    if troubles.contains(where: { ["held", "quarantined"].contains($0.state) }) {
      lines.append("what is held or quarantined is tried again by: ferry retry LABEL [TITLE], or when its files change")
    }
    for (job, files) in unsettled.sorted(by: { $0.key < $1.key }) {
      lines.append("\(job): still being copied, left for the next run: \(files.joined(separator: ", "))")
    }
    return lines.joined(separator: "\n")
  }
}
