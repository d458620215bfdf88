import FerryCore
import Foundation
import Testing

@testable import FerryExchange
@testable import FerryFiles
@testable import FerryPackage

/// Keys and signatures against the real `ssh-keygen`.
struct SignatureTests {
  private func keygen(_ arguments: [String], in folder: String) throws -> (code: Int32, output: String) {
    try run("ssh-keygen", arguments, in: folder)
  }

  @Test func sshKeygenReadsOurKeys() throws {
    let scratch = try Scratch("keys")
    let key = try Keys.generate(comment: "media@example.org")
    try Keys.write(key, to: scratch.path + "/key")
    let attributes = try FileManager.default.attributesOfItem(atPath: scratch.path + "/key")
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    let shown = try keygen(["-l", "-f", "key.pub"], in: scratch.path).output
    #expect(shown == "256 \(key.publicKey.fingerprint) media@example.org (ED25519)\n")
    // Derives the public key from the private one, so it has read all of it.
    #expect(try keygen(["-y", "-f", "key"], in: scratch.path).output == key.publicKey.text + " media@example.org\n")
    let again = try Keys.read(scratch.path + "/key")
    #expect(again.publicKey == key.publicKey && again.comment == key.comment && again.seed == key.seed)
  }

  @Test func readsKeysOfSSHKeygen() throws {
    let scratch = try Scratch("keys")
    _ = try keygen(["-q", "-t", "ed25519", "-N", "", "-C", "somebody", "-f", "key"], in: scratch.path)
    let key = try Keys.read(scratch.path + "/key")
    let line = try String(contentsOfFile: scratch.path + "/key.pub", encoding: .utf8)
    #expect(key.publicKey == PublicKey(line))
    #expect(key.comment == "somebody")
  }

  @Test func refusesKeysThatAreNone() throws {
    let scratch = try Scratch("keys")
    func said(_ work: () throws -> Void) throws -> String {
      var said = ""
      #expect { try work() } throws: { error in
        said = "\(error)".replacing(scratch.path, with: "…")
        return error is Refusal
      }
      return said
    }
    let path = try scratch.write("nothing", "key")
    chmod(path, 0o600)
    #expect(
      try said { _ = try Keys.read(path) } == """
        …/key: error: it is no unencrypted Ed25519 key of OpenSSH's
          hint: make one with 'ferry keys new', or with: ssh-keygen -t ed25519 -N '' -f FILE
        """)
    _ = try keygen(["-q", "-t", "ed25519", "-N", "secret", "-f", "locked"], in: scratch.path)
    #expect(try said { _ = try Keys.read(scratch.path + "/locked") }.contains("no unencrypted Ed25519 key"))
    chmod(path, 0o640)
    #expect(
      try said { _ = try Keys.read(path) } == """
        …/key: error: others than its owner may read this private key
          hint: run: chmod 600 …/key
        """)
    #expect(try said { _ = try Keys.read(scratch.path + "/no") }.contains("cannot be read: No such file or directory"))
    #expect(
      try said { try Keys.write(Keys.generate(comment: ""), to: path) } == """
        …/key: error: there is a file of this name already
          hint: a key that partners know must not be replaced: give the new one another name
        """)
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "nothing")
    // A half that is left of another pair is not completed.
    let half = try scratch.write("half", "other.pub")
    let whole = String(half.dropLast(4))
    #expect(
      try said { try Keys.write(Keys.generate(comment: ""), to: whole) } == """
        …/other.pub: error: there is a file of this name already
          hint: a key that partners know must not be replaced: give the new one another name
        """)
    #expect(!Files.exists(whole))
    #expect {
      try Keys.write(Keys.generate(comment: ""), to: scratch.path + "/no/key")
    } throws: { ($0 as? Refusal)?.exitCode == 65 }
    for comment in ["#1 x", " \"#x", "*", "!a", "a?"] {
      #expect(
        try said { _ = try Keys.generate(comment: comment) } == """
          --comment: error: '\(comment)' means something else at the beginning of a line of known keys
            hint: write a name such as media@example.org: '#' begins a remark there; '*', '?' and '!' are patterns
          """)
    }
    let key = try Keys.generate(comment: "").seed
    #expect(try SigningKey(seed: key, comment: "#1 Ann, \"B\"").name == "1AnnB")
    #expect(try SigningKey(seed: key, comment: "#").name == "ferry")
  }

  @Test func aListOfKeysThatIsNotThereIsAPersonsWork() throws {
    let scratch = try Scratch("signers")
    func refused(_ path: String) -> (text: String, code: Int32) {
      do {
        _ = try AllowedSigners.read(path)
        return ("", 0)
      } catch {
        return (error.description.replacing(scratch.path, with: "…"), error.exitCode)
      }
    }
    let none = refused(scratch.path + "/allowed_signers")
    #expect(
      none.text == """
        …/allowed_signers: error: there is no such file, so nobody's signature can be believed
          hint: put the partner's line there, which 'ferry keys new' printed at theirs: NAME ssh-ed25519 AAAA…
        """)
    #expect(none.code == 65)
    let folder = refused(scratch.path)
    #expect(
      folder.text == """
        …: error: the list of known keys cannot be read: Is a directory
          hint: check that it is a file, and its permissions
        """)
    #expect(folder.code == 75)
  }

  @Test func sshKeygenVerifiesOurSignatures() throws {
    let scratch = try Scratch("signature")
    let key = try Keys.generate(comment: "media@example.org")
    let message = Array("the ticket\n".utf8)
    _ = try scratch.write("the ticket\n", "ticket")
    _ = try scratch.write(SSHSignature.sign(message, .delivery, with: key).text, "ticket.sig")
    let signer = AllowedSigners.Signer(names: ["media@example.org"], namespaces: ["ferry-delivery"], key: key.publicKey)
    _ = try scratch.write(signer.text + "\n", "allowed_signers")
    func verify(_ namespace: String, _ file: String) throws -> Int32 {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      process.arguments = [
        "ssh-keygen", "-Y", "verify", "-f", "allowed_signers", "-I", "media@example.org", "-n", namespace, "-s",
        "ticket.sig",
      ]
      process.currentDirectoryURL = URL(fileURLWithPath: scratch.path)
      process.standardInput = FileHandle(forReadingAtPath: scratch.path + "/" + file)
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      process.waitUntilExit()
      return process.terminationStatus
    }
    #expect(try verify("ferry-delivery", "ticket") == 0)
    #expect(try verify("ferry-receipt", "ticket") != 0)
    _ = try scratch.write("the tickeT\n", "other")
    #expect(try verify("ferry-delivery", "other") != 0)
  }

  @Test func verifiesSignaturesOfSSHKeygen() throws {
    let scratch = try Scratch("signature")
    _ = try keygen(["-q", "-t", "ed25519", "-N", "", "-f", "key"], in: scratch.path)
    let key = try Keys.read(scratch.path + "/key").publicKey
    _ = try scratch.write("a receipt", "receipt")
    for hash in ["sha256", "sha512"] {
      _ = try keygen(
        ["-Y", "sign", "-f", "key", "-n", "ferry-receipt", "-O", "hashalg=\(hash)", "receipt"], in: scratch.path)
      let text = try String(contentsOfFile: scratch.path + "/receipt.sig", encoding: .utf8)
      let signature = try #require(SSHSignature(text))
      #expect(signature.key == key && signature.hash == hash)
      #expect(signature.text == text, "what is read is written back in the same form")
      #expect(signature.isGood(for: Array("a receipt".utf8), .receipt))
      #expect(!signature.isGood(for: Array("a receipt".utf8), .delivery))
      #expect(!signature.isGood(for: Array("A receipt".utf8), .receipt))
      try FileManager.default.removeItem(atPath: scratch.path + "/receipt.sig")
    }
  }

  /// Whatever one bit of a signature or its message suffers, it is good no more, and reading it never fails otherwise.
  @Test func noSpoiledSignatureIsGood() throws {
    let key = try Keys.generate(comment: "")
    let message = Array("message".utf8)
    let signature = try SSHSignature.sign(message, .delivery, with: key)
    let bytes = try #require(SSHArmour.bytes(signature.text, "SSH SIGNATURE"))
    for index in bytes.indices {
      for bit in 0..<8 {
        var spoiled = bytes
        spoiled[index] ^= 1 << UInt8(bit)
        let read = SSHSignature(SSHArmour.text(spoiled, "SSH SIGNATURE"))
        // The reserved string's length is all that may change unread; no content follows it then.
        if let read, read != signature { #expect(!read.isGood(for: message, .delivery), "byte \(index), bit \(bit)") }
      }
      #expect(SSHSignature(SSHArmour.text(Array(bytes[..<index]), "SSH SIGNATURE")) == nil)
    }
  }

  @Test func knownKeysAreReadLineByLine() throws {
    let one = try Keys.generate(comment: "").publicKey
    let two = try Keys.generate(comment: "").publicKey
    let text = """
      # our partners
      a@example.org,b@example.org \(one.text) a comment

      c@example.org namespaces="ferry-receipt" \(two.text)
      """
    let signers = try AllowedSigners.read(text, file: "f")
    #expect(
      signers.signers == [
        .init(names: ["a@example.org", "b@example.org"], key: one),
        .init(names: ["c@example.org"], namespaces: ["ferry-receipt"], key: two),
      ])
    #expect(try AllowedSigners.read(signers.signers.map(\.text).joined(separator: "\n"), file: "f") == signers)
    let bad = "x ssh-rsa AAAA\ny cert-authority \(one.text)\n\(one.text)\n"
    #expect {
      try AllowedSigners.read(bad, file: "signers")
    } throws: { error in
      let hint = "hint: copy the line of the partner's .pub file behind a name; other kinds of keys are not known"
      let lines = [1, 2, 3].map {
        "signers:\($0): error: it is not 'NAME [namespaces=\"…\"] ssh-ed25519 KEY'\n  \(hint)"
      }
      return "\(error)" == lines.joined(separator: "\n")
    }
  }

  @Test func saysWhoseSignatureItIsOrWhyNot() throws {
    let key = try Keys.generate(comment: "")
    let message = Array("message".utf8)
    let text = try SSHSignature.sign(message, .delivery, with: key).text
    let known = AllowedSigners([.init(names: ["a"], namespaces: ["ferry-delivery"], key: key.publicKey)])
    #expect(try known.signer(of: message, signature: "s", text: text, .delivery).names == ["a"])
    func refused(_ signers: AllowedSigners, _ message: [UInt8], _ text: String, _ use: SignatureUse) -> String {
      do {
        _ = try signers.signer(of: message, signature: "s", text: text, use)
        return "good"
      } catch {
        #expect(error.exitCode == 3)
        return error.problems[0].message
      }
    }
    #expect(
      refused(known, Array("Message".utf8), text, .delivery)
        == "the signature is not of this file: one of the two was changed")
    #expect(refused(known, message, text, .receipt) == "it was made for 'ferry-delivery', not for 'ferry-receipt'")
    #expect(refused(known, message, "nothing", .delivery) == "it is no Ed25519 signature of ssh-keygen's")
    let other = AllowedSigners([.init(names: ["a"], namespaces: ["ferry-receipt"], key: key.publicKey)])
    for signers in [other, AllowedSigners([])] {
      #expect(
        refused(signers, message, text, .delivery)
          == "the key \(key.publicKey.fingerprint) is not among the keys known for 'ferry-delivery'")
    }
  }
}
