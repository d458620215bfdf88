import ArgumentParser
import FerryPackage
import Foundation

/// `ferry receipt import|accept|reject`
struct ReceiptCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "receipt", abstract: "Take in a partner's receipts, or, as the partner, accept or reject a version.",
    subcommands: [ReceiptImportCommand.self, ReceiptAcceptCommand.self, ReceiptRejectCommand.self])
}

/// `ferry receipt import FILE…`
struct ReceiptImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Take in receipts that a partner signed; a second time it does nothing.")

  @OptionGroup var output: OutputOptions
  @OptionGroup var folders: HomeOption
  @OptionGroup var trust: TrustOptions
  @Argument(help: "The files LABEL_vN.….receipt.json, each with its .sig beside it.") var files: [String]

  private struct Answer: Encodable {
    var file: String
    var signer: String
    var receipt: Receipt
    var isNew: Bool
  }

  func validate() throws {
    if files.isEmpty { throw ValidationError("name at least one receipt") }
  }

  func run() throws {
    let keys = try trust.keys(folders)
    var answers: [Answer] = []
    try ExchangeAccess.saying {
      for file in files {
        let (receipt, signer) = try Receipt.read(file, keys: keys)
        let correspondence = try Correspondence(home: folders.homePath, label: receipt.inReplyTo.label)
        let isNew = try correspondence.take(receipt, file: file)
        answers.append(Answer(file: file, signer: signer.names[0], receipt: receipt, isNew: isNew))
      }
    }
    if output.json { return try Terminal.answer(json: answers) }
    for answer in answers {
      let receipt = answer.receipt
      Terminal.answer(
        "\(receipt.inReplyTo.label) version \(receipt.inReplyTo.version), \(receipt.stage.rawValue): "
          + "\(receipt.disposition.rawValue), says \(answer.signer): \(receipt.message)"
          + (answer.isNew ? "" : " (known already)"))
      for path in receipt.resend { Terminal.answer("  send again: \(path)") }
    }
  }
}

/// What the partner's people say about a version.
private struct Verdict {
  var ticket: String
  var disposition: Receipt.Disposition
  var message: String

  /// Writes the receipt where answers go, beside the ticket.
  func write(_ folders: HomeOption, _ trust: TrustOptions, _ signing: SigningOptions, _ output: OutputOptions) throws {
    let keys = try trust.keys(folders)
    let key = try signing.key(folders)
    let (path, receipt) = try ExchangeAccess.saying {
      try Acceptance.write(
        disposition, of: ticket, message: message, keys: .init(known: keys, own: key), now: ExchangeAccess.now(),
        verifier: ExchangeAccess.verifier)
    }
    if output.json { return try Terminal.answer(json: receipt) }
    Terminal.answer(path)
  }
}

/// `ferry receipt accept TICKET`
struct ReceiptAcceptCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "accept", abstract: "Sign that people looked at a version and accept it.")

  @OptionGroup var output: OutputOptions
  @OptionGroup var folders: HomeOption
  @OptionGroup var trust: TrustOptions
  @OptionGroup var signing: SigningOptions
  @Argument(help: "The version's LABEL_vN.ticket.json.") var ticket: String

  func run() throws {
    try Verdict(ticket: ticket, disposition: .accepted, message: "accepted").write(folders, trust, signing, output)
  }
}

/// `ferry receipt reject TICKET --because TEXT`
struct ReceiptRejectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reject", abstract: "Sign that people looked at a version and do not accept it, and why.")

  @OptionGroup var output: OutputOptions
  @OptionGroup var folders: HomeOption
  @OptionGroup var trust: TrustOptions
  @OptionGroup var signing: SigningOptions
  @Option(help: ArgumentHelp("Why.", valueName: "text")) var because: String
  @Argument(help: "The version's LABEL_vN.ticket.json.") var ticket: String

  func run() throws {
    try Verdict(ticket: ticket, disposition: .rejected, message: because).write(folders, trust, signing, output)
  }
}
