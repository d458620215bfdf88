internal import FerryCore
internal import Foundation

/// What the partner's people say about a version: the last receipt, written by somebody who looked at it.
package enum Acceptance {
  /// Signs the answer to the ticket in the file `path` and puts it where answers go; answers its file.
  package static func write(
    _ disposition: Receipt.Disposition, of path: String, message: String, keys: Receiving.Keys, now: String,
    verifier: String
  ) throws -> (file: String, receipt: Receipt) {
    guard let (ticket, digest, _) = try Ticket.verified(path, keys: keys.known) else {
      throw Refusal(
        .tryLater, "ticket.missing", at: Place(path), "there is no such file", hint: "name the version's .ticket.json")
    }
    let subject = Receipt.Subject(
      delivery: ticket.delivery, label: ticket.label, version: ticket.version, packageDigest: ticket.packageDigest,
      ticketSha512: digest)
    let drop = URL(fileURLWithPath: path).deletingLastPathComponent().path
    let replies = Replies(drop: drop, bag: ticket.bag, folder: ticket.replies, key: keys.own)
    if disposition.isGood { try refuseUnreceived(replies, subject, path) }
    let receipt = Receipt(
      stage: .acceptance, disposition: disposition, reason: disposition.isGood ? nil : .userDefined,
      inReplyTo: subject, receivedAt: now, verifier: verifier, message: message,
      signer: keys.own.publicKey.fingerprint)
    try replies.makeFolder()
    let file = replies.path(.acceptance)
    try receipt.write(to: file, with: keys.own)
    return (file, receipt)
  }

  /// Nobody can have looked at a version that is not whole in the store: our own receipt for this very ticket says so.
  private static func refuseUnreceived(_ replies: Replies, _ subject: Receipt.Subject, _ path: String) throws {
    if let taken = try replies.before(.ingest), taken.inReplyTo == subject, taken.disposition.isGood { return }
    throw Refusal(
      .notReady, "receipt.not-received", at: Place(path),
      "no receipt signed with this key says that the version is whole and in the store",
      hint: "run 'ferry receive' on this folder first; 'ferry receipt reject' can be signed at any time")
  }
}
