internal import FerryBag
package import FerryCore
internal import FerryFiles
internal import FerryMarkup
internal import FerryPackage
internal import Foundation

/// What was sent of one delivery and what its partner answered, as the sender keeps it.
///
/// ```
/// HOME/exchange/LABEL/vN/                  manifests of a version that was sent
/// HOME/exchange/LABEL/BAG.sent.json        when and where to; BAG.ticket.json, its ticket, is written last
/// HOME/exchange/LABEL/outbox/BAG/          what is being sent to a drop that another program reaches
/// HOME/exchange/LABEL/receipts/ID.json     the partner's answers
/// HOME/exchange/LABEL/defects.json         the book of defects
/// ```
package struct Correspondence: Sendable {
  /// One ticket that was sent.
  package struct Sent: Hashable, Sendable {
    package var ticket: Ticket
    /// SHA-512 of the ticket's bytes, which receipts name.
    package var digest: String
    package var day: Day
    /// Where it was sent to, the first place first.
    package var drops: [String]
    /// Counts what was sent of this delivery.
    var number: Int
  }

  private struct Note: Codable {
    var schema = "ferry-sent/1"
    var day: String
    var drop: String
    /// Where it was sent to later.
    var also: [String]?
    var number: Int
  }

  /// What was sent, and what each version that was sent held, oldest first: read once, and passed on.
  package struct Delivered: Sendable {
    package let tickets: [Sent]
    package let versions: [VersionContent]
  }

  package let label: String
  let folder: String

  package init(home: String, label: String) throws(Refusal) {
    if PortableName.flaw(of: label) != nil || label.contains("/") {
      throw Refusal(
        .invalid, "exchange.label", at: Place(label), "it is no label of a delivery",
        hint: "write it as 'delivery' in the job says")
    }
    self.label = label
    folder = home + "/exchange/" + label
  }

  /// Of every delivery that something is kept of, by label; a folder that only was locked has nothing.
  package static func all(home: String) throws(Refusal) -> [Correspondence] {
    let folder = home + "/exchange"
    var all: [Correspondence] = []
    for name in try names(in: folder) where try !names(in: folder + "/" + name).isEmpty {
      all.append(try Correspondence(home: home, label: name))
    }
    return all
  }

  private static func names(in folder: String) throws(Refusal) -> [String] {
    Files.isFolder(folder) ? try Files.names(in: folder).filter { !$0.hasPrefix(".") } : []
  }

  /// The right to change it, one process at a time.
  func lock() throws(Refusal) -> StoreLock {
    try Files.makeFolder(folder)
    return try StoreLock.take(folder, busy: "another ferry works on this delivery's exchange")
  }

  /// What was sent, in that order.
  package func sent() throws(Refusal) -> [Sent] {
    var sent: [Sent] = []
    for name in try Correspondence.names(in: folder) where name.hasSuffix(Ticket.suffix) {
      let path = folder + "/" + name
      guard let bytes = try Files.readSmall(path) else { continue }
      let ticket = try Ticket.decoded(bytes, file: path)
      let note = try note(of: ticket.bag)
      guard let day = Day(note.day) else {
        throw Refusal(
          .invalid, "exchange.unreadable", at: Place(sentPath(ticket.bag)), "its day is none",
          hint: "write it as YYYY-MM-DD")
      }
      sent.append(
        Sent(
          ticket: ticket, digest: Digests.sha512(bytes), day: day, drops: [note.drop] + (note.also ?? []),
          number: note.number))
    }
    return sent.sorted { $0.number < $1.number }
  }

  /// Reads one record as all of them are read, and throws what is wrong with it.
  func read(_ name: String) throws(Refusal) {
    let path = folder + "/" + name
    if name.hasSuffix(Ticket.suffix) {
      _ = try Ticket.decoded(try Files.readSmall(path) ?? [], file: path)
    } else if name.hasSuffix(".sent.json") {
      _ = try note(of: String(name.dropLast(".sent.json".count)))
    } else if path == bookPath {
      _ = try book()
    }
  }

  /// Where its partner leaves answers, each place once.
  package func mailboxes(of sent: [Sent]) -> [Mailbox] {
    Set(
      sent.flatMap { sent in
        sent.drops.map { Mailbox(label: label, drop: $0, folder: sent.ticket.replies) }
      }
    )
    .sorted { ($0.drop, $0.folder) < ($1.drop, $1.folder) }
  }

  private func note(of bag: String) throws(Refusal) -> Note {
    let path = sentPath(bag)
    return try ExchangeJSON.decoded(try Files.readSmall(path) ?? [], schema: "ferry-sent/1", file: path)
  }

  private func sentPath(_ bag: String) -> String { folder + "/" + bag + ".sent.json" }

  /// Where a package waits and its sending is noted until its ticket is there.
  func outbox(_ bag: String) -> String { folder + "/outbox/" + bag }

  func clearOutbox(_ bag: String) throws {
    try Files.clear(outbox(bag))
    if rmdir(folder + "/outbox") != 0 && ![ENOENT, ENOTEMPTY, EEXIST].contains(errno) {
      throw Files.failed("removing", folder + "/outbox")
    }
  }

  /// The manifests of a version that was sent.
  func version(_ number: Int) throws -> Supplement.Version? {
    let path = "\(folder)/v\(number)"
    return Files.exists(path + "/" + PayloadList.fileName) ? try .read(path) : nil
  }

  /// What was sent, with the files that no lesson owns, for what partners find in them.
  package func delivered() throws -> Delivered {
    let sent = try sent()
    return Delivered(tickets: sent, versions: try contents(of: sent.map(\.ticket.version)))
  }

  private func contents(of versions: [Int]) throws -> [VersionContent] {
    try Set(versions).sorted().compactMap { try version($0).map { VersionContent($0) } }
  }

  package func receipts() throws(Refusal) -> [Receipt] {
    let folder = self.folder + "/receipts"
    var receipts: [Receipt] = []
    for name in try Correspondence.names(in: folder) where name.hasSuffix(".json") {
      let path = folder + "/" + name
      guard let bytes = try Files.readSmall(path) else { continue }
      receipts.append(try ExchangeJSON.decoded(bytes, schema: "ferry-receipt/1", file: path))
    }
    return receipts
  }

  /// Versions that the partner's people accepted.
  private func accepted(of sent: [Sent]) throws -> [Int] {
    try receipts().filter { $0.stage == .acceptance && $0.disposition.isGood }.compactMap { receipt in
      sent.first { $0.digest == receipt.inReplyTo.ticketSha512 }?.ticket.version
    }
  }

  private var bookPath: String { folder + "/defects.json" }

  /// The book of defects; an empty one where none was reported yet.
  package func book() throws(Refusal) -> DefectBook {
    guard let bytes = try Files.readSmall(bookPath) else { return DefectBook() }
    return try DefectBook.decoded(bytes, file: bookPath)
  }

  private func write(_ book: DefectBook, over before: DefectBook) throws {
    if before != book { try Files.replace(bookPath, try book.encoded()) }
  }

  /// Notes a ticket that was written for the full version in folder `full`, after all of `sent`; a second time it does
  /// nothing.
  func note(
    _ ticket: Ticket, of version: Supplement.Version, in full: String, drop: String, day: Day, after sent: [Sent]
  ) throws {
    let shelf = "\(folder)/v\(ticket.version)"
    try Files.makeFolder(shelf)
    for name in [DeliveryManifest.fileName, PayloadList.fileName] where !Files.exists(shelf + "/" + name) {
      try Files.replace(shelf + "/" + name, try FileBytes.read(full + "/" + name, followingLinks: false))
    }
    let path = folder + "/" + Ticket.fileName(ticket.bag)
    if !Files.exists(path) {
      let note = Note(day: day.description, drop: drop, number: sent.count + 1)
      try Files.replace(sentPath(ticket.bag), try ExchangeJSON.encoded(note))
      try Files.replace(path, try ticket.encoded())
    } else {
      var note = try self.note(of: ticket.bag)
      if note.drop != drop && note.also?.contains(drop) != true {
        note.also = (note.also ?? []) + [drop]
        try Files.replace(sentPath(ticket.bag), try ExchangeJSON.encoded(note))
      }
    }
    let before = try book()
    if before.open.isEmpty { return }
    var book = before
    let versions = sent.map(\.ticket.version) + [ticket.version]
    book.noteDelivery(VersionContent(version), delivered: try contents(of: versions))
    try write(book, over: before)
  }

  /// Takes in a partner's receipt for one of `sent` whose signature was proven to be of one of `keys`; `false` when it
  /// was known.
  package func take(
    _ receipt: Receipt, by signer: AllowedSigners.Signer, among keys: AllowedSigners, file: String, sent: [Sent]
  ) throws -> Bool {
    guard let sent = sent.first(where: { $0.digest == receipt.inReplyTo.ticketSha512 }),
      sent.ticket.packageDigest == receipt.inReplyTo.packageDigest
    else {
      throw Refusal(
        .invalid, "receipt.other-ticket", at: Place(file),
        "it answers no ticket that was sent from here for \(receipt.inReplyTo.label) version "
          + "\(receipt.inReplyTo.version)",
        hint: "'ferry deliveries' lists what was sent; was it sent with another --home?")
    }
    let version = try version(sent.ticket.version)
    try refuse(receipt, answering: version, file: file)
    let lock = try lock()
    try refuseOther(signer, keys, version, file: file)
    let name = Digests.sha256(Array(receipt.receiptId.utf8)).prefix(32)
    let shelf = folder + "/receipts"
    try Files.makeFolder(shelf)
    let known = try Correspondence.names(in: shelf)
    let isNew = !known.contains { $0.hasSuffix("\(name).json") }
    // By number, so that they are read in the order in which they came.
    if isNew { try Files.replace("\(shelf)/\(padded(known.count + 1, 6))-\(name).json", try receipt.encoded()) }
    if receipt.stage == .acceptance && receipt.disposition.isGood {
      let before = try book()
      var book = before
      book.noteAcceptance(of: sent.ticket.version)
      try write(book, over: before)
    }
    lock.release()
    return isNew
  }

  /// What no receipt of a ticket of this version can say.
  private func refuse(_ receipt: Receipt, answering version: Supplement.Version?, file: String) throws {
    if receipt.receivedAt.wholeMatch(of: /[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z/) == nil {
      throw Refusal(
        .invalid, "receipt.time", at: Place(file), "its time 'received_at' is none in UTC",
        hint: "ask the partner to write it as 2026-11-25T20:15:00Z")
    }
    guard let version else { return }
    let unknown = receipt.resend.filter { $0.hasPrefix("data/") && version.payload.digests[$0] == nil }
    if !unknown.isEmpty {
      throw Refusal(
        .invalid,
        unknown.map {
          Diagnostic(
            "receipt.unknown-file", at: Place(file),
            "it asks for '\(PlainText.line($0))', which version \(version.manifest.version) of \(label) does not have",
            hint: "ask the partner which package they looked at")
        })
    }
  }

  /// Only one partner answers: the one whose key is listed under the job's 'contact' or 'id' of the partner, or else the
  /// one who answered first.
  private func refuseOther(
    _ signer: AllowedSigners.Signer, _ keys: AllowedSigners, _ version: Supplement.Version?, file: String
  ) throws {
    func refused(_ message: String) -> Refusal {
      Refusal(
        .notTrusted, "receipt.other-partner", at: Place(file), "\(signer.names[0]) signed it, \(message)",
        hint: "a partner's new key belongs into allowed_signers under the same name as the old one")
    }
    if let partner = version?.manifest.recipient {
      let own = keys.signers.filter { $0.names.contains(partner.contact) || $0.names.contains(partner.id) }
      if !own.isEmpty {
        if own.contains(where: { $0.key == signer.key }) { return }
        throw refused("and \(label) was sent to \(own[0].names[0])")
      }
    }
    for earlier in try receipts() {
      let names = Set(keys.signers.filter { $0.key.fingerprint == earlier.signer }.flatMap(\.names))
      if let name = names.sorted().first, names.isDisjoint(with: signer.names) {
        throw refused("and \(name) answered for \(label) before")
      }
    }
  }

  /// Takes in a partner's list of defects, all of it or nothing; answers the book as it is then.
  package func take(_ defects: [PlacedDefect], delivered: Delivered) throws -> DefectBook {
    if delivered.versions.isEmpty {
      throw Refusal(
        .invalid, "defects.not-sent", at: Place(label), "nothing of this delivery was sent from here",
        hint: "'ferry deliveries' lists what was sent; was it sent with another --home?")
    }
    let lock = try lock()
    let before = try book()
    var book = before
    try book.take(defects, delivered: delivered.versions, accepted: try accepted(of: delivered.tickets))
    try write(book, over: before)
    lock.release()
    return book
  }

  /// Answers a defect without a change.
  package func decline(_ id: String, reason: String) throws -> DefectBook.Entry {
    try answer(id) { $0.decline(id, reason: reason) }
  }

  /// Notes that a person says of a defect that a version mends it: the newest one, or that of the given number.
  /// `published` is the newest version that was made, which need not be one of `sent`.
  package func fix(_ id: String, in version: Int?, published: Int?, sent: [Sent]) throws -> DefectBook.Entry {
    let accepted = try accepted(of: sent)
    let newest = max(sent.map(\.ticket.version).max() ?? 0, published ?? 0)
    return try answer(id) { book in
      let version = version ?? newest
      guard let seen = book.open.first(where: { $0.defect.id == id })?.seenIn.max() else { return false }
      guard version > seen else {
        throw Refusal(
          .invalid, "defects.seen-in", at: Place(label),
          "'\(id)' was seen in version \(seen), so version \(version) does not mend it",
          hint: "mend the file and run the job, then say so; or answer it with 'ferry defects decline'")
      }
      guard version <= newest else {
        throw Refusal(
          .invalid, "defects.no-version", at: Place(label),
          "there is no version \(version) yet, the newest is \(newest)",
          hint: "run the job first, or leave --in out")
      }
      return book.fix(id, in: version, accepted: accepted)
    }
  }

  /// Changes an open defect's state and keeps it; answers the defect as it is then.
  private func answer(_ id: String, _ change: (inout DefectBook) throws -> Bool) throws -> DefectBook.Entry {
    let none = Refusal(
      .badInput, "defects.not-open", at: Place(label), "there is no open defect '\(id)'",
      hint: "'ferry defects list \(label)' names them")
    guard Files.isFolder(folder) else { throw none }
    let lock = try lock()
    let before = try book()
    var book = before
    guard try change(&book), let entry = book.entries.first(where: { $0.defect.id == id }) else { throw none }
    try write(book, over: before)
    lock.release()
    return entry
  }
}

/// What is known of one version that was sent, whatever it was sent in: package, supplement or repair.
package struct VersionStanding: Hashable, Sendable {
  package var version: Int
  package var state: DeliveryStanding.State
  package var isOverdue: Bool
  package var resend: [String]
  /// The day of the first ticket.
  package var sent: Day
  /// Names of the packages it was sent in.
  package var bags: [String]
  /// Where they were sent to, each place once.
  package var drops: [String]
  /// The last answer's own words.
  package var message: String?
  /// The partner said that the version is in their store.
  package var hasArrived: Bool
}

extension Correspondence {
  /// Every version of what was sent, oldest first; `patience` is how many days a partner has for each next step.
  package func standings(of sent: [Sent], today: Day, patience: Int) throws -> [VersionStanding] {
    let receipts = try receipts()
    return try Set(sent.map(\.ticket.version)).sorted().map { version in
      let tickets = sent.filter { $0.ticket.version == version }
      let answers = receipts.filter { receipt in tickets.contains { $0.digest == receipt.inReplyTo.ticketSha512 } }
      let each = try tickets.map { one in
        try DeliveryStanding.of(
          one.ticket, ticketDigest: one.digest, sent: one.day,
          receipts: answers.filter { $0.inReplyTo.ticketSha512 == one.digest }, today: today, patience: patience)
      }
      // What people said counts for the version; otherwise a repair's state is newer than that of what it mends.
      let order: [DeliveryStanding.State] = [.accepted, .rejected, .arrived]
      let best = order.lazy.compactMap { state in each.first { $0.state == state } }.first ?? each[each.count - 1]
      return VersionStanding(
        version: version, state: best.state, isOverdue: best.isOverdue, resend: best.resend, sent: tickets[0].day,
        bags: tickets.map(\.ticket.bag), drops: Set(tickets.flatMap(\.drops)).sorted(),
        message: answers.max { $0.receivedAt < $1.receivedAt }?.message,
        hasArrived: answers.contains { $0.stage != .transport && $0.disposition.isGood })
    }
  }
}
