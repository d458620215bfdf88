import ArgumentParser
import FerryPackage
import FerryPipeline
import Foundation

/// `ferry deliver LABEL --to DROP`
struct DeliverCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "deliver",
    abstract: "Send the newest published version to a partner's folder, with a signed ticket.",
    discussion: """
      When the partner's receipts say that an older version arrived, only what changed travels; when they say that this \
      one arrived damaged, only the files that they ask for. The ticket is written last: until it is there, nothing is \
      ready. Running it again does nothing, or goes on where it was killed.
      """)

  @OptionGroup var output: OutputOptions
  @OptionGroup var folders: FolderOptions
  @OptionGroup var signing: SigningOptions
  @Option(help: ArgumentHelp("The partner's folder.", valueName: "dir")) var to: String
  @Flag(help: "Send the whole version, whatever the partner has.") var full = false
  @Argument(help: "The delivery's label.") var label: String

  private struct Answer: Encodable {
    var package: String
    var ticket: Ticket
    var isNew: Bool
  }

  func run() throws {
    let key = try signing.key(folders.state)
    let drop = URL(fileURLWithPath: to).standardizedFileURL.path
    let day = try RunDay.today()
    let outcome = try ExchangeAccess.saying {
      try Delivering(
        Correspondence(home: folders.homePath, label: label), series: folders.outPath + "/" + label, drop: drop,
        key: key, day: day, isFull: full
      ).run()
    }
    let (ticket, isNew) =
      switch outcome {
      case .sent(let ticket): (ticket, true)
      case .alreadySent(let ticket): (ticket, false)
      }
    let path = drop + "/" + ticket.bag
    if output.json { return try Terminal.answer(json: Answer(package: path, ticket: ticket, isNew: isNew)) }
    let what =
      ticket.isRepair
      ? "repair of version \(ticket.version)"
      : ticket.baseVersion.map { "supplement to version \($0)" } ?? "full version \(ticket.version)"
    let size = "\(counted(ticket.files, "file")), \(ProbeText.size(ticket.bytes))"
    Terminal.answer(isNew ? "\(path): \(what), \(size)" : "\(path): sent before, \(what)")
  }
}
