import ArgumentParser
import FerryCore
import FerryExchange
import FerryPipeline
import Foundation

/// `ferry deliver LABEL --to TARGET`
struct DeliverCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "deliver",
    abstract: "Send the newest published version to a partner, with a signed ticket.",
    discussion: """
      TARGET is a folder, sftp://[USER@]HOST[:PORT]/PATH, rsync://[USER@]HOST[:PORT]/MODULE/PATH, \
      rsync+ssh://[USER@]HOST[:PORT]/PATH or rclone:REMOTE:PATH; /~/PATH is below the home folder there. Passwords are \
      never part of it: ssh has keys, an rsync daemon's goes into RSYNC_PASSWORD, rclone keeps its own.

      When the partner's receipts say that an older version arrived, only what changed travels; when they say that this \
      one arrived damaged, only the files that they ask for. The ticket is written last: until it is there, nothing is \
      ready. Running it again does nothing, or goes on where it was killed or cut off.
      """)

  @OptionGroup var output: OutputOptions
  @OptionGroup var folders: FolderOptions
  @OptionGroup var signing: SigningOptions
  @Option(help: ArgumentHelp("The partner's folder, here or on a server.", valueName: "target")) var to: String
  @OptionGroup var servers: ServerOptions
  @Option(
    help: ArgumentHelp(
      "What a server must show again before the ticket: resumed, always or never. Default: resumed.", valueName: "when")
  )
  var readback = ReadBack.resumed
  @Flag(help: "Send the whole version, whatever the partner has.") var full = false
  @Argument(help: "The delivery's label.") var label: String

  private struct Answer: Encodable {
    var package: String
    var ticket: Ticket
    var isNew: Bool
  }

  func run() async throws {
    let drop = try drop()
    let key = try signing.key(folders.state)
    let day = try RunDay.today()
    let outcome = try await ExchangeAccess.awaiting {
      try await Delivering(
        Correspondence(home: folders.homePath, label: label), series: folders.outPath + "/" + label, drop: drop,
        key: key, day: day, isFull: full
      ).run()
    }
    let (ticket, isNew) =
      switch outcome {
      case .sent(let ticket): (ticket, true)
      case .alreadySent(let ticket): (ticket, false)
      }
    let path = drop.path(ticket.bag)
    if output.json { return try Terminal.answer(json: Answer(package: path, ticket: ticket, isNew: isNew)) }
    let what =
      ticket.isRepair
      ? "repair of version \(ticket.version)"
      : ticket.baseVersion.map { "supplement to version \($0)" } ?? "full version \(ticket.version)"
    let size = "\(counted(ticket.files, "file")), \(readable(bytes: ticket.bytes))"
    Terminal.answer(isNew ? "\(path): \(what), \(size)" : "\(path): sent before, \(what)")
  }

  /// Where to; what is wrong with the target is said without repeating it, for it may hold a password.
  private func drop() throws -> Delivering.Drop {
    let target: DeliveryTarget
    do { target = try DeliveryTarget(to) } catch {
      throw ValidationError("--to: \(error.message)\n  hint: \(error.hint)")
    }
    return servers.drop(target, readback)
  }
}

extension ReadBack: ExpressibleByArgument {}
