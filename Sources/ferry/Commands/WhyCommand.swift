import ArgumentParser
import FerryOperations

/// `ferry why [JOB] TITLE`
struct WhyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "why", abstract: "Say for one title what runs or is skipped, what will be made of it, and why.",
    discussion: """
      With a job file: what that file asks for. With a title alone, or after a job's label: what the queue did with it, \
      and what comes next.
      """)

  @OptionGroup var output: OutputOptions
  @OptionGroup var folders: FolderOptions
  @Argument(help: "The title's id; before it the job file, or the label of a job in the queue.") var names: [String]

  private var title: String { names[names.count - 1] }
  private var job: String? { names.count == 2 ? names[0] : nil }

  func validate() throws {
    if !(1...2).contains(names.count) { throw ValidationError("name a title, and before it a job file or a label") }
  }

  func run() async throws {
    if let job, JobPaths.isFile(job) {
      try await output.tell(PlanTitle(file: job, title: title), in: folders.office(), text: PlanText.text(of:))
    } else {
      try await output.tell(ExplainTitle(label: job, title: title), in: folders.office()) { stories in
        stories.flatMap(StoryText.lines)
      }
    }
  }
}
