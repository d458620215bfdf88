import ArgumentParser
import FerryCore
import FerryExecution
import FerryPipeline
import Foundation

/// `ferry run JOB…`
struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Make, verify and publish the packages of jobs.",
    discussion:
      "With --json: events on standard output, one JSON object a line; the last one of a job says how it ended.")

  @OptionGroup var output: OutputOptions
  @OptionGroup var folders: FolderOptions
  @Flag(help: "Deliver the titles that are done although others failed or wait; the package lists what is missing.")
  var partial = false
  @Argument(help: "Job files.") var jobs: [String]

  func validate() throws {
    if jobs.isEmpty { throw ValidationError("name at least one job file") }
  }

  func run() async throws {
    let (read, unreadable) = JobFile.readAll(jobs)
    Terminal.say(unreadable)
    var code = unreadable.isEmpty ? ExitCode.success : ExitCode.badInput
    let workspace = Workspace(home: folders.homePath)
    let lock: RunLock
    do {
      lock = try RunLock.take(workspace)
    } catch is RunLock.Held {
      Terminal.say("ferry: another run is at work in \(workspace.home); try again when it is done")
      throw ExitCode.tryLater
    }
    try workspace.sweep()
    for job in read {
      let story = Story(output)
      let pipeline = Pipeline(
        workspace: workspace, out: folders.outPath, version: Ferry.version, day: try RunDay.today(),
        isPartialAllowed: partial, work: LocalWorker(executable: Executable.path).run, report: story.tell)
      let end: Pipeline.End
      do {
        end = try await pipeline.run(job)
      } catch let error as Diagnostics {
        story.finishLine()
        Terminal.say(error.all)
        code = worse(code, error.all.contains { $0.code == "disk.full" } ? .tryLater : .badInput)
        continue
      }
      story.end(end, of: job)
      code = worse(code, exitCode(for: end))
    }
    _ = consume lock
    if code != .success { throw code }
  }

  private func exitCode(for end: Pipeline.End) -> ExitCode {
    switch end {
    case .published(_, let failed, _) where failed > 0: .failed
    case .published, .unchanged: .success
    case .held(let failed, _): failed > 0 ? .failed : .success
    }
  }

  /// The code that matters more to whoever reads it in the morning.
  private func worse(_ a: ExitCode, _ b: ExitCode) -> ExitCode {
    let order: [ExitCode] = [.success, .incomplete, .failed, .badInput, .tryLater]
    return (order.firstIndex(of: a) ?? 0) >= (order.firstIndex(of: b) ?? 0) ? a : b
  }
}

/// This program's own file.
enum Executable {
  static let path = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
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
