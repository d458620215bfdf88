package import FerryCore
internal import FerryExchange
internal import Foundation

/// Makes a key that signs tickets and receipts.
package struct NewKey: Operation {
  /// Whose key it is; the user's name where nobody says.
  package var comment: String?
  /// The file to write; the home's own where none is named.
  package var file: String?

  package init(comment: String? = nil, file: String? = nil) { (self.comment, self.file) = (comment, file) }

  package func perform(in office: Office) async throws(Refusal) -> Reply<KeyCard> {
    let path = office.keyPath(file)
    let key = try office.refusing {
      let key = try Keys.generate(comment: comment ?? NSUserName())
      if file == nil { try FileManager.default.createDirectory(atPath: office.home, withIntermediateDirectories: true) }
      try Keys.write(key, to: path)
      return key
    }
    return Reply(KeyCard(key, path))
  }
}

/// Shows a key to give to partners.
package struct ShowKey: Operation {
  /// The private key's file; the home's own where none is named.
  package var file: String?

  package init(file: String? = nil) { self.file = file }

  package func perform(in office: Office) async throws(Refusal) -> Reply<KeyCard> {
    Reply(KeyCard(try office.signingKey(file), office.keyPath(file)))
  }
}

/// What a partner has to know of a key.
package struct KeyCard: Encodable, Sendable {
  package let file: String
  package let fingerprint: String
  /// The line for the partner's `allowed_signers`.
  package let line: String

  init(_ key: SigningKey, _ file: String) {
    self.file = file
    fingerprint = key.publicKey.fingerprint
    line = AllowedSigners.Signer(names: [key.name], key: key.publicKey).text
  }
}
