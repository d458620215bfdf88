import ArgumentParser
import FerryOperations

/// `ferry keys new|show`
struct KeysCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys", abstract: "The key that signs tickets and receipts: an Ed25519 key of OpenSSH's.",
    subcommands: [KeysNewCommand.self, KeysShowCommand.self])
}

extension OutputOptions {
  /// Says a key's line, and beside it what to do with it.
  fileprivate func show<Asked: Operation>(_ operation: Asked, in office: Office) async throws
  where Asked.Answer == KeyCard {
    let reply = try await perform(operation, in: office)
    try tell(reply) { [$0.line] }
    if json || quiet { return }
    let card = reply.answer
    Terminal.say("\(card.file): \(card.fingerprint); give the line above to your partner, by a safe way")
  }
}

/// `ferry keys new`
struct KeysNewCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new", abstract: "Make a key, and print the line that partners add to their allowed_signers.")

  @OptionGroup var output: OutputOptions
  @OptionGroup var folders: HomeOption
  @Option(help: ArgumentHelp("Whose key it is, such as media@example.org.", valueName: "name")) var comment: String?
  @Option(
    help: ArgumentHelp("The file to write, and FILE.pub. Default: 'key' in ferry's own folder.", valueName: "file"))
  var file: String?

  func run() async throws {
    try await output.show(NewKey(comment: comment, file: file), in: folders.office)
  }
}

/// `ferry keys show`
struct KeysShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Print the line that partners add to their allowed_signers, and the fingerprint.")

  @OptionGroup var output: OutputOptions
  @OptionGroup var folders: HomeOption
  @OptionGroup var signing: SigningOptions

  func run() async throws {
    try await output.show(ShowKey(file: signing.path), in: folders.office)
  }
}
