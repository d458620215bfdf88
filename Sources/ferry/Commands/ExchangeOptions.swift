import ArgumentParser
import FerryCore
import FerryOperations

/// The key that signs.
struct SigningOptions: ParsableArguments {
  @Option(
    name: [.customLong("key"), .customLong("sign")],
    help: ArgumentHelp("The private key that signs. Default: 'key' in ferry's own folder.", valueName: "file"))
  var path: String?
}

/// The keys that are believed.
struct TrustOptions: ParsableArguments {
  @Option(
    name: .customLong("keys"),
    help: ArgumentHelp(
      "The partners' keys, in ssh-keygen's format: NAME ssh-ed25519 KEY. Default: 'allowed_signers' in ferry's own folder.",
      valueName: "file"))
  var path: String?
}

/// How servers are reached.
struct ServerOptions: ParsableArguments {
  @Option(help: ArgumentHelp("A configuration for ssh instead of the user's own.", valueName: "file"))
  var sshConfig: String?
}

/// How long a partner has for each next step.
struct PatienceOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Days without an answer after which a version is overdue.", valueName: "days"))
  var patience = 14

  func validate() throws {
    if !(0...3650).contains(patience) { throw ValidationError("--patience: write a number of days from 0 to 3650") }
  }
}

/// What was refused, said in the words of the command line.
enum ExchangeAccess {
  static func saying<Value>(_ body: () throws -> Value) throws -> Value {
    do { return try body() } catch let error as Refusal {
      Terminal.say(error.problems)
      throw ExitCode(error.kind)
    }
  }
}
