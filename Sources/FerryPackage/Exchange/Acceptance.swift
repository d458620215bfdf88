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
      throw ExchangeError(
        .failed, "ticket.missing", at: Place(path), "there is no such file", hint: "name the version's .ticket.json")
    }
    let subject = Receipt.Subject(
      delivery: ticket.delivery, label: ticket.label, version: ticket.version, packageDigest: ticket.packageDigest,
      ticketSha512: digest)
    let receipt = Receipt(
      stage: .acceptance, disposition: disposition, reason: disposition.isGood ? nil : .userDefined,
      inReplyTo: subject, receivedAt: now, verifier: verifier, message: message,
      signer: keys.own.publicKey.fingerprint)
    let drop = URL(fileURLWithPath: path).deletingLastPathComponent().path
    let folder = drop + "/" + ticket.replies
    let file = folder + "/" + Receipt.fileName(ticket.bag, .acceptance)
    try Files.makeFolder(folder)
    try receipt.write(to: file, with: keys.own)
    return (file, receipt)
  }
}
