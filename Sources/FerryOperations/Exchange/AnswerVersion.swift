package import FerryCore
internal import FerryExchange

/// Signs what the partner's people say about a version: the last receipt.
package struct AnswerVersion: Operation {
  package enum Verdict: Hashable, Sendable {
    case accepted
    case rejected(because: String)
  }

  /// The file of the version's ticket.
  package var ticket: String
  package var verdict: Verdict
  /// The keys that are believed, and the one that signs; the home's own where none is named.
  package var trust: String?
  package var key: String?

  package init(ticket: String, _ verdict: Verdict, trust: String? = nil, key: String? = nil) {
    (self.ticket, self.verdict, self.trust, self.key) = (ticket, verdict, trust, key)
  }

  package func perform(in office: Office) async throws(Refusal) -> Reply<SignedAnswer> {
    let keys = Receiving.Keys(known: try office.trustedKeys(trust), own: try office.signingKey(key))
    let (disposition, message): (Receipt.Disposition, String) =
      switch verdict {
      case .accepted: (.accepted, "accepted")
      case .rejected(let reason): (.rejected, reason)
      }
    let (file, receipt) = try office.refusing {
      try Acceptance.write(
        disposition, of: ticket, message: message, keys: keys, now: office.timestamp, verifier: office.verifier)
    }
    return Reply(SignedAnswer(file: file, receipt: receipt))
  }
}

/// A receipt that was written; in JSON it is the receipt itself.
package struct SignedAnswer: Encodable, Sendable {
  /// Where it is.
  package let file: String
  let receipt: Receipt

  package func encode(to encoder: any Encoder) throws { try receipt.encode(to: encoder) }
}
