internal import FerryCore
internal import FerryExchange
internal import FerryTransport
internal import Foundation

/// Keys and drops as operations between partners open them.
extension Office {
  /// The file of the key that signs: the given one, or else the home's own.
  func keyPath(_ file: String?) -> String { file ?? home + "/key" }

  /// The key that signs.
  func signingKey(_ file: String?) throws(Refusal) -> SigningKey {
    let path = keyPath(file)
    guard FileManager.default.fileExists(atPath: path) else {
      throw Refusal(
        .badInput, "keys.none", at: Place(path), "there is no key to sign with",
        hint: "make one with 'ferry keys new', or name yours with --key")
    }
    return try Keys.read(path)
  }

  /// The keys that are believed: those of the given file, or else of the home's own.
  func trustedKeys(_ file: String?) throws(Refusal) -> AllowedSigners {
    try AllowedSigners.read(file ?? home + "/allowed_signers")
  }

  /// How this program calls itself in receipts.
  var verifier: String { "ferry \(version)" }

  /// Now, ISO 8601 in UTC.
  var timestamp: String { Date().formatted(.iso8601) }

  /// Deliveries of these labels, or all where there are none.
  func correspondences(_ labels: [String]) throws(Refusal) -> [Correspondence] {
    try Correspondence.all(home: home).filter { labels.isEmpty || labels.contains($0.label) }
  }

  /// Opens a partner's folder; `configuration` is a file for ssh instead of the user's own.
  static func drop(
    _ target: DeliveryTarget, _ readBack: ReadBack = .resumed, configuration: String?
  ) -> Delivering.Drop {
    let configuration = configuration.map(absolute)
    let remote: any RemoteDrop
    switch target {
    case .folder(let path): return .folder(absolute(path))
    case .sftp(let place): remote = SFTPDrop(place, configuration: configuration)
    case .rsync(let place): remote = RsyncDrop(daemon: place)
    case .rsyncOverSSH(let place): remote = RsyncDrop(ssh: place, configuration: configuration)
    case .rclone(let name, let path): remote = RcloneDrop(remote: name, path: path)
    }
    return .remote(remote, readBack)
  }

  static func absolute(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }
}

extension Refusal.Kind {
  /// The one that matters most; of equals the first.
  static func worst(_ kinds: [Refusal.Kind]) -> Refusal.Kind? { kinds.max { $0.weight < $1.weight } }

  /// What does not work here matters most, then a signature that is not believed, then damage, and least of all what only
  /// is not complete.
  private var weight: Int {
    switch self {
    case .incomplete, .notReady: 1
    case .failed, .invalid, .wrongBase, .conflict: 2
    case .notTrusted: 3
    case .usage, .badInput, .noSpace, .tryLater: 4
    }
  }
}
