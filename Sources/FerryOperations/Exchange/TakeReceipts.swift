package import FerryCore
internal import FerryExchange

/// Looks for new receipts wherever packages were sent, and takes them in; a second time it does nothing.
package struct FetchReceipts: Operation {
  /// All deliveries where it is empty.
  package var labels: [String]
  /// The keys that are believed; the home's own where none are named.
  package var trust: String?
  /// A configuration for ssh instead of the user's own.
  package var sshConfiguration: String?

  package init(labels: [String] = [], trust: String? = nil, sshConfiguration: String? = nil) {
    (self.labels, self.trust, self.sshConfiguration) = (labels, trust, sshConfiguration)
  }

  /// Answers what is new; a server that does not answer keeps no other receipt out.
  package func perform(in office: Office) async throws(Refusal) -> Reply<[TakenReceipt]> {
    var intake = ReceiptIntake(keys: try office.trustedKeys(trust), home: office.home)
    var boxes: [Mailbox] = []
    for one in try office.correspondences(labels) { boxes += one.mailboxes(of: try intake.sent(one)) }
    for box in boxes {
      do throws(Refusal) {
        let drop = Office.drop(try target(of: box), configuration: sshConfiguration)
        var taking = intake
        try await office.awaiting {
          try await box.open(drop) { letters in
            for letter in letters { taking.take(letter, in: office) }
          }
        }
        intake = taking
      } catch {
        intake.note(error)
      }
    }
    return intake.reply(onlyNew: true)
  }

  private func target(of box: Mailbox) throws(Refusal) -> DeliveryTarget {
    do { return try DeliveryTarget(box.drop) } catch {
      throw Refusal(.invalid, "exchange.target", at: Place(box.label), error.message, hint: error.hint)
    }
  }
}

/// Takes in receipts that a partner signed; a second time it does nothing.
package struct ImportReceipts: Operation {
  /// Each with its signature beside it.
  package var files: [String]
  /// The keys that are believed; the home's own where none are named.
  package var trust: String?

  package init(files: [String], trust: String? = nil) { (self.files, self.trust) = (files, trust) }

  package func perform(in office: Office) async throws(Refusal) -> Reply<[TakenReceipt]> {
    var intake = ReceiptIntake(keys: try office.trustedKeys(trust), home: office.home)
    for file in files { intake.take(.init(file), in: office) }
    return intake.reply(onlyNew: false)
  }
}

/// A receipt that was taken in.
package struct TakenReceipt: Encodable, Sendable {
  package let file: String
  package let signer: String
  let receipt: Receipt
  /// Whether it was not known before.
  package let isNew: Bool

  package var label: String { receipt.inReplyTo.label }
  package var version: Int { receipt.inReplyTo.version }
  /// `transport`, `ingest` or `acceptance`.
  package var stage: String { receipt.stage.rawValue }
  /// What the partner says, such as `accepted` or `corrupt`.
  package var disposition: String { receipt.disposition.rawValue }
  package var message: String { receipt.message }
  /// Paths to send again.
  package var resend: [String] { receipt.resend }
}

/// Receipts that are taken in one by one: what is wrong with one keeps no other out.
private struct ReceiptIntake {
  private let keys: AllowedSigners
  private let home: String
  private var taken: [TakenReceipt] = []
  private var failures: [Refusal] = []
  /// What was sent of each delivery, read once.
  private var sent: [String: [Correspondence.Sent]] = [:]

  init(keys: AllowedSigners, home: String) { (self.keys, self.home) = (keys, home) }

  mutating func sent(_ correspondence: Correspondence) throws(Refusal) -> [Correspondence.Sent] {
    if let known = sent[correspondence.label] { return known }
    let read = try correspondence.sent()
    sent[correspondence.label] = read
    return read
  }

  mutating func take(_ letter: Receipt.Letter, in office: Office) {
    do throws(Refusal) {
      let (receipt, signer) = try Receipt.read(letter, keys: keys)
      let correspondence = try Correspondence(home: home, label: receipt.inReplyTo.label)
      let known = try sent(correspondence)
      let isNew = try office.refusing {
        try correspondence.take(receipt, by: signer, among: keys, file: letter.name, sent: known)
      }
      taken.append(TakenReceipt(file: letter.name, signer: signer.names[0], receipt: receipt, isNew: isNew))
    } catch {
      note(error)
    }
  }

  mutating func note(_ failure: Refusal) { failures.append(failure) }

  /// What was taken in, or only what is new of it; the first that went wrong decides what it comes to.
  func reply(onlyNew: Bool) -> Reply<[TakenReceipt]> {
    Reply(
      taken.filter { !onlyNew || $0.isNew }, problems: failures.flatMap(\.problems), shortfall: failures.first?.kind)
  }
}
