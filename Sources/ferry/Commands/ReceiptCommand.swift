import ArgumentParser
import FerryCore
import FerryOperations

/// `ferry receipt fetch|import|accept|reject`
struct ReceiptCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "receipt", abstract: "Take in a partner's receipts, or, as the partner, accept or reject a version.",
    subcommands: [
      ReceiptFetchCommand.self, ReceiptImportCommand.self, ReceiptAcceptCommand.self, ReceiptRejectCommand.self,
    ])
}

/// Receipts that were taken in, as a person reads them.
private enum ReceiptText {
  static func lines(_ taken: [TakenReceipt]) -> [String] {
    taken.flatMap { one in
      [
        "\(one.label) version \(one.version), \(one.stage): \(one.disposition), says \(one.signer): \(one.message)"
          + (one.isNew ? "" : " (known already)")
      ] + one.resend.map { "  send again: \($0)" }
    }
  }
}

extension OutputOptions {
  /// Takes receipts in and says what came of it; that there was nothing is said only where nothing went wrong.
  fileprivate func take<Intake: Operation>(
    _ intake: Intake, in office: Office
  ) async throws where Intake.Answer == [TakenReceipt] {
    let reply = try await perform(intake, in: office)
    try tell(reply) { taken in
      taken.isEmpty && reply.shortfall == nil ? ["nothing new"] : ReceiptText.lines(taken)
    }
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
    let operation = FetchReceipts(labels: labels, trust: trust.path, sshConfiguration: servers.sshConfig)
    try await output.take(operation, in: folders.office)
  }
}

/// `ferry receipt import FILE…`
struct ReceiptImportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Take in receipts that a partner signed; a second time it does nothing.")

  @OptionGroup var output: OutputOptions
  @OptionGroup var folders: HomeOption
  @OptionGroup var trust: TrustOptions
  @Argument(help: "The files LABEL_vN.….receipt.json, each with its .sig beside it.") var files: [String]

  func validate() throws {
    if files.isEmpty { throw ValidationError("name at least one receipt") }
  }

  func run() async throws {
    try await output.take(ImportReceipts(files: files, trust: trust.path), in: folders.office)
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
  func write(_ verdict: AnswerVersion.Verdict) async throws {
    let operation = AnswerVersion(ticket: ticket, verdict, trust: trust.path, key: signing.path)
    try await output.tell(operation, in: folders.office) { [$0.file] }
  }
}

/// `ferry receipt accept TICKET`
struct ReceiptAcceptCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "accept", abstract: "Sign that people looked at a version and accept it.")

  @OptionGroup var verdict: VerdictOptions

  func run() async throws { try await verdict.write(.accepted) }
}

/// `ferry receipt reject TICKET --because TEXT`
struct ReceiptRejectCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reject", abstract: "Sign that people looked at a version and do not accept it, and why.")

  @OptionGroup var verdict: VerdictOptions
  @Option(help: ArgumentHelp("Why.", valueName: "text")) var because: String

  func run() async throws { try await verdict.write(.rejected(because: because)) }
}
