import ArgumentParser
import FerryCore
import FerryExecution
import FerryOperations
import FerryPipeline
import FerryStore
import Foundation

/// `ferry run [JOB…]`
struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Make, verify and publish the packages of jobs: work until the queue is drained.",
    discussion: """
      Jobs that are named are submitted first; without any, the jobs that the queue knows are looked at again. With \
      --json: events on standard output, one JSON object a line; the last one of a job says how it ended.
      """)

  @OptionGroup var output: OutputOptions
  @OptionGroup var folders: FolderOptions
  @OptionGroup var intake: IntakeOptions
  @Flag(help: "Deliver the titles that are done although others failed or wait; the package lists what is missing.")
  var partial = false
  @Option(help: ArgumentHelp("Titles made at the same time. Default: as many as the cores can encode.", valueName: "n"))
  var workers: Int?
  @Option(help: ArgumentHelp("Begin no title after this time of the day; what runs is finished.", valueName: "HH:MM"))
  var until: String?
  @Flag(help: "Also wait for titles that failed for a passing reason and are tried again later.") var drain = false
  @Option(help: ArgumentHelp("Where workers run: local.", valueName: "name")) var executor = "local"
  @Option(help: ArgumentHelp("Write the queue's figures to this file, for Prometheus.", valueName: "file"))
  var metrics: String?
  @Option(
    help: ArgumentHelp(
      "A program to start at the end, with its arguments; it is given a summary in JSON on standard input.",
      valueName: "command"))
  var onFinish: String?
  @Flag(help: "Compare every byte of what was published before, not only sizes, and put back what was changed.")
  var repair = false
  @Option(
    help: ArgumentHelp(
      "Make this job's next version although only ferry, its defaults or its libraries changed; may be given again.",
      valueName: "label"))
  var remake: [String] = []
  @Flag(help: .hidden) var withoutSandbox = false
  @Argument(help: "Job files, or folders of them (every *.yaml).") var jobs: [String] = []

  func validate() throws {
    if executor != "local" { throw ValidationError("--executor: there is only 'local' so far, not '\(executor)'") }
    if let workers, !(1...64).contains(workers) { throw ValidationError("--workers: write a number from 1 to 64") }
    _ = try deadline()
  }

  func run() async throws {
    // A reader that goes away, of our answer or of the summary, ends nothing.
    signal(SIGPIPE, SIG_IGN)
    do {
      try await night()
    } catch let error as StoreError {
      Terminal.say([error.diagnostic])
      throw error.isTemporary ? ExitCode.tryLater : ExitCode.badInput
    } catch  where error.isNoSpace {
      Terminal.say([
        Diagnostic(
          "disk.full", at: Place(folders.homePath), "no space is left on the disk: \(error)",
          hint: "free some space and run again: what is done is kept")
      ])
      throw ExitCode.tryLater
    }
  }

  private func night() async throws {
    let workspace = Workspace(home: folders.homePath, mayRepair: true)
    let lock = try QueueAccess.lock(workspace)
    try workspace.sweep()
    let isEmpty = QueueAccess.isEmpty(workspace)
    let store = try QueueAccess.open(workspace)
    if isEmpty { try QueueAccess.refill(store, workspace) }
    let story = Story(output)
    let stop = Stop()
    let night = try Night(
      Night.Options(
        workers: workers, isPartialAllowed: partial, isThorough: repair, remade: Set(remake), until: try deadline(),
        drains: drain,
        worker: Worker(
          executable: Executable.path, arguments: ["work"] + (withoutSandbox ? ["--without-sandbox"] : [])),
        delivery: Delivery(
          workspace: workspace, out: folders.outPath, version: Ferry.version, day: try RunDay.today(),
          reading: Reading.begin(withoutSandbox: withoutSandbox), report: story.tell), metrics: metrics,
        settle: intake.span), workspace: workspace, store: store, stop: stop,
      report: story.tell)
    var code = ExitCode.success
    try await night.recover()
    for path in try await paths(store) { code = worse(code, try await submit(path, to: night, story)) }
    try await Signals.stopping(stop) { try await night.drain() }
    try await night.deliver()
    await writeMetrics(of: night)
    let summary = await night.summary
    story.finishLine()
    for (label, end) in summary.jobs.sorted(by: { $0.key < $1.key }) {
      story.end(end, of: label)
      code = worse(code, exitCode(for: end))
    }
    if !output.json, !output.quiet, !summary.page.isEmpty { Terminal.say(summary.page) }
    let notes = await night.notes + workspace.damage.diagnostics
    Terminal.say(notes)
    // What was rebuilt is as it was; what was lost is something that somebody must see to.
    if notes.contains(where: { $0.severity == .error }) { code = worse(code, .incomplete) }
    if summary.troubles.contains(where: { $0.code == "disk.full" }) { code = worse(code, .tryLater) }
    if !summary.unsettled.isEmpty { code = worse(code, .tryLater) }
    if stop.isRequested { code = worse(code, .tryLater) }
    try finish(summary)
    try store.close()
    _ = consume lock
    if code != .success { throw code }
  }

  /// Figures that cannot be written are no reason to be silent about the run.
  private func writeMetrics(of night: Night) async {
    do { try await night.writeMetrics() } catch {
      Terminal.say("ferry: --metrics: '\(metrics ?? "")' cannot be written: \(error.localizedDescription)")
    }
  }

  /// The named jobs, or those of the queue.
  private func paths(_ store: Store) async throws -> [String] {
    if !jobs.isEmpty { return try ExchangeAccess.saying { try JobPaths.expanded(jobs) } }
    if !remake.isEmpty { return try remade(store.jobs()) }
    let known = try store.jobs().filter { job in
      // A job whose file is gone and whose titles are all over is history.
      FileManager.default.fileExists(atPath: job.file)
        || job.counts.keys.contains { ![.done, .cancelled].contains($0) }
    }
    return known.map(\.file)
  }

  /// The files of the jobs that are to be made anew.
  private func remade(_ known: [JobSummary]) throws -> [String] {
    try remake.map { label in
      if let job = known.first(where: { $0.label == label }) { return job.file }
      let near = suggestion(for: label, among: known.map(\.label)).map { ": did you mean \($0)?" } ?? ""
      throw ValidationError("--remake: the queue has no job of the label \(label)\(near)")
    }
  }

  private func submit(_ path: String, to night: Night, _ story: Story) async throws -> ExitCode {
    let job: Job
    do throws(Diagnostics) { job = try JobFile.read(path) } catch {
      Terminal.say(error.all)
      try await night.hold(path, error)
      return .badInput
    }
    Terminal.say(job.profile.warnings)
    do {
      try await night.submit(job)
      return .success
    } catch let error as Diagnostics {
      story.finishLine()
      Terminal.say(error.all)
      return error.all.contains { $0.code == "disk.full" } ? .tryLater : .badInput
    } catch let error as StoreError {
      Terminal.say([error.diagnostic])
      return error.isTemporary ? .tryLater : .badInput
    } catch  where !error.isNoSpace {
      story.finishLine()
      Terminal.say([
        Diagnostic(
          "job.unusable", at: Place(path), "the job cannot be looked at: \(error.localizedDescription)",
          hint: "the other jobs go on; run again when that is fixed")
      ])
      return .badInput
    }
  }

  private func finish(_ summary: NightSummary) throws {
    guard let onFinish else { return }
    let words = onFinish.split(separator: " ").map(String.init)
    guard let program = words.first else { return }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + words.dropFirst()
    let input = Pipe()
    process.standardInput = input
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try process.run()
    // A program that does not read its summary is its own affair.
    do { try input.fileHandleForWriting.write(contentsOf: encoder.encode(summary) + Data("\n".utf8)) } catch {}
    try input.fileHandleForWriting.close()
    process.waitUntilExit()
    if process.terminationStatus != 0 {
      Terminal.say("ferry: --on-finish: '\(onFinish)' ended with \(process.terminationStatus)")
    }
  }

  /// The next time that the clock shows `--until`.
  private func deadline() throws -> Date? {
    guard let until else { return nil }
    let parts = until.split(separator: ":").map { Int($0) }
    guard parts.count == 2, let hour = parts[0], let minute = parts[1], (0..<24).contains(hour),
      (0..<60).contains(minute),
      let date = Calendar.current.nextDate(
        after: Date(), matching: DateComponents(hour: hour, minute: minute), matchingPolicy: .nextTime)
    else { throw ValidationError("--until: write a time of the day such as 06:00, not '\(until)'") }
    return date
  }

  private func exitCode(for end: NightSummary.JobEnd) -> ExitCode {
    if end.problems.contains(where: { $0.code == "disk.full" }) { return .tryLater }
    let others = end.problems.filter { $0.code != "package.hole" }
    if !others.isEmpty { return .badInput }
    if !end.problems.isEmpty { return .failed }
    return end.failed > 0 ? .failed : end.left > 0 ? .incomplete : .success
  }

  /// The code that matters more to whoever reads it in the morning.
  private func worse(_ a: ExitCode, _ b: ExitCode) -> ExitCode {
    let order: [ExitCode] = [.success, .incomplete, .failed, .badInput, .tryLater]
    return (order.firstIndex(of: a) ?? 0) >= (order.firstIndex(of: b) ?? 0) ? a : b
  }
}

/// How long a file must have stood still.
struct IntakeOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Seconds that a source or subtitle file must have stood still; what is still being copied waits.",
      valueName: "seconds"))
  var settle = 2.0

  var span: Duration { .milliseconds(Int(max(0, min(settle, 3600)) * 1000)) }
}

/// The day that a package names as its date.
enum RunDay {
  /// Today in UTC, or the day of `SOURCE_DATE_EPOCH` (reproducible-builds.org) where it is set.
  static func today() throws -> Day {
    let epoch = ProcessInfo.processInfo.environment["SOURCE_DATE_EPOCH"]
    if let epoch, Double(epoch) == nil { throw ValidationError("SOURCE_DATE_EPOCH is no number of seconds: \(epoch)") }
    let date = epoch.flatMap(Double.init).map(Date.init(timeIntervalSince1970:)) ?? Date()
    let text = date.formatted(.iso8601.year().month().day())
    guard let day = Day(text) else { throw ValidationError("the clock says \(text), which is no day") }
    return day
  }
}
