internal import FerryCore
internal import Foundation

/// One package on its way from the drop into the store.
struct IncomingPackage {
  let ticket: Ticket
  let drop: String
  let store: String

  var bag: String { drop + "/" + ticket.bag }
  /// The delivery's versions.
  var shelf: String { store + "/" + ticket.label }
  var home: String { "\(shelf)/v\(ticket.version)" }
  var scratch: String { store + "/.incoming/" + ticket.bag }

  /// Counts before reading: a package that says little and brings much is refused.
  func refuseOversize(_ limits: Receiving.Limits) throws(ExchangeError) {
    func refuse(_ message: String) -> ExchangeError {
      ExchangeError(
        .invalid, "receive.oversize", at: Place(ticket.bag), message,
        hint: "ask the sender what it is; nothing of it was taken")
    }
    guard ticket.bytes <= limits.bytes, ticket.files <= limits.files else {
      throw refuse("the ticket announces \(ticket.bytes) bytes in \(ticket.files) files, more than is allowed here")
    }
    guard Files.isFolder(bag) else {
      throw ExchangeError(
        .incomplete, "receive.no-bag", at: Place(ticket.bag), "the ticket is there, and the package's folder is not",
        hint: "ask the sender to send the package again")
    }
    var payload = (bytes: 0, files: 0)
    for name in try Files.list(bag) where name.hasPrefix("data/") {
      var status = stat()
      guard lstat(bag + "/" + name, &status) == 0 else { throw Files.failed("lstat", bag + "/" + name) }
      payload.bytes += Int(status.st_size)
      payload.files += 1
    }
    guard payload.bytes <= ticket.bytes, payload.files <= max(ticket.files, 1) else {
      // Named file by file where the checksums say which; only more than the limits is not even read.
      guard payload.bytes <= limits.bytes, payload.files <= limits.files else {
        throw refuse("there are \(payload.bytes) bytes in \(payload.files) files, more than is allowed here")
      }
      return
    }
  }

  /// Proves the package in the drop; returns warnings.
  func verify() throws -> [Diagnostic] {
    let report = BagReader.report(of: bag)
    if report.verdict != .valid {
      let errors = report.problems.filter { $0.severity == .error }
      throw ExchangeError(report.verdict == .incomplete ? .incomplete : .invalid, errors)
    }
    guard try ownDigest() == ticket.packageDigest else {
      throw ExchangeError(
        .invalid, "package.digest", at: Place("tagmanifest-sha512.txt"),
        "the package is whole, but it is not the one that the ticket was signed for",
        hint: "do not use it; ask the sender")
    }
    let manifest = try DeliveryManifest.read(in: bag)
    let differences = ManifestCheck.problems(of: manifest, bag: bag)
    if !differences.isEmpty { throw ExchangeError(.invalid, differences) }
    let isSame =
      manifest.id == ticket.delivery && manifest.label == ticket.label && manifest.version == ticket.version
      && manifest.kind == ticket.kind && manifest.base?.stateDigest == ticket.baseStateDigest
      && manifest.base?.version == ticket.baseVersion && manifest.stateDigest == ticket.stateDigest
    guard isSame else {
      throw ExchangeError(
        .invalid, "ticket.differs", at: Place(DeliveryManifest.fileName),
        "the ticket and the package's own manifest do not speak of the same version", hint: "ask the sender")
    }
    // A supplement may bring nothing but the news that files are gone.
    return report.problems.filter { ticket.kind == .full || $0.code != "bag.empty-payload" }
  }

  /// SHA-512 of what arrived as `tagmanifest-sha512.txt`; `nil` where it did not.
  func ownDigest() throws -> String? {
    let path = bag + "/tagmanifest-sha512.txt"
    guard Files.exists(path) else { return nil }
    return Digests.of(bytes: try Files.readSmall(path) ?? []).sha512
  }

  /// Removes what a killed run left of this version. Ferry alone writes below `.incoming`.
  func sweep() throws {
    guard Files.exists(scratch) else { return }
    do {
      try FileManager.default.removeItem(atPath: scratch)
    } catch {
      throw Files.failed("removing", scratch)
    }
  }

  /// Puts the full version together in the scratch folder.
  func build(_ after: (String) throws -> Void) throws {
    switch ticket.kind {
    case .supplement:
      let manifest = try DeliveryManifest.read(in: bag)
      if ticket.isRepair {
        let damaged = "\(drop)/\(ticket.label)_v\(ticket.version)"
        let held = try StoreShelf.current(shelf).map { "\(shelf)/v\($0)" }
        try Supplement.repair(bag, manifest, damaged: [damaged] + (held.map { [$0] } ?? []), at: scratch, after: after)
      } else {
        try Supplement.apply(bag, manifest, to: "\(shelf)/v\(ticket.baseVersion ?? 0)", at: scratch, after: after)
      }
    case .full:
      try Files.makeFolder(scratch)
      try after(scratch)
      for name in try Files.list(bag) {
        try Files.makeFolder(URL(fileURLWithPath: scratch + "/" + name).deletingLastPathComponent().path)
        try Files.copy(bag + "/" + name, to: scratch + "/" + name)
        try after(name)
      }
    }
  }

  /// Proves what was put together: valid, and the state that was signed.
  func verifyResult() throws {
    let report = BagReader.report(of: scratch)
    if report.verdict != .valid {
      throw ExchangeError(report.verdict == .incomplete ? .incomplete : .invalid, report.problems)
    }
    let manifest = try DeliveryManifest.read(in: scratch)
    let differences = ManifestCheck.problems(of: manifest, bag: scratch)
    if !differences.isEmpty { throw ExchangeError(.invalid, differences) }
    try refuseOtherState(scratch)
  }

  private func refuseOtherState(_ folder: String) throws {
    guard try PayloadList.read(bag: folder).stateDigest == ticket.stateDigest else {
      throw ExchangeError(
        .conflict, "receive.other-content", at: Place("\(ticket.label) v\(ticket.version)"),
        "version \(ticket.version) is here already, with other content",
        hint: "nothing was replaced; ask the sender for a version with a new number")
    }
  }

  /// The version is in the store: the same one, or it is refused.
  func refuseOtherContent() throws {
    try refuseOtherState(home)
    guard ticket.kind == .full, try Digests.of(file: home + "/tagmanifest-sha512.txt").sha512 != ticket.packageDigest
    else { return }
    throw ExchangeError(
      .conflict, "receive.other-content", at: Place("\(ticket.label) v\(ticket.version)"),
      "version \(ticket.version) is here already, with other metadata",
      hint: "nothing was replaced; ask the sender for a version with a new number")
  }
}

/// The versions of one delivery in a store.
package enum StoreShelf {
  /// The number that `current` names; `nil` before the first version.
  package static func current(_ shelf: String) throws(ExchangeError) -> Int? {
    let path = shelf + "/current"
    guard let bytes = try Files.readSmall(path) else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    guard text.hasPrefix("v"), text.hasSuffix("\n"), let version = Int(text.dropFirst().dropLast()) else {
      throw ExchangeError(
        .invalid, "store.current", at: Place(path), "it does not name a version",
        hint: "write the newest version's name into it, such as: v2")
    }
    return version
  }
}

/// One process at a time works on a store, or on a delivery's exchange.
struct StoreLock: ~Copyable {
  private let descriptor: Int32

  static func take(_ store: String, busy: String = "another ferry receives into this store") throws(ExchangeError)
    -> StoreLock
  {
    let path = store + "/.lock"
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else { throw Files.failed("opening", path) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw ExchangeError(
        .failed, "store.locked", at: Place(store), busy,
        hint: "wait until it is through")
    }
    return StoreLock(descriptor: descriptor)
  }

  consuming func release() {}

  deinit {
    // A program that was started meanwhile may hold a copy of the descriptor until it runs.
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }
}
