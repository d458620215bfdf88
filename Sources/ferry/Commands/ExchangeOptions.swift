import ArgumentParser
import FerryCore
import FerryExchange
import FerryPipeline
import FerryTransport
import Foundation

/// The key that signs.
struct SigningOptions: ParsableArguments {
  @Option(
    name: [.customLong("key"), .customLong("sign")],
    help: ArgumentHelp("The private key that signs. Default: 'key' in ferry's own folder.", valueName: "file"))
  var path: String?

  func key(_ folders: HomeOption) throws -> SigningKey {
    let file = path ?? folders.keyPath
    guard FileManager.default.fileExists(atPath: file) else {
      Terminal.say([
        Diagnostic(
          "keys.none", at: Place(file), "there is no key to sign with",
          hint: "make one with 'ferry keys new', or name yours with --key")
      ])
      throw ExitCode.badInput
    }
    return try ExchangeAccess.saying { try Keys.read(file) }
  }
}

/// The keys that are believed.
struct TrustOptions: ParsableArguments {
  @Option(
    name: .customLong("keys"),
    help: ArgumentHelp(
      "The partners' keys, in ssh-keygen's format: NAME ssh-ed25519 KEY. Default: 'allowed_signers' in ferry's own folder.",
      valueName: "file"))
  var path: String?

  func keys(_ folders: HomeOption) throws -> AllowedSigners {
    try ExchangeAccess.saying { try AllowedSigners.read(path ?? folders.homePath + "/allowed_signers") }
  }
}

/// How servers are reached.
struct ServerOptions: ParsableArguments {
  @Option(help: ArgumentHelp("A configuration for ssh instead of the user's own.", valueName: "file"))
  var sshConfig: String?

  func drop(_ target: DeliveryTarget, _ readBack: ReadBack = .resumed) -> Delivering.Drop {
    let configuration = sshConfig.map(FolderOptions.absolute)
    let remote: any RemoteDrop
    switch target {
    case .folder(let path): return .folder(FolderOptions.absolute(path))
    case .sftp(let place): remote = SFTPDrop(place, configuration: configuration)
    case .rsync(let place): remote = RsyncDrop(daemon: place)
    case .rsyncOverSSH(let place): remote = RsyncDrop(ssh: place, configuration: configuration)
    case .rclone(let name, let path): remote = RcloneDrop(remote: name, path: path)
    }
    return .remote(remote, readBack)
  }
}

/// How long a partner has for each next step.
struct PatienceOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Days without an answer after which a version is overdue.", valueName: "days"))
  var patience = 14

  func validate() throws {
    if !(0...3650).contains(patience) { throw ValidationError("--patience: write a number of days from 0 to 3650") }
  }
}

/// What goes wrong between partners, said in the words of the command line.
enum ExchangeAccess {
  static func saying<Value>(_ body: () throws -> Value) throws -> Value {
    do { return try body() } catch let error as Refusal { throw said(error) }
  }

  static func awaiting<Value>(_ body: () async throws -> Value) async throws -> Value {
    do { return try await body() } catch let error as Refusal { throw said(error) }
  }

  private static func said(_ error: Refusal) -> ExitCode {
    Terminal.say(error.problems)
    return ExitCode(error.kind)
  }

  /// Now, ISO 8601 in UTC.
  static func now() -> String { Date().formatted(.iso8601) }

  /// Who says so in a receipt.
  static let verifier = "ferry \(Ferry.version)"

  /// Of the delivery that was named, or else of the only one that `isMeant`.
  static func correspondence(
    _ label: String?, home: String, option: String, where isMeant: (Correspondence) throws -> Bool
  ) throws -> Correspondence {
    if let label { return try Correspondence(home: home, label: label) }
    let all = try Correspondence.all(home: home)
    let meant = try all.filter(isMeant)
    if meant.count == 1 { return meant[0] }
    let known = all.map(\.label).joined(separator: ", ")
    throw ValidationError(
      all.isEmpty
        ? "nothing was delivered from \(home) yet" : "say with \(option) which delivery is meant, of: \(known)")
  }
}
