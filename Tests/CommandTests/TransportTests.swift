import Foundation
import Testing

/// Deliveries through the tools of others to real servers.
@Suite(.serialized) struct TransportTests {
  @Test func everyServerTakesAVersionAndThenWhatChanged() throws {
    let published = try Published()
    let both = published.both
    for kind in Servers.Kind.allCases {
      // Blanks, Chinese, and where it may be also what patterns and quotes are made of.
      let folder = "课程 \(kind.rawValue)/收 in" + (kind == .sftp ? "'[1]\"*?" : kind == .rclone ? "'[1]" : "'s")
      let drop = published.servers.path(folder)
      let target = published.servers.target(kind, folder)
      let home = try published.home("home-\(kind)")
      let store = both.place.path + "/store-\(kind)"

      let first = try published.deliver(target, home: home, out: published.firstOnly)
      #expect(first.code == 0, "\(kind): \(first.errors)")
      #expect(first.output.hasPrefix("\(target)/TEST-1_v1: full version 1, "), "\(first.output)")
      #expect(first.errors == "")
      #expect(
        try Place.files(below: drop + "/TEST-1_v1") == Place.files(below: published.firstOnly + "/TEST-1/TEST-1_v1"))
      #expect(try published.bagit(drop + "/TEST-1_v1").code == 0)
      #expect(try published.fetch(home: home).output == "nothing new\n", "\(kind): there is no folder of answers yet")
      let names = try FileManager.default.contentsOfDirectory(atPath: drop).sorted()
      #expect(names == ["TEST-1_v1", "TEST-1_v1.ticket.json", "TEST-1_v1.ticket.json.sig"], "\(kind)")

      let again = try published.deliver(target, home: home, out: published.firstOnly)
      #expect(again.output == "\(target)/TEST-1_v1: sent before, full version 1\n", "\(again.errors)")
      let taken = try published.receive(drop, store: store)
      #expect(taken.code == 0, "\(taken.errors)")
      if kind == .sftp || kind == .rsyncOverSSH {
        let strange = try published.fetch(home: home, sshConfig: "/dev/null")
        #expect(strange.code == 75 && strange.errors.hasPrefix("\(target): error: "), "\(kind): \(strange)")
      }
      let told = try published.fetch(home: home)
      #expect(told.code == 0, "\(kind): \(told.errors)")
      #expect(
        told.output
          == "TEST-1 version 1, ingest: accepted, says partner@example.org: version 1 is whole and in the store\n")
      #expect(try published.fetch(home: home).output == "nothing new\n")

      let second = try published.deliver(target, home: home)
      #expect(second.output.contains("/TEST-1_v2: supplement to version 1, "), "\(kind): \(second.errors)")
      #expect(try published.bagit(drop + "/TEST-1_v2").code == 0)
      #expect(try published.receive(drop, store: store).code == 0)
      #expect(try Place.files(below: store + "/TEST-1/v2") == Place.files(below: both.series + "/TEST-1_v2"))
      #expect(!FileManager.default.fileExists(atPath: home + "/exchange/TEST-1/outbox"))
      #expect(!FileManager.default.fileExists(atPath: drop + "/.ferry-partial"))
      #expect(try ferry("deliveries", "--home", home).output.contains(" to \(target)\n"))
    }
  }

  @Test func whatIsInTheWayStaysAndWhatIsThereIsProven() throws {
    let published = try Published()
    let package = published.both.series + "/TEST-1_v2"
    for kind in Servers.Kind.allCases {
      let drop = published.servers.path("\(kind)")
      let target = published.servers.target(kind, "\(kind)")
      try FileManager.default.createDirectory(atPath: drop + "/TEST-1_v2", withIntermediateDirectories: true)
      try "mine".write(toFile: drop + "/TEST-1_v2/notes.txt", atomically: true, encoding: .utf8)
      let taken = try published.deliver(target, home: published.home("in-the-way-\(kind)"))
      #expect(taken.code == 1)
      #expect(taken.errors.hasPrefix("\(target)/TEST-1_v2: error: something else has this name already\n"))
      #expect(try Place.files(below: drop).keys.sorted() == ["TEST-1_v2/notes.txt"], "\(kind)")

      // The package without its ticket, from a home that knows nothing of it.
      try FileManager.default.removeItem(atPath: drop + "/TEST-1_v2")
      try FileManager.default.copyItem(atPath: package, toPath: drop + "/TEST-1_v2")
      let damaged = drop + "/TEST-1_v2/data/catalogue.csv"
      let good = try Data(contentsOf: URL(fileURLWithPath: damaged))
      try (good.dropLast() + [good[good.endIndex - 1] ^ 1]).write(to: URL(fileURLWithPath: damaged))
      let refused = try published.deliver(target, home: published.home("damaged-\(kind)"))
      #expect(refused.code == 1)
      #expect(
        refused.errors.hasPrefix("\(target)/TEST-1_v2/data/catalogue.csv: error: it has another content there"),
        "\(kind): \(refused.errors)")
      #expect(!FileManager.default.fileExists(atPath: drop + "/TEST-1_v2.ticket.json"))
      try good.write(to: URL(fileURLWithPath: damaged))
      let proven = try published.deliver(target, home: published.home("proven-\(kind)"))
      #expect(proven.code == 0, "\(kind): \(proven.errors)")

      // Another ticket under the name.
      try "{}".write(toFile: drop + "/TEST-1_v2.ticket.json", atomically: true, encoding: .utf8)
      let other = try published.deliver(target, home: published.home("other-\(kind)"))
      #expect(other.code == 1)
      #expect(other.errors.contains("version 2 of TEST-1 has a ticket already, for other content"), "\(other.errors)")
    }
  }

  /// Files that another run left are as good as nothing until they are read back.
  @Test(arguments: ["resumed", "always", "never"])
  func whatAnEarlierRunLeftIsNotBelieved(readback: String) throws {
    let published = try Published()
    let package = published.both.series + "/TEST-1_v2"
    let sizes = try Place.files(below: package).mapValues(\.count)
    let largest = try #require(sizes.max { $0.value < $1.value }?.key)
    try #require(sizes[largest] ?? 0 > 600_000, "\(sizes)")
    for kind in Servers.Kind.allCases {
      let drop = published.servers.path("left-\(kind)")
      let target = published.servers.target(kind, "left-\(kind)")
      let home = try published.home("left-\(kind)")
      // A file that has the package's name lets everything be sent, and no more.
      try FileManager.default.createDirectory(atPath: drop, withIntermediateDirectories: true)
      try "".write(toFile: drop + "/TEST-1_v2", atomically: true, encoding: .utf8)
      let stuck = try published.deliver(target, home: home)
      #expect(stuck.code == 75, "\(kind): \(stuck.errors)")
      #expect(stuck.errors.contains("giving the package its name failed"), "\(kind): \(stuck.errors)")
      try FileManager.default.removeItem(atPath: drop + "/TEST-1_v2")
      let partial = drop + "/.ferry-partial/TEST-1_v2/"
      #expect(try Place.files(below: partial).count == sizes.count, "\(kind)")

      // One file broke off, and its beginning is not what was sent.
      let broken = URL(fileURLWithPath: partial + largest)
      try (Data([0xFF, 0xFF, 0xFF]) + Data(contentsOf: broken).prefix(400_000).dropFirst(3)).write(to: broken)
      // Of another the size is right, and nobody noted that it was sent.
      let journals = home + "/exchange/TEST-1/outbox/TEST-1_v2/"
      let name = try #require(
        try FileManager.default.contentsOfDirectory(atPath: journals).first { $0.hasSuffix(".sending") })
      let lines = try String(contentsOfFile: journals + name, encoding: .utf8).split(separator: "\n")
      #expect(Set(lines.dropFirst().map(String.init)) == Set(sizes.keys))
      try lines.filter { $0 != "data/catalogue.csv" }.map { $0 + "\n" }.joined()
        .write(toFile: journals + name, atomically: true, encoding: .utf8)
      let unproven = URL(fileURLWithPath: partial + "data/catalogue.csv")
      let bytes = try Data(contentsOf: unproven)
      try (bytes.dropLast() + [bytes[bytes.endIndex - 1] ^ 1]).write(to: unproven)
      // Something of nobody's lies beside them.
      try "x".write(toFile: partial + "data/.x.AbC123", atomically: true, encoding: .utf8)

      let sent = try published.deliver(target, home: home, "--readback", readback)
      #expect(sent.code == 0, "\(kind): \(sent.errors)")
      #expect(try Place.files(below: drop + "/TEST-1_v2") == Place.files(below: package), "\(kind)")
      #expect(!FileManager.default.fileExists(atPath: drop + "/.ferry-partial"))
    }
  }

  @Test func saysWhatIsWrongWithATarget() throws {
    let published = try Published()
    let facts = published.servers.facts
    let home = try published.home("sender")
    func refused(
      _ target: String, _ words: String..., code: Int32 = 75, sshConfig: String? = nil,
      environment: [String: String] = [:], at location: SourceLocation = #_sourceLocation
    ) throws {
      let end = try published.deliver(target, home: home, sshConfig: sshConfig, environment: environment)
      #expect(end.code == code, "\(end.errors)", sourceLocation: location)
      for word in words { #expect(end.errors.contains(word), "\(end.errors)", sourceLocation: location) }
      #expect(end.errors.contains("hint: "), "\(end.errors)", sourceLocation: location)
      #expect(!"\(end.output)\(end.errors)".contains("s3cret"), sourceLocation: location)
      #expect(!end.errors.contains("\u{1B}"), sourceLocation: location)
      if code == 75 { #expect(end.errors.split(separator: "\n").count == 2, "\(end.errors)", sourceLocation: location) }
    }

    for target in ["sftp://me:s3cret@h/x", "rsync://me:s3cret@h/m/x", "rsync+ssh://me:s3cret@h/x"] {
      try refused(target, "a password does not belong into a target", code: 64)
    }
    try refused("rclone::webdav,pass=s3cret:x", "names no remote of rclone's configuration", code: 64)
    try refused("ftp://h/x", "'ftp://' is nothing that ferry can reach", code: 64)

    let bare = published.both.place.path + "/bare"
    try FileManager.default.createDirectory(atPath: bare, withIntermediateDirectories: true)
    for (kind, package) in [(Servers.Kind.sftp, "openssh-client"), (.rsync, "rsync"), (.rclone, "rclone")] {
      try refused(
        published.servers.target(kind, "x"), "is not installed", "apt-get install \(package)",
        environment: ["PATH": bare])
    }

    let sftp = published.servers.target(.sftp, "x")
    let unknown = try published.both.place.write(
      try String(contentsOfFile: facts.sshConfig, encoding: .utf8).replacing("known_hosts", with: "none"), "unknown")
    try refused(
      sftp, "sftp://", "Host key verification failed", "ask the partner for the host's key", sshConfig: unknown)
    try refused(
      published.servers.target(.rsyncOverSSH, "x"), "Host key verification failed", sshConfig: unknown)
    let keyless = try published.both.place.write(
      try String(contentsOfFile: facts.sshConfig, encoding: .utf8).replacing("/id\"", with: "/none\""), "keyless")
    try refused(sftp, "Permission denied (publickey", "IdentityFile", sshConfig: keyless)
    // Nobody listens at port 1 of this machine.
    try refused("sftp://127.0.0.1:1/x", "Connection refused", "nothing answers there")
    try refused("rsync://127.0.0.1:1/m/x", "Connection refused", "nothing answers there")
    try refused("rsync+ssh://127.0.0.1:1/x", "Connection refused", "nothing answers there")
    try refused("sftp://\(facts.user)@127.0.0.1:\(facts.sshd)/sys/in", "Permission denied", "the right to write there")
    try refused(
      "rsync://127.0.0.1:\(facts.rsyncd)/nobodys/x", "Unknown module 'nobodys'", "ask the partner for the module's name"
    )
    try refused("rsync://127.0.0.1:\(facts.rsyncd)/locked/x", "read only", "the right to write there")
    try refused(
      "rsync://sender@127.0.0.1:\(facts.rsyncd)/private/x", "auth failed on module private", "RSYNC_PASSWORD",
      environment: ["RSYNC_PASSWORD": "s3cret"])
    try refused("rclone:nobodys:x", "didn't find section in config file", "rclone listremotes")
    let dead = try published.both.place.write(
      "[partner]\ntype = webdav\nurl = http://me:s3cret@127.0.0.1:1\nvendor = other\n", "dead.conf")
    try refused("rclone:partner:x", "connection refused", environment: ["RCLONE_CONFIG": dead])
    #expect(try Place.files(below: facts.served).isEmpty)
  }

  @Test func noSecretIsInAnArgument() throws {
    let published = try Published()
    let trace = published.both.place.path + "/trace"
    let home = try published.home("sender")
    let sent = try runProgram(
      "/usr/bin/strace",
      [
        "-f", "-qq", "-s", "65536", "-e", "trace=execve", "-o", trace, binary, "deliver", "TEST-1", "--to",
        "rsync://sender@127.0.0.1:\(published.servers.facts.rsyncd)/private/x", "--home", home, "--out",
        published.both.place.out,
      ], environment: ["RSYNC_PASSWORD": "not-for-the-log"])
    #expect(sent.code == 0, "\(sent.errors)")
    let calls = try String(contentsOfFile: trace, encoding: .utf8)
    #expect(calls.contains("rsync://sender@"))
    #expect(!"\(calls)\(sent.output)\(sent.errors)".contains("not-for-the-log"))
    for (name, data) in try Place.files(below: home) {
      #expect(!String(decoding: data, as: UTF8.self).contains("not-for-the-log"), "\(name)")
    }
  }

  /// `cut.py` says what must hold. `FERRY_CUT_TRIALS=50` breaks fifty times of each kind at each server.
  @Test func aBreakAnywhereLeavesThePartnerAWholeVersion() throws {
    let published = try Published()
    let both = published.both
    // The partner has version 1.
    let sent = try ferry(
      "deliver", "TEST-1", "--to", both.drop, "--home", both.place.home, "--out", published.firstOnly)
    try #require(sent.code == 0, "\(sent.errors)")
    try #require(try both.receive().code == 0)
    try #require(try both.receipt("TEST-1_v1", "ingest").code == 0)
    let home = try published.home("told")
    try FileManager.default.copyItem(atPath: both.place.home + "/exchange", toPath: home + "/exchange")
    let trials = ProcessInfo.processInfo.environment["FERRY_CUT_TRIALS"] ?? "4"
    let verdict = try judge(
      "cut.py",
      [binary, both.place.path + "/cut", home, both.place.out, both.partner, both.store, "--trials", trials])
    #expect(verdict.code == 0, "\(verdict.output)\(verdict.errors)")
    print(verdict.output)
  }
}
