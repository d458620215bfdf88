internal import Crypto
internal import FerryCore
internal import FerryFiles
internal import Foundation

/// What a signature is for: a receipt's must not pass for a ticket's.
package enum SignatureUse: String, Sendable {
  case delivery = "ferry-delivery"
  case receipt = "ferry-receipt"
}

/// A detached signature in OpenSSH's format (PROTOCOL.sshsig), which `ssh-keygen -Y verify` reads.
package struct SSHSignature: Hashable, Sendable {
  private static let magic = Array("SSHSIG".utf8)
  private static let armour = "SSH SIGNATURE"

  package let key: PublicKey
  let namespace: String
  /// `sha256` or `sha512`: how the message was hashed before signing.
  let hash: String
  let signature: [UInt8]

  /// Signs `message`, hashed with SHA-512.
  package static func sign(_ message: [UInt8], _ use: SignatureUse, with key: SigningKey) throws -> SSHSignature {
    let signed = signedBytes(use.rawValue, "sha512", Digests.raw(.sha512, message))
    return SSHSignature(
      key: key.publicKey, namespace: use.rawValue, hash: "sha512", signature: try key.signature(of: signed))
  }

  private static func signedBytes(_ namespace: String, _ hash: String, _ digest: [UInt8]) -> [UInt8] {
    var writer = SSHWriter()
    writer.raw(magic)
    writer.string(Array(namespace.utf8))
    writer.string([])
    writer.string(Array(hash.utf8))
    writer.string(digest)
    return writer.bytes
  }

  /// The text of a `.sig` file.
  package var text: String {
    var inner = SSHWriter()
    inner.string(Array(PublicKey.kind.utf8))
    inner.string(signature)
    var writer = SSHWriter()
    writer.raw(SSHSignature.magic)
    writer.number(1)
    writer.string(key.blob)
    writer.string(Array(namespace.utf8))
    writer.string([])
    writer.string(Array(hash.utf8))
    writer.string(inner.bytes)
    return SSHArmour.text(writer.bytes, SSHSignature.armour)
  }

  init(key: PublicKey, namespace: String, hash: String, signature: [UInt8]) {
    (self.key, self.namespace, self.hash, self.signature) = (key, namespace, hash, signature)
  }

  /// Reads a `.sig` file; `nil` for anything but one version 1 signature by an Ed25519 key.
  package init?(_ text: String) {
    guard let bytes = SSHArmour.bytes(text, SSHSignature.armour) else { return nil }
    var scanner = SSHScanner(bytes)
    guard scanner.raw(SSHSignature.magic.count) == SSHSignature.magic, scanner.number() == 1,
      let blob = scanner.string(), let key = PublicKey(blob: blob), let namespace = scanner.text(),
      scanner.string() != nil, let hash = scanner.text(), let wrapped = scanner.string(), scanner.rest.isEmpty
    else { return nil }
    var inner = SSHScanner(wrapped)
    guard inner.text() == PublicKey.kind, let signature = inner.string(), signature.count == 64, inner.rest.isEmpty
    else {
      return nil
    }
    self.init(key: key, namespace: namespace, hash: hash, signature: signature)
  }

  /// Whether the key that the signature names made it over `message`, for `use`.
  package func isGood(for message: [UInt8], _ use: SignatureUse) -> Bool {
    guard namespace == use.rawValue else { return false }
    let digest: [UInt8]
    switch hash {
    case "sha256": digest = Digests.raw(.sha256, message)
    case "sha512": digest = Digests.raw(.sha512, message)
    default: return false
    }
    do {
      let key = try Curve25519.Signing.PublicKey(rawRepresentation: self.key.raw)
      return key.isValidSignature(signature, for: SSHSignature.signedBytes(namespace, hash, digest))
    } catch {
      // Bytes that are no point of the curve sign nothing.
      return false
    }
  }
}
