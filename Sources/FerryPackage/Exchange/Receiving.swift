package import FerryCore
internal import Foundation

/// The partner's side: from a ticket in the drop folder to the version in the store and a signed receipt.
///
/// ```
/// DROP/LABEL_vN/  LABEL_vN.ticket.json(.sig)  acknowledgements/LABEL_vN.STAGE.receipt.json(.sig)
/// STORE/LABEL/vN/       every version as a full bag, never changed once it is there
/// STORE/LABEL/current   a line with the newest one's name; replaced by rename, so it always names a whole version
/// STORE/.incoming/      versions being put together; what a killed run left there is swept by the next
/// ```
///
/// Every step is one that does nothing when its outcome is there already, so a run that was killed at any byte is just
/// run again: the old version stays current until the new one is proven and has its name.
package struct Receiving: Sendable {
  package struct Keys: Sendable {
    package var known: AllowedSigners
    package var own: SigningKey
    package init(known: AllowedSigners, own: SigningKey) { (self.known, self.own) = (known, own) }
  }

  /// More than this is refused before anything is read.
  package struct Limits: Hashable, Sendable {
    package var bytes = 8 << 40
    package var files = 1_000_000
    package init() {}
  }

  package struct Outcome: Sendable {
    package var ticket: Ticket
    package var receipt: Receipt
    /// The version's folder in the store; `nil` when it was not taken.
    package var path: String?
    /// What is wrong; warnings too when it was taken.
    package var problems: [Diagnostic]
    /// Exit code of the whole matter: 0 taken, 1 invalid, 2 incomplete, 3 untrusted.
    package var exitCode: Int32
  }

  let drop: String
  let store: String
  let keys: Keys
  let limits: Limits
  /// ISO 8601, UTC.
  let now: String
  let verifier: String
  /// Called after every change to a file system; tests make it throw.
  var after: @Sendable (String) throws -> Void = { _ in }

  init(drop: String, store: String, keys: Keys, limits: Limits, now: String, verifier: String) {
    (self.drop, self.store, self.keys, self.limits) = (drop, store, keys, limits)
    (self.now, self.verifier) = (now, verifier)
  }

  /// Takes every package in `drop` that has a ticket, older versions first; throws `.notReady` while there is no ticket.
  ///
  /// `now` is ISO 8601 in UTC. A package that is refused does not keep the others from being taken.
  package static func receive(
    drop: String, store: String, keys: Keys, limits: Limits = Limits(), now: String, verifier: String
  ) throws -> [Outcome] {
    try Receiving(drop: drop, store: store, keys: keys, limits: limits, now: now, verifier: verifier).run()
  }

  func run() throws -> [Outcome] {
    let names = try tickets()
    guard !names.isEmpty else {
      throw ExchangeError(
        .notReady, "receive.no-ticket", at: Place(drop), "there is no ticket yet, so nothing is ready to be taken",
        hint: "the sender writes it last: try again later")
    }
    try Files.makeFolder(store + "/.incoming")
    let lock = try StoreLock.take(store)
    let outcomes = try names.map(take)
    lock.release()
    return outcomes
  }

  /// Names of ticket files, in the order of labels and versions; a repair comes before what it mends.
  private func tickets() throws(ExchangeError) -> [String] {
    guard Files.isFolder(drop) else {
      throw ExchangeError(
        .notReady, "receive.no-drop", at: Place(drop), "there is no such folder",
        hint: "name the folder into which the sender delivers")
    }
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: drop)
    } catch {
      throw Files.failed("reading", drop)
    }
    return names.filter { $0.hasSuffix(Ticket.suffix) && !$0.hasPrefix(".") }.map(TicketName.init).sorted().map(\.file)
  }

  /// One ticket: the order of what is proven and done.
  private func take(_ name: String) throws -> Outcome {
    let path = drop + "/" + name
    guard let bytes = try Files.readSmall(path) else { throw Files.failed("reading", path) }
    let claimed = try Ticket.decoded(bytes, file: path)
    let subject = Receipt.Subject(
      delivery: claimed.delivery, label: claimed.label, version: claimed.version, packageDigest: claimed.packageDigest,
      ticketSha512: Digests.of(bytes: bytes).sha512)
    let package = IncomingPackage(ticket: claimed, drop: drop, store: store)
    do {
      guard Ticket.fileName(claimed.bag) == name else {
        throw ExchangeError(
          .invalid, "ticket.name", at: Place(path),
          "it is the ticket of '\(claimed.bag)', and named for another package",
          hint: "ask the sender for the package and its ticket again")
      }
      guard try Ticket.verified(path, keys: keys.known)?.digest == subject.ticketSha512 else {
        throw Files.failed("reading", path, EAGAIN)
      }
      let warnings = try enter(package)
      let state = try PayloadList.read(bag: package.home)
      let receipt = try answer(package, subject, state, warnings)
      return Outcome(ticket: claimed, receipt: receipt, path: package.home, problems: warnings, exitCode: 0)
    } catch let error as ExchangeError where error.kind != .failed && error.kind != .notReady {
      let receipt = try refuse(package, subject, error)
      return Outcome(
        ticket: claimed, receipt: receipt, path: nil, problems: error.diagnostics, exitCode: error.exitCode)
    }
  }

  /// Brings the version into the store, unless it is there; returns warnings.
  private func enter(_ package: IncomingPackage) throws -> [Diagnostic] {
    if !Files.exists(package.home) {
      try package.refuseOversize(limits)
      let warnings = try package.verify()
      try package.sweep()
      try after("sweep")
      try package.build(after)
      try package.verifyResult()
      try Files.makeFolder(package.shelf)
      try after("shelf")
      try Publish.folder(package.scratch, as: package.home)
      try after("publish")
      try point(package)
      return warnings
    }
    try package.refuseOtherContent()
    try point(package)
    return []
  }

  /// Makes the version current, unless a newer one is.
  private func point(_ package: IncomingPackage) throws {
    let pointer = package.shelf + "/current"
    if let current = try StoreShelf.current(package.shelf), current >= package.ticket.version { return }
    try Files.replace(pointer, Array("v\(package.ticket.version)\n".utf8))
    try after("current")
  }

  // Receipts.

  private func answer(
    _ package: IncomingPackage, _ subject: Receipt.Subject, _ state: PayloadList, _ warnings: [Diagnostic]
  ) throws -> Receipt {
    let path = "\(drop)/\(package.ticket.replies)/\(Receipt.fileName(package.ticket.bag, .ingest))"
    if let before = try before(path), before.inReplyTo == subject, before.disposition.isGood,
      before.stateDigest == state.stateDigest
    {
      return before
    }
    let digest = try Digests.of(file: package.home + "/tagmanifest-sha512.txt").sha512
    var counts = Receipt.Counts()
    counts.expected = state.digests.count
    counts.ok = counts.expected
    counts.bytes = try state.size(in: package.home)
    let receipt = Receipt(
      stage: .ingest, disposition: warnings.isEmpty ? .accepted : .acceptedWithWarnings, inReplyTo: subject,
      receivedPackageDigest: digest, stateDigest: state.stateDigest, receivedAt: now, verifier: verifier,
      counts: counts, message: "version \(package.ticket.version) is whole and in the store",
      signer: keys.own.publicKey.fingerprint)
    return try write(receipt, package)
  }

  private func refuse(_ package: IncomingPackage, _ subject: Receipt.Subject, _ error: ExchangeError) throws -> Receipt
  {
    let files = error.diagnostics.compactMap(Receipt.File.init)
    var counts = Receipt.Counts()
    counts.expected = package.ticket.files
    counts.missing = files.count { $0.status == .missing }
    counts.mismatched = files.count { $0.status == .mismatched }
    counts.unexpected = files.count { $0.status == .unexpected }
    counts.ok = max(0, counts.expected - files.count { $0.path.hasPrefix("data/") && $0.status != .unexpected })
    // Sums over the whole are wrong because files are; the files say more.
    let message = files.first?.message ?? error.diagnostics[0].message
    let resend = Set(files.filter { $0.status == .missing || $0.status == .mismatched }.map(\.path)).sorted()
    let receipt = Receipt(
      stage: .transport, disposition: .init(error.kind), reason: .init(error.kind), inReplyTo: subject,
      receivedPackageDigest: try package.ownDigest(), receivedAt: now, verifier: verifier, counts: counts, files: files,
      resend: resend, message: message, signer: keys.own.publicKey.fingerprint)
    return try write(receipt, package)
  }

  /// Writes a receipt, unless there is one that says the same already.
  private func write(_ receipt: Receipt, _ package: IncomingPackage) throws -> Receipt {
    let folder = drop + "/" + package.ticket.replies
    let path = folder + "/" + Receipt.fileName(package.ticket.bag, receipt.stage)
    if let before = try before(path), before.says(receipt) { return before }
    try Files.makeFolder(folder)
    try after("replies")
    try Files.replace(
      path + ".sig", Array(SSHSignature.sign(try receipt.encoded(), .receipt, with: keys.own).text.utf8))
    try after("receipt signature")
    try Files.replace(path, try receipt.encoded())
    try after("receipt")
    return receipt
  }

  /// The receipt that is there, if it is ours and whole.
  private func before(_ path: String) throws -> Receipt? {
    guard Files.exists(path), Files.exists(path + ".sig") else { return nil }
    let own = AllowedSigners([.init(names: ["own"], key: keys.own.publicKey)])
    do {
      return try Receipt.read(.init(path), keys: own).receipt
    } catch {
      // A kill between the two files, or somebody else's: ours is written anew.
      if error.kind == .untrusted || error.kind == .invalid { return nil }
      throw error
    }
  }
}

/// A ticket's file name and its place in the order of work.
private struct TicketName: Comparable {
  let file: String
  private let label: String
  private let version: Int
  private let rest: String

  init(_ file: String) {
    self.file = file
    if let match = file.firstMatch(of: /^(.*)_v([0-9]+)(.*)$/), let version = Int(match.2) {
      (label, self.version, rest) = (String(match.1), version, String(match.3))
    } else {
      (label, version, rest) = (file, 0, "")
    }
  }

  static func < (a: TicketName, b: TicketName) -> Bool {
    // `_repair1.ticket.json` goes before `.ticket.json`.
    (a.label, a.version, b.rest) < (b.label, b.version, a.rest)
  }
}

extension Receipt {
  /// Whether the two differ in nothing but the time.
  fileprivate func says(_ other: Receipt) -> Bool {
    var same = other
    same.receivedAt = receivedAt
    same.receiptId = receiptId
    return self == same
  }
}

extension Receipt.Disposition {
  fileprivate init(_ kind: ExchangeError.Kind) {
    switch kind {
    case .incomplete: self = .incomplete
    case .untrusted: self = .untrusted
    case .wrongBase: self = .wrongBase
    case .conflict: self = .rejected
    case .invalid, .notReady, .absent, .failed: self = .corrupt
    }
  }
}

extension Receipt.Reason {
  fileprivate init?(_ kind: ExchangeError.Kind) {
    switch kind {
    case .incomplete: self = .packageIncomplete
    case .invalid: self = .binaryCorrupted
    case .untrusted, .wrongBase, .conflict: self = .userDefined
    case .notReady, .absent, .failed: return nil
    }
  }
}

extension Receipt.File {
  /// A diagnostic that speaks of one file of the package.
  fileprivate init?(_ diagnostic: Diagnostic) {
    guard diagnostic.severity == .error else { return nil }
    let status: Status? =
      switch diagnostic.code {
      case "bag.missing-file", "bag.missing-declaration", "bag.no-manifest", "repair.missing-file",
        "supplement.missing-file", "delivery.missing", "delivery.no-manifest":
        .missing
      case "bag.checksum", "delivery.differs", "bag.unreadable", "bag.manifest-line", "bag.encoding", "bag.declaration",
        "bag.information", "delivery.manifest-form", "exchange.unreadable", "package.digest":
        .mismatched
      case "bag.unexpected-file", "delivery.unlisted": .unexpected
      case "bag.special-file", "bag.unsafe-path", "exchange.special-file": .refused
      default: nil
      }
    guard let status else { return nil }
    self.init(path: diagnostic.place.file, status: status, message: diagnostic.message)
  }
}
