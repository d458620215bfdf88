import FerryCore
import Foundation
import Testing

@testable import FerryExchange
@testable import FerryFiles
@testable import FerryPackage

/// A sender's folder and a partner's store.
final class Exchange {
  let scratch: Scratch
  let sender: SigningKey
  let partner: SigningKey
  var delivery = SampleDelivery()
  private(set) var versions: [(manifest: DeliveryManifest, path: String)] = []

  init(in folder: String = FileManager.default.temporaryDirectory.path) throws {
    scratch = try Scratch("receive", in: folder)
    sender = try Keys.generate(comment: "media@example.org")
    partner = try Keys.generate(comment: "c@example.org")
    for folder in [full, drop] { try Files.makeFolder(folder) }
  }

  /// Full packages, as the sender keeps them.
  var full: String { scratch.path + "/full" }
  var drop: String { scratch.path + "/drop" }
  var store: String { scratch.path + "/store" }
  var shelf: String { store + "/" + SampleDelivery.label }
  var keys: Receiving.Keys {
    .init(known: AllowedSigners([.init(names: ["media@example.org"], key: sender.publicKey)]), own: partner)
  }
  var partnerKeys: AllowedSigners { AllowedSigners([.init(names: ["c@example.org"], key: partner.publicKey)]) }

  /// Makes the next version and puts it into the drop, the first one full and the others as supplements.
  @discardableResult
  func send(asFull: Bool = false, fixed: [String: [String]] = [:]) throws -> String {
    let made = try delivery.write(full, after: versions.last?.manifest, fixed: fixed)
    let bag = drop + "/" + URL(fileURLWithPath: made.path).lastPathComponent
    if let base = versions.last, !asFull {
      try Supplement.write(from: .read(base.path), to: made.path, at: bag, held: base.path)
    } else {
      try FileManager.default.copyItem(atPath: made.path, toPath: bag)
    }
    versions.append(made)
    try Ticket.write(for: bag, with: sender)
    return bag
  }

  func receiving(_ now: String = "2026-11-24T08:00:00Z", limits: Receiving.Limits = .init()) -> Receiving {
    Receiving(drop: drop, store: store, keys: keys, limits: limits, now: now, verifier: "ferry 1")
  }

  func receive(_ now: String = "2026-11-24T08:00:00Z") throws -> [Receiving.Outcome] { try receiving(now).run() }

  /// The version that is current, proven byte for byte against the sender's; 0 when there is none.
  func currentVersion() throws -> Int {
    guard Files.exists(shelf), let current = try StoreShelf.current(shelf) else { return 0 }
    #expect(try Scratch.contents("\(shelf)/v\(current)") == Scratch.contents(versions[current - 1].path))
    return current
  }

  func receipt(_ version: Int, _ stage: Receipt.Stage) throws -> Receipt {
    let name = "\(SampleDelivery.label)_v\(version).\(stage.rawValue).receipt.json"
    return try Receipt.read(.init("\(drop)/acknowledgements/\(name)"), keys: partnerKeys).receipt
  }
}

struct ReceivingTests {
  @Test func takesVersionsInOrderAndAnswers() throws {
    let exchange = try Exchange()
    #expect {
      try exchange.receive()
    } throws: { error in
      let error = error as? Refusal
      return error?.kind == .notReady && error?.exitCode == 2
        && error?.problems[0].message == "there is no ticket yet, so nothing is ready to be taken"
    }
    try exchange.send()
    #expect(try exchange.receive().map(\.exitCode) == [0])
    #expect(try exchange.currentVersion() == 1)
    exchange.delivery.files["AI-001/AI-001.en.vtt"] = [1]
    try exchange.send()
    exchange.delivery.files["AI-002/AI-002.en.txt"] = nil
    try exchange.send()
    #expect(try exchange.receive().map(\.exitCode) == [0, 0, 0])
    #expect(try exchange.currentVersion() == 3)
    for version in 1...3 {
      let receipt = try exchange.receipt(version, .ingest)
      #expect(receipt.disposition == .accepted && receipt.resend == [] && receipt.files == [])
      #expect(receipt.stateDigest == exchange.versions[version - 1].manifest.stateDigest)
      let digest = try Digests.sha512(file: exchange.versions[version - 1].path + "/tagmanifest-sha512.txt")
      #expect(receipt.receivedPackageDigest == digest, "the receiver's own computation over the full version")
    }
    // Again: nothing changes, not even a receipt.
    let before = try Scratch.contents(exchange.scratch.path)
    #expect(try exchange.receive("2026-11-30T08:00:00Z").map(\.exitCode) == [0, 0, 0])
    #expect(try Scratch.contents(exchange.scratch.path) == before)
  }

  @Test func sshKeygenVerifiesTheReceipt() throws {
    let exchange = try Exchange()
    try exchange.send()
    _ = try exchange.receive()
    let path = exchange.drop + "/acknowledgements/OUC-2026-0007_v1.ingest.receipt.json"
    let shown = try run(
      "ssh-keygen", ["-Y", "check-novalidate", "-n", "ferry-receipt", "-s", path + ".sig"], in: "/", input: path)
    #expect(shown.code == 0 && shown.output.contains(exchange.partner.publicKey.fingerprint))
  }

  /// A kill after any change to the file system: the old version stays current, and the next run brings the new one.
  @Test func aKillAtAnyStepLeavesTheOldVersionCurrent() throws {
    struct Killed: Error {}
    var steps = 0
    var isThrough = false
    while !isThrough {
      let exchange = try Exchange()
      exchange.delivery = SampleDelivery(titles: 1)
      try exchange.send()
      _ = try exchange.receive()
      exchange.delivery.files["AI-001/AI-001.en.vtt"] = [1]
      try exchange.send()
      let counter = Counter()
      let limit = steps
      var receiving = exchange.receiving()
      receiving.after = { _ in if counter.next() > limit { throw Killed() } }
      do {
        _ = try receiving.run()
        isThrough = true
      } catch is Killed {
        let current = try exchange.currentVersion()
        #expect(current == 1 || current == 2)
      }
      #expect(try exchange.receive().map(\.exitCode) == [0, 0], "after step \(steps)")
      #expect(try exchange.currentVersion() == 2, "after step \(steps)")
      #expect(try exchange.receipt(2, .ingest).disposition == .accepted)
      #expect(try FileManager.default.contentsOfDirectory(atPath: exchange.store + "/.incoming") == [])
      steps += 1
    }
    #expect(steps > 15, "every file, every rename, both files of the receipt")
  }

  private final class Counter: @unchecked Sendable {
    private let lock = NSLock()
    private var count = 0

    func next() -> Int {
      lock.withLock {
        count += 1
        return count
      }
    }
  }

  /// What one change to the drop leads to: the disposition, files to send again, exit code and first sentence.
  @Test func damageIsAnsweredFileByFile() throws {
    typealias Case = (
      spoil: (Exchange, String) throws -> Void, disposition: Receipt.Disposition, resend: [String], code: Int32,
      message: String
    )
    let video = "data/lessons/AI-001/AI-001.mp4"
    let cases: [Case] = [
      (
        { _, bag in try Data("x".utf8).write(to: URL(fileURLWithPath: "\(bag)/\(video)")) }, .corrupt, [video], 1,
        "it was changed or damaged: its checksum is not the one in manifest-sha256.txt"
      ),
      (
        { _, bag in try FileManager.default.removeItem(atPath: "\(bag)/\(video)") }, .incomplete, [video], 2,
        "it is listed, but not there"
      ),
      (
        { _, bag in try FileManager.default.removeItem(atPath: bag) }, .incomplete, ["data"], 2,
        "the ticket is there, and the package's folder is not"
      ),
      (
        { _, bag in try Data("x".utf8).write(to: URL(fileURLWithPath: "\(bag)/data/more")) }, .corrupt, [], 1,
        "it is there, but no manifest lists it"
      ),
      (
        { _, bag in try FileManager.default.createSymbolicLink(atPath: "\(bag)/data/x", withDestinationPath: "/etc") },
        .corrupt, [], 1, "it is a link or a device, which a bag may not hold"
      ),
      (
        { _, bag in mkfifo("\(bag)/data/pipe", 0o600) }, .corrupt, [], 1,
        "it is a link or a device, which a bag may not hold"
      ),
      (
        { _, bag in try Data("x".utf8).write(to: URL(fileURLWithPath: "\(bag).ticket.json.sig")) }, .untrusted, [], 3,
        "it is no Ed25519 signature of ssh-keygen's"
      ),
      (
        { _, bag in try FileManager.default.removeItem(atPath: "\(bag).ticket.json.sig") }, .untrusted, [], 3,
        "the ticket has no signature beside it"
      ),
      (
        { exchange, bag in
          try FileManager.default.removeItem(atPath: bag + ".ticket.json")
          try Ticket.write(for: bag, with: exchange.partner)
        }, .untrusted, [], 3, ""
      ),
      (
        // A whole other package under the ticket.
        { exchange, bag in
          var other = exchange.delivery
          other.files["AI-001/AI-001.mp4"] = [7]
          let folder = try Scratch("other")
          let made = try other.write(folder.path).path
          try FileManager.default.removeItem(atPath: bag)
          try FileManager.default.moveItem(atPath: made, toPath: bag)
        }, .corrupt, ["tagmanifest-sha512.txt"], 1,
        "the package is whole, but it is not the one that the ticket was signed for"
      ),
    ]
    for (spoil, disposition, resend, code, message) in cases {
      let exchange = try Exchange()
      let bag = try exchange.send()
      try spoil(exchange, bag)
      let outcome = try #require(try exchange.receive().first)
      #expect(outcome.exitCode == code)
      #expect(outcome.path == nil)
      if !message.isEmpty { #expect(outcome.problems.contains { $0.message == message }, "\(outcome.problems)") }
      let receipt = try exchange.receipt(1, .transport)
      #expect(receipt.disposition == disposition, "\(message)")
      #expect(receipt.resend == resend, "\(message)")
      #expect(try !String(decoding: receipt.encoded(), as: UTF8.self).contains(exchange.scratch.path), "\(message)")
      #expect(try exchange.currentVersion() == 0)
      #expect(!FileManager.default.fileExists(atPath: exchange.shelf))
    }
  }

  @Test func aRepairPackageMendsWhatArrivedDamaged() throws {
    let exchange = try Exchange()
    let bag = try exchange.send()
    let video = "data/lessons/AI-001/AI-001.mp4"
    try Data("x".utf8).write(to: URL(fileURLWithPath: "\(bag)/\(video)"))
    try FileManager.default.removeItem(atPath: "\(bag)/bag-info.txt")
    _ = try exchange.receive()
    let receipt = try exchange.receipt(1, .transport)
    #expect(receipt.resend == ["bag-info.txt", video])
    let repair = bag + "_repair1"
    try Supplement.writeRepair(of: exchange.versions[0].path, resend: receipt.resend, at: repair)
    #expect(try Files.list(repair + "/data") == ["lessons/AI-001/AI-001.mp4"])
    #expect(try Ticket.write(for: repair, with: exchange.sender).isRepair)
    let outcomes = try exchange.receive("2026-11-25T08:00:00Z")
    #expect(outcomes.map(\.exitCode) == [0, 0], "the repair comes first, and the damaged copy is a duplicate then")
    #expect(try exchange.currentVersion() == 1)
    #expect(try exchange.receive().map(\.exitCode) == [0, 0])
    #expect {
      try Supplement.writeRepair(of: exchange.versions[0].path, resend: ["data/no"], at: repair + "2")
    } throws: { "\($0)".hasPrefix("data/no: error: version 1 of OUC-2026-0007 has no such file") }
  }

  /// Version 2 with something in the middle of a film and another film, as they travel: by its new bytes, and whole.
  private func sendCorrectedFilm(_ exchange: Exchange) throws -> String {
    var random = SeededGenerator(seed: 4)
    let film = (0..<50_000).map { _ in UInt8.random(in: 0...255, using: &random) }
    exchange.delivery.files["AI-001/AI-001.mp4"] = film
    exchange.delivery.files["AI-002/AI-002.mp4"] = film.reversed()
    try exchange.send()
    #expect(try exchange.receive().map(\.exitCode) == [0])
    for name in ["AI-001/AI-001.mp4", "AI-002/AI-002.mp4"] {
      exchange.delivery.files[name]?.insert(contentsOf: "corrected".utf8, at: 30_000)
    }
    exchange.delivery.files["AI-003/AI-003.mp4"] = film.map { $0 ^ 1 }
    let bag = try exchange.send()
    #expect(try Files.list(bag + "/delta/data/lessons/AI-001") == ["AI-001.mp4.list", "AI-001.mp4.new"])
    #expect(Files.exists(bag + "/data/lessons/AI-003/AI-003.mp4"))
    return bag
  }

  @Test func aDamagedSupplementIsMendedWithoutWhatArrived() throws {
    for (spoilt, resent) in [
      ("delta/data/lessons/AI-001/AI-001.mp4.list", ["data/lessons/AI-001/AI-001.mp4"]),
      ("delta/data/lessons/AI-001/AI-001.mp4.new", ["data/lessons/AI-001/AI-001.mp4"]),
      ("result/manifest-sha512.txt", []), ("data/lessons/AI-003/AI-003.mp4", ["data/lessons/AI-003/AI-003.mp4"]),
    ] {
      let exchange = try Exchange()
      let bag = try sendCorrectedFilm(exchange)
      try Data("base 0 9\n".utf8).write(to: URL(fileURLWithPath: "\(bag)/\(spoilt)"))
      #expect(try exchange.receive("2026-11-25T08:00:00Z").map(\.exitCode) == [0, 1])
      #expect(try exchange.currentVersion() == 1)
      let receipt = try exchange.receipt(2, .transport)
      #expect(receipt.resend == [spoilt])
      let repair = bag + "_repair1"
      try Supplement.writeRepair(of: exchange.versions[1].path, resend: receipt.resend, at: repair)
      #expect(try Files.list(repair + "/data").map { "data/" + $0 } == resent)
      try Ticket.write(for: repair, with: exchange.sender)
      #expect(try exchange.receive("2026-11-26T08:00:00Z").map(\.exitCode) == [0, 0, 0], "\(spoilt)")
      #expect(try exchange.currentVersion() == 2)
    }
  }

  @Test func aFilmThatChangedAtThePartnersIsAskedForWhole() throws {
    let exchange = try Exchange()
    let bag = try sendCorrectedFilm(exchange)
    // Nobody looks into a version that is in the store, except for what is made of it.
    let film = exchange.shelf + "/v1/data/lessons/AI-001/AI-001.mp4"
    try FileManager.default.removeItem(atPath: film)
    try Data(count: 50_000).write(to: URL(fileURLWithPath: film))
    #expect(try exchange.receive("2026-11-25T08:00:00Z").map(\.exitCode) == [0, 1])
    let receipt = try exchange.receipt(2, .transport)
    #expect(receipt.disposition == .wrongBase && receipt.resend == ["data/lessons/AI-001/AI-001.mp4"])
    #expect(receipt.message.contains("put together from the version here, it is not the sender's"))
    let repair = bag + "_repair1"
    try Supplement.writeRepair(of: exchange.versions[1].path, resend: receipt.resend, at: repair)
    try Ticket.write(for: repair, with: exchange.sender)
    #expect(try exchange.receive("2026-11-26T08:00:00Z").map(\.exitCode) == [0, 0, 0])
    #expect(try exchange.currentVersion() == 2)
    #expect(try FileManager.default.contentsOfDirectory(atPath: exchange.store + "/.incoming") == [])
  }

  @Test func theWrongBaseAndOtherContentAreRefused() throws {
    let exchange = try Exchange()
    let first = try exchange.send()
    exchange.delivery.files["AI-001/AI-001.en.vtt"] = [1]
    try exchange.send()
    for name in [first, first + ".ticket.json", first + ".ticket.json.sig"] {
      try FileManager.default.removeItem(atPath: name)
    }
    let outcome = try #require(try exchange.receive().first)
    #expect(outcome.receipt?.disposition == .wrongBase && outcome.exitCode == 1)
    #expect(outcome.problems[0].message == "version 2 is a supplement to version 1, and that version is not here")
    let files = try #require(outcome.receipt?.files)
    #expect(!files.isEmpty && files.allSatisfy { $0.status == .missing })

    let other = try Exchange()
    let bag = try other.send()
    _ = try other.receive()
    try FileManager.default.removeItem(atPath: bag)
    try FileManager.default.removeItem(atPath: bag + ".ticket.json")
    var changed = other.delivery
    changed.files["AI-001/AI-001.mp4"] = [9]
    try changed.write(other.drop)
    try Ticket.write(for: bag, with: other.sender)
    let refused = try #require(try other.receive().first)
    #expect(refused.receipt?.disposition == .rejected && refused.exitCode == 1)
    #expect(refused.problems[0].message == "version 1 is here already, with other content")
    #expect(try other.currentVersion() == 1)
  }

  @Test func tooMuchIsRefusedBeforeItIsRead() throws {
    let exchange = try Exchange()
    try exchange.send()
    var limits = Receiving.Limits()
    limits.bytes = 5000
    let outcome = try #require(try exchange.receiving(limits: limits).run().first)
    #expect(outcome.problems[0].message.hasSuffix("files, more than is allowed here"))
    #expect(!FileManager.default.fileExists(atPath: exchange.shelf))
  }

  @Test func ticketsAreWrittenOnceAndForOneContent() throws {
    let exchange = try Exchange()
    let bag = try exchange.send()
    let before = try FileBytes.read(bag + ".ticket.json")
    try Ticket.write(for: bag, with: exchange.sender)
    #expect(try FileBytes.read(bag + ".ticket.json") == before)
    try FileManager.default.removeItem(atPath: bag)
    exchange.delivery.files["AI-001/AI-001.mp4"] = [9]
    try exchange.delivery.write(exchange.drop)
    #expect {
      try Ticket.write(for: bag, with: exchange.sender)
    } throws: {
      "\($0)" == """
        \(bag).ticket.json: error: version 1 of OUC-2026-0007 has a ticket already, for other content
          hint: what was announced stays as it is: deliver the change as version 2
        """
    }
  }

  /// Names in a ticket become paths: none may lead anywhere else.
  @Test func ticketsCannotNameOtherPlaces() throws {
    let exchange = try Exchange()
    let bag = try exchange.send()
    let good = try Ticket.decoded(FileBytes.read(bag + ".ticket.json"), file: "t")
    for (label, name) in [
      ("../x", "../x_v1"), ("a/b", "a/b_v1"), ("x", "y_v1"), (".x", ".x_v1"), ("con", "con_v1"), ("x.", "x._v1"),
    ] {
      var ticket = good
      ticket.label = label
      ticket.bag = name
      #expect(throws: Refusal.self, "\(name)") { try Ticket.decoded(ticket.encoded(), file: "t") }
    }
    var ticket = good
    ticket.replyTo = "../../etc/"
    #expect(ticket.replies == "acknowledgements")
    #expect {
      try Ticket.decoded(Array("{\"schema\": \"ferry-ticket/1\", \"label\": 3}".utf8), file: "t")
    } throws: {
      "\($0)"
        == "t: error: it cannot be read as ferry-ticket/1: 'delivery' is missing\n  hint: ask the sender for this file again"
    }
    #expect {
      try Ticket.decoded(Array("{\"schema\": \"ferry-ticket/2\"}".utf8), file: "t")
    } throws: { "\($0)".hasPrefix("t: error: it has the schema 'ferry-ticket/2', not 'ferry-ticket/1'") }
  }
}
