package import FerryCore
internal import FerryFiles

/// A drop behind `rsync`, at a daemon or over ssh.
///
/// rsync gives a file its name only when its checksum is right, keeps what broke off aside, and goes on from it by
/// matching blocks. It cannot rename a folder: what is whole below `.ferry-partial` is linked to its name there, so that
/// nothing unfinished is ever seen under the package's name.
package struct RsyncDrop: RemoteDrop {
  package let target: DeliveryTarget
  /// It does so by itself, and proves it.
  package let canResume = false
  private let root: String
  private let connection: [String]
  private let tool: Tool
  private let ssh: SSHOptions?

  /// At a daemon.
  package init(daemon place: NetworkPlace) {
    target = .rsync(place)
    ssh = nil
    tool = Tool(name: .rsync, target: target)
    root = "rsync://" + place.address.droppingSlash + "/"
    connection = ["--contimeout=20"]
  }

  /// Over ssh.
  package init(ssh place: NetworkPlace, configuration: String?) {
    target = .rsyncOverSSH(place)
    let ssh = SSHOptions(place: place, configuration: configuration)
    self.ssh = ssh
    tool = Tool(name: .rsync, target: target)
    root = "\(place.bracketedHost):" + ssh.folder.droppingSlash + "/"
    // rsync splits this at blanks, and takes a doubled quote within quotes for one.
    let words = (["ssh"] + ssh.arguments).map { "'" + $0.replacing("'", with: "''") + "'" }
    connection = ["-e", words.joined(separator: " ")]
  }

  /// What broke off lies in a folder of this name beside its place.
  private static let broken = ".ferry-broken"

  package func look(for shipment: Shipment) async throws -> DropContent {
    let wanted = [
      "/\(Shipment.partialFolder)/", "/\(shipment.path(at: .partial))/***", "/\(shipment.bag)/***",
      "/\(shipment.ticket)",
    ]
    let ending = try await run(
      ["--list-only", "--recursive", "--no-human-readable"] + wanted.map { "--include=\($0)" } + ["--exclude=*", root])
    var content = DropContent()
    var hasTicket = false
    for entry in try entries(ending) where entry.kind != "d" {
      if entry.name == shipment.ticket { hasTicket = true }
      content.note(entry.name, size: entry.kind == "-" ? entry.size : nil, of: shipment)
    }
    if hasTicket { content.ticket = try await ticket(shipment) }
    return content
  }

  /// Reads what `--list-only` prints: kind and rights, size, day, time, name.
  private func entries(_ ending: Tool.Ending) throws -> [ListedEntry] {
    // 23: some could not be read, which is so where the drop itself is not there yet.
    if ending.code == 23, ending.complaints.contains(where: { $0.contains("No such file or directory") }) { return [] }
    guard ending.code == 0 else { throw Complaint.diagnostic(ending, tool, "looking at what is there") }
    let form = /(.)\S+ +([0-9,.]+) [0-9]{4}\/[0-9]{2}\/[0-9]{2} [0-9:]{8} (.*)/
    return ending.text.split(separator: "\n").compactMap { line in
      // What a daemon greets with is no entry.
      guard let match = line.wholeMatch(of: form), let size = Int(match.2.filter(\.isNumber)) else { return nil }
      return ListedEntry(kind: match.1, size: size, name: String(match.3))
    }
  }

  private func ticket(_ shipment: Shipment) async throws -> [UInt8]? {
    let path = shipment.desk + "/fetched.ticket.json"
    try Desk.clear(path)
    let ending = try await run(["--ignore-times", "--max-size=16M", root + shipment.ticket, path])
    guard ending.code == 0 else {
      throw Complaint.diagnostic(ending, tool, "reading the ticket", file: shipment.ticket)
    }
    return try Desk.read(path)
  }

  package func send(
    _ files: [Shipment.Sending], of shipment: Shipment, to stage: Stage, whole: @escaping @Sendable (String) -> Void
  ) async throws {
    let ending = try await run(
      [
        "--times", "--ignore-times", "--mkpath", "--partial-dir=\(Self.broken)", "--from0", "--files-from=-",
        shipment.folder + "/", root + shipment.path(at: stage) + "/",
      ],
      input: files.map { $0.path + "\0" }.joined())
    guard ending.code == 0 else {
      throw Complaint.diagnostic(ending, tool, "sending", file: shipment.path(at: stage))
    }
    for file in files { whole(file.path) }
  }

  /// Both ends read, and only checksums travel.
  package func differing(_ files: [String], of shipment: Shipment, at stage: Stage) async throws -> Set<String> {
    let ending = try await run(
      [
        "--checksum", "--dry-run", "--out-format=%n", "--from0", "--files-from=-", shipment.folder + "/",
        root + shipment.path(at: stage) + "/",
      ],
      input: files.map { $0 + "\0" }.joined())
    guard ending.code == 0 else {
      throw Complaint.diagnostic(ending, tool, "comparing checksums", file: shipment.path(at: stage))
    }
    return Set(ending.text.split(separator: "\n").map(String.init)).intersection(files)
  }

  /// Removes whatever the package here does not have.
  package func remove(_ files: [String], of shipment: Shipment, at stage: Stage) async throws {
    let ending = try await run(
      [
        "--recursive", "--delete", "--existing", "--ignore-existing", shipment.folder + "/",
        root + shipment.path(at: stage) + "/",
      ])
    guard ending.code == 0 else {
      throw Complaint.diagnostic(ending, tool, "removing what is not the package's", file: shipment.path(at: stage))
    }
  }

  package func place(_ shipment: Shipment) async throws {
    let linked = try await run(
      [
        "--recursive", "--times", "--link-dest=../\(shipment.path(at: .partial))",
        shipment.folder + "/", root + shipment.path(at: .final) + "/",
      ])
    guard linked.code == 0 else {
      throw Complaint.diagnostic(linked, tool, "giving the package its name", file: shipment.bag)
    }
    let content = try await look(for: shipment)
    guard content.final == .init(files: shipment.files) else {
      throw Diagnostic(
        "deliver.differs", at: Place("\(target)/\(shipment.bag)"), "it is not there as it was sent",
        hint: "running it again goes on from here; if that does not help, write to the partner")
    }
    try await clear(shipment)
  }

  package func clear(_ shipment: Shipment) async throws {
    // Only what is included is made as an empty folder is.
    let empty = shipment.desk + "/empty"
    try Desk.make(empty)
    let ending = try await run(
      [
        "--recursive", "--delete", "--include=/\(Shipment.partialFolder)/",
        "--include=/\(shipment.path(at: .partial))/***", "--exclude=*", empty + "/", root,
      ])
    guard ending.code == 0 else {
      throw Complaint.diagnostic(ending, tool, "clearing up", file: shipment.path(at: .partial))
    }
  }

  package func announce(_ shipment: Shipment) async throws {
    for name in [shipment.signature, shipment.ticket] {
      let ending = try await run(["--ignore-times", shipment.desk + "/" + name, root + name])
      guard ending.code == 0 else { throw Complaint.diagnostic(ending, tool, "sending the ticket", file: name) }
    }
  }

  package func files(in folder: String) async throws -> [String: Int] {
    let ending = try await run(["--list-only", "--dirs", "--no-human-readable", root + folder + "/"])
    return Dictionary(try entries(ending).filter { $0.kind == "-" }.map { ($0.name, $0.size) }) { $1 }
  }

  package func fetch(_ names: [String], from folder: String, to desk: String) async throws {
    // A daemon without a chroot may refuse a list of files to read, and call them vanished.
    let wanted = names.map { "--include=/" + $0 }
    let ending = try await run(
      ["--ignore-times", "--dirs"] + wanted + ["--exclude=*", root + folder + "/", desk + "/"])
    guard ending.code == 0 else { throw Complaint.diagnostic(ending, tool, "fetching", file: folder) }
  }

  private func run(_ arguments: [String], input: String = "") async throws -> Tool.Ending {
    if ssh != nil { _ = try tool.located(.ssh) }
    // `--secluded-args` keeps blanks and more from a shell at the other end; it had another name before 3.2.5.
    return try await tool.run(["--protect-args", "--timeout=60"] + connection + arguments, input: input)
  }
}

extension String {
  fileprivate var droppingSlash: String { hasSuffix("/") ? String(dropLast()) : self }
}
