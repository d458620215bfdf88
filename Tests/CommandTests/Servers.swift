import Foundation
import Testing

/// Real servers on ports of 127.0.0.1, which end with this object: sshd, an rsync daemon, `rclone serve webdav`.
final class Servers {
  struct Facts: Decodable {
    var served: String
    var sshd: Int
    var rsyncd: Int
    var webdav: Int
    var sshConfig: String
    var rcloneConfig: String
    var user: String
  }

  enum Kind: String, CaseIterable { case sftp, rsync, rsyncOverSSH, rclone }

  let facts: Facts
  private let process = Process()
  private let input = Pipe()

  init(_ folder: String) throws {
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: projectFolder + "/.tools/venv/bin/python")
    process.arguments = [projectFolder + "/Tests/Judges/servers.py", folder]
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    var line = Data()
    while line.last != UInt8(ascii: "\n") {
      let data = output.fileHandleForReading.availableData
      try #require(!data.isEmpty, "the servers do not start")
      line += data
    }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    facts = try decoder.decode(Facts.self, from: line)
  }

  deinit {
    do { try input.fileHandleForWriting.close() } catch { print("cannot tell the servers to end: \(error)") }
    process.waitUntilExit()
  }

  /// A folder below what is served, as `--to` names it.
  func target(_ kind: Kind, _ folder: String) -> String {
    switch kind {
    case .sftp: "sftp://\(facts.user)@127.0.0.1:\(facts.sshd)\(facts.served)/\(folder)"
    case .rsync: "rsync://127.0.0.1:\(facts.rsyncd)/drop/\(folder)"
    case .rsyncOverSSH: "rsync+ssh://\(facts.user)@127.0.0.1:\(facts.sshd)\(facts.served)/\(folder)"
    case .rclone: "rclone:partner:\(folder)"
    }
  }

  func path(_ folder: String) -> String { facts.served + "/" + folder }
}

/// A sender who has published two versions, and a partner.
struct Published {
  let both: ExchangeTests.Partners
  let servers: Servers

  init() throws {
    both = try ExchangeTests.Partners(outputs: "mp4, hls", lines: 360)
    servers = try Servers(both.place.path + "/servers")
    let first = try both.run()
    try #require(first.code == 0, "\(first.errors)")
    try FileManager.default.createDirectory(atPath: firstOnly, withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: both.series, toPath: firstOnly + "/TEST-1")
    let text = try String(contentsOfFile: both.subtitle, encoding: .utf8)
    let word = try #require(text.split(separator: "\n").first { $0.contains(where: \.isLetter) })
    _ = try both.place.write(text.replacing(word, with: "Good morning.", maxReplacements: 1), "A.en.srt")
    let second = try both.run()
    try #require(second.code == 0, "\(second.errors)")
  }

  /// Where only version 1 is published.
  var firstOnly: String { both.place.path + "/first" }

  /// A sender's home as it is before anything was sent.
  func home(_ name: String) throws -> String {
    let home = both.place.path + "/" + name
    try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
    for file in ["key", "key.pub", "allowed_signers"]
    where FileManager.default.fileExists(atPath: both.place.home + "/" + file) {
      try FileManager.default.copyItem(atPath: both.place.home + "/" + file, toPath: home + "/" + file)
    }
    return home
  }

  func deliver(
    _ target: String, home: String, out: String? = nil, sshConfig: String? = nil, environment: [String: String] = [:],
    _ more: String...
  ) throws -> Finished {
    try runProgram(
      binary,
      [
        "deliver", "TEST-1", "--to", target, "--home", home, "--out", out ?? both.place.out, "--ssh-config",
        sshConfig ?? servers.facts.sshConfig,
      ] + more, environment: ["RCLONE_CONFIG": servers.facts.rcloneConfig].merging(environment) { $1 })
  }

  /// Looks for answers wherever something was sent from `home`.
  func fetch(home: String, sshConfig: String? = nil) throws -> Finished {
    try runProgram(
      binary, ["receipt", "fetch", "--home", home, "--ssh-config", sshConfig ?? servers.facts.sshConfig],
      environment: ["RCLONE_CONFIG": servers.facts.rcloneConfig])
  }

  func receive(_ drop: String, store: String) throws -> Finished {
    try ferry("receive", drop, "--store", store, "--home", both.partner)
  }

  /// What the library that wrote down BagIt says of a package.
  func bagit(_ package: String) throws -> Finished {
    try runProgram(
      projectFolder + "/.tools/venv/bin/python", ["-m", "bagit", "--validate", "--quiet", package])
  }
}
