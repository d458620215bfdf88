internal import FerryBag
package import FerryCore
internal import FerryFiles
internal import FerryPackage
internal import Foundation

/// The sender's side: the newest version, or what mends a damaged arrival of it, into the partner's drop.
///
/// In a folder a package is put together below `DROP/.ferry-partial`, proven there, and renamed; where another program
/// reaches the drop, it is proven here and then sent (`Shipping`). Its signed ticket comes last. Every step does nothing
/// when its outcome is there, so a run that was killed is just run again.
package struct Delivering: Sendable {
  package enum Outcome: Hashable, Sendable {
    case sent(Ticket)
    /// It was sent before, and its ticket is there.
    case alreadySent(Ticket)
  }

  /// Where the partner finds it.
  package enum Drop: Sendable {
    case folder(String)
    case remote(any RemoteDrop, ReadBack)

    /// As a person names it.
    package var name: String {
      switch self {
      case .folder(let path): path
      case .remote(let remote, _): "\(remote.target)"
      }
    }

    /// Something in it, as a person names it.
    package func path(_ name: String) -> String {
      self.name + (self.name.hasSuffix("/") || self.name.hasSuffix(":") ? "" : "/") + name
    }
  }

  /// What one package is to hold, and its name.
  private enum Cargo {
    case full(bag: String)
    case supplement(bag: String, since: Int)
    case repair(bag: String, resend: [String])

    var bag: String {
      switch self {
      case .full(let bag), .supplement(let bag, _), .repair(let bag, _): bag
      }
    }
  }

  let correspondence: Correspondence
  /// The folder of the delivery's versions, `OUT/LABEL`.
  let series: String
  let drop: Drop
  let key: SigningKey
  let day: Day
  /// Send everything, although the partner has an older version.
  let isFull: Bool

  package init(
    _ correspondence: Correspondence, series: String, drop: Drop, key: SigningKey, day: Day, isFull: Bool
  ) {
    (self.correspondence, self.series, self.drop) = (correspondence, series, drop)
    (self.key, self.day, self.isFull) = (key, day, isFull)
  }

  package func run() async throws -> Outcome {
    let lock = try correspondence.lock()
    let full = try newest()
    let version = try Supplement.Version.read(full)
    let sent = try correspondence.sent()
    try refuseOtherContent(version, sent)
    let standings = try correspondence.standings(of: sent, today: day, patience: .max)
    if let ticket = arrivedBefore(version.manifest.version, standings, sent) {
      lock.release()
      return .alreadySent(ticket)
    }
    let cargo = try cargo(version, standings, sent)
    if let ticket = try await sentBefore(cargo.bag, sent) {
      try correspondence.note(ticket, of: version, in: full, drop: drop.name, day: day, after: sent)
      try correspondence.clearOutbox(cargo.bag)
      lock.release()
      return .alreadySent(ticket)
    }
    let ticket: Ticket
    var isNew = true
    switch drop {
    case .folder(let path):
      try Files.makeFolder(path)
      try place(cargo, full, version, in: path)
      try refuseOtherTicket(cargo.bag, at: path + "/" + cargo.bag, sent)
      ticket = try Ticket.write(for: path + "/" + cargo.bag, with: key)
    case .remote(let remote, let readBack):
      let folder = try outbox(cargo, full)
      try refuseOtherTicket(cargo.bag, at: folder, sent)
      ticket = try Ticket.describing(folder, as: cargo.bag, signer: key.publicKey)
      isNew = try await Shipping(remote, readBack, correspondence).send(folder, ticket, key, isAgain: isFull)
    }
    try correspondence.note(ticket, of: version, in: full, drop: drop.name, day: day, after: sent)
    try correspondence.clearOutbox(cargo.bag)
    lock.release()
    return isNew ? .sent(ticket) : .alreadySent(ticket)
  }

  /// The ticket of a version that was sent to this drop and that the partner has: they may have emptied the drop since.
  private func arrivedBefore(
    _ version: Int, _ standings: [VersionStanding], _ sent: [Correspondence.Sent]
  ) -> Ticket? {
    guard !isFull, standings.contains(where: { $0.version == version && $0.hasArrived }) else { return nil }
    return sent.last { $0.ticket.version == version && $0.drops.contains(drop.name) }?.ticket
  }

  /// The ticket in the drop, when it is the one that was sent: what became of the package there is for receipts to say,
  /// or for a person, who has it sent again whole.
  private func sentBefore(_ bag: String, _ sent: [Correspondence.Sent]) async throws -> Ticket? {
    let sent = sent.filter { $0.ticket.bag == bag }
    let bytes: [UInt8]?
    switch drop {
    case .folder(let path) where isFull && !Files.exists(path + "/" + bag): return nil
    case .remote where isFull: return nil
    case .folder(let path): bytes = try Files.readSmall(path + "/" + Ticket.fileName(bag))
    case .remote where sent.isEmpty: return nil
    case .remote(let remote, let readBack):
      bytes = try await Shipping(remote, readBack, correspondence).ticket(of: bag)
    }
    guard let bytes else { return nil }
    let digest = Digests.sha512(bytes)
    return sent.first { $0.digest == digest }?.ticket
  }

  /// A package's name has one ticket, wherever it is sent: a receipt says which it answers.
  private func refuseOtherTicket(_ bag: String, at folder: String, _ sent: [Correspondence.Sent]) throws {
    let sent = sent.first { $0.ticket.bag == bag }
    if let sent, try sent.ticket != Ticket.describing(folder, as: bag, signer: key.publicKey) {
      throw Refusal(
        .conflict, "deliver.other-ticket", at: Place(drop.name + "/" + bag),
        "'\(bag)' was sent already as another package, to \(sent.drops[0])",
        hint: "name that folder with --to, or another one that does not hold it")
    }
  }

  /// The newest published version's folder.
  private func newest() throws -> String {
    guard let version = try VersionFolders.newest(in: series, label: correspondence.label) else {
      throw Refusal(
        .incomplete, "deliver.nothing", at: Place(series),
        "no version of \(correspondence.label) is published there, so there is nothing to send",
        hint: "make it with 'ferry run JOB', or say with --out where packages are")
    }
    let path = "\(series)/\(correspondence.label)_v\(version)"
    let manifest = try DeliveryManifest.read(in: path)
    guard manifest.kind == .full, manifest.label == correspondence.label, manifest.version == version else {
      throw Refusal(
        .invalid, "deliver.other", at: Place(path),
        "its own manifest says that it is \(manifest.label) version \(manifest.version), \(manifest.kind.rawValue)",
        hint: "name the folder into which ferry publishes, not a partner's")
    }
    return path
  }

  private func refuseOtherContent(_ version: Supplement.Version, _ sent: [Correspondence.Sent]) throws {
    let sent = sent.filter { $0.ticket.version == version.manifest.version }
    if sent.contains(where: { $0.ticket.stateDigest != version.payload.stateDigest }) {
      throw Refusal(
        .conflict, "deliver.other-content", at: Place(series),
        "version \(version.manifest.version) of \(correspondence.label) was sent already, with other content",
        hint: "what was announced stays as it is: bring the sent version back, or publish a later one")
    }
    if let other = sent.first(where: { $0.ticket.signer != key.publicKey.fingerprint }) {
      throw Refusal(
        .conflict, "deliver.other-key", at: Place(series),
        "version \(version.manifest.version) of \(correspondence.label) was sent with the key \(other.ticket.signer)",
        hint: "name that key with --key; a new key can sign the next version")
    }
  }

  /// What comes next of this version.
  private func cargo(
    _ version: Supplement.Version, _ standings: [VersionStanding], _ sent: [Correspondence.Sent]
  ) throws -> Cargo {
    let number = version.manifest.version
    let name = "\(correspondence.label)_v\(number)"
    let sent = sent.filter { $0.ticket.version == number }
    guard let first = sent.first(where: { $0.ticket.bag == name })?.ticket else {
      let base = standings.last { $0.version < number && $0.hasArrived }?.version
      return if let base, !isFull { .supplement(bag: name, since: base) } else { .full(bag: name) }
    }
    let standing = standings.first { $0.version == number }
    if isFull && (first.kind == .supplement || standing?.state == .damaged) { return .full(bag: name + "_full") }
    if !isFull, let standing, standing.state == .damaged {
      guard !standing.resend.isEmpty else {
        throw Refusal(
          .invalid, "deliver.refused", at: Place(name),
          "the partner could not take it, and names no file to send again: \(standing.message ?? "no reason given")",
          hint: "send the whole version under a name of its own with --full; about a signature, write to the partner")
      }
      let repairs = sent.count { $0.ticket.isRepair }
      return .repair(bag: "\(name)_repair\(repairs + 1)", resend: standing.resend)
    }
    // A repair that waits for its answer stays the last word.
    return first.kind == .full ? .full(bag: name) : .supplement(bag: name, since: first.baseVersion ?? 0)
  }

  private func place(_ cargo: Cargo, _ full: String, _ version: Supplement.Version, in drop: String) throws {
    let target = drop + "/" + cargo.bag
    if Files.exists(target) { return try refuseOther(target, version) }
    let partial = drop + "/" + Shipment.partialFolder
    let scratch = partial + "/" + cargo.bag
    try sweep(partial)
    do { try make(cargo, full, at: scratch) } catch {
      try Files.clear(scratch)
      try dropEmpty(partial)
      throw error
    }
    try publish(scratch, as: target)
    try dropEmpty(partial)
  }

  /// Removes what killed runs left of this delivery's packages; nobody else makes any while the lock is held.
  private func sweep(_ partial: String) throws {
    guard Files.isFolder(partial) else { return }
    let ours = "\(correspondence.label)_v"
    for name in try Files.names(in: partial) where name.hasPrefix(ours) {
      guard name.dropFirst(ours.count).wholeMatch(of: /[0-9]+(_full|_repair[0-9]+)?/) != nil else { continue }
      try Files.clear(partial + "/" + name)
    }
  }

  /// Another delivery's package may be on its way there.
  private func dropEmpty(_ partial: String) throws {
    if rmdir(partial) != 0 && ![ENOENT, ENOTEMPTY, EEXIST].contains(errno) { throw Files.failed("removing", partial) }
  }

  /// The folder here that holds what is to be sent, proven: the published one itself, or one that is made once.
  private func outbox(_ cargo: Cargo, _ full: String) throws -> String {
    if case .full = cargo {
      try prove(full)
      return full
    }
    let folder = correspondence.outbox(cargo.bag) + "/bag"
    if Files.exists(folder) {
      try prove(folder)
      return folder
    }
    let scratch = correspondence.outbox(cargo.bag) + "/.bag"
    try make(cargo, full, at: scratch)
    try publish(scratch, as: folder)
    return folder
  }

  /// Puts a package together in a scratch folder of ours, and proves it.
  private func make(_ cargo: Cargo, _ full: String, at scratch: String) throws {
    try Files.clear(scratch)
    try Files.makeFolder(URL(fileURLWithPath: scratch).deletingLastPathComponent().path)
    switch cargo {
    case .full: try copy(full, to: scratch)
    case .supplement(_, let since):
      guard let base = try correspondence.version(since) else {
        throw Refusal(
          .invalid, "deliver.base", at: Place(correspondence.folder),
          "the manifests of version \(since), which the partner has, are not kept here",
          hint: "send the whole version with --full")
      }
      try Supplement.write(from: base, to: full, at: scratch, held: "\(series)/\(correspondence.label)_v\(since)")
    case .repair(_, let resend): try Supplement.writeRepair(of: full, resend: resend, at: scratch)
    }
    try prove(scratch)
  }

  private func publish(_ scratch: String, as target: String) throws {
    do {
      try Publish.folder(scratch, as: target)
    } catch let error as Publish.Failure {
      switch error {
      case .exists: throw Refusal.taken(target)
      case .failed(let call, let path, let code): throw Files.failed(call, path, code)
      }
    }
  }

  private func copy(_ full: String, to scratch: String) throws {
    for name in try Files.list(full) {
      try Files.makeFolder(URL(fileURLWithPath: scratch + "/" + name).deletingLastPathComponent().path)
      try Files.copy(full + "/" + name, to: scratch + "/" + name)
    }
  }

  private func prove(_ bag: String) throws {
    let report = BagReader.report(of: bag, limit: ListedSizes(of: bag).limit)
    if report.verdict != .valid {
      throw Refusal(.invalid, report.problems.filter { $0.severity == .error })
    }
  }

  /// What has the name already must be this very version, whole: a killed run's, or the published folder itself.
  private func refuseOther(_ target: String, _ version: Supplement.Version) throws {
    guard Files.exists(target + "/" + DeliveryManifest.fileName) else { throw Refusal.taken(target) }
    let manifest = try DeliveryManifest.read(in: target)
    guard manifest.id == version.manifest.id, manifest.version == version.manifest.version,
      manifest.stateDigest == version.payload.stateDigest
    else { throw Refusal.taken(target) }
    try prove(target)
  }

}

extension Refusal {
  /// What has the package's name is not the package.
  static func taken(_ target: String) -> Refusal {
    Refusal(
      .conflict, "deliver.taken", at: Place(target), "something else has this name already",
      hint: "it is left as it is: name another folder with --to")
  }
}

/// The folders of a delivery's versions, `LABEL_vN`.
package enum VersionFolders {
  /// The highest number that anything beside the others has, ferry's or not; `nil` where there is none.
  package static func newest(in series: String, label: String) throws -> Int? {
    guard Files.isFolder(series) else { return nil }
    return try FileManager.default.contentsOfDirectory(atPath: series).compactMap { version(of: $0, label: label) }
      .max()
  }

  /// The version that a name says: only digits after the label, and no leading zero.
  package static func version(of name: String, label: String) -> Int? {
    guard name.hasPrefix(label + "_v"), let number = Int(name.dropFirst(label.count + 2)),
      (1...1_000_000_000).contains(number),
      name == "\(label)_v\(number)"
    else { return nil }
    return number
  }
}
