import ArgumentParser
import FerryCore
import FerryOperations

/// `ferry defects import|list|fixed|decline|template`
struct DefectsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "defects",
    abstract: "What a partner found: taken in, followed until the version that mends it is accepted.",
    subcommands: [
      DefectsImportCommand.self, DefectsListCommand.self, DefectsFixedCommand.self, DefectsDeclineCommand.self,
      DefectsTemplateCommand.self,
    ])
}

/// `ferry defects import FILE`
struct DefectsImportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Take in a partner's list, JSON or CSV: all of it or, with every problem named, nothing.")

  @OptionGroup var output: OutputOptions
  @OptionGroup var folders: HomeOption
  @Option(help: ArgumentHelp("The delivery that it is about; usually the list says it.", valueName: "label"))
  var delivery: String?
  @Argument(help: "The list; 'ferry defects template' prints an empty one.") var file: String

  func run() async throws {
    try await output.tell(ImportDefects(file: file, delivery: delivery), in: folders.office) { answer in
      let titles = answer.titles.joined(separator: ", ")
      return answer.answered.map { "\(answer.delivery) \($0.id): \($0.words) already" } + [
        "\(answer.delivery): \(counted(answer.openCount, "open defect"))"
          + (titles.isEmpty ? "" : " in \(titles): mend the files and run the job again")
      ]
    }
  }
}

/// `ferry defects list`
struct DefectsListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Every defect with its state: open, fixed, declined or closed.")

  @OptionGroup var output: OutputOptions
  @OptionGroup var folders: HomeOption
  @Argument(help: "Labels; without any, all deliveries.") var labels: [String] = []

  func run() async throws {
    try await output.tell(ListDefects(labels: labels), in: folders.office) { defects in
      defects.isEmpty ? ["no defects are known"] : defects.flatMap(lines)
    }
  }

  private func lines(_ defect: StandingDefect) -> [String] {
    [
      "\(defect.delivery) \(defect.id): \(defect.words), \(defect.severity) \(defect.category), "
        + defect.path + defect.placeText
    ]
      + [
        defect.foundText.map { "found: \($0)" }, defect.suggestedText.map { "suggested: \($0)" },
        defect.reason ?? defect.note,
      ].compactMap { line in line.map { "  " + $0 } }
  }
}

extension StandingDefect {
  /// Its state, and the version that makes it so.
  fileprivate var words: String { state + (version.map { " in version \($0)" } ?? "") }

  /// How it was answered.
  fileprivate var line: String { "\(delivery) \(id): \(words)" }
}

/// `ferry defects fixed LABEL ID`
struct DefectsFixedCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fixed",
    abstract: "Say of an open defect that a later version mends it, where ferry cannot tell by itself.",
    discussion: """
      Ferry knows that a cue was changed, that picture or sound are others, that a file is gone. Whether a text without \
      a place, the catalogue or the page are better now, people have to look.
      """)

  @OptionGroup var output: OutputOptions
  @OptionGroup var folders: HomeOption
  @Option(
    name: .customLong("in"),
    help: ArgumentHelp("The version that mends it. Default: the newest.", valueName: "version"))
  var version: Int?
  @Argument(help: "The delivery's label.") var label: String
  @Argument(help: "The defect's id.") var id: String

  func run() async throws {
    let operation = AnswerDefect(label: label, id: id, .fixed(version: version))
    try await output.tell(operation, in: folders.office) { [$0.line] }
  }
}

/// `ferry defects decline LABEL ID --because TEXT`
struct DefectsDeclineCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decline", abstract: "Answer an open defect without a change, and say why.")

  @OptionGroup var output: OutputOptions
  @OptionGroup var folders: HomeOption
  @Option(help: ArgumentHelp("Why.", valueName: "text")) var because: String
  @Argument(help: "The delivery's label.") var label: String
  @Argument(help: "The defect's id.") var id: String

  func run() async throws {
    let operation = AnswerDefect(label: label, id: id, .declined(because: because))
    try await output.tell(operation, in: folders.office) { [$0.line] }
  }
}

/// `ferry defects template`
struct DefectsTemplateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "template", abstract: "Print an empty list for a partner to fill in: CSV, or JSON with --json.")

  @OptionGroup var output: OutputOptions

  func run() throws {
    Terminal.answer(output.json ? DefectTemplates.json : DefectTemplates.csv, isRaw: true)
  }
}
