package import FerryCore
internal import FerryFiles
internal import FerryPackage
internal import Foundation

/// A partner's signed answer to a ticket: what arrived, what is wrong, what to send again.
package struct Receipt: Hashable, Sendable, Codable {
  package enum Stage: String, Sendable, Codable, CaseIterable {
    /// What came over the wire was looked at.
    case transport
    /// The version is in the partner's store, verified there.
    case ingest
    /// People looked at it. Nothing else is acceptance, silence least of all.
    case acceptance
  }

  package enum Disposition: String, Sendable, Codable, CaseIterable {
    case accepted
    case acceptedWithWarnings = "accepted-with-warnings"
    case incomplete
    case corrupt
    case untrusted
    case duplicate
    case wrongBase = "wrong-base"
    case rejected

    var isGood: Bool { self == .accepted || self == .acceptedWithWarnings || self == .duplicate }
  }

  /// Why, in the words that DDEX uses between record companies and shops.
  package enum Reason: String, Sendable, Codable {
    case binaryCorrupted = "BinaryCorrupted"
    case packageIncomplete = "PackageIncomplete"
    case metadataInadequate = "MetadataInadequate"
    case userDefined = "UserDefined"
  }

  /// The ticket that is answered.
  package struct Subject: Hashable, Sendable, Codable {
    package var delivery: String
    package var label: String
    package var version: Int
    package var packageDigest: String
    package var ticketSha512: String
    package init(delivery: String, label: String, version: Int, packageDigest: String, ticketSha512: String) {
      (self.delivery, self.label, self.version) = (delivery, label, version)
      (self.packageDigest, self.ticketSha512) = (packageDigest, ticketSha512)
    }
  }

  package struct Counts: Hashable, Sendable, Codable {
    package var expected = 0
    package var ok = 0
    package var missing = 0
    package var mismatched = 0
    package var unexpected = 0
    package var bytes = 0
    package init() {}
  }

  /// One file that is not as it should be.
  package struct File: Hashable, Sendable, Codable {
    package enum Status: String, Sendable, Codable {
      case missing
      case mismatched
      case unexpected
      case refused
    }

    package var path: String
    package var status: Status
    package var message: String
    package init(path: String, status: Status, message: String) {
      (self.path, self.status, self.message) = (path, status, message)
    }
  }

  package var schema = "ferry-receipt/1"
  package var receiptId: String
  package var stage: Stage
  package var disposition: Disposition
  package var reason: Reason?
  package var inReplyTo: Subject
  /// The receiver's own computation over what arrived, not a copy of the sender's.
  package var receivedPackageDigest: String?
  /// Of the version as it is in the receiver's store.
  package var stateDigest: String?
  /// ISO 8601, UTC.
  package var receivedAt: String
  package var verifier: String
  package var counts: Counts
  /// Only those that are not as they should be.
  package var files: [File]
  /// Paths to send again.
  package var resend: [String]
  package var message: String
  /// Fingerprint of the key that signs.
  package var signer: String

  package init(
    stage: Stage, disposition: Disposition, reason: Reason? = nil, inReplyTo: Subject,
    receivedPackageDigest: String? = nil, stateDigest: String? = nil, receivedAt: String, verifier: String,
    counts: Counts = Counts(), files: [File] = [], resend: [String] = [], message: String, signer: String
  ) {
    // The same answer to the same ticket is the same receipt, however often it is written.
    receiptId = DeliveryManifest.urn(
      "receipt", stage.rawValue, disposition.rawValue, inReplyTo.ticketSha512, receivedAt)
    self.stage = stage
    self.disposition = disposition
    self.reason = reason
    self.inReplyTo = inReplyTo
    self.receivedPackageDigest = receivedPackageDigest
    self.stateDigest = stateDigest
    self.receivedAt = receivedAt
    self.verifier = verifier
    self.counts = counts
    self.files = files
    self.resend = resend
    self.message = message
    self.signer = signer
  }
}

extension Receipt {
  package func encoded() throws -> [UInt8] { try ExchangeJSON.encoded(self) }

  static let suffix = ".receipt.json"

  static func fileName(_ bag: String, _ stage: Stage) -> String { "\(bag).\(stage.rawValue)\(suffix)" }

  /// Signs and writes it, the receipt itself last.
  package func write(to path: String, with key: SigningKey) throws {
    let bytes = try encoded()
    try Files.replace(path + ".sig", Array(SSHSignature.sign(bytes, .receipt, with: key).text.utf8))
    try Files.replace(path, bytes)
  }

  /// A receipt's file, with its signature beside it.
  package struct Letter: Hashable, Sendable {
    package let path: String
    /// As errors call it, which may be another place than where it lies now.
    package let name: String

    package init(_ path: String, name: String? = nil) { (self.path, self.name) = (path, name ?? path) }
  }

  /// Reads a receipt and proves who signed it.
  package static func read(_ letter: Letter, keys: AllowedSigners) throws(Refusal) -> (
    receipt: Receipt, signer: AllowedSigners.Signer
  ) {
    guard let bytes = try Files.readSmall(letter.path) else {
      throw Refusal(
        .tryLater, "receipt.missing", at: Place(letter.name), "there is no such file", hint: "name a .receipt.json file"
      )
    }
    guard let signature = try Files.readSmall(letter.path + ".sig") else {
      throw Refusal(
        .notTrusted, "signature.missing", at: Place(letter.name + ".sig"), "the receipt has no signature beside it",
        hint: "ask the partner to sign it: ssh-keygen -Y sign -n ferry-receipt -f KEY FILE")
    }
    let signer = try keys.signer(
      of: bytes, signature: letter.name + ".sig", text: String(decoding: signature, as: UTF8.self), .receipt)
    return (try ExchangeJSON.decoded(bytes, schema: "ferry-receipt/1", file: letter.name), signer)
  }
}

/// What is known of one version sent to one partner, from its ticket and the receipts for it.
package struct DeliveryStanding: Hashable, Sendable {
  package enum State: String, Sendable, Codable {
    case sent
    case arrived
    case damaged
    case rejected
    case accepted
  }

  package var ticket: Ticket
  package var state: State
  /// No answer since more days than were agreed: silence is never acceptance.
  package var isOverdue: Bool
  /// What the partner still lacks of it.
  package var resend: [String]

  /// `receipts` are in the order in which they came, and those for other tickets are refused, naming each; `patience` is
  /// how many days a partner has for each next step.
  package static func of(
    _ ticket: Ticket, ticketDigest: String, sent: Day, receipts: [Receipt], today: Day, patience: Int
  ) throws(Refusal) -> DeliveryStanding {
    let strangers = receipts.filter {
      $0.inReplyTo.ticketSha512 != ticketDigest || $0.inReplyTo.packageDigest != ticket.packageDigest
    }
    if !strangers.isEmpty {
      throw Refusal(
        .invalid,
        strangers.map {
          Diagnostic(
            "receipt.other-ticket", at: Place($0.receiptId),
            "it answers another ticket than that of \(ticket.label) version \(ticket.version)",
            hint: "import it for the delivery that it names: \($0.inReplyTo.label) version \($0.inReplyTo.version)")
        })
    }
    var standing = DeliveryStanding(ticket: ticket, state: .sent, isOverdue: false, resend: [])
    var last = sent
    // What was said in the same second counts in the order in which it came.
    let inOrder = receipts.enumerated().sorted {
      ($0.element.receivedAt, $0.element.stage.order, $0.offset) < (
        $1.element.receivedAt, $1.element.stage.order, $1.offset
      )
    }
    for receipt in inOrder.map(\.element) {
      standing.take(receipt)
      if let day = Day(String(receipt.receivedAt.prefix(10))), day > last { last = day }
    }
    let isOpen = standing.state != .accepted && standing.state != .rejected
    standing.isOverdue = isOpen && today.number - last.number > patience
    return standing
  }

  private mutating func take(_ receipt: Receipt) {
    switch (receipt.stage, receipt.disposition.isGood) {
    case (.acceptance, true): (state, resend) = (.accepted, [])
    case (.acceptance, false): state = .rejected
    // Late word of the transport takes back nothing that people said.
    case _ where state == .accepted || state == .rejected: break
    case (_, true): (state, resend) = (.arrived, [])
    // An older copy that arrived well is not undone by a second one that did not.
    case (_, false) where state == .arrived: break
    case (_, false): (state, resend) = (.damaged, receipt.resend)
    }
  }
}

extension Receipt.Stage {
  fileprivate var order: Int { Receipt.Stage.allCases.firstIndex(of: self) ?? 0 }
}

extension Day {
  /// Days since 1970-01-01 (Howard Hinnant's days_from_civil).
  package var number: Int {
    let shifted = month <= 2 ? year - 1 : year
    let era = shifted / 400
    let ofEra = shifted - era * 400
    let ofYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719_468
  }
}
