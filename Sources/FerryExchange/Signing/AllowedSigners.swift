package import FerryCore
internal import FerryFiles
internal import Foundation

/// The keys that we believe, one on a line, in the format of `ssh-keygen`'s `allowed_signers`:
/// `name[,name] [namespaces="ferry-delivery,ferry-receipt"] ssh-ed25519 BASE64 [comment]`.
package struct AllowedSigners: Hashable, Sendable {
  package struct Signer: Hashable, Sendable {
    package var names: [String]
    /// Empty: for every use.
    package var namespaces: [String]
    package var key: PublicKey

    package init(names: [String], namespaces: [String] = [], key: PublicKey) {
      (self.names, self.namespaces, self.key) = (names, namespaces, key)
    }

    /// The line of the file.
    package var text: String {
      let uses = namespaces.isEmpty ? "" : " namespaces=\"\(namespaces.joined(separator: ","))\""
      return names.joined(separator: ",") + uses + " " + key.text
    }
  }

  package var signers: [Signer]

  package init(_ signers: [Signer]) { self.signers = signers }

  /// Reads the file; every line that is not understood is an error, since a key silently left out is a partner refused.
  package static func read(_ path: String) throws(Refusal) -> AllowedSigners {
    let bytes: [UInt8]
    do {
      bytes = try FileBytes.read(path)
    } catch let error as POSIXError where error.code == .ENOENT {
      throw Refusal(
        .badInput, "signers.missing", at: Place(path), "there is no such file, so nobody's signature can be believed",
        hint: "put the partner's line there, which 'ferry keys new' printed at theirs: NAME ssh-ed25519 AAAA…")
    } catch {
      let reason = (error as? POSIXError).map { String(cString: strerror($0.code.rawValue)) } ?? "\(error)"
      throw Refusal(
        .tryLater, "signers.unreadable", at: Place(path), "the list of known keys cannot be read: \(reason)",
        hint: "check that it is a file, and its permissions")
    }
    return try read(String(decoding: bytes, as: UTF8.self), file: path)
  }

  package static func read(_ text: String, file: String) throws(Refusal) -> AllowedSigners {
    var signers: [Signer] = []
    var problems: [Diagnostic] = []
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      let words = words(of: line)
      guard let first = words.first, !first.hasPrefix("#") else { continue }
      if let signer = signer(words) {
        signers.append(signer)
      } else {
        problems.append(
          Diagnostic(
            "signers.line", at: Place(file, line: index + 1), "it is not 'NAME [namespaces=\"…\"] ssh-ed25519 KEY'",
            hint: "copy the line of the partner's .pub file behind a name; other kinds of keys are not known"))
      }
    }
    if !problems.isEmpty { throw Refusal(.invalid, problems) }
    return AllowedSigners(signers)
  }

  /// Words between blanks; a quoted part may hold blanks.
  private static func words(of line: Substring) -> [String] {
    var words: [String] = []
    var word = ""
    var isQuoted = false
    for character in line {
      if character == "\"" { isQuoted.toggle() }
      if !isQuoted && (character == " " || character == "\t") {
        if !word.isEmpty { words.append(word) }
        word = ""
      } else {
        word.append(character)
      }
    }
    return word.isEmpty ? words : words + [word]
  }

  private static func signer(_ words: [String]) -> Signer? {
    guard words.count >= 3 else { return nil }
    var rest = words.dropFirst()
    var namespaces: [String] = []
    if let option = rest.first, option != PublicKey.kind {
      guard option.hasPrefix("namespaces=\""), option.hasSuffix("\"") else { return nil }
      namespaces = option.dropFirst("namespaces=\"".count).dropLast().split(separator: ",").map(String.init)
      rest = rest.dropFirst()
    }
    guard let key = PublicKey(rest.joined(separator: " ")) else { return nil }
    return Signer(names: words[0].split(separator: ",").map(String.init), namespaces: namespaces, key: key)
  }

  /// Who signed `message` for `use`; throws when the signature is bad or by nobody of the list.
  func signer(of message: [UInt8], signature file: String, text: String, _ use: SignatureUse) throws(Refusal)
    -> Signer
  {
    guard let signature = SSHSignature(text) else {
      throw Refusal(
        .notTrusted, "signature.unreadable", at: Place(file), "it is no Ed25519 signature of ssh-keygen's",
        hint: "sign with: ssh-keygen -Y sign -n \(use.rawValue) -f KEY FILE")
    }
    guard signature.isGood(for: message, use) else {
      let isOther = signature.namespace != use.rawValue
      throw Refusal(
        .notTrusted, "signature.bad", at: Place(file),
        isOther
          ? "it was made for '\(signature.namespace)', not for '\(use.rawValue)'"
          : "the signature is not of this file: one of the two was changed",
        hint: "do not use what came with it; ask the sender")
    }
    guard
      let signer = signers.first(where: {
        $0.key == signature.key && ($0.namespaces.isEmpty || $0.namespaces.contains(use.rawValue))
      })
    else {
      throw Refusal(
        .notTrusted, "signature.unknown", at: Place(file),
        "the key \(signature.key.fingerprint) is not among the keys known for '\(use.rawValue)'",
        hint: "ask the sender, by another way than this delivery, whether that is their key; then add it")
    }
    return signer
  }
}
