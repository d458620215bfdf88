internal import FerryBag
package import FerryCore
internal import FerryFiles
internal import Foundation

/// The partner's side: from a ticket in the drop folder to the version in the store and a signed receipt.
///
/// ```
/// DROP/LABEL_vN/  LABEL_vN.ticket.json(.sig)  acknowledgements/LABEL_vN.STAGE.receipt.json(.sig)
/// STORE/LABEL/vN/       every version as a full bag, never changed once it is there
/// STORE/LABEL/current   a line with the newest one's name; replaced by rename, so it always names a whole version
/// STORE/LABEL/sender.json   whose versions they are: nobody else's come beside them
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

  /// What became of one ticket.
  package struct Outcome: Sendable {
    /// The package's name, as the ticket's file has it.
    package var package: String
    /// `nil` when the file is no ticket.
    package var ticket: Ticket?
    /// The answer; `nil` when there is none, since nobody can be answered or something here does not work.
    package var receipt: Receipt?
    /// The version's folder in the store; `nil` when it was not taken.
    package var path: String?
    /// The newer version for which nobody waits for this one, which cannot be taken.
    package var supersededBy: Int?
    /// What is wrong; warnings too when it was taken.
    package var problems: [Diagnostic] = []
    /// Why it was not taken; `nil` where nothing is left to do.
    package var refusal: Refusal.Kind?

    init(_ package: String) { self.package = package }
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
  /// `now` is ISO 8601 in UTC. There is one outcome for each ticket: whatever is wrong with one, or here, keeps no other
  /// from being taken.
  package static func receive(
    drop: String, store: String, keys: Keys, limits: Limits = Limits(), now: String, verifier: String
  ) throws -> [Outcome] {
    try Receiving(drop: drop, store: store, keys: keys, limits: limits, now: now, verifier: verifier).run()
  }

  func run() throws -> [Outcome] {
    let names = try tickets()
    guard !names.isEmpty else {
      throw Refusal(
        .notReady, "receive.no-ticket", at: Place(drop), "there is no ticket yet, so nothing is ready to be taken",
        hint: "the sender writes it last: try again later")
    }
    try Files.makeFolder(store)
    let lock = try StoreLock.take(store)
    // Nobody else works in it while the lock is held: whatever is there was left by a run that was killed.
    try Files.clear(store + "/.incoming")
    try after("sweep")
    try Files.makeFolder(store + "/.incoming")
    let outcomes = try names.map(take)
    lock.release()
    return outcomes
  }

  /// Names of ticket files, in the order of labels and versions; a repair comes before what it mends.
  private func tickets() throws(Refusal) -> [String] {
    guard Files.isFolder(drop) else {
      throw Refusal(
        .notReady, "receive.no-drop", at: Place(drop), "there is no such folder",
        hint: "name the folder into which the sender delivers")
    }
    return try Files.names(in: drop).filter { $0.hasSuffix(Ticket.suffix) && !$0.hasPrefix(".") }.map(TicketName.init)
      .sorted().map(\.file)
  }

  /// One ticket, whatever becomes of it.
  private func take(_ name: String) throws -> Outcome {
    var outcome = Outcome(String(name.dropLast(Ticket.suffix.count)))
    do {
      let (ticket, subject) = try announced(name)
      outcome.ticket = ticket
      try settle(IncomingPackage(ticket: ticket, drop: drop, store: store), subject, &outcome)
    } catch {
      guard let failure = Refusal(error, of: drop + "/" + name) else { throw error }
      outcome.problems += failure.problems
      outcome.refusal = failure.kind
    }
    return outcome
  }

  /// What a ticket's file says, whoever wrote it.
  private func announced(_ name: String) throws -> (Ticket, Receipt.Subject) {
    let path = drop + "/" + name
    if let flaw = PortableName.flaw(of: name) {
      throw Refusal(
        .invalid, "ticket.name", at: Place(path), "no ticket of ferry's has such a name: it \(flaw)",
        hint: "ask the sender what it is, or remove it")
    }
    guard let bytes = try Files.readSmall(path) else { throw Files.failed("reading", path, ENOENT) }
    let ticket = try Ticket.decoded(bytes, file: path)
    guard Ticket.fileName(ticket.bag) == name else {
      throw Refusal(
        .invalid, "ticket.name", at: Place(path), "it is the ticket of '\(ticket.bag)', and named for another package",
        hint: "ask the sender for the package and its ticket again")
    }
    let subject = Receipt.Subject(
      delivery: ticket.delivery, label: ticket.label, version: ticket.version, packageDigest: ticket.packageDigest,
      ticketSha512: Digests.sha512(bytes))
    return (ticket, subject)
  }

  /// The order of what is proven and done; the sender is told of what the sender can mend.
  private func settle(_ package: IncomingPackage, _ subject: Receipt.Subject, _ outcome: inout Outcome) throws {
    var replies = Replies(drop: drop, bag: package.ticket.bag, folder: Replies.usual, key: keys.own)
    do {
      let signer = try signer(of: package, subject)
      // Only who is believed says where answers go.
      replies = Replies(drop: drop, bag: package.ticket.bag, folder: package.ticket.replies, key: keys.own)
      try package.refuseStranger(signer)
      if let newer = try package.newerVersion(), let before = try refused(subject, replies) {
        (outcome.supersededBy, outcome.receipt) = (newer, before)
        return
      }
      outcome.problems = try enter(package, signer)
      outcome.path = package.home
    } catch let error as Refusal {
      try Files.clear(package.scratch)
      guard package.isAnswered(error) else { throw Refusal(.tryLater, error.problems) }
      (outcome.problems, outcome.refusal) = (error.problems, error.kind)
      if error.kind.isDamage, let newer = try package.newerVersion() { outcome.supersede(newer) }
      outcome.receipt = try refuse(package, subject, error, replies)
      return
    }
    outcome.receipt = try answer(package, subject, try PayloadList.read(bag: package.home), outcome.problems, replies)
  }

  private func signer(of package: IncomingPackage, _ subject: Receipt.Subject) throws -> AllowedSigners.Signer {
    let path = drop + "/" + Ticket.fileName(package.ticket.bag)
    guard let (_, digest, signer) = try Ticket.verified(path, keys: keys.known) else {
      throw Files.failed("reading", path, ENOENT)
    }
    guard digest == subject.ticketSha512 else { throw Files.failed("reading", path, EAGAIN) }
    return signer
  }

  /// The receipt that refused this very package before, when it was damaged.
  private func refused(_ subject: Receipt.Subject, _ replies: Replies) throws -> Receipt? {
    guard let before = try replies.before(.transport), before.inReplyTo == subject,
      [.incomplete, .corrupt, .wrongBase].contains(before.disposition)
    else { return nil }
    return before
  }

  /// Brings the version into the store, unless it is there; returns warnings.
  private func enter(_ package: IncomingPackage, _ signer: AllowedSigners.Signer) throws -> [Diagnostic] {
    if !Files.exists(package.home) {
      try package.refuseOversize(limits)
      let warnings = try package.verify()
      try package.build(after)
      try package.verifyResult()
      try Files.makeFolder(package.shelf)
      try after("shelf")
      try package.keepOwner(signer)
      try after("sender")
      try Publish.folder(package.scratch, as: package.home)
      try after("publish")
      try point(package)
      return warnings
    }
    try package.refuseOtherContent()
    try package.keepOwner(signer)
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
    _ package: IncomingPackage, _ subject: Receipt.Subject, _ state: PayloadList, _ warnings: [Diagnostic],
    _ replies: Replies
  ) throws -> Receipt {
    if let before = try replies.before(.ingest), before.inReplyTo == subject, before.disposition.isGood,
      before.stateDigest == state.stateDigest
    {
      return before
    }
    let digest = try Digests.sha512(file: package.home + "/tagmanifest-sha512.txt")
    var counts = Receipt.Counts()
    counts.expected = state.digests.count
    counts.ok = counts.expected
    counts.bytes = try state.size(in: package.home)
    let receipt = Receipt(
      stage: .ingest, disposition: warnings.isEmpty ? .accepted : .acceptedWithWarnings, inReplyTo: subject,
      receivedPackageDigest: digest, stateDigest: state.stateDigest, receivedAt: now, verifier: verifier,
      counts: counts, message: "version \(package.ticket.version) is whole and in the store",
      signer: keys.own.publicKey.fingerprint)
    return try write(receipt, replies)
  }

  private func refuse(
    _ package: IncomingPackage, _ subject: Receipt.Subject, _ error: Refusal, _ replies: Replies
  ) throws -> Receipt {
    let faults = Faults(error, package)
    let receipt = Receipt(
      stage: .transport, disposition: .init(error.kind), reason: .init(error.kind), inReplyTo: subject,
      receivedPackageDigest: try package.ownDigest(), receivedAt: now, verifier: verifier,
      counts: faults.counts(of: package.ticket), files: faults.files, resend: faults.resend, message: faults.message,
      signer: keys.own.publicKey.fingerprint)
    return try write(receipt, replies)
  }

  /// Writes a receipt, unless there is one that says the same already.
  private func write(_ receipt: Receipt, _ replies: Replies) throws -> Receipt {
    try replies.makeFolder()
    if let before = try replies.before(receipt.stage), before.says(receipt) { return before }
    try after("replies")
    let path = replies.path(receipt.stage)
    try Files.replace(
      path + ".sig", Array(SSHSignature.sign(try receipt.encoded(), .receipt, with: keys.own).text.utf8))
    try after("receipt signature")
    try Files.replace(path, try receipt.encoded())
    try after("receipt")
    return receipt
  }
}

extension Receiving.Outcome {
  /// Nobody waits for it: what is wrong with it is worth a word, and no more.
  fileprivate mutating func supersede(_ newer: Int) {
    let first = problems[0]
    problems = [
      Diagnostic(
        .warning, "receive.superseded", at: Place(package),
        "it cannot be taken, and version \(newer), which is here, replaces it: \(first.place.file): \(first.message)")
    ]
    (supersededBy, refusal) = (newer, nil)
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
  fileprivate init(_ kind: Refusal.Kind) {
    switch kind {
    case .incomplete: self = .incomplete
    case .notTrusted: self = .untrusted
    case .wrongBase: self = .wrongBase
    case .conflict: self = .rejected
    case .invalid, .failed, .notReady, .usage, .badInput, .noSpace, .tryLater: self = .corrupt
    }
  }
}

extension Receipt.Reason {
  fileprivate init?(_ kind: Refusal.Kind) {
    switch kind {
    case .incomplete: self = .packageIncomplete
    case .invalid: self = .binaryCorrupted
    case .notTrusted, .wrongBase, .conflict: self = .userDefined
    case .notReady, .failed, .usage, .badInput, .noSpace, .tryLater: return nil
    }
  }
}

extension Refusal.Kind {
  /// Whether the package suffered on its way, which a newer version makes good.
  fileprivate var isDamage: Bool { self == .incomplete || self == .invalid || self == .wrongBase }
}

extension Refusal {
  /// What failed while something was done for the file at `path`; `nil` for what is no failed call.
  fileprivate init?(_ error: any Error, of path: String) {
    switch error {
    case let error as Refusal: self = error
    case let error as POSIXError: self = Files.failed("reading", path, error.code.rawValue)
    case Publish.Failure.exists: self = Files.failed("rename", path, EEXIST)
    case Publish.Failure.failed(let call, let file, let code): self = Files.failed(call, file, code)
    default: return nil
    }
  }
}
