internal import FerryCore
internal import FerryFiles
internal import Foundation

extension Ticket {
  /// Who signed the ticket beside the package in folder `bag`, if the package is the one it was signed for.
  package static func signer(of bag: String, keys: AllowedSigners) throws -> String {
    let url = URL(fileURLWithPath: bag).standardizedFileURL
    let path = url.deletingLastPathComponent().path + "/" + fileName(url.lastPathComponent)
    guard let (ticket, _, signer) = try verified(path, keys: keys) else {
      throw Refusal(
        .notReady, "ticket.none", at: Place(path), "there is no ticket beside the package, so nobody signed for it",
        hint: "the sender writes it last: try again later, or leave --keys out")
    }
    let list = bag + "/tagmanifest-sha512.txt"
    guard let bytes = try Files.readSmall(list), Digests.sha512(bytes) == ticket.packageDigest else {
      throw Refusal(
        .invalid, "package.digest", at: Place("tagmanifest-sha512.txt"),
        "the package is not the one that the ticket was signed for", hint: "do not use it; ask the sender")
    }
    return signer.names.first ?? signer.key.fingerprint
  }
}
