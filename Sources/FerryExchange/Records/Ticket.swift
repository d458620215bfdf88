internal import FerryBag
package import FerryCore
internal import FerryFiles
package import FerryPackage
internal import Foundation

/// The small signed file beside a package, written last: ready marker, identity and what the signature covers.
package struct Ticket: Hashable, Sendable, Codable {
  package var schema = "ferry-ticket/1"
  /// `urn:uuid:…` of the delivery, the same in every version.
  package var delivery: String
  package var label: String
  package var version: Int
  package var kind: DeliveryManifest.Kind
  /// Name of the package's folder beside the ticket.
  package var bag: String
  /// SHA-512 of `tagmanifest-sha512.txt`, which covers the manifests, which cover everything.
  package var packageDigest: String
  /// Of the payload that results: equal for the full package and the supplement.
  package var stateDigest: String
  /// Of the payload that a supplement applies to.
  package var baseStateDigest: String?
  package var baseVersion: Int?
  /// Of the payload that travels.
  package var files: Int
  package var bytes: Int
  package var created: String
  /// Where answers go, relative to the ticket's folder.
  package var replyTo: String
  /// Fingerprint of the key that signs.
  package var signer: String

  static func fileName(_ bag: String) -> String { bag + suffix }
  static let suffix = Shipment.ticketSuffix

  /// Whether it mends a damaged arrival of the same version.
  package var isRepair: Bool { kind == .supplement && baseVersion == version }
}

extension Ticket {
  package func encoded() throws -> [UInt8] { try ExchangeJSON.encoded(self) }

  package static func decoded(_ bytes: [UInt8], file: String) throws(Refusal) -> Ticket {
    let ticket: Ticket = try ExchangeJSON.decoded(bytes, schema: "ferry-ticket/1", file: file)
    let flaw = ticket.flaw
    if let flaw {
      throw Refusal(
        .invalid, "ticket.invalid", at: Place(file), flaw, hint: "ask the sender for the package and its ticket again")
    }
    return ticket
  }

  private var flaw: String? {
    if let reason = PortableName.flaw(of: bag) { return "the bag's name \(reason)" }
    if let reason = PortableName.flaw(of: label) { return "the label \(reason)" }
    if bag.contains("/") || label.contains("/") { return "a name in it holds a slash" }
    if version < 1 { return "version \(version) is less than 1" }
    if files < 0 || bytes < 0 { return "its counts are less than nothing" }
    let name = "\(label)_v\(version)"
    if bag != name && !bag.hasPrefix(name + "_") { return "the bag is not named '\(name)'" }
    let hasBase = baseStateDigest != nil && baseVersion != nil
    return hasBase == (kind == .supplement) ? nil : "only a supplement has a base, and every one has"
  }

  /// The folder of the drop that answers go to: as the ticket says, if that is a plain one.
  var replies: String {
    let wanted = replyTo.hasSuffix("/") ? String(replyTo.dropLast()) : replyTo
    return PortableName.flaw(of: wanted) == nil ? wanted : Replies.usual
  }

  /// Signs and writes the ticket of a package that is in its place: the signature first, then by one rename the ticket,
  /// whose name means "ready". A second time it does nothing; another ticket under the name is refused.
  @discardableResult
  package static func write(for bag: String, with key: SigningKey) throws -> Ticket {
    let ticket = try describing(bag, signer: key.publicKey)
    let path = URL(fileURLWithPath: bag).deletingLastPathComponent().path + "/" + fileName(ticket.bag)
    if let before = try Files.readSmall(path) {
      try ticket.refuseOther(before, at: Place(path))
      return ticket
    }
    try ticket.write(to: path, with: key)
    return ticket
  }

  /// Writes the signature and then the ticket.
  func write(to path: String, with key: SigningKey) throws {
    let bytes = try encoded()
    try Files.replace(path + ".sig", Array(SSHSignature.sign(bytes, .delivery, with: key).text.utf8))
    try Files.replace(path, bytes)
  }

  /// What has the ticket's name already must be this ticket.
  func refuseOther(_ before: [UInt8], at place: Place) throws {
    if try before == encoded() { return }
    throw Refusal(
      .conflict, "ticket.exists", at: place, "version \(version) of \(label) has a ticket already, for other content",
      hint: "what was announced stays as it is: deliver the change as version \(version + 1)")
  }

  /// The ticket of the bag in folder `bag`, from what the bag says of itself; it travels as `name`.
  static func describing(_ bag: String, as name: String? = nil, signer: PublicKey) throws -> Ticket {
    let manifest = try DeliveryManifest.read(in: bag)
    let state = manifest.kind == .supplement ? try Supplement.result(in: bag).stateDigest : manifest.stateDigest
    let payload = try PayloadList.read(bag: bag)
    let digest = Digests.sha512(try FileBytes.read(bag + "/tagmanifest-sha512.txt"))
    return Ticket(
      delivery: manifest.id, label: manifest.label, version: manifest.version, kind: manifest.kind,
      bag: name ?? URL(fileURLWithPath: bag).lastPathComponent, packageDigest: digest, stateDigest: state,
      baseStateDigest: manifest.base?.stateDigest, baseVersion: manifest.base?.version, files: payload.digests.count,
      bytes: try payload.size(in: bag), created: manifest.created, replyTo: "acknowledgements/",
      signer: signer.fingerprint)
  }

  /// Reads a ticket and proves who signed it: `nil` while there is none.
  package static func verified(
    _ path: String, keys: AllowedSigners
  ) throws(Refusal) -> (ticket: Ticket, digest: String, signer: AllowedSigners.Signer)? {
    guard let bytes = try Files.readSmall(path) else { return nil }
    guard let signature = try Files.readSmall(path + ".sig") else {
      throw Refusal(
        .notTrusted, "signature.missing", at: Place(path + ".sig"), "the ticket has no signature beside it",
        hint: "ask the sender for the file \(URL(fileURLWithPath: path).lastPathComponent).sig")
    }
    let signer = try keys.signer(
      of: bytes, signature: path + ".sig", text: String(decoding: signature, as: UTF8.self), .delivery)
    return (try decoded(bytes, file: path), Digests.sha512(bytes), signer)
  }
}
