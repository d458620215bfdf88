package import FerryCore
internal import FerryExchange

/// Sends the newest published version, or what repairs a damaged arrival of it, to a partner.
package struct Deliver: Operation {
  package var label: String
  package var target: DeliveryTarget
  package var readBack: ReadBack
  /// Send the whole version, whatever the partner has.
  package var isFull: Bool
  /// The file of the key that signs; the home's own where none is named.
  package var key: String?
  /// A configuration for ssh instead of the user's own.
  package var sshConfiguration: String?
  package var day: Day

  package init(
    label: String, to target: DeliveryTarget, readBack: ReadBack = .resumed, isFull: Bool = false, key: String? = nil,
    sshConfiguration: String? = nil, day: Day
  ) {
    (self.label, self.target, self.readBack, self.isFull) = (label, target, readBack, isFull)
    (self.key, self.sshConfiguration, self.day) = (key, sshConfiguration, day)
  }

  package func perform(in office: Office) async throws(Refusal) -> Reply<SentPackage> {
    let key = try office.signingKey(key)
    let drop = Office.drop(target, readBack, configuration: sshConfiguration)
    let correspondence = try Correspondence(home: office.home, label: label)
    let delivering = Delivering(
      correspondence, series: office.out + "/" + label, drop: drop, key: key, day: day, isFull: isFull)
    let answer: SentPackage =
      switch try await office.awaiting({ try await delivering.run() }) {
      case .sent(let ticket): SentPackage(package: drop.path(ticket.bag), ticket: ticket, isNew: true)
      case .alreadySent(let ticket): SentPackage(package: drop.path(ticket.bag), ticket: ticket, isNew: false)
      }
    return Reply(answer)
  }
}

/// A package in a partner's drop.
package struct SentPackage: Encodable, Sendable {
  /// Where it is.
  package let package: String
  let ticket: Ticket
  /// Whether it was not there before.
  package let isNew: Bool

  package var version: Int { ticket.version }
  /// The version that a supplement applies to.
  package var baseVersion: Int? { ticket.baseVersion }
  /// Whether it repairs a damaged arrival of the same version.
  package var isRepair: Bool { ticket.isRepair }
  /// Of the payload that travels.
  package var files: Int { ticket.files }
  package var bytes: Int { ticket.bytes }
}
