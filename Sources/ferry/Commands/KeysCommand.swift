import ArgumentParser
import FerryExchange
import Foundation

/// `ferry keys new|show`
struct KeysCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys", abstract: "The key that signs tickets and receipts: an Ed25519 key of OpenSSH's.",
    subcommands: [KeysNewCommand.self, KeysShowCommand.self])
}

/// What a partner has to know of a key.
private struct KeyAnswer: Encodable {
  var file: String
  var fingerprint: String
  /// The line for the partner's `allowed_signers`.
  var line: String

  init(_ key: SigningKey, _ file: String) {
    self.file = file
    fingerprint = key.publicKey.fingerprint
    line = AllowedSigners.Signer(names: [key.name], key: key.publicKey).text
  }

  func tell(_ output: OutputOptions) throws {
    if output.json { return try Terminal.answer(json: self) }
    Terminal.answer(line)
    if !output.quiet { Terminal.say("\(file): \(fingerprint); give the line above to your partner, by a safe way") }
  }
}

/// `ferry keys new`
struct KeysNewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new", abstract: "Make a key, and print the line that partners add to their allowed_signers.")

  @OptionGroup var output: OutputOptions
  @OptionGroup var folders: HomeOption
  @Option(help: ArgumentHelp("Whose key it is, such as media@example.org.", valueName: "name")) var comment: String?
  @Option(
    help: ArgumentHelp("The file to write, and FILE.pub. Default: 'key' in ferry's own folder.", valueName: "file"))
  var file: String?

  func run() throws {
    let path = file ?? folders.keyPath
    let key = try ExchangeAccess.saying { try Keys.generate(comment: comment ?? NSUserName()) }
    if file == nil {
      try FileManager.default.createDirectory(atPath: folders.homePath, withIntermediateDirectories: true)
    }
    try ExchangeAccess.saying { try Keys.write(key, to: path) }
    try KeyAnswer(key, path).tell(output)
  }
}

/// `ferry keys show`
struct KeysShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Print the line that partners add to their allowed_signers, and the fingerprint.")

  @OptionGroup var output: OutputOptions
  @OptionGroup var folders: HomeOption
  @OptionGroup var signing: SigningOptions

  func run() throws {
    try KeyAnswer(try signing.key(folders), signing.path ?? folders.keyPath).tell(output)
  }
}
