package import FerryCore
internal import FerryExchange

/// The partner's side: proves what arrived in a folder, takes it into a store and signs receipts.
package struct Receive: Operation {
  /// The folder into which the sender delivers.
  package var drop: String
  /// Where versions are kept.
  package var store: String
  /// The keys that are believed, and the one that signs; the home's own where none is named.
  package var trust: String?
  package var key: String?

  package init(drop: String, store: String, trust: String? = nil, key: String? = nil) {
    (self.drop, self.store, self.trust, self.key) = (drop, store, trust, key)
  }

  package func perform(in office: Office) async throws(Refusal) -> Reply<[ReceivedPackage]> {
    let keys = Receiving.Keys(known: try office.trustedKeys(trust), own: try office.signingKey(key))
    let outcomes = try office.refusing {
      try Receiving.receive(
        drop: Office.absolute(drop), store: Office.absolute(store), keys: keys, now: office.timestamp,
        verifier: office.verifier)
    }
    return Reply(
      outcomes.map(ReceivedPackage.init), problems: outcomes.flatMap(\.problems),
      shortfall: .worst(outcomes.compactMap(\.refusal)))
  }
}

/// What became of one ticket.
package struct ReceivedPackage: Encodable, Sendable {
  package let package: String
  /// `nil` when the file is no ticket.
  package let version: Int?
  /// The version's folder in the store; `nil` when it was not taken.
  package let path: String?
  /// As in the receipt, such as `accepted` or `corrupt`; `nil` when none was written.
  package let disposition: String?
  /// The newer version for which nobody waits for this one, which cannot be taken.
  package let supersededBy: Int?
  package let resend: [String]
  package let problems: [Diagnostic]
  /// Whether the sender is asked for everything, since no file could be named.
  package let asksForEverything: Bool
  /// How many files are to be removed from the package.
  package let strangers: Int

  private enum CodingKeys: CodingKey {
    case package, version, path, disposition, supersededBy, resend, problems
  }

  init(_ outcome: Receiving.Outcome) {
    let receipt = outcome.receipt
    (package, version, path) = (outcome.package, outcome.ticket?.version, outcome.path)
    (disposition, supersededBy) = (receipt?.disposition.rawValue, outcome.supersededBy)
    (resend, problems) = (receipt?.resend ?? [], outcome.problems)
    asksForEverything = receipt?.asksForEverything ?? false
    let unwanted = receipt?.files.filter { $0.status == .unexpected || $0.status == .refused } ?? []
    strangers = Set(unwanted.map(\.path)).count
  }
}
