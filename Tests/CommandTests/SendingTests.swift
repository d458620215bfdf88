import Foundation
import Testing

/// The sender's side where something was lost, damaged, or said by somebody else.
@Suite struct SendingTests {
  @Test func whatThePartnerHasIsNotSentAgainUnlessAPersonSaysSo() throws {
    let both = try ExchangeTests.Partners()
    try both.exchangeFirst()
    let package = try Place.files(below: both.series + "/TEST-1_v1")
    // They emptied the drop.
    for name in ["", ".ticket.json", ".ticket.json.sig"] {
      try FileManager.default.removeItem(atPath: both.drop + "/TEST-1_v1" + name)
    }
    #expect(try both.deliver().output.contains("sent before, full version 1"))
    #expect(!FileManager.default.fileExists(atPath: both.drop + "/TEST-1_v1"))
    let again = try both.deliver("--full")
    #expect(again.output.contains("/TEST-1_v1: full version 1, "), "\(again.errors)")
    #expect(try Place.files(below: both.drop + "/TEST-1_v1") == package)

    // Only the package is lost; its ticket stands.
    try FileManager.default.removeItem(atPath: both.drop + "/TEST-1_v1")
    #expect(try both.deliver("--full").code == 0)
    #expect(try Place.files(below: both.drop + "/TEST-1_v1") == package)
    #expect(try both.deliver("--full").output.contains("sent before"))
  }

  @Test func whatNobodyAsksForAgainIsSentWholeUnderAnotherName() throws {
    let both = try ExchangeTests.Partners()
    try #require(try both.run().code == 0)
    try #require(try both.deliver().code == 0)
    let stray = both.drop + "/TEST-1_v1/data/.DS_Store"
    try "x".write(toFile: stray, atomically: true, encoding: .utf8)
    #expect(try both.receive().code == 1)
    try #require(try both.fetch().code == 0)
    let stuck = try both.deliver()
    #expect(stuck.code == 1)
    #expect(stuck.errors.contains("names no file to send again"))
    #expect(stuck.errors.contains("with --full"))
    let full = try both.deliver("--full")
    #expect(full.output.contains("/TEST-1_v1_full: full version 1, "), "\(full.errors)")
    _ = try both.receive()
    #expect(try Place.files(below: both.store + "/TEST-1/v1") == Place.files(below: both.series + "/TEST-1_v1"))
    #expect(try both.fetch().output.contains("version 1, ingest: accepted"))
    #expect(try both.deliveries().output.contains("version 1 for Partner: arrived"))
  }

  /// Version 1 arrived, and the partner misses a file of it.
  private func withoutTheCatalogue() throws -> ExchangeTests.Partners {
    let both = try ExchangeTests.Partners()
    try #require(try both.run().code == 0)
    try #require(try both.deliver().code == 0)
    try FileManager.default.removeItem(atPath: both.drop + "/TEST-1_v1/data/catalogue.csv")
    _ = try both.receive()
    return both
  }

  @Test func aRejectionIsNoArrival() throws {
    let both = try withoutTheCatalogue()
    let ticket = both.drop + "/TEST-1_v1.ticket.json"
    let rejected = try ferry("receipt", "reject", ticket, "--because", "it is broken", "--home", both.partner)
    try #require(rejected.code == 0, "\(rejected.errors)")
    #expect(try both.fetch().output.contains("acceptance: rejected, says partner@example.org: it is broken"))
    try both.correct()
    #expect(try both.deliver().output.contains("/TEST-1_v2: full version 2, "))
  }

  @Test func onlyTheDeliverysOwnPartnerAnswers() throws {
    let both = try ExchangeTests.Partners()
    try #require(try both.run().code == 0)
    try #require(try both.deliver().code == 0)
    let other = try ferry(
      "keys", "new", "--home", both.place.path + "/other", "--comment", "other@example.org", "--quiet")
    let known = try String(contentsOfFile: both.partner + "/allowed_signers", encoding: .utf8)
    try known.write(toFile: both.place.path + "/other/allowed_signers", atomically: true, encoding: .utf8)
    let list = both.place.home + "/allowed_signers"
    let partner = try String(contentsOfFile: list, encoding: .utf8)

    // The job names the partner's contact, and a key is listed under it.
    try (partner + other.output).write(toFile: list, atomically: true, encoding: .utf8)
    try receiveAll(both, home: both.place.path + "/other")
    let strange = try both.fetch()
    #expect(strange.code == 3)
    #expect(
      strange.errors.contains("other@example.org signed it, and TEST-1 was sent to partner@example.org"),
      "\(strange.errors)")
    #expect(try both.deliveries().output.contains("version 1 for Partner: sent"))

    // No key is listed under it: whoever answered first goes on answering.
    let renamed = partner.replacing("partner@example.org ", with: "library ") + other.output
    try renamed.write(toFile: list, atomically: true, encoding: .utf8)
    try FileManager.default.removeItem(atPath: both.replies)
    try #require(try both.receive().code == 0)
    #expect(try both.fetch().output.contains("ingest: accepted, says library"))
    try FileManager.default.removeItem(atPath: both.replies)
    try receiveAll(both, home: both.place.path + "/other")
    let second = try both.fetch()
    #expect(second.code == 3)
    #expect(second.errors.contains("other@example.org signed it, and library answered for TEST-1 before"))
    #expect(second.errors.contains("under the same name"))
  }

  private func receiveAll(_ both: ExchangeTests.Partners, home: String) throws {
    let taken = try ferry("receive", both.drop, "--store", home + "/store", "--home", home)
    try #require(taken.code == 0, "\(taken.errors)")
  }

  @Test func receiptsThatSayWhatCannotBeAreRefusedAndTheLastOfASecondCounts() throws {
    let both = try withoutTheCatalogue()
    let path = both.replies + "/TEST-1_v1.transport.receipt.json"
    let good = try String(contentsOfFile: path, encoding: .utf8)
    let id = try #require(good.firstMatch(of: /"receipt_id" : "([^"]+)"/)?.1)
    let time = try #require(good.firstMatch(of: /"received_at" : "([^"]+)"/)?.1)
    func told(_ changes: [(String, String)]) throws -> Finished {
      var text = good
      for (old, new) in changes {
        try #require(text.contains(old), "\(old) in \(text)")
        text.replace(old, with: new)
      }
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      try FileManager.default.removeItem(atPath: path + ".sig")
      let signed = try runProgram(
        "/usr/bin/ssh-keygen", ["-q", "-Y", "sign", "-n", "ferry-receipt", "-f", both.partner + "/key", path])
      try #require(signed.code == 0, "\(signed.errors)")
      return try both.receipt("TEST-1_v1", "transport")
    }

    let timeless = try told([(String(time), "yesterday")])
    #expect(timeless.code == 1 && timeless.errors.contains("its time 'received_at' is none in UTC"))
    let unknown = try told([("data/catalogue.csv", "data/nothing.csv")])
    #expect(unknown.code == 1)
    #expect(
      unknown.errors.contains("it asks for 'data/nothing.csv', which version 1 of TEST-1 does not have"),
      "\(unknown.errors)")

    // Three of one second: each has its say, whatever their names sort like.
    for (number, file) in ["data/catalogue.csv", "data/LICENSE.txt", "data/catalogue.csv"].enumerated() {
      let end = try told([(String(id), "urn:uuid:\(number)"), ("data/catalogue.csv", file)])
      #expect(end.output.contains("send again: \(file)\n"), "\(end.errors)")
      let deliveries = try ferry("deliveries", "--json", "--home", both.place.home).output
      #expect(deliveries.contains("\"\(file)\""), "\(deliveries)")
    }
  }

  @Test func aDropThatIsGoneIsNoSilence() throws {
    let both = try ExchangeTests.Partners()
    try both.exchangeFirst()
    try FileManager.default.moveItem(atPath: both.drop, toPath: both.drop + "-away")
    let gone = try both.fetch()
    #expect(gone.code == 75)
    #expect(gone.errors.hasPrefix("\(both.drop): error: packages were sent there, and there is no such folder now\n"))
    #expect(gone.output == "")
  }

  @Test func nothingHalfMadeStaysWithThePartner() throws {
    let both = try ExchangeTests.Partners()
    try #require(try both.run().code == 0)
    let partial = both.drop + "/.ferry-partial/"
    for name in ["TEST-1_v1", "TEST-1_v7_repair2", "TEST-1_v7_full", "OTHER_v1", "TEST-1_very"] {
      try FileManager.default.createDirectory(atPath: partial + name, withIntermediateDirectories: true)
    }
    // What is damaged here is refused, and leaves nothing there.
    let file = URL(fileURLWithPath: both.series + "/TEST-1_v1/data/catalogue.csv")
    let bytes = try Data(contentsOf: file)
    try (bytes + [0x20]).write(to: file)
    #expect(try both.deliver().code == 1)
    #expect(try FileManager.default.contentsOfDirectory(atPath: partial).sorted() == ["OTHER_v1", "TEST-1_very"])
    try bytes.write(to: file)
    for name in ["OTHER_v1", "TEST-1_very"] { try FileManager.default.removeItem(atPath: partial + name) }
    #expect(try both.deliver().code == 0)
    #expect(!FileManager.default.fileExists(atPath: partial))
  }
}
