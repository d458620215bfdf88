import FerryCore
import Foundation
import Testing

@testable import FerryExchange
@testable import FerryFiles
@testable import FerryPackage

/// What cannot be taken: each ticket has an answer of its own, and the sender is told what the sender can mend.
struct RefusalTests {
  private let video = "data/lessons/AI-001/AI-001.mp4"

  private func put(_ text: String, _ path: String) throws { try Data(text.utf8).write(to: URL(fileURLWithPath: path)) }

  private func answers(_ exchange: Exchange) throws -> [String] {
    let folder = exchange.drop + "/acknowledgements"
    return Files.exists(folder) ? try Files.names(in: folder).filter { !$0.hasSuffix(".sig") } : []
  }

  /// Makes an empty file whose name ends in a byte that is no UTF-8.
  private func makeUnnameable(_ start: String, _ end: String = "") throws {
    let path = Array(start.utf8CString.dropLast()) + [CChar(bitPattern: 0xFF)] + Array(end.utf8CString)
    let descriptor = open(path, O_WRONLY | O_CREAT, 0o644)
    try #require(descriptor >= 0)
    close(descriptor)
  }

  @Test func oneBadTicketKeepsNoOtherOut() throws {
    let exchange = try Exchange()
    let bag = try exchange.send()
    let drop = exchange.drop
    try put("{}", drop + "/AAA_v1.ticket.json")
    try FileManager.default.createSymbolicLink(
      atPath: drop + "/BBB_v1.ticket.json", withDestinationPath: bag + ".ticket.json")
    try put("{}", drop + "/C C_v1.ticket.json")
    try makeUnnameable(drop + "/D", "_v1.ticket.json")
    try FileManager.default.copyItem(atPath: bag + ".ticket.json", toPath: drop + "/EEE_v1.ticket.json")
    try FileManager.default.createDirectory(atPath: drop + "/ZZZ_v1.ticket.json", withIntermediateDirectories: true)
    let outcomes = try exchange.receive()
    let good = try #require(outcomes.first { $0.package == "OUC-2026-0007_v1" })
    #expect(good.exitCode == 0 && good.path != nil && good.receipt?.disposition == .accepted)
    #expect(try exchange.currentVersion() == 1)
    let words = [
      "AAA_v1": "it cannot be read as ferry-ticket/1", "BBB_v1": "it is a link, a folder or a device",
      "C C_v1": "no ticket of ferry's has such a name: it has a character other than",
      "D\u{FFFD}_v1": "no ticket of ferry's has such a name",
      "EEE_v1": "it is the ticket of 'OUC-2026-0007_v1', and named for another package",
      "ZZZ_v1": "it is a link, a folder or a device",
    ]
    #expect(outcomes.count == words.count + 1)
    for (name, text) in words {
      let outcome = try #require(outcomes.first { $0.package == name }, "\(name)")
      #expect(outcome.exitCode == 1 && outcome.receipt == nil && outcome.path == nil)
      #expect(outcome.problems.first?.message.hasPrefix(text) == true, "\(outcome.problems)")
      #expect(outcome.problems.first?.place.file == "\(drop)/\(name).ticket.json")
    }
    #expect(try answers(exchange) == ["OUC-2026-0007_v1.ingest.receipt.json"])
  }

  @Test func aNameThatNobodyCanWriteIsAnswered() throws {
    let exchange = try Exchange()
    let bag = try exchange.send()
    try makeUnnameable(bag + "/data/caf")
    let outcome = try #require(try exchange.receive().first)
    #expect(outcome.exitCode == 1)
    let receipt = try exchange.receipt(1, .transport)
    #expect(receipt.files.map(\.path) == ["data/caf\u{FFFD}"] && receipt.files[0].status == .refused)
    #expect(receipt.resend == [] && receipt.message == "to be removed from the package: data/caf\u{FFFD}")
  }

  @Test func whatIsMissingIsNamedBesideWhatDoesNotBelong() throws {
    let exchange = try Exchange()
    let bag = try exchange.send()
    let files = FileManager.default
    try files.removeItem(atPath: bag + "/data/catalogue.csv")
    try files.createSymbolicLink(atPath: bag + "/data/a-link", withDestinationPath: exchange.scratch.path)
    for name in [".DS_Store", "data/.DS_Store"] { try put("x", bag + "/" + name) }
    // A pipe in a film's place must not be waited for.
    try files.removeItem(atPath: bag + "/" + video)
    mkfifo(bag + "/" + video, 0o600)
    let outcome = try #require(try exchange.receive().first)
    #expect(outcome.exitCode == 1)
    let receipt = try exchange.receipt(1, .transport)
    #expect(receipt.resend == ["data/catalogue.csv", video])
    let strangers = receipt.files.filter { $0.status == .unexpected || $0.status == .refused }.map(\.path).sorted()
    #expect(strangers == [".DS_Store", "data/.DS_Store", "data/a-link", video])
    #expect(
      receipt.message
        == "it is listed, but not there; to be removed from the package: .DS_Store, data/.DS_Store, data/a-link, \(video)"
    )
    #expect(receipt.counts.missing == 2 && receipt.counts.mismatched == 0 && receipt.counts.unexpected == 4)
    #expect(try !String(decoding: receipt.encoded(), as: UTF8.self).contains(exchange.scratch.path))
    // What is sent again is enough, whatever lies beside it.
    let repair = bag + "_repair1"
    try Supplement.writeRepair(of: exchange.versions[0].path, resend: receipt.resend, at: repair)
    try Ticket.write(for: repair, with: exchange.sender)
    #expect(try exchange.receive("2026-11-25T08:00:00Z").map(\.exitCode) == [0, 0])
    #expect(try exchange.currentVersion() == 1)
  }

  @Test func aLostPackageIsAskedForWhole() throws {
    let exchange = try Exchange()
    let bag = try exchange.send()
    try FileManager.default.removeItem(atPath: bag)
    #expect(try exchange.receive().map(\.exitCode) == [2])
    let receipt = try exchange.receipt(1, .transport)
    #expect(receipt.resend == ["data"] && receipt.asksForEverything && receipt.counts.ok == 0)
    let repair = bag + "_repair1"
    try Supplement.writeRepair(of: exchange.versions[0].path, resend: receipt.resend, at: repair)
    try Ticket.write(for: repair, with: exchange.sender)
    #expect(try exchange.receive("2026-11-25T08:00:00Z").map(\.exitCode) == [0, 0])
    #expect(try exchange.currentVersion() == 1)
  }

  /// Of a lost supplement the lists come first: what did not change is here.
  @Test func aLostSupplementIsAskedForByItsLists() throws {
    let exchange = try Exchange()
    try exchange.send()
    _ = try exchange.receive()
    exchange.delivery.files["AI-001/AI-001.en.vtt"] = [1]
    let bag = try exchange.send()
    try FileManager.default.removeItem(atPath: bag)
    #expect(try exchange.receive().map(\.exitCode) == [0, 2])
    var resend = try exchange.receipt(2, .transport).resend
    #expect(resend == ["manifest-sha512.txt"])
    for (number, codes) in [(1, [0, 2, 2]), (2, [0, 0, 0, 0])] as [(Int, [Int32])] {
      let repair = "\(bag)_repair\(number)"
      try Supplement.writeRepair(of: exchange.versions[1].path, resend: resend, at: repair)
      try Ticket.write(for: repair, with: exchange.sender)
      #expect(try exchange.receive("2026-11-2\(4 + number)T08:00:00Z").map(\.exitCode) == codes)
      if number == 2 { continue }
      let name = "\(repair.dropFirst(exchange.drop.count + 1)).transport.receipt.json"
      resend = try Receipt.read(.init("\(exchange.drop)/acknowledgements/\(name)"), keys: exchange.partnerKeys).receipt
        .resend
      #expect(resend.contains("data/lessons/AI-001/AI-001.en.vtt") && !resend.contains(video))
    }
    #expect(try exchange.currentVersion() == 2)
  }

  @Test func aDamagedVersionIsNoFailureOnceANewerOneIsHere() throws {
    let exchange = try Exchange()
    let first = try exchange.send()
    try put("x", first + "/" + video)
    exchange.delivery.files["AI-001/AI-001.en.vtt"] = [1]
    try exchange.send(asFull: true)
    #expect(try exchange.receive().map(\.exitCode) == [1, 0])
    let before = try exchange.receipt(1, .transport)
    // Every night from then on.
    let later = try exchange.receive("2026-11-25T08:00:00Z")
    #expect(later.map(\.exitCode) == [0, 0])
    #expect(later[0].supersededBy == 2 && later[0].problems == [] && later[0].receipt == before)
    #expect(try exchange.currentVersion() == 2)
    // Damaged in another way, and not looked at before.
    for name in [".transport.receipt.json", ".transport.receipt.json.sig"] {
      try FileManager.default.removeItem(atPath: "\(exchange.drop)/acknowledgements/OUC-2026-0007_v1\(name)")
    }
    let again = try #require(try exchange.receive("2026-11-26T08:00:00Z").first)
    #expect(again.exitCode == 0 && again.supersededBy == 2 && again.receipt?.resend == [video])
    #expect(again.problems.map(\.severity) == [.warning])
    #expect(
      again.problems[0].message.hasPrefix("it cannot be taken, and version 2, which is here, replaces it: \(video): "))
    // A whole one is taken all the same, and the newer one stays current.
    for name in Set([first]) { try FileManager.default.removeItem(atPath: name) }
    try FileManager.default.copyItem(atPath: exchange.versions[0].path, toPath: first)
    try FileManager.default.removeItem(atPath: exchange.drop + "/acknowledgements")
    let late = try exchange.receive("2026-11-27T08:00:00Z")
    #expect(late.map(\.exitCode) == [0, 0] && late[0].path == exchange.shelf + "/v1" && late[0].supersededBy == nil)
    #expect(try exchange.currentVersion() == 2)
  }

  // Who sends.

  private func receive(_ exchange: Exchange, from signers: [AllowedSigners.Signer]) throws -> [Receiving.Outcome] {
    var keys = exchange.keys
    keys.known = AllowedSigners(signers)
    return try Receiving(
      drop: exchange.drop, store: exchange.store, keys: keys, limits: .init(), now: "2026-11-25T08:00:00Z",
      verifier: "ferry 1"
    ).run()
  }

  @Test func anotherSenderDoesNotGoOnWithADelivery() throws {
    let other = try Keys.generate(comment: "other@example.org")
    for (partner, message) in [
      (
        "q",
        "the versions of OUC-2026-0007 that are here are of another delivery: \(DeliveryManifest.urn("p", SampleDelivery.label))"
      ),
      ("p", "it is signed by other@example.org, and OUC-2026-0007 is here from media@example.org"),
    ] {
      let exchange = try Exchange()
      try exchange.send()
      _ = try exchange.receive()
      var theirs = exchange.delivery
      theirs.partner = partner
      let one = try theirs.write(exchange.scratch.path + "/theirs")
      let two = try theirs.write(exchange.drop, after: one.manifest)
      try Ticket.write(for: two.path, with: other)
      let outcomes = try receive(
        exchange,
        from: [
          .init(names: ["media@example.org"], key: exchange.sender.publicKey),
          .init(names: ["other@example.org"], key: other.publicKey),
        ])
      #expect(outcomes.map(\.exitCode) == [0, 1])
      #expect(outcomes[1].problems.map(\.message) == [message])
      #expect(outcomes[1].receipt?.disposition == .rejected)
      #expect(try exchange.currentVersion() == 1)
      #expect(!Files.exists(exchange.shelf + "/v2"))
    }
  }

  @Test func aSenderMayChangeTheKeyOrTheName() throws {
    let exchange = try Exchange()
    try exchange.send()
    _ = try exchange.receive()
    let new = try Keys.generate(comment: "media@example.org")
    exchange.delivery.files["AI-001/AI-001.en.vtt"] = [1]
    let bag = try exchange.send()
    for name in [".ticket.json", ".ticket.json.sig"] { try FileManager.default.removeItem(atPath: bag + name) }
    try Ticket.write(for: bag, with: new)
    let old = AllowedSigners.Signer(
      names: ["renamed@example.org", "media@example.org"], key: exchange.sender.publicKey)
    #expect(
      try receive(exchange, from: [old, .init(names: ["media@example.org"], key: new.publicKey)]).map(\.exitCode)
        == [0, 0])
    #expect(try exchange.currentVersion() == 2)
    let renamed = AllowedSigners.Signer(names: ["renamed@example.org"], key: exchange.sender.publicKey)
    #expect(try receive(exchange, from: [renamed]).map(\.exitCode) == [0, 3], "the same key under another name")
  }

  /// A store from before senders were noted: the delivery is compared, and the sender noted.
  @Test func anOlderStoreLearnsWhoseItIs() throws {
    let exchange = try Exchange()
    try exchange.send()
    _ = try exchange.receive()
    let note = exchange.shelf + "/" + ShelfOwner.fileName
    let before = try FileBytes.read(note)
    try FileManager.default.removeItem(atPath: note)
    #expect(try exchange.receive().map(\.exitCode) == [0])
    #expect(try FileBytes.read(note) == before)
    try FileManager.default.removeItem(atPath: note)
    var theirs = exchange.delivery
    theirs.partner = "q"
    let one = try theirs.write(exchange.scratch.path + "/theirs")
    try Ticket.write(for: try theirs.write(exchange.drop, after: one.manifest).path, with: exchange.sender)
    for name in ["", ".ticket.json", ".ticket.json.sig"] {
      try FileManager.default.removeItem(atPath: exchange.drop + "/OUC-2026-0007_v1" + name)
    }
    let refused = try #require(try exchange.receive().first)
    #expect(refused.exitCode == 1 && refused.problems[0].code == "receive.other-delivery")
  }

  // Where answers go.

  @Test func answersAreNeverWrittenThroughALink() throws {
    for isLink in [true, false] {
      let exchange = try Exchange()
      try exchange.send()
      let replies = exchange.drop + "/acknowledgements"
      let victim = exchange.scratch.path + "/victim"
      try Files.makeFolder(victim)
      if isLink {
        try FileManager.default.createSymbolicLink(atPath: replies, withDestinationPath: "../victim")
      } else {
        try put("x", replies)
      }
      let outcome = try #require(try exchange.receive().first)
      #expect(outcome.exitCode == 75 && outcome.receipt == nil && outcome.path == exchange.shelf + "/v1")
      #expect(
        outcome.problems.map(\.description) == [
          """
          \(replies): error: it is a link or a file, and answers go into a folder
            hint: put a folder in its place, and run it again
          """
        ])
      #expect(try Files.names(in: victim) == [])
      #expect {
        try Acceptance.write(
          .rejected, of: exchange.drop + "/OUC-2026-0007_v1.ticket.json", message: "no", keys: exchange.keys,
          now: "2026-11-25T08:00:00Z", verifier: "v")
      } throws: { "\($0)".contains("it is a link or a file, and answers go into a folder") }
      try FileManager.default.removeItem(atPath: replies)
      #expect(try exchange.receive().map(\.exitCode) == [0])
      #expect(try exchange.receipt(1, .ingest).disposition == .accepted)
    }
  }

  @Test func onlyWhoIsBelievedSaysWhereAnswersGo() throws {
    let exchange = try Exchange()
    let bag = try exchange.send()
    var ticket = try Ticket.decoded(FileBytes.read(bag + ".ticket.json"), file: "t")
    ticket.replyTo = "elsewhere/deep/"
    try ticket.write(to: bag + ".ticket.json", with: exchange.partner)
    #expect(try exchange.receive().map(\.exitCode) == [3])
    #expect(!Files.exists(exchange.drop + "/elsewhere"))
    #expect(try exchange.receipt(1, .transport).disposition == .untrusted)
    try ticket.write(to: bag + ".ticket.json", with: exchange.sender)
    #expect(try exchange.receive().map(\.exitCode) == [0])
    #expect(Files.exists(exchange.drop + "/elsewhere/deep/OUC-2026-0007_v1.ingest.receipt.json"))
  }

  // What is wrong here is not the sender's.

  @Test func aFaultOfTheStoreIsNotTheSenders() throws {
    let exchange = try Exchange()
    try exchange.send()
    _ = try exchange.receive()
    exchange.delivery.files["AI-001/AI-001.en.vtt"] = [1]
    try exchange.send()
    for (name, text) in [
      ("current", "foo\n"), ("current", "v7\n"), ("v1/manifest-sha512.txt", "x"), ("sender.json", "{}"),
    ] {
      let path = exchange.shelf + "/" + name
      let before = try FileBytes.read(path)
      try put(text, path)
      let outcome = try #require(try exchange.receive("2026-11-25T08:00:00Z").last)
      #expect(outcome.exitCode == 75 && outcome.receipt == nil && outcome.path == nil, "\(name) \(text)")
      #expect(outcome.problems.map(\.place.file) == [path])
      #expect(try answers(exchange) == ["OUC-2026-0007_v1.ingest.receipt.json"])
      try Data(before).write(to: URL(fileURLWithPath: path))
    }
    #expect(try exchange.receive("2026-11-26T08:00:00Z").map(\.exitCode) == [0, 0])
    #expect(try exchange.currentVersion() == 2)
  }

  @Test func whatAKilledRunLeftIsSwept() throws {
    let exchange = try Exchange()
    try exchange.send()
    let left = exchange.store + "/.incoming/OTHER_v3/data"
    try Files.makeFolder(left)
    try put("half", left + "/film.mp4")
    #expect(try exchange.receive().map(\.exitCode) == [0])
    #expect(try Files.names(in: exchange.store + "/.incoming") == [])
  }

  @Test func whatIsTooLargeToCountIsRefused() throws {
    let exchange = try Exchange(in: "/dev/shm")
    let bag = try exchange.send()
    for name in [video, "data/catalogue.csv"] {
      try FileManager.default.removeItem(atPath: bag + "/" + name)
      try makeSparse(bag + "/" + name)
    }
    let outcome = try #require(try exchange.receive().first)
    #expect(outcome.exitCode == 1)
    #expect(outcome.problems.map(\.code) == ["receive.oversize"])
    #expect(outcome.problems[0].message.hasPrefix("there are \(Int.max) bytes in "))
  }

  /// A terabyte of nothing where a small file was announced: reading it would take an hour.
  @Test func whatIsLargerThanAnnouncedIsNotRead() throws {
    for name in [video, "data/catalogue.csv", "bag-info.txt", "data/more.bin"] {
      let exchange = try Exchange()
      let bag = try exchange.send()
      try Data().write(to: URL(fileURLWithPath: bag + "/data/more.bin"))
      try #require(truncate(bag + "/" + name, 1 << 40) == 0)
      var outcome: Receiving.Outcome?
      let time = try ContinuousClock().measure { outcome = try exchange.receive().first }
      #expect(outcome?.exitCode == 1)
      #expect(outcome?.problems.map(\.code) == ["receive.oversize"])
      #expect(time < .seconds(2))
    }
  }

  @Test func nobodyAcceptsWhatWasNotReceived() throws {
    let exchange = try Exchange()
    let bag = try exchange.send()
    let ticket = bag + ".ticket.json"
    func answer(_ disposition: Receipt.Disposition) throws {
      _ = try Acceptance.write(
        disposition, of: ticket, message: "m", keys: exchange.keys, now: "2026-11-25T08:00:00Z", verifier: "v")
    }
    let refusal = """
      \(ticket): error: no receipt signed with this key says that the version is whole and in the store
        hint: run 'ferry receive' on this folder first; 'ferry receipt reject' can be signed at any time
      """
    #expect { try answer(.accepted) } throws: {
      "\($0)" == refusal && ($0 as? Refusal)?.exitCode == 2
    }
    try FileManager.default.moveItem(atPath: bag + "/data", toPath: exchange.scratch.path + "/data")
    #expect(try exchange.receive().map(\.exitCode) == [2])
    #expect { try answer(.accepted) } throws: { "\($0)" == refusal }
    try answer(.rejected)
    try FileManager.default.moveItem(atPath: exchange.scratch.path + "/data", toPath: bag + "/data")
    #expect(try exchange.receive().map(\.exitCode) == [0])
    try answer(.accepted)
    #expect(try exchange.receipt(1, .acceptance).disposition == .accepted)
    // Another ticket of the same name is another matter.
    var other = try Ticket.decoded(FileBytes.read(ticket), file: "t")
    other.created = "2026-11-01"
    try other.write(to: ticket, with: exchange.sender)
    #expect { try answer(.accepted) } throws: { "\($0)" == refusal }
  }
}
