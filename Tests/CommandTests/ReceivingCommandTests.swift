import Foundation
import Testing

/// The receiving side and `verify` as people use them.
@Suite struct ReceivingCommandTests {
  private typealias Partners = ExchangeTests.Partners

  private func sent() throws -> Partners {
    let both = try Partners()
    for step in [both.run, { try both.deliver() }] {
      let end = try step()
      try #require(end.code == 0, "\(end.errors)")
    }
    return both
  }

  /// `ferry` as somebody who may read only what its permissions say, also where tests run as root.
  private func restricted(_ arguments: String...) throws -> Finished {
    if geteuid() != 0 { return try runProgram(binary, arguments) }
    let powers = "-dac_override,-dac_read_search"
    return try runProgram("/usr/bin/setpriv", ["--bounding-set", powers, "--inh-caps", powers, binary] + arguments)
  }

  @Test func everyTicketHasALineOfItsOwn() throws {
    let both = try sent()
    try "{}".write(toFile: both.drop + "/AAA_v1.ticket.json", atomically: true, encoding: .utf8)
    try FileManager.default.createSymbolicLink(
      atPath: both.drop + "/BBB_v1.ticket.json", withDestinationPath: "/etc/passwd")
    let taken = try both.receive()
    #expect(taken.code == 1)
    #expect(
      taken.output == """
        AAA_v1: not taken, and no receipt written
        BBB_v1: not taken, and no receipt written
        TEST-1_v1: accepted, in \(both.store)/TEST-1/v1

        """)
    #expect(taken.errors.contains("\(both.drop)/AAA_v1.ticket.json: error: it cannot be read as ferry-ticket/1"))
    #expect(taken.errors.contains("\(both.drop)/BBB_v1.ticket.json: error: it is a link, a folder or a device"))
    let answers = try ferry("receive", both.drop, "--store", both.store, "--home", both.partner, "--json")
    #expect(answers.code == 1 && answers.output.contains("\"package\" : \"AAA_v1\""))
  }

  /// A file or folder that the receiving user may not read is nothing that the sender could send again.
  @Test func whatCannotBeReadHereIsNotAskedForAgain() throws {
    let both = try sent()
    let package = both.drop + "/TEST-1_v1"
    for path in [package + "/data/catalogue.csv", package + "/data/lessons/A"] {
      let mode = path.hasSuffix(".csv") ? 0o644 : 0o755
      try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: path)
      let refused = try restricted("receive", both.drop, "--store", both.store, "--home", both.partner)
      try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
      #expect(refused.code == 75)
      #expect(refused.output == "TEST-1_v1: not taken, and no receipt written\n")
      #expect(refused.errors.contains("\(path): error: "), "\(refused.errors)")
      #expect(!FileManager.default.fileExists(atPath: both.replies))
    }
    // The drop may be read and not written: the version is taken, and answered when it can be.
    try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: both.drop)
    let silent = try restricted("receive", both.drop, "--store", both.store, "--home", both.partner)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: both.drop)
    #expect(silent.code == 75)
    #expect(silent.output == "TEST-1_v1: in \(both.store)/TEST-1/v1, and no receipt could be written\n")
    #expect(silent.errors.contains("\(both.replies): error: making the folder failed: Permission denied"))
    #expect(try both.receive().code == 0)
    #expect(try both.receipt("TEST-1_v1", "ingest").code == 0)
  }

  @Test func whatIsLostIsSentAgain() throws {
    let both = try sent()
    let package = both.drop + "/TEST-1_v1"
    try "x".write(toFile: package + "/data/.DS_Store", atomically: false, encoding: .utf8)
    let stray = try both.receive()
    #expect(stray.code == 1 && stray.output == "TEST-1_v1: corrupt; 1 file to remove\n")
    #expect(
      try both.receipt("TEST-1_v1", "transport").output.contains("to be removed from the package: data/.DS_Store"))
    try FileManager.default.removeItem(atPath: package)
    let lost = try both.receive()
    #expect(lost.code == 2 && lost.output == "TEST-1_v1: incomplete; everything to send again\n")
    let told = try both.receipt("TEST-1_v1", "transport")
    #expect(told.code == 0 && told.output.contains("send again: data\n"), "\(told.errors)")
    let again = try both.deliver()
    #expect(again.code == 0, "\(again.errors)")
    #expect(try both.receive().code == 0)
    #expect(try Place.files(below: both.store + "/TEST-1/v1") == Place.files(below: both.series + "/TEST-1_v1"))
  }

  @Test func acceptanceNeedsAVersionThatIsHere() throws {
    let both = try sent()
    let ticket = both.drop + "/TEST-1_v1.ticket.json"
    let early = try ferry("receipt", "accept", ticket, "--home", both.partner)
    #expect(early.code == 2)
    #expect(early.errors.contains("run 'ferry receive' on this folder first"))
    #expect(try ferry("receipt", "reject", ticket, "--because", "late", "--home", both.partner).code == 0)
    #expect(try both.receive().code == 0)
    #expect(try ferry("receipt", "accept", ticket, "--home", both.partner).code == 0)
  }

  /// Zeroes in the middle of a film, with every digest of the package made anew.
  private func spoil(_ package: String, _ film: String) throws {
    func sums(_ name: String) throws -> [String] {
      try ["sha256sum", "sha512sum"].map { tool in
        String(try runProgram("/usr/bin/" + tool, [package + "/" + name]).output.prefix { $0 != " " })
      }
    }
    var changed: [(old: String, new: String)] = []
    func change(_ name: String, _ edit: (Data) -> Data) throws {
      let before = try sums(name)
      try forge(package, name, edit)
      changed += zip(before, try sums(name)).map { ($0, $1) }
    }
    func rename(_ data: Data) -> Data {
      Data(changed.reduce(String(decoding: data, as: UTF8.self)) { $0.replacing($1.old, with: $1.new) }.utf8)
    }
    let state = try sums("manifest-sha512.txt")[0]
    try change(film) { data in
      var data = data
      let middle = data.startIndex + data.count / 2
      data.replaceSubrange(middle..<middle + 2000, with: Data(count: 2000))
      return data
    }
    for name in ["lessons/A/A.json", "catalogue.csv", "ro-crate-metadata.json", "ro-crate-preview.html"] {
      try change("data/" + name, rename)
    }
    changed.append((state, try sums("manifest-sha512.txt")[0]))
    try forge(package, "ferry-delivery.json", rename)
  }

  @Test func onlyALookIntoTheFilmFindsWhatTheDigestsDoNotShow() throws {
    let both = try Partners(outputs: "mp4, hls")
    try #require(try both.run().code == 0)
    let package = both.series + "/TEST-1_v1"
    let whole = try ferry("verify", package, "--quick")
    #expect(whole.code == 0 && whole.output.contains(", no media file opened)"), "\(whole.output)")
    #expect(try ferry("verify", package, "--deep").output.contains("decoded from end to end"))
    #expect(try ferry("verify", package, "--quick", "--deep").code == 64)

    // What is missing brings no complaint about the playlists that name it.
    let streams = try FileManager.default.contentsOfDirectory(atPath: package + "/data/lessons/A/hls")
    let stream = package + "/data/lessons/A/hls/" + (try #require(streams.first { $0.hasSuffix("p.mp4") }))
    try FileManager.default.moveItem(atPath: stream, toPath: both.place.path + "/kept")
    let missing = try ferry("verify", package)
    #expect(missing.code == 2)
    #expect(
      missing.errors.split(separator: "\n").filter { $0.contains(": error: ") }.allSatisfy { $0.contains("p.mp4: ") })
    try FileManager.default.moveItem(atPath: both.place.path + "/kept", toPath: stream)
    for list in ["tagmanifest-sha512.txt", "data/catalogue.csv"] {
      try FileManager.default.moveItem(atPath: package + "/" + list, toPath: both.place.path + "/kept")
      #expect(try ferry("verify", package).code == 2)
      try FileManager.default.moveItem(atPath: both.place.path + "/kept", toPath: package + "/" + list)
    }

    try spoil(package, "data/lessons/A/A.mp4")
    let quick = try ferry("verify", package, "--quick")
    #expect(quick.code == 0, "\(quick.errors)")
    for depth in [[], ["--deep"]] {
      let found = try ferry(["verify", package] + depth)
      #expect(found.code == 1)
      #expect(found.errors.contains("data/lessons/A/A.mp4: error: "), "\(found.errors)")
    }
  }

  @Test func resumingNeverTakesAFileOfYours() throws {
    let place = try Place()
    let notes = try place.write("my notes\n", "notes.txt")
    let refused = try ferry("verify", place.path, "--resume", notes)
    #expect(refused.code == 65)
    #expect(refused.errors.contains("\(notes): error: "))
    #expect(try String(contentsOfFile: notes, encoding: .utf8) == "my notes\n")
    try FileManager.default.createDirectory(atPath: place.path + "/bag", withIntermediateDirectories: true)
    let foreign = try ferry("verify", place.path + "/bag", "--resume", notes)
    #expect(foreign.code == 65)
    #expect(foreign.errors.contains("\(notes): error: it is no journal of an earlier check, and is left as it is"))
    #expect(try String(contentsOfFile: notes, encoding: .utf8) == "my notes\n")
  }
}
