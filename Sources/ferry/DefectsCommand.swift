import ArgumentParser
import FerryPackage
import Foundation

/// `ferry defects import|list|decline|template`
struct DefectsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "defects",
    abstract: "What a partner found: taken in, followed until the version that mends it is accepted.",
    subcommands: [
      DefectsImportCommand.self, DefectsListCommand.self, DefectsDeclineCommand.self, DefectsTemplateCommand.self,
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
      let defects = try DefectFile.read(file)
      imported = Set(defects.map(\.defect.id))
      let digests = Set(defects.map(\.defect.assetSha512))
      let correspondence = try ExchangeAccess.correspondence(
        delivery, home: folders.homePath, option: "--delivery",
        where: { one in
          try one.versions().flatMap(\.lessons).flatMap(\.assets).contains { digests.contains($0.sha512) }
        })
      return (correspondence.label, try correspondence.take(defects))
    }
    let answered = book.entries.filter { imported.contains($0.defect.id) && $0.state != .open }
    let titles = try Reopening.align(label, home: folders.homePath) ?? book.reopenedTitles
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

/// `ferry defects list`
struct DefectsListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Every defect with its state: open, fixed, declined or closed.")

  @OptionGroup var output: OutputOptions
  @OptionGroup var folders: HomeOption
  @Argument(help: "Labels; without any, all deliveries.") var labels: [String] = []

  private struct Answer: Encodable {
    var delivery: String
    var state: String
    /// The version that mends it, or whose acceptance closed it.
    var version: Int?
    var reason: String?
    var defect: Defect
    var seenIn: [Int]
  }

  func run() throws {
    let answers = try ExchangeAccess.saying {
      let all = try Correspondence.all(home: folders.homePath).filter { labels.isEmpty || labels.contains($0.label) }
      return try all.flatMap { one in try one.book().entries.map { answer($0, one.label) } }
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

  private func answer(_ entry: DefectBook.Entry, _ label: String) -> Answer {
    let (state, version, reason) = entry.state.facts
    return Answer(
      delivery: label, state: state, version: version, reason: reason, defect: entry.defect, seenIn: entry.seenIn)
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

/// `ferry defects decline LABEL ID --because TEXT`
struct DefectsDeclineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decline", abstract: "Answer an open defect without a change, and say why.")

  @OptionGroup var folders: HomeOption
  @Option(help: ArgumentHelp("Why.", valueName: "text")) var because: String
  @Argument(help: "The delivery's label.") var label: String
  @Argument(help: "The defect's id.") var id: String

  func run() throws {
    let isDone = try ExchangeAccess.saying {
      try Correspondence(home: folders.homePath, label: label).decline(id, reason: because)
    }
    guard isDone else {
      Terminal.say("ferry: \(label) has no open defect '\(id)'; 'ferry defects list \(label)' names them")
      throw ExitCode.badInput
    }
    _ = try Reopening.align(label, home: folders.homePath)
    Terminal.answer("\(label) \(id): declined")
  }
}

/// `ferry defects template`
struct DefectsTemplateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "template", abstract: "Print an empty list, CSV, for a partner to fill in.")

  func run() throws { Terminal.answer(DefectFile.template, isRaw: true) }
}
