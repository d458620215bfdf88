internal import Crypto
package import FerryCore
internal import FerryFiles
internal import Foundation

/// Whom a signature comes from: an Ed25519 key as OpenSSH writes it.
package struct PublicKey: Hashable, Sendable {
  static let kind = "ssh-ed25519"

  /// 32 bytes.
  let raw: [UInt8]

  init(raw: [UInt8]) { self.raw = raw }

  /// Reads `ssh-ed25519 BASE64 [comment]`; `nil` for anything else, other kinds of keys included.
  package init?(_ line: String) {
    let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
    guard words.count >= 2, words[0] == PublicKey.kind, let data = Data(base64Encoded: String(words[1])) else {
      return nil
    }
    self.init(blob: Array(data))
  }

  init?(blob: [UInt8]) {
    var scanner = SSHScanner(blob)
    guard scanner.text() == PublicKey.kind, let raw = scanner.string(), raw.count == 32, scanner.rest.isEmpty else {
      return nil
    }
    self.raw = raw
  }

  var blob: [UInt8] {
    var writer = SSHWriter()
    writer.string(Array(PublicKey.kind.utf8))
    writer.string(raw)
    return writer.bytes
  }

  /// `ssh-ed25519 BASE64`, the line of a `.pub` file without its comment.
  package var text: String { PublicKey.kind + " " + Data(blob).base64EncodedString() }

  /// `SHA256:…`, what `ssh-keygen -l` shows and people read to each other on the telephone.
  package var fingerprint: String {
    let digest = Data(Digests.raw(.sha256, blob)).base64EncodedString()
    return "SHA256:" + digest.prefix { $0 != "=" }
  }
}

/// A key pair that signs tickets and receipts.
package struct SigningKey: Sendable {
  let seed: [UInt8]
  /// Who it belongs to, as the `.pub` file says: `media@example.org`.
  package let comment: String
  package let publicKey: PublicKey

  /// Its owner's name for a list of known keys: the comment without what parts words or names there.
  package var name: String {
    let name = comment.filter { !$0.isWhitespace && $0 != "," && $0 != "\"" }.drop { $0 == "#" }
    return name.isEmpty ? "ferry" : String(name)
  }

  init(seed: [UInt8], comment: String) throws {
    let key = try Curve25519.Signing.PrivateKey(rawRepresentation: seed)
    self.seed = seed
    self.comment = comment
    publicKey = PublicKey(raw: Array(key.publicKey.rawRepresentation))
  }

  /// Ed25519 (RFC 8032); `Crypto` may add randomness, so equal messages may give unequal signatures.
  func signature(of message: [UInt8]) throws -> [UInt8] {
    Array(try Curve25519.Signing.PrivateKey(rawRepresentation: seed).signature(for: message))
  }
}

/// Makes, writes and reads keys in OpenSSH's own format, so that `ssh-keygen` can do all that ferry does.
package enum Keys {
  private static let magic = Array("openssh-key-v1\0".utf8)
  private static let armour = "OPENSSH PRIVATE KEY"

  package static func generate(comment: String) throws -> SigningKey {
    let line = comment.split(whereSeparator: \.isNewline).joined(separator: " ")
    let name = line.filter { !$0.isWhitespace && $0 != "," && $0 != "\"" }
    if name.hasPrefix("#") || name.contains(where: { "*?!".contains($0) }) {
      throw Refusal(
        .invalid, "keys.comment", at: Place("--comment"),
        "'\(comment)' means something else at the beginning of a line of known keys",
        hint: "write a name such as media@example.org: '#' begins a remark there; '*', '?' and '!' are patterns")
    }
    return try SigningKey(seed: Array(Curve25519.Signing.PrivateKey().rawRepresentation), comment: line)
  }

  /// Writes `path` with mode 0600 and `path.pub`, both or none; a file that is there is never replaced.
  package static func write(_ key: SigningKey, to path: String) throws(Refusal) {
    for file in [path, path + ".pub"] where Files.exists(file) { throw existing(file) }
    try create(path, Array(text(key).utf8), mode: 0o600)
    do throws(Refusal) {
      try create(path + ".pub", Array("\(key.publicKey.text) \(key.comment)\n".utf8), mode: 0o644)
    } catch {
      unlink(path)
      throw error
    }
  }

  private static func existing(_ path: String) -> Refusal {
    Refusal(
      .conflict, "keys.exist", at: Place(path), "there is a file of this name already",
      hint: "a key that partners know must not be replaced: give the new one another name")
  }

  private static func create(_ path: String, _ bytes: [UInt8], mode: mode_t) throws(Refusal) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
    if descriptor < 0 && errno == EEXIST { throw existing(path) }
    guard descriptor >= 0 else { throw failed("written", path, errno) }
    defer { close(descriptor) }
    guard fchmod(descriptor, mode) == 0,
      bytes.withUnsafeBytes({ Foundation.write(descriptor, $0.baseAddress, $0.count) }) == bytes.count,
      fsync(descriptor) == 0
    else { throw failed("written", path, errno) }
  }

  private static func failed(_ done: String, _ path: String, _ code: Int32) -> Refusal {
    Refusal(
      code == ENOENT ? .badInput : .tryLater, "keys.failed", at: Place(path),
      "the key cannot be \(done): \(String(cString: strerror(code)))",
      hint: "check the folder and its permissions")
  }

  /// Reads an unencrypted Ed25519 private key that nobody else may read.
  package static func read(_ path: String) throws(Refusal) -> SigningKey {
    var status = stat()
    guard stat(path, &status) == 0 else { throw failed("read", path, errno) }
    guard status.st_mode & 0o077 == 0 else {
      throw Refusal(
        .notTrusted, "keys.permissions", at: Place(path), "others than its owner may read this private key",
        hint: "run: chmod 600 \(path)")
    }
    let bytes: [UInt8]
    do { bytes = try FileBytes.read(path) } catch { throw failed("read", path, errno) }
    do {
      if let key = try key(String(decoding: bytes, as: UTF8.self)) { return key }
    } catch {
      // The seed is no key: said below, as of any other damage.
    }
    throw Refusal(
      .invalid, "keys.unreadable", at: Place(path), "it is no unencrypted Ed25519 key of OpenSSH's",
      hint: "make one with 'ferry keys new', or with: ssh-keygen -t ed25519 -N '' -f FILE")
  }

  // PROTOCOL.key of OpenSSH: cipher, kdf and its options, number of keys, public key, private part padded to 8 bytes.

  static func text(_ key: SigningKey) -> String {
    var secret = SSHWriter()
    // Two equal numbers show a wrong passphrase; without one they may be any.
    let check = UInt32.random(in: .min ... .max)
    secret.number(check)
    secret.number(check)
    secret.string(Array(PublicKey.kind.utf8))
    secret.string(key.publicKey.raw)
    secret.string(key.seed + key.publicKey.raw)
    secret.string(Array(key.comment.utf8))
    var padding: UInt8 = 1
    while secret.bytes.count % 8 != 0 {
      secret.raw([padding])
      padding += 1
    }
    var writer = SSHWriter()
    writer.raw(magic)
    writer.string(Array("none".utf8))
    writer.string(Array("none".utf8))
    writer.string([])
    writer.number(1)
    writer.string(key.publicKey.blob)
    writer.string(secret.bytes)
    return SSHArmour.text(writer.bytes, armour)
  }

  static func key(_ text: String) throws -> SigningKey? {
    guard let bytes = SSHArmour.bytes(text, armour) else { return nil }
    var scanner = SSHScanner(bytes)
    guard scanner.raw(magic.count) == magic, scanner.text() == "none", scanner.text() == "none", scanner.string() == [],
      scanner.number() == 1, let blob = scanner.string(), let known = PublicKey(blob: blob),
      let secret = scanner.string()
    else { return nil }
    var inner = SSHScanner(secret)
    guard let first = inner.number(), inner.number() == first, inner.text() == PublicKey.kind,
      inner.string() == known.raw,
      let pair = inner.string(), pair.count == 64, let comment = inner.text()
    else { return nil }
    let key = try SigningKey(seed: Array(pair.prefix(32)), comment: comment)
    return key.publicKey == known && Array(pair.suffix(32)) == known.raw ? key : nil
  }
}
