internal import FerryBag
package import FerryCore
internal import FerryFiles
internal import FerryPackage
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

  /// Looks before reading: a package that is not there, or that is larger than anything here may be.
  func refuseOversize(_ limits: Receiving.Limits) throws(Refusal) {
    func refuse(_ message: String) -> Refusal {
      Refusal(
        .invalid, "receive.oversize", at: Place(ticket.bag), message,
        hint: "ask the sender what it is; nothing of it was taken")
    }
    guard ticket.bytes <= limits.bytes, ticket.files <= limits.files else {
      throw refuse("the ticket announces \(ticket.bytes) bytes in \(ticket.files) files, more than is allowed here")
    }
    guard Files.isFolder(bag) else {
      throw Refusal(
        .incomplete, "receive.no-bag", at: Place(ticket.bag),
        "the ticket is there, and the package's folder is not", hint: "ask the sender to send the package again",
        fault: .missingPackage)
    }
    // Lists, descriptions and the new bytes of a supplement are beside the payload, which the ticket counts.
    let weight = Files.weight(of: bag)
    guard weight.bytes <= limits.bytes, weight.files <= limits.files else {
      throw refuse("there are \(weight.bytes) bytes in \(weight.files) files, more than is allowed here")
    }
    // Before a byte is read: the ticket bounds what reading takes.
    let most = [ticket.bytes, FileBytes.longest, try newBytes].saturatedSum
    guard weight.bytes <= most else {
      throw refuse("there are \(weight.bytes) bytes, but the ticket announces \(ticket.bytes)")
    }
  }

  /// Bytes that a supplement has below `delta/`, as its lists say: the ticket counts only the payload.
  private var newBytes: Int {
    get throws(Refusal) {
      guard ticket.kind == .supplement, Files.isFolder(bag + "/" + PartList.folder) else { return 0 }
      var sum = 0
      for name in try Files.list(bag + "/" + PartList.folder) where name.hasSuffix(".list") {
        sum = sum.adding(bounded: try PartList.read("\(bag)/\(PartList.folder)/\(name)").newCount)
      }
      return sum
    }
  }

  /// What to ask for when nothing arrived. Of a supplement only the lists: most of the version may be here already, and
  /// with the lists it is known what is not.
  var everything: [String] { ticket.kind == .full ? [Supplement.wholePayload] : [PayloadList.fileName] }

  /// Proves the package in the drop; returns warnings.
  func verify() throws -> [Diagnostic] {
    let check = try sound(bag)
    guard try ownDigest() == ticket.packageDigest else {
      throw Refusal(
        .invalid, "package.digest", at: Place("tagmanifest-sha512.txt"),
        "the package is whole, but it is not the one that the ticket was signed for",
        hint: "do not use it; ask the sender", fault: .mismatched)
    }
    let manifest = try check.manifest ?? DeliveryManifest.read(in: bag)
    let isSame =
      manifest.id == ticket.delivery && manifest.label == ticket.label && manifest.version == ticket.version
      && manifest.kind == ticket.kind && manifest.base?.stateDigest == ticket.baseStateDigest
      && manifest.base?.version == ticket.baseVersion && manifest.stateDigest == ticket.stateDigest
    guard isSame else {
      throw Refusal(
        .invalid, "ticket.differs", at: Place(DeliveryManifest.fileName),
        "the ticket and the package's own manifest do not speak of the same version", hint: "ask the sender")
    }
    // A supplement may bring nothing but the news that files are gone.
    return check.problems.filter { ticket.kind == .full || $0.fault != .empty }
  }

  /// Everything that is known of a whole package; throws everything that is wrong with it.
  private func sound(_ folder: String) throws(Refusal) -> PackageCheck {
    let check = PackageCheck(of: folder)
    // What this machine cannot read is nothing that the sender could mend.
    let unreadable = check.problems.filter { $0.fault == .unreadable }.map { problem in
      var problem = problem
      if !problem.place.file.hasPrefix("/") { problem.place.file = folder + "/" + problem.place.file }
      return problem
    }
    if !unreadable.isEmpty { throw Refusal(.tryLater, unreadable) }
    let verdict = BagReport.Verdict(check.problems)
    if verdict == .valid { return check }
    throw Refusal(
      verdict == .incomplete ? .incomplete : .invalid, check.problems.filter { $0.severity == .error })
  }

  /// SHA-512 of what arrived as `tagmanifest-sha512.txt`; `nil` where it did not.
  func ownDigest() throws -> String? {
    let path = bag + "/tagmanifest-sha512.txt"
    guard let size = FileBytes.size(of: path), size <= FileBytes.longest else { return nil }
    do { return try Digests.sha512(file: path) } catch { throw Files.failed("reading", path) }
  }

  /// Whether the sender can do something about it. What is wrong with a file of the store is for whoever keeps the store.
  func isAnswered(_ error: Refusal) -> Bool {
    func isKept(_ file: String) -> Bool {
      let isArriving = file.hasPrefix(scratch + "/") || drop.hasPrefix(store + "/") && file.hasPrefix(drop + "/")
      return file.hasPrefix(store + "/") && !isArriving
    }
    return ![.tryLater, .noSpace, .notReady].contains(error.kind)
      && !error.problems.contains { isKept($0.place.file) }
  }

  /// The words without paths of this machine, which are nobody else's business and nothing to the sender.
  func shareable(_ text: String) -> String {
    [bag, scratch, drop, store].reduce(text) { $0.replacing($1 + "/", with: "") }
  }

  /// The newer version that is current, while this one is not in the store: nobody waits for it any more.
  func newerVersion() throws(Refusal) -> Int? {
    guard !Files.exists(home), let current = try StoreShelf.current(shelf), current > ticket.version else { return nil }
    return current
  }

  /// Another delivery, or another sender's, keeps off this shelf.
  func refuseStranger(_ signer: AllowedSigners.Signer) throws {
    let owner = try ShelfOwner.read(shelf)
    var delivery = owner?.delivery
    // A store that is older than the notes of senders.
    if owner == nil, let current = try StoreShelf.current(shelf) {
      delivery = try DeliveryManifest.read(in: "\(shelf)/v\(current)").id
    }
    if let delivery, delivery != ticket.delivery {
      throw Refusal(
        .conflict, "receive.other-delivery", at: Place(ticket.bag),
        "the versions of \(ticket.label) that are here are of another delivery: \(delivery)",
        hint: "nothing was replaced; ask the sender for another label, or receive it into another store")
    }
    if let owner, !owner.isSame(as: signer) {
      throw Refusal(
        .conflict, "receive.other-sender", at: Place(ticket.bag),
        "it is signed by \(signer.names.joined(separator: ", ")), and \(ticket.label) is here from "
          + owner.names.joined(separator: ", "),
        hint: "nothing was replaced; if it is the same sender with a new key, list both keys under one name")
    }
  }

  /// Notes whose shelf it is, when the first version comes to it; the shelf is there.
  func keepOwner(_ signer: AllowedSigners.Signer) throws {
    if Files.exists(shelf + "/" + ShelfOwner.fileName) { return }
    try ShelfOwner(delivery: ticket.delivery, signer).write(shelf)
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
    _ = try sound(scratch)
    try refuseOtherState(scratch)
  }

  private func refuseOtherState(_ folder: String) throws {
    guard try PayloadList.read(bag: folder).stateDigest == ticket.stateDigest else {
      throw Refusal(
        .conflict, "receive.other-content", at: Place("\(ticket.label) v\(ticket.version)"),
        "version \(ticket.version) is here already, with other content",
        hint: "nothing was replaced; ask the sender for a version with a new number")
    }
  }

  /// The version is in the store: the same one, or it is refused.
  func refuseOtherContent() throws {
    try refuseOtherState(home)
    guard ticket.kind == .full, try Digests.sha512(file: home + "/tagmanifest-sha512.txt") != ticket.packageDigest
    else { return }
    throw Refusal(
      .conflict, "receive.other-content", at: Place("\(ticket.label) v\(ticket.version)"),
      "version \(ticket.version) is here already, with other metadata",
      hint: "nothing was replaced; ask the sender for a version with a new number")
  }
}

/// The versions of one delivery in a store.
package enum StoreShelf {
  /// The number that `current` names; `nil` before the first version.
  package static func current(_ shelf: String) throws(Refusal) -> Int? {
    let path = shelf + "/current"
    guard let bytes = try Files.readSmall(path) else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    guard text.hasPrefix("v"), text.hasSuffix("\n"), let version = Int(text.dropFirst().dropLast()),
      version < 1 << 50, Files.isFolder("\(shelf)/v\(version)")
    else {
      throw Refusal(
        .tryLater, "store.current", at: Place(path), "it does not name a version that is here",
        hint: "write the newest version's name into it, such as: v2")
    }
    return version
  }
}

/// One process at a time works on a store, or on a delivery's exchange.
struct StoreLock: ~Copyable {
  private let descriptor: Int32

  static func take(_ store: String, busy: String = "another ferry receives into this store") throws(Refusal)
    -> StoreLock
  {
    let path = store + "/.lock"
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else { throw Files.failed("opening", path) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw Refusal(
        .tryLater, "store.locked", at: Place(store), busy,
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
