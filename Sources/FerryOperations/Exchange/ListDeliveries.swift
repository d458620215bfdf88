package import FerryCore
internal import FerryExchange
internal import FerryPackage

/// Every version that was sent, and what its partner said of it.
package struct ListDeliveries: Operation {
  /// All deliveries where it is empty.
  package var labels: [String]
  package var today: Day
  /// How many days a partner has for each next step.
  package var patience: Int

  package init(labels: [String] = [], today: Day, patience: Int) {
    (self.labels, self.today, self.patience) = (labels, today, patience)
  }

  package func perform(in office: Office) async throws(Refusal) -> Reply<[DeliveryState]> {
    let states = try office.refusing { try office.correspondences(labels).flatMap { try standings(of: $0) } }
    // A later version that arrived makes an older one's trouble history.
    let newest = Dictionary(grouping: states, by: \.delivery).values.compactMap { $0.max { $0.version < $1.version } }
    return Reply(states, shortfall: newest.contains(where: \.isTrouble) ? .incomplete : nil)
  }

  private func standings(of correspondence: Correspondence) throws -> [DeliveryState] {
    let open = try correspondence.book().open
    let delivered = try correspondence.delivered()
    return try correspondence.standings(of: delivered.tickets, today: today, patience: patience).map { standing in
      DeliveryState(
        correspondence.label, standing, delivered.versions.first { $0.number == standing.version }?.manifest,
        openDefects: open.count { $0.seenIn.contains(standing.version) })
    }
  }
}

/// What is known of one version that was sent.
package struct DeliveryState: Encodable, Sendable {
  package let delivery: String
  package let partner: String
  package let version: Int
  /// `sent`, `arrived`, `damaged`, `rejected` or `accepted`.
  package let state: String
  package let isOverdue: Bool
  /// The day of the first ticket.
  package let sent: String
  package let packages: [String]
  package let targets: [String]
  package let resend: [String]
  /// The last answer's own words.
  package let message: String?
  package let openDefects: Int
  let isTrouble: Bool

  private enum CodingKeys: CodingKey {
    case delivery, partner, version, state, isOverdue, sent, packages, targets, resend, message, openDefects
  }

  init(_ label: String, _ standing: VersionStanding, _ manifest: DeliveryManifest?, openDefects: Int) {
    (delivery, partner, version) = (label, manifest?.recipient.name ?? "", standing.version)
    (state, isOverdue, sent) = (standing.state.rawValue, standing.isOverdue, standing.sent.description)
    (packages, targets, resend) = (standing.bags, standing.drops, standing.resend)
    (message, self.openDefects) = (standing.message, openDefects)
    isTrouble = standing.isOverdue || standing.state == .damaged || standing.state == .rejected
  }
}
