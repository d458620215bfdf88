package import FerryCore
internal import FerryFiles
internal import Foundation

/// A drop behind OpenSSH's `sftp`, which is given its commands on standard input.
///
/// A command without a dash that fails ends the batch, so what is echoed next proves that the one before was done.
package struct SFTPDrop: RemoteDrop {
  package let target: DeliveryTarget
  package let canResume = true
  private let ssh: SSHOptions
  private let tool: Tool

  package init(_ place: NetworkPlace, configuration: String?) {
    target = .sftp(place)
    ssh = SSHOptions(place: place, configuration: configuration)
    tool = Tool(name: .sftp, target: target)
  }

  package func look(for shipment: Shipment) async throws -> DropContent {
    let ticket = shipment.desk + "/fetched.ticket.json"
    try Desk.clear(ticket)
    var batch = Batch()
    batch.add("cd", ssh.folder)
    batch.try("get", shipment.ticket, ticket)
    for stage in [Stage.partial, .final] {
      for folder in shipment.folders { batch.try("ls -lan", shipment.path(folder, at: stage)) }
    }
    let ending = try await run(batch)
    guard try isThere(ending) else { return DropContent() }
    var content = DropContent()
    content.ticket = try Desk.read(ticket)
    try note(ending.text, shipment, &content)
    return content
  }

  /// Whether the drop's folder was there to be listed; whatever else went wrong is an error.
  private func isThere(_ ending: Tool.Ending) throws -> Bool {
    // A name that is not there is an answer; whatever else is complained of is not.
    let trouble = ending.complaints.filter {
      !$0.contains("not found") && !$0.contains("No such file") && !$0.hasPrefix("Connected to ")
    }
    if trouble.isEmpty, ending.code == 1, !ending.text.contains("ls -lan") { return false }
    guard trouble.isEmpty, ending.code == 0 else {
      throw Complaint.diagnostic(ending, tool, "looking at what is there")
    }
    return true
  }

  private func note(_ text: String, _ shipment: Shipment, _ content: inout DropContent) throws {
    let folders = Set(
      [Stage.partial, .final].flatMap { stage in shipment.folders.map { shipment.path($0, at: stage) } })
    for entry in try entries(text) where entry.kind != "d" || !folders.contains(entry.name) {
      content.note(entry.name, size: entry.kind == "-" ? entry.size : nil, of: shipment)
    }
  }

  /// Reads what `ls -lan` prints: kind and rights, links, owner, group, size, day, time or year, name.
  private func entries(_ text: String) throws -> [ListedEntry] {
    let form = /(.)\S+ +\S+ .*? +([0-9]+) [A-Z][a-z]{2} +[0-9]{1,2} +[0-9:]{4,5} (.*)/
    var entries: [ListedEntry] = []
    for line in text.split(separator: "\n") where line.prefixMatch(of: /[bcdlps\-][r\-][w\-]/) != nil {
      guard let match = line.wholeMatch(of: form), let size = Int(match.2) else {
        throw Diagnostic(
          "deliver.listing", at: Place("\(target)"), "its listing cannot be read: \(Complaint.harmless(String(line)))",
          hint: "see what 'ls -lan' prints in sftp there")
      }
      if match.3.hasSuffix("/.") || match.3.hasSuffix("/..") { continue }
      entries.append(ListedEntry(kind: match.1, size: size, name: String(match.3)))
    }
    return entries
  }

  package func send(
    _ files: [Shipment.Sending], of shipment: Shipment, to stage: Stage, whole: @escaping @Sendable (String) -> Void
  ) async throws {
    var batch = Batch()
    for folder in foldersAbove { batch.try("mkdir", folder) }
    batch.add("cd", ssh.folder)
    batch.add("lcd", shipment.folder)
    if stage == .partial { batch.try("mkdir", Shipment.partialFolder) }
    for folder in shipment.folders { batch.try("mkdir", shipment.path(folder, at: stage)) }
    for file in files {
      // `-f` has the server write it to its disk, where the server can.
      batch.add(file.isResumed ? "reput -f" : "put -f", file.path, shipment.path(file.path, at: stage))
    }
    let echoes = Echoes(files.map(\.path), whole)
    let ending = try await run(batch) { voice, line in
      if voice == .output { echoes.hear(line) }
      return .goOn
    }
    guard ending.code == 0 else {
      throw Complaint.diagnostic(ending, tool, "sending", file: echoes.current.map { shipment.path($0, at: stage) })
    }
    echoes.finish()
  }

  /// The drop's folder and those above it, which may all have to be made.
  private var foldersAbove: [String] {
    let parts = ssh.folder.split(separator: "/")
    let root = ssh.folder.hasPrefix("/") ? "/" : ""
    return parts.indices.map { root + parts[...$0].joined(separator: "/") }.filter { $0 != "." }
  }

  package func differing(_ files: [String], of shipment: Shipment, at stage: Stage) async throws -> Set<String> {
    let folder = shipment.desk + "/fetched"
    try Desk.clear(folder)
    try Desk.make(folder)
    var batch = Batch()
    batch.add("cd", ssh.folder)
    batch.add("lcd", folder)
    for (number, file) in files.enumerated() { batch.add("get", shipment.path(file, at: stage), "\(number)") }
    let ending = try await run(batch)
    guard ending.code == 0 else { throw Complaint.diagnostic(ending, tool, "reading back") }
    var differing: Set<String> = []
    for (number, file) in files.enumerated()
    where try !Desk.areSame("\(folder)/\(number)", shipment.folder + "/" + file) {
      differing.insert(file)
    }
    try Desk.clear(folder)
    return differing
  }

  package func remove(_ files: [String], of shipment: Shipment, at stage: Stage) async throws {
    var batch = Batch()
    batch.add("cd", ssh.folder)
    for file in files {
      batch.try("rm", shipment.path(file, at: stage))
      batch.try("rmdir", shipment.path(file, at: stage))
    }
    let ending = try await run(batch)
    guard ending.code == 0 else { throw Complaint.diagnostic(ending, tool, "removing what is not the package's") }
  }

  package func place(_ shipment: Shipment) async throws {
    var batch = Batch()
    batch.add("cd", ssh.folder)
    batch.add("rename", shipment.path(at: .partial), shipment.path(at: .final))
    batch.try("rmdir", Shipment.partialFolder)
    let ending = try await run(batch)
    guard ending.code == 0 else {
      throw Complaint.diagnostic(ending, tool, "giving the package its name", file: shipment.bag)
    }
  }

  package func clear(_ shipment: Shipment) async throws {
    var batch = Batch()
    batch.add("cd", ssh.folder)
    for file in shipment.files.keys.sorted() { batch.try("rm", shipment.path(file, at: .partial)) }
    for folder in shipment.folders.reversed() { batch.try("rmdir", shipment.path(folder, at: .partial)) }
    batch.try("rmdir", Shipment.partialFolder)
    let ending = try await run(batch)
    guard ending.code == 0 else { throw Complaint.diagnostic(ending, tool, "clearing up") }
  }

  package func announce(_ shipment: Shipment) async throws {
    var batch = Batch()
    batch.add("cd", ssh.folder)
    batch.add("lcd", shipment.desk)
    for name in [shipment.signature, shipment.ticket] {
      batch.add("put -f", name, ".\(name).part")
      // Servers without OpenSSH's own rename refuse a name that is there; a signature alone says nothing.
      if name == shipment.signature { batch.try("rm", name) }
      batch.add("rename", ".\(name).part", name)
    }
    let ending = try await run(batch)
    guard ending.code == 0 else {
      throw Complaint.diagnostic(ending, tool, "sending the ticket", file: shipment.ticket)
    }
  }

  package func files(in folder: String) async throws -> [String: Int] {
    var batch = Batch()
    batch.add("cd", ssh.folder)
    batch.try("ls -lan", folder)
    let ending = try await run(batch)
    guard try isThere(ending) else { return [:] }
    let files = try entries(ending.text).filter { $0.kind == "-" }
    return Dictionary(files.map { ($0.name.split(separator: "/").last.map(String.init) ?? "", $0.size) }) { $1 }
  }

  package func fetch(_ names: [String], from folder: String, to desk: String) async throws {
    var batch = Batch()
    batch.add("cd", ssh.folder)
    batch.add("lcd", desk)
    for name in names { batch.add("get", folder + "/" + name, name) }
    let ending = try await run(batch)
    guard ending.code == 0 else { throw Complaint.diagnostic(ending, tool, "fetching", file: folder) }
  }

  private func run(
    _ batch: Batch, hear: @escaping @Sendable (Tool.Voice, String) -> Tool.Reaction = { _, _ in .goOn }
  ) async throws -> Tool.Ending {
    _ = try tool.located(.ssh)
    return try await tool.run(
      ["-b", "-"] + ssh.arguments + ["--", ssh.place.bracketedHost], input: batch.text, hear: hear)
  }
}

/// Commands for `sftp -b`.
private struct Batch {
  private(set) var text = ""

  /// A command that ends the batch when it fails.
  mutating func add(_ command: String, _ names: String...) { write(command, names) }

  /// A command that may fail.
  mutating func `try`(_ command: String, _ names: String...) { write("-" + command, names) }

  /// Within quotes only the quote itself and the backslash are special, to sftp's patterns too.
  private mutating func write(_ command: String, _ names: [String]) {
    let quoted = names.map { name in
      "\"" + name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
    text += ([command] + quoted).joined(separator: " ") + "\n"
  }
}
