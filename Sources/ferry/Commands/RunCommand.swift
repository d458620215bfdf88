import ArgumentParser
import FerryCore
import FerryOperations
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
    let story = Story(output)
    let office = folders.office(isSandboxed: !withoutSandbox, tell: story.tell)
    let run = try operation()
    let reply: Reply<NightSummary>
    do throws(Refusal) { reply = try await run.perform(in: office) } catch {
      story.finishLine()
      Terminal.say(error.problems)
      throw ExitCode(error.kind)
    }
    story.finishLine()
    for (label, end) in reply.answer.jobs.sorted(by: { $0.key < $1.key }) { story.end(end, of: label) }
    if !output.json, !output.quiet, !reply.answer.page.isEmpty { Terminal.say(reply.answer.page) }
    Terminal.say(reply.problems)
    try finish(reply.answer)
    if let shortfall = reply.shortfall { throw ExitCode(shortfall) }
  }

  private func operation() throws -> RunQueue {
    var run = RunQueue(jobs: jobs, day: try RunDay.today())
    (run.remade, run.isPartialAllowed, run.isThorough) = (remake, partial, repair)
    (run.workers, run.until, run.drains) = (workers, try deadline(), drain)
    (run.settle, run.metrics) = (intake.span, metrics)
    return run
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
  private func deadline() throws -> Timestamp? {
    guard let until else { return nil }
    let parts = until.split(separator: ":").map { Int($0) }
    guard parts.count == 2, let hour = parts[0], let minute = parts[1], (0..<24).contains(hour),
      (0..<60).contains(minute),
      let date = Calendar.current.nextDate(
        after: Date(), matching: DateComponents(hour: hour, minute: minute), matchingPolicy: .nextTime)
    else { throw ValidationError("--until: write a time of the day such as 06:00, not '\(until)'") }
    return Timestamp(milliseconds: Int(date.timeIntervalSince1970 * 1000))
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
