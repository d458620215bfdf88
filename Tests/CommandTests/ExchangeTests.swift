import Foundation
import Testing

/// Sender and partner, each with the built program, a folder of their own and the other's key.
@Suite struct ExchangeTests {
  /// One of the two, and what they share.
  struct Partners {
    let place: Place
    let job: String

    var drop: String { place.path + "/drop" }
    var store: String { place.path + "/store" }
    var partner: String { place.path + "/partner" }
    var series: String { place.out + "/TEST-1" }
    var replies: String { drop + "/acknowledgements" }
    var subtitle: String { place.path + "/A.en.srt" }

    /// `titles` beside A, whose subtitle file is the test's own.
    init(titles: [String] = [], outputs: String = "mp4", lines: Int = 180) throws {
      place = try Place()
      let profile = """
        ferry-profile: 1
        name: small
        extends: web-small
        outputs: [\(outputs)]
        video:
          ladder:
            - { lines: \(lines), quality: 16, max-rate: 8000k, buffer: 16000k, preset: ultrafast }
        """
      _ = try place.write(profile, "small.yaml")
      let english = try place.write(String(contentsOfFile: Fixture.silentEnglish, encoding: .utf8), "A.en.srt")
      job = try place.job([title("A", source: Fixture.silent, english: english)] + titles)
      let text = try String(contentsOfFile: job, encoding: .utf8)
      _ = try place.write(text.replacing("profile: web\n", with: "profile: small.yaml\n"), "job.yaml")
      let sender = try ferry("keys", "new", "--home", place.home, "--comment", "media@example.org", "--quiet")
      let receiver = try ferry("keys", "new", "--home", partner, "--comment", "partner@example.org", "--quiet")
      try #require(sender.code == 0 && receiver.code == 0, "\(sender.errors)\(receiver.errors)")
      try sender.output.write(toFile: partner + "/allowed_signers", atomically: true, encoding: .utf8)
      try receiver.output.write(toFile: place.home + "/allowed_signers", atomically: true, encoding: .utf8)
    }

    /// Makes version 1, sends it, receives it and takes in the receipt.
    func exchangeFirst() throws {
      for step in [run, { try deliver() }, receive, { try receipt("TEST-1_v1", "ingest") }] {
        let end = try step()
        try #require(end.code == 0, "\(end.errors)")
      }
    }

    /// Changes the subtitle file and makes the next version.
    func correct() throws {
      _ = try place.write("1\n00:00:00,100 --> 00:00:02,000\nOther words.\n", "A.en.srt")
      try #require(try run().code == 0)
    }

    func run() throws -> Finished { try ferry("run", job, "--home", place.home, "--out", place.out) }
    func deliver(_ more: String = "--quiet") throws -> Finished {
      try ferry("deliver", "TEST-1", "--to", drop, "--home", place.home, "--out", place.out, more)
    }
    func receive() throws -> Finished { try ferry("receive", drop, "--store", store, "--home", partner) }
    func receipt(_ bag: String, _ stage: String) throws -> Finished {
      try ferry("receipt", "import", "\(replies)/\(bag).\(stage).receipt.json", "--home", place.home)
    }
    func fetch(_ more: String...) throws -> Finished { try ferry(["receipt", "fetch", "--home", place.home] + more) }
    func deliveries() throws -> Finished { try ferry("deliveries", "--home", place.home) }
    func defects() throws -> Finished { try ferry("defects", "list", "--home", place.home) }
    func status() throws -> Finished { try ferry("status", "--home", place.home) }

    /// Takes in one defect of title A's subtitle file in version 1.
    func find(_ id: String, in path: String = "data/lessons/A/A.en.srt") throws -> Finished {
      let row = "\(id),A,\(path),\(try digest(path)),,,1,translation,major,,,,,\r\n"
      let list = try place.write(try ferry("defects", "template").output + row, "\(id).csv")
      return try ferry("defects", "import", list, "--home", place.home)
    }

    /// SHA-512 of a file as the package of version 1 lists it.
    func digest(_ path: String) throws -> String {
      let list = try String(contentsOfFile: series + "/TEST-1_v1/manifest-sha512.txt", encoding: .utf8)
      let line = try #require(list.split(separator: "\n").first { $0.hasSuffix("  " + path) })
      return String(line.prefix(128))
    }
  }

  private static func size(_ folder: String) throws -> Int {
    try Place.files(below: folder).values.reduce(0) { $0 + $1.count }
  }

  @Test func fromTheFirstVersionToTheLastDefect() throws {
    // In streaming files texts stand apart from pictures, so that a corrected one is all that travels.
    let both = try Partners(
      titles: [title("B", source: Fixture.surround, english: Fixture.surroundEnglish)], outputs: "hls", lines: 720)
    let made = try both.run()
    try #require(made.code == 0, "\(made.errors)")
    let first = try Place.files(below: both.series + "/TEST-1_v1")

    // Version 1 travels whole.
    #expect(try both.receive().code == 2)
    let sent = try both.deliver()
    try #require(sent.code == 0, "\(sent.errors)")
    #expect(sent.output.contains("full version 1"))
    #expect(try both.deliver().output.contains("sent before"))
    #expect(try Place.files(below: both.drop + "/TEST-1_v1") == first)
    #expect(try both.deliveries().output.contains("TEST-1 version 1 for Partner: sent, sent 20"))
    let taken = try both.receive()
    #expect(taken.code == 0, "\(taken.errors)")
    #expect(try both.receipt("TEST-1_v1", "ingest").output.contains("says partner@example.org"))
    #expect(try both.deliveries().output.contains("version 1 for Partner: arrived"))

    // The partner finds something.
    let path = "data/lessons/A/A.en.srt"
    let found = try both.place.write(
      try ferry("defects", "template").output
        + "D-1,A,\(path),\(try both.digest(path)),,,1,translation,major,Hello,Good morning,,Li,2026-11-25\r\n",
      "defects.csv")
    let defects = try ferry("defects", "import", found, "--home", both.place.home)
    #expect(defects.code == 0, "\(defects.errors)")
    #expect(defects.output == "TEST-1: 1 open defect in A: mend the files and run the job again\n")
    #expect(try both.defects().output.hasPrefix("TEST-1 D-1: open, major translation, \(path), cue 1\n"))

    // It is work, until a file changes; a run of the same files mends nothing and says so.
    let words = "1 open defect: D-1 major translation, \(path), cue 1"
    #expect(try both.status().output.contains("\nREOPENED (1)\n  TEST-1 A"))
    #expect(try both.status().output.contains(words))
    let same = try both.run()
    #expect(same.code == 0 && same.errors.contains("TEST-1 A: reopened: \(words)"), "\(same.errors)")
    #expect(try both.status().output.contains("REOPENED (1)"))
    #expect(try both.defects().output.hasPrefix("TEST-1 D-1: open"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: both.series) == ["TEST-1_v1"])

    // It is mended: version 2 stands beside version 1, and only what changed travels.
    let text = try String(contentsOfFile: both.subtitle, encoding: .utf8)
    let word = try #require(text.split(separator: "\n").first { $0.contains(where: \.isLetter) })
    _ = try both.place.write(text.replacing(word, with: "Good morning.", maxReplacements: 1), "A.en.srt")
    let again = try both.run()
    try #require(again.code == 0, "\(again.errors)")
    #expect(try Place.files(below: both.series + "/TEST-1_v1") == first)
    #expect(!again.errors.contains("reopened"), "\(again.errors)")
    #expect(try both.status().output.hasPrefix("TEST-1  2 done"))
    #expect(try both.run().errors.contains("unchanged"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: both.series).sorted() == ["TEST-1_v1", "TEST-1_v2"])
    let manifest = try String(contentsOfFile: both.series + "/TEST-1_v2/ferry-delivery.json", encoding: .utf8)
    #expect(manifest.contains("\"D-1\""))
    #expect(!manifest.contains("\"removed\" : [\n    {"), "a new version that lacks nothing says that files are gone")
    let supplement = try both.deliver()
    #expect(supplement.output.contains("supplement to version 1"), "\(supplement.output)\(supplement.errors)")
    let share = Double(try Self.size(both.drop + "/TEST-1_v2")) / Double(try Self.size(both.series + "/TEST-1_v2"))
    #expect(share < 0.1, "\(share)")
    #expect(try both.defects().output.hasPrefix("TEST-1 D-1: fixed in version 2"))

    // The partner puts it together, looks at it and accepts it.
    let second = try both.receive()
    #expect(second.code == 0, "\(second.errors)")
    #expect(
      try Place.files(below: both.store + "/TEST-1/v2") == Place.files(below: both.series + "/TEST-1_v2"))
    #expect(try String(contentsOfFile: both.store + "/TEST-1/current", encoding: .utf8) == "v2\n")
    #expect(try both.receipt("TEST-1_v2", "ingest").code == 0)
    #expect(try both.defects().output.hasPrefix("TEST-1 D-1: fixed in version 2"), "arriving is not accepting")
    let ticket = both.drop + "/TEST-1_v2.ticket.json"
    let accepted = try ferry("receipt", "accept", ticket, "--home", both.partner)
    #expect(accepted.code == 0, "\(accepted.errors)")
    #expect(try both.receipt("TEST-1_v2", "acceptance").code == 0)
    #expect(try both.receipt("TEST-1_v2", "acceptance").output.contains("known already"))
    #expect(try both.defects().output.hasPrefix("TEST-1 D-1: closed in version 2"))
    let end = try both.deliveries()
    #expect(end.code == 0)
    #expect(end.output.contains("TEST-1 version 2 for Partner: accepted"))
    let versions = [1, 2].map { both.series + "/TEST-1_v\($0)" }
    let archive = try judge("archive.py", versions + [both.drop + "/TEST-1_v2"])
    #expect(archive.code == 0, "\(archive.output)\(archive.errors)")
    #expect(archive.output.contains("3 packages, 2 versions"))
  }

  @Test func defectsOfWhatIsMendedAlreadyAreClosedToo() throws {
    let both = try Partners()
    try both.exchangeFirst()
    try both.correct()

    // Version 2 is made and not sent: the title is no work, and the defect stays open until it is sent.
    let early = try both.find("D-1")
    #expect(early.output == "TEST-1: 1 open defect\n", "\(early.errors)")
    #expect(try both.status().output.hasPrefix("TEST-1  1 done"))
    #expect(try both.defects().output.hasPrefix("TEST-1 D-1: open"))
    try #require(try both.deliver().code == 0)
    #expect(try both.defects().output.hasPrefix("TEST-1 D-1: fixed in version 2"))

    // Version 2 is sent: what they still say of version 1 is answered by it, and closed with it.
    #expect(try both.find("D-2").output == "TEST-1 D-2: fixed in version 2 already\nTEST-1: 0 open defects\n")
    try #require(try both.receive().code == 0)
    try #require(try ferry("receipt", "accept", both.drop + "/TEST-1_v2.ticket.json", "--home", both.partner).code == 0)
    try #require(try both.receipt("TEST-1_v2", "acceptance").code == 0)
    let closed = try both.defects().output
    #expect(closed.contains("D-1: closed in version 2") && closed.contains("D-2: closed in version 2"), "\(closed)")
    #expect(try both.find("D-3").output == "TEST-1 D-3: closed in version 2 already\nTEST-1: 0 open defects\n")

    // What version 2 did not touch is work, until it is answered with a reason.
    #expect(try both.find("D-4", in: "data/lessons/A/A.jpg").output.contains("1 open defect in A"))
    #expect(try both.status().output.contains("REOPENED (1)"))
    let declined = try ferry("defects", "decline", "TEST-1", "D-4", "--because", "as filmed", "--home", both.place.home)
    #expect(declined.code == 0)
    #expect(try both.status().output.hasPrefix("TEST-1  1 done"))
  }

  @Test func whatArrivesDamagedIsAskedForAndSentAgain() throws {
    let both = try Partners()
    try #require(try both.run().code == 0)
    try #require(try both.deliver().code == 0)
    let damaged = both.drop + "/TEST-1_v1/data/lessons/A/A.en.vtt"
    let bytes = try Data(contentsOf: URL(fileURLWithPath: damaged))
    try (bytes.dropLast() + [bytes[bytes.endIndex - 1] ^ 1]).write(to: URL(fileURLWithPath: damaged))
    try FileManager.default.removeItem(atPath: both.drop + "/TEST-1_v1/data/catalogue.csv")

    let refused = try both.receive()
    #expect(refused.code == 1)
    #expect(refused.output == "TEST-1_v1: corrupt; 2 files to send again\n")
    #expect(!FileManager.default.fileExists(atPath: both.store + "/TEST-1/v1"))
    let told = try both.receipt("TEST-1_v1", "transport")
    #expect(told.output.contains("send again: data/catalogue.csv\n  send again: data/lessons/A/A.en.vtt\n"))
    let waiting = try both.deliveries()
    #expect(waiting.code == 2)
    #expect(waiting.output.contains("damaged"))
    #expect(waiting.output.contains("2 files to send again"))

    let repair = try both.deliver()
    #expect(repair.output.contains("/TEST-1_v1_repair1: repair of version 1, 2 files"), "\(repair.errors)")
    let taken = try both.receive()
    #expect(taken.code == 0, "\(taken.output)\(taken.errors)")
    #expect(
      try Place.files(below: both.store + "/TEST-1/v1") == Place.files(below: both.series + "/TEST-1_v1"))
    #expect(try both.receipt("TEST-1_v1_repair1", "ingest").code == 0)
    #expect(try both.deliveries().output.contains("version 1 for Partner: arrived"))
    #expect(try both.deliver().output.contains("sent before"))
  }

  @Test func onlyKnownKeysAreBelieved() throws {
    let both = try Partners()
    try #require(try both.run().code == 0)
    #expect(try ferry("verify", both.series + "/TEST-1_v1", "--keys", both.partner + "/allowed_signers").code == 2)
    try #require(try both.deliver().code == 0)
    let package = both.drop + "/TEST-1_v1"
    let keys = both.partner + "/allowed_signers"
    let verified = try ferry("verify", package, "--keys", keys, "--resume", both.place.path + "/digests")
    #expect(verified.code == 0, "\(verified.errors)")
    #expect(verified.output.contains("signed by media@example.org"))
    #expect(!FileManager.default.fileExists(atPath: both.place.path + "/digests"), "a finished check keeps no journal")

    let command = "ssh-keygen -Y verify -f \(keys) -I media@example.org -n ferry-delivery -s \(package).ticket.json.sig"
    let judged = try runProgram("/bin/sh", ["-c", command + " < \(package).ticket.json"])
    #expect(judged.code == 0, "\(judged.errors)")
    #expect(judged.output.hasPrefix("Good \"ferry-delivery\" signature for media@example.org"))

    // A receipt by somebody else, and a ticket by somebody else.
    try #require(try both.receive().code == 0)
    let strangers = try ferry("keys", "new", "--home", both.place.path + "/stranger", "--quiet").output
    try strangers.write(toFile: both.place.home + "/allowed_signers", atomically: true, encoding: .utf8)
    let receipt = try both.receipt("TEST-1_v1", "ingest")
    #expect(receipt.code == 3)
    #expect(receipt.errors.contains("is not among the keys known for 'ferry-receipt'"))
    try strangers.write(toFile: keys, atomically: true, encoding: .utf8)
    #expect(try ferry("verify", package, "--keys", keys).code == 3)
    let refused = try both.receive()
    #expect(refused.code == 3)
    #expect(refused.errors.contains("is not among the keys known for 'ferry-delivery'"))
  }

  @Test func answersAreLookedForWhereverPackagesWereSent() throws {
    let both = try Partners()
    try #require(try both.fetch().output == "nothing new\n")
    try #require(try both.run().code == 0)
    try #require(try both.deliver().code == 0)
    #expect(try both.fetch().output == "nothing new\n")
    try #require(try both.receive().code == 0)
    // What answers something else is passed over; what cannot be believed keeps no other out.
    for name in ["notes.txt", "OTHER_v1.ingest.receipt.json", "TEST-1_v1.x y.receipt.json"] {
      try "{}".write(toFile: both.replies + "/" + name, atomically: true, encoding: .utf8)
    }
    let forged = both.replies + "/TEST-1_v1.acceptance.receipt.json"
    try "{}".write(toFile: forged, atomically: true, encoding: .utf8)
    let told = try both.fetch()
    #expect(told.code == 3)
    #expect(told.errors.hasPrefix("\(forged).sig: error: the receipt has no signature beside it\n"))
    #expect(
      told.output
        == "TEST-1 version 1, ingest: accepted, says partner@example.org: version 1 is whole and in the store\n")
    try FileManager.default.removeItem(atPath: forged)
    #expect(try both.fetch().output == "nothing new\n")
    #expect(try both.fetch("OTHER").output == "nothing new\n")
    #expect(try both.deliveries().output.contains("version 1 for Partner: arrived"))

    // The same version was sent to a second place, and is accepted there.
    let second = both.place.path + "/second"
    let sent = try ferry("deliver", "TEST-1", "--to", second, "--home", both.place.home, "--out", both.place.out)
    try #require(sent.code == 0, "\(sent.errors)")
    #expect(try both.deliveries().output.contains(" to \(both.drop) and \(second)\n"))
    let ticket = second + "/TEST-1_v1.ticket.json"
    try #require(try ferry("receive", second, "--store", both.store, "--home", both.partner).code == 0)
    try #require(try both.fetch().code == 0)
    try #require(try ferry("receipt", "accept", ticket, "--home", both.partner).code == 0)
    #expect(try both.fetch().output == "TEST-1 version 1, acceptance: accepted, says partner@example.org: accepted\n")
    #expect(try both.deliveries().output.contains("version 1 for Partner: accepted"))
  }

  @Test func saysWhatCannotBeDelivered() throws {
    let both = try Partners()
    let nothing = try both.deliver()
    #expect(nothing.code == 2)
    #expect(nothing.errors.contains("no version of TEST-1 is published there"))
    #expect(!FileManager.default.fileExists(atPath: both.drop))
    let label = try ferry("deliver", "../x", "--to", both.drop, "--home", both.place.home)
    #expect(label.code == 1)
    #expect(label.errors.contains("it is no label of a delivery"))
    let keyless = try ferry("deliver", "TEST-1", "--to", both.drop, "--key", both.place.path + "/none")
    #expect(keyless.code == 65)
    #expect(keyless.errors.contains("there is no key to sign with"))
    let twice = try ferry("keys", "new", "--home", both.place.home)
    #expect(twice.code == 1)
    #expect(twice.errors.contains("a key that partners know must not be replaced"))
    let list = try both.place.write("id\r\n", "defects.csv")
    #expect(try ferry("defects", "import", list, "--home", both.place.home).code == 1)
    let declined = try ferry("defects", "decline", "TEST-1", "D-9", "--because", "no", "--home", both.place.home)
    #expect(declined.code == 65)
    let unsent = try both.place.write(
      try ferry("defects", "template").output
        + "D-1,A,data/a,\(String(repeating: "0", count: 128)),,,,timing,minor,,,,,",
      "unsent.csv")
    let early = try ferry("defects", "import", unsent, "--delivery", "TEST-1", "--home", both.place.home)
    #expect(early.code == 1)
    #expect(early.errors.contains("nothing of this delivery was sent from here"), "\(early.errors)")
    #expect(declined.errors.contains("TEST-1: error: there is no open defect 'D-9'"))

    // What is in the way stays; what was published by hand under the next number too.
    try #require(try both.run().code == 0)
    try FileManager.default.createDirectory(atPath: both.drop + "/TEST-1_v1", withIntermediateDirectories: true)
    try "mine".write(toFile: both.drop + "/TEST-1_v1/notes.txt", atomically: true, encoding: .utf8)
    let taken = try both.deliver()
    #expect(taken.code == 1)
    #expect(taken.errors.contains("something else has this name already"))
    #expect(try Place.files(below: both.drop).keys.sorted() == ["TEST-1_v1/notes.txt"])
  }

  @Test func aKilledDeliveryIsRunAgain() throws {
    let both = try Partners()
    try #require(try both.run().code == 0)
    // Killed while it copied.
    let partial = both.drop + "/.ferry-partial/TEST-1_v1"
    try FileManager.default.createDirectory(atPath: partial, withIntermediateDirectories: true)
    try "half".write(toFile: partial + "/bagit.txt", atomically: true, encoding: .utf8)
    #expect(try both.receive().code == 2)
    let sent = try both.deliver()
    #expect(sent.code == 0, "\(sent.errors)")
    let package = both.series + "/TEST-1_v1"
    #expect(try Place.files(below: both.drop + "/TEST-1_v1") == Place.files(below: package))
    #expect(!FileManager.default.fileExists(atPath: both.drop + "/.ferry-partial"))

    // Killed before the ticket was noted, and before it was written.
    try FileManager.default.removeItem(atPath: both.place.home + "/exchange")
    #expect(try both.deliver().output.contains("full version 1"))
    #expect(try both.deliveries().output.contains("sent"))
    try FileManager.default.removeItem(atPath: both.drop + "/TEST-1_v1.ticket.json")
    #expect(try both.deliver().output.contains("full version 1"))
    #expect(try both.receive().code == 0)

    // What was damaged meanwhile gets no ticket.
    try FileManager.default.removeItem(atPath: both.drop + "/TEST-1_v1.ticket.json")
    try "other".write(toFile: both.drop + "/TEST-1_v1/data/catalogue.csv", atomically: false, encoding: .utf8)
    let damaged = try both.deliver()
    #expect(damaged.code == 1)
    #expect(damaged.errors.contains("data/catalogue.csv: error: "))
    #expect(!FileManager.default.fileExists(atPath: both.drop + "/TEST-1_v1.ticket.json"))
  }

  @Test func theWholeVersionIsSentWhereASupplementDoesNotHelp() throws {
    let both = try Partners()
    try both.exchangeFirst()
    try both.correct()
    #expect(try both.deliver().output.contains("supplement to version 1"))

    // The partner lost what the supplement needs.
    try FileManager.default.removeItem(atPath: both.store)
    for name in ["", ".ticket.json", ".ticket.json.sig"] {
      try FileManager.default.removeItem(atPath: both.drop + "/TEST-1_v1" + name)
    }
    let refused = try both.receive()
    #expect(refused.code == 1)
    #expect(refused.errors.contains("version 2 is a supplement to version 1, and that version is not here"))
    #expect(try both.receipt("TEST-1_v2", "transport").output.contains("wrong-base"))
    let full = try both.deliver("--full")
    #expect(full.output.contains("/TEST-1_v2_full: full version 2"), "\(full.errors)")
    let taken = try both.receive()
    #expect(taken.code == 0, "\(taken.errors)")
    #expect(try Place.files(below: both.store + "/TEST-1/v2") == Place.files(below: both.series + "/TEST-1_v2"))

    // The published folder itself cannot take the supplement's name.
    let same = try ferry(
      "deliver", "TEST-1", "--to", both.series, "--home", both.place.home, "--out", both.place.out)
    #expect(same.code == 1)
    #expect(same.errors.contains("'TEST-1_v2' was sent already as another package"))
  }
}
