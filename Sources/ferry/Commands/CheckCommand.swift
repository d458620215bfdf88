import ArgumentParser
import FerryCore
import FerryOperations
import FerryPipeline

/// `ferry check JOB…`
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Read jobs, sources and subtitles and report all problems; encode nothing.")

  @OptionGroup var output: OutputOptions
  @Argument(help: "Job files.") var jobs: [String]

  private struct Answer: Encodable {
    var job: String
    var titles: Int
    var waiting: Int
    var problems: [Diagnostic]
  }

  func validate() throws {
    if jobs.isEmpty { throw ValidationError("name at least one job file") }
  }

  func run() throws {
    var answers: [Answer] = []
    for path in jobs { answers.append(check(path)) }
    if output.json { try Terminal.answer(json: answers) }
    let errors = answers.flatMap(\.problems).filter { $0.severity == .error }
    if !errors.isEmpty { throw ExitCode.badInput }
  }

  private func check(_ path: String) -> Answer {
    var answer = Answer(job: path, titles: 0, waiting: 0, problems: [])
    do throws(Diagnostics) {
      let job = try JobFile.read(path)
      let inspections = Inspection.of(job, reading: Reading.begin())
      answer.titles = inspections.count
      answer.waiting = inspections.count { !$0.awaited.isEmpty }
      answer.problems = job.profile.warnings + inspections.flatMap(\.problems)
    } catch {
      answer.problems = error.all
    }
    Terminal.say(answer.problems)
    if !output.json && !output.quiet { Terminal.answer(summary(answer)) }
    return answer
  }

  private func summary(_ answer: Answer) -> String {
    let errors = answer.problems.count { $0.severity == .error }
    let warnings = answer.problems.count - errors
    let waiting = answer.waiting == 0 ? "" : ", \(answer.waiting) waiting for a translation"
    let counts = "\(counted(errors, "error")), \(counted(warnings, "warning"))"
    return "\(answer.job): \(counted(answer.titles, "title"))\(waiting): \(counts)"
  }
}
