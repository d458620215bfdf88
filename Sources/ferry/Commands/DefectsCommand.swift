import ArgumentParser
import FerryCore
import FerryExchange
import FerryOperations
import FerryPackage
import FerryText
import Foundation

/// `ferry defects import|list|fixed|decline|template`
struct DefectsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "defects",
    abstract: "What a partner found: taken in, followed until the version that mends it is accepted.",
    subcommands: [
      DefectsImportCommand.self, DefectsListCommand.self, DefectsFixedCommand.self, DefectsDeclineCommand.self,
      DefectsTemplateCommand.self,
    ])
}

/// `ferry defects import FILE`
struct DefectsImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Take in a partner's list, JSON or CSV: all of it or, with every problem named, nothing.")

  @OptionGroup var output: OutputOptions
  @OptionGroup var folders: HomeOption
  @Option(help: ArgumentHelp("The delivery that it is about; usually the list says it.", valueName: "label"))
  var delivery: String?
  @Argument(help: "The list; 'ferry defects template' prints an empty one.") var file: String

  private struct Answer: Encodable {
    var delivery: String
    var open: [Defect]
    /// Those that are work again.
    var titles: [String]
    /// Of those in the list, what a later version mends, or was answered before.
    var answered: [String]
  }

  func run() throws {
    var imported: Set<String> = []
    let (label, book) = try ExchangeAccess.saying {
      let defects = try DefectFile.read(file, converting: converted)
      imported = Set(defects.map(\.defect.id))
      let correspondence = try correspondence(of: defects.map(\.defect))
      return (correspondence.label, try correspondence.take(defects))
    }
    let answered = book.entries.filter { imported.contains($0.defect.id) && $0.state != .open }
    let titles = try ExchangeAccess.saying { try folders.office.align(label) } ?? book.reopenedTitles
    if output.json {
      return try Terminal.answer(
        json: Answer(
          delivery: label, open: book.open.map(\.defect), titles: titles, answered: answered.map(\.defect.id)))
    }
    for entry in answered { Terminal.answer("\(label) \(entry.defect.id): \(entry.state.words) already") }
    Terminal.answer(
      "\(label): \(counted(book.open.count, "open defect"))"
        + (titles.isEmpty ? "" : " in \(titles.joined(separator: ", ")): mend the files and run the job again"))
  }
}

extension DefectsImportCommand {
  /// Spreadsheets save CSV in the encoding of the machine; what is not Chinese has to be UTF-8 or UTF-16.
  private func converted(_ bytes: [UInt8]) -> [UInt8]? {
    LanguageTag("zh").flatMap { SpreadsheetText.utf8(bytes, language: $0) }
  }

  /// The delivery that was named, or the only one that fits what the list says best: the very files, or at least their
  /// names. What is wrong with its lines is then said line by line.
  private func correspondence(of defects: [Defect]) throws -> Correspondence {
    let all = delivery == nil ? try Correspondence.all(home: folders.homePath) : []
    var fitting = try all.map { ($0.label, try $0.contents()) }
    let questions: [(Defect, VersionContent) -> Bool] = [
      { defect, version in version.digest(of: defect.path) == defect.assetSha512 },
      { defect, version in version.digest(of: defect.path) != nil },
      { defect, version in version.manifest.lessons.contains { $0.id == defect.lesson } },
    ]
    for question in questions where fitting.count > 1 {
      let better = fitting.filter { _, versions in
        versions.contains { version in defects.contains { question($0, version) } }
      }
      if !better.isEmpty { fitting = better }
    }
    let labels = fitting.map(\.0)
    return try ExchangeAccess.correspondence(
      delivery, home: folders.homePath, option: "--delivery", where: { labels == [$0.label] })
  }
}

/// `ferry defects list`
struct DefectsListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Every defect with its state: open, fixed, declined or closed.")

  @OptionGroup var output: OutputOptions
  @OptionGroup var folders: HomeOption
  @Argument(help: "Labels; without any, all deliveries.") var labels: [String] = []

  func run() throws {
    let answers = try ExchangeAccess.saying {
      let all = try Correspondence.all(home: folders.homePath).filter { labels.isEmpty || labels.contains($0.label) }
      return try all.flatMap { one in try one.book().entries.map { StandingDefect($0, one.label) } }
    }
    if output.json { return try Terminal.answer(json: answers) }
    if answers.isEmpty { return Terminal.answer("no defects are known") }
    for answer in answers {
      let defect = answer.defect
      let version = answer.version.map { " in version \($0)" } ?? ""
      Terminal.answer(
        "\(answer.delivery) \(defect.id): \(answer.state)\(version), \(defect.severity.rawValue) "
          + "\(defect.category.rawValue), \(defect.path)\(defect.placeText)")
      if let found = defect.foundText { Terminal.answer("  found: \(found)") }
      if let suggested = defect.suggestedText { Terminal.answer("  suggested: \(suggested)") }
      if let note = answer.reason ?? defect.note { Terminal.answer("  \(note)") }
    }
  }
}

/// One defect as it stands, in JSON.
private struct StandingDefect: Encodable {
  var delivery: String
  var state: String
  /// The version that mends it, or whose acceptance closed it.
  var version: Int?
  var reason: String?
  var defect: Defect
  var seenIn: [Int]

  init(_ entry: DefectBook.Entry, _ label: String) {
    delivery = label
    (state, version, reason) = entry.state.facts
    (defect, seenIn) = (entry.defect, entry.seenIn)
  }
}

extension DefectBook.State {
  /// Its name, the version that mends it or whose acceptance closed it, and why it was declined.
  fileprivate var facts: (name: String, version: Int?, reason: String?) {
    switch self {
    case .open: ("open", nil, nil)
    case .fixed(let version): ("fixed", version, nil)
    case .declined(let reason): ("declined", nil, reason)
    case .closed(let version): ("closed", version, nil)
    }
  }

  fileprivate var words: String { facts.name + (facts.version.map { " in version \($0)" } ?? "") }
}

/// `ferry defects fixed LABEL ID`
struct DefectsFixedCommand: ParsableCommand {
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

  func run() throws {
    let entry = try ExchangeAccess.saying {
      try Correspondence(home: folders.homePath, label: label)
        .fix(id, in: version, published: try folders.office.published(label))
    }
    try StandingDefect(entry, label).tell(output, in: folders.office)
  }
}

/// `ferry defects decline LABEL ID --because TEXT`
struct DefectsDeclineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decline", abstract: "Answer an open defect without a change, and say why.")

  @OptionGroup var output: OutputOptions
  @OptionGroup var folders: HomeOption
  @Option(help: ArgumentHelp("Why.", valueName: "text")) var because: String
  @Argument(help: "The delivery's label.") var label: String
  @Argument(help: "The defect's id.") var id: String

  func run() throws {
    let entry = try ExchangeAccess.saying {
      try Correspondence(home: folders.homePath, label: label).decline(id, reason: because)
    }
    try StandingDefect(entry, label).tell(output, in: folders.office)
  }
}

extension StandingDefect {
  /// Says how a defect was answered, after the queue knows it too.
  fileprivate func tell(_ output: OutputOptions, in office: Office) throws {
    _ = try ExchangeAccess.saying { try office.align(delivery) }
    if output.json { return try Terminal.answer(json: self) }
    Terminal.answer("\(delivery) \(defect.id): \(state)" + (version.map { " in version \($0)" } ?? ""))
  }
}

/// `ferry defects template`
struct DefectsTemplateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "template", abstract: "Print an empty list for a partner to fill in: CSV, or JSON with --json.")

  @OptionGroup var output: OutputOptions

  func run() throws {
    Terminal.answer(output.json ? DefectFile.jsonTemplate : DefectFile.template, isRaw: true)
  }
}
