import ArgumentParser
import FerryCore
import FerryPipeline

/// `ferry probe FILE…`
struct ProbeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "probe", abstract: "Show what is in media files.",
    discussion: "With --json: one document, a list of {file, facts} or {file, error}; docs/probe.md names the fields.")

  @OptionGroup var output: OutputOptions
  @Argument(help: "Media files.") var files: [String]

  private struct Answer: Encodable {
    var file: String
    var facts: SourceFacts?
    var error: String?
  }

  func validate() throws {
    if files.isEmpty { throw ValidationError("name at least one media file") }
  }

  func run() throws {
    var answers: [Answer] = []
    let session = Reading.begin()(files)
    for file in files {
      do throws(MediaSession.Failure) {
        let facts = try session.facts(of: file)
        if output.json {
          answers.append(Answer(file: file, facts: facts, error: nil))
        } else {
          Terminal.answer(ProbeText.text(of: facts, path: file))
        }
      } catch {
        answers.append(Answer(file: file, facts: nil, error: error.description))
        Terminal.say("\(file): error: \(error)")
      }
    }
    if output.json { try Terminal.answer(json: answers) }
    if answers.contains(where: { $0.error != nil }) { throw ExitCode.badInput }
  }
}
