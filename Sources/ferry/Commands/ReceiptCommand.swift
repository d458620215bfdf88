import ArgumentParser
import FerryCore
import FerryExchange
import Foundation

/// `ferry receipt fetch|import|accept|reject`
struct ReceiptCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "receipt", abstract: "Take in a partner's receipts, or, as the partner, accept or reject a version.",
    subcommands: [
      ReceiptFetchCommand.self, ReceiptImportCommand.self, ReceiptAcceptCommand.self, ReceiptRejectCommand.self,
    ])
}

/// Receipts that are taken in one by one: what is wrong with one keeps no other out.
private struct ReceiptIntake {
  private struct Answer: Encodable {
    var file: String
    var signer: String
    var receipt: Receipt
    var isNew: Bool
  }

  let keys: AllowedSigners
  let home: String
  private var answers: [Answer] = []
  private var failure: ExitCode?

  init(_ trust: TrustOptions, _ folders: HomeOption) throws {
    (keys, home) = (try trust.keys(folders), folders.homePath)
  }

  mutating func take(_ letter: Receipt.Letter) throws {
    do {
      try ExchangeAccess.saying {
        let (receipt, signer) = try Receipt.read(letter, keys: keys)
        let correspondence = try Correspondence(home: home, label: receipt.inReplyTo.label)
        let isNew = try correspondence.take(receipt, by: signer, among: keys, file: letter.name)
        answers.append(Answer(file: letter.name, signer: signer.names[0], receipt: receipt, isNew: isNew))
      }
    } catch let code as ExitCode { note(code) }
  }

  /// The first that went wrong decides how the command ends.
  mutating func note(_ code: ExitCode) { failure = failure ?? code }

  /// Says what was taken in, or only what is new of it.
  func answer(_ output: OutputOptions, onlyNew: Bool) throws {
    let answers = answers.filter { !onlyNew || $0.isNew }
    if output.json {
      try Terminal.answer(json: answers)
    } else {
      for answer in answers { say(answer) }
      if answers.isEmpty, failure == nil { Terminal.answer("nothing new") }
    }
    if let failure { throw failure }
  }

  private func say(_ answer: Answer) {
    let receipt = answer.receipt
    Terminal.answer(
      "\(receipt.inReplyTo.label) version \(receipt.inReplyTo.version), \(receipt.stage.rawValue): "
        + "\(receipt.disposition.rawValue), says \(answer.signer): \(receipt.message)"
        + (answer.isNew ? "" : " (known already)"))
    for path in receipt.resend { Terminal.answer("  send again: \(path)") }
  }
}

/// `ferry receipt fetch [LABEL…]`
struct ReceiptFetchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fetch", abstract: "Look for new receipts wherever packages were sent, and take them in.",
    discussion: """
      It asks every folder and server that 'ferry deliveries' names; made for cron: a second time it does nothing, and \
      a server that does not answer, or a receipt that is not believed, keeps no other receipt out.
      """)

  @OptionGroup var output: OutputOptions
  @OptionGroup var folders: HomeOption
  @OptionGroup var trust: TrustOptions
  @OptionGroup var servers: ServerOptions
  @Argument(help: "Labels; without any, all deliveries.") var labels: [String] = []

  func run() async throws {
    var intake = try ReceiptIntake(trust, folders)
    let boxes = try ExchangeAccess.saying {
      try Correspondence.all(home: folders.homePath).filter { labels.isEmpty || labels.contains($0.label) }
        .flatMap { try $0.mailboxes() }
    }
    for box in boxes {
      do {
        try await ExchangeAccess.awaiting {
          try await box.open(servers.drop(try DeliveryTarget(box.drop))) { letters in
            for letter in letters { try intake.take(letter) }
          }
        }
      } catch let code as ExitCode { intake.note(code) }
    }
    try intake.answer(output, onlyNew: true)
  }
}

/// `ferry receipt import FILE…`
struct ReceiptImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Take in receipts that a partner signed; a second time it does nothing.")

  @OptionGroup var output: OutputOptions
  @OptionGroup var folders: HomeOption
  @OptionGroup var trust: TrustOptions
  @Argument(help: "The files LABEL_vN.….receipt.json, each with its .sig beside it.") var files: [String]

  func validate() throws {
    if files.isEmpty { throw ValidationError("name at least one receipt") }
  }

  func run() throws {
    var intake = try ReceiptIntake(trust, folders)
    for file in files { try intake.take(.init(file)) }
    try intake.answer(output, onlyNew: false)
  }
}

/// What the partner's people say about a version.
struct VerdictOptions: ParsableArguments {
  @OptionGroup var output: OutputOptions
  @OptionGroup var folders: HomeOption
  @OptionGroup var trust: TrustOptions
  @OptionGroup var signing: SigningOptions
  @Argument(help: "The version's LABEL_vN.ticket.json.") var ticket: String

  /// Writes the receipt where answers go, beside the ticket.
  func write(_ disposition: Receipt.Disposition, _ message: String) throws {
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

  @OptionGroup var verdict: VerdictOptions

  func run() throws { try verdict.write(.accepted, "accepted") }
}

/// `ferry receipt reject TICKET --because TEXT`
struct ReceiptRejectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reject", abstract: "Sign that people looked at a version and do not accept it, and why.")

  @OptionGroup var verdict: VerdictOptions
  @Option(help: ArgumentHelp("Why.", valueName: "text")) var because: String

  func run() throws { try verdict.write(.rejected, because) }
}
