package import FerryCore
internal import Foundation

/// A drop behind `rclone`, at whatever its configuration calls by a name.
///
/// It cannot go on within a file, and one that broke off may keep its name: so everything is sent below
/// `.ferry-partial`, and only what rclone says it copied, and has the right size, counts.
package struct RcloneDrop: RemoteDrop {
  package let target: DeliveryTarget
  package let canResume = false
  private let root: String
  private let tool: Tool

  package init(remote: String, path: String) {
    target = .rclone(remote: remote, path: path)
    tool = Tool(name: .rclone, target: target)
    root = path.isEmpty || path.hasSuffix("/") ? "\(remote):\(path)" : "\(remote):\(path)/"
  }

  private struct Entry: Decodable {
    var path: String
    var size: Int

    enum CodingKeys: String, CodingKey {
      case path = "Path"
      case size = "Size"
    }
  }

  package func look(for shipment: Shipment) async throws -> DropContent {
    let wanted = ["/\(shipment.bag)/**", "/\(shipment.path(at: .partial))/**", "/\(shipment.ticket)"]
    let ending = try await run(
      ["lsjson", "--recursive", "--files-only", "--no-modtime", "--no-mimetype"]
        + wanted.flatMap { ["--filter", "+ \($0)"] } + ["--filter", "- *", root])
    var content = DropContent()
    for entry in try entries(ending) {
      if entry.path == shipment.ticket { content.ticket = try await ticket(shipment) }
      content.note(entry.path, size: entry.size, of: shipment)
    }
    return content
  }

  private func entries(_ ending: Tool.Ending) throws -> [Entry] {
    // 3: no such folder, which is so where the drop itself is not there yet.
    if ending.code == 3 { return [] }
    guard ending.code == 0 else { throw Complaint.diagnostic(ending, tool, "looking at what is there") }
    do { return try JSONDecoder().decode([Entry].self, from: Data(ending.output)) } catch {
      throw Diagnostic(
        "deliver.listing", at: Place("\(target)"), "its listing cannot be read", hint: "see what 'rclone lsjson' prints"
      )
    }
  }

  private func ticket(_ shipment: Shipment) async throws -> [UInt8] {
    let ending = try await run(["cat", "--count", "\(16 << 20)", root + shipment.ticket])
    guard ending.code == 0 else {
      throw Complaint.diagnostic(ending, tool, "reading the ticket", file: shipment.ticket)
    }
    return ending.output
  }

  private struct Event: Decodable {
    var level: String
    var msg: String
    var object: String?
  }

  package func send(
    _ files: [Shipment.Sending], of shipment: Shipment, to stage: Stage, whole: @escaping @Sendable (String) -> Void
  ) async throws {
    let ending = try await run(
      [
        "copy", "--files-from-raw", "-", "--no-traverse", "--ignore-times", "--use-json-log", "--verbose",
        shipment.folder, root + shipment.path(at: stage),
      ],
      input: files.map { $0.path + "\n" }.joined()
    ) { voice, line in
      guard voice == .errors, let event = Self.event(line) else { return .goOn }
      if event.msg.hasPrefix("Copied ("), let path = event.object { whole(path) }
      // It has tried again already, and would go on to try every other file over a line that is dead.
      return event.level == "error" ? .stop : .goOn
    }
    guard ending.code == 0 else {
      var plain = ending
      plain.complaints = ending.complaints.compactMap { line in
        guard let event = Self.event(line) else { return line }
        return event.object.map { "\($0): \(event.msg)" } ?? event.msg
      }
      throw Complaint.diagnostic(plain, tool, "sending", file: shipment.path(at: stage))
    }
    // It does not speak of files that are empty or were the same.
    for file in files { whole(file.path) }
  }

  private static func event(_ line: String) -> Event? {
    do { return try JSONDecoder().decode(Event.self, from: Data(line.utf8)) } catch { return nil }
  }

  /// rclone fetches and compares as it goes, and keeps nothing.
  package func differing(_ files: [String], of shipment: Shipment, at stage: Stage) async throws -> Set<String> {
    let ending = try await run(
      [
        "check", "--download", "--one-way", "--combined", "-", "--files-from-raw", "-", shipment.folder,
        root + shipment.path(at: stage),
      ],
      input: files.map { $0 + "\n" }.joined())
    let lines = ending.text.split(separator: "\n")
    let same = Set(lines.filter { $0.hasPrefix("= ") }.map { String($0.dropFirst(2)) })
    let other = Set(lines.filter { $0.hasPrefix("* ") || $0.hasPrefix("+ ") }.map { String($0.dropFirst(2)) })
    guard same.union(other).isSuperset(of: files) else {
      throw Complaint.diagnostic(ending, tool, "reading back", file: shipment.path(at: stage))
    }
    return other.intersection(files)
  }

  package func remove(_ files: [String], of shipment: Shipment, at stage: Stage) async throws {
    let ending = try await run(
      ["delete", "--files-from-raw", "-", root + shipment.path(at: stage)], input: files.map { $0 + "\n" }.joined())
    guard ending.code == 0 else { throw Complaint.diagnostic(ending, tool, "removing what is not the package's") }
  }

  package func place(_ shipment: Shipment) async throws {
    let moved = try await run(["moveto", root + shipment.path(at: .partial), root + shipment.path(at: .final)])
    guard moved.code == 0 else {
      throw Complaint.diagnostic(moved, tool, "giving the package its name", file: shipment.bag)
    }
    // Where the store has no folders, that was a copy of every single file.
    guard try await look(for: shipment).final == .init(files: shipment.files) else {
      throw Diagnostic(
        "deliver.differs", at: Place("\(target)/\(shipment.bag)"), "it is not there as it was sent",
        hint: "running it again goes on from here; if that does not help, write to the partner")
    }
    try await clearUp("rmdirs", Shipment.partialFolder)
  }

  package func clear(_ shipment: Shipment) async throws {
    try await clearUp("delete", shipment.path(at: .partial))
    // Empty folders only: another package may be on its way there.
    try await clearUp("rmdirs", Shipment.partialFolder)
  }

  private func clearUp(_ command: String, _ folder: String) async throws {
    let ending = try await run([command, root + folder])
    // 3: it is not there.
    guard ending.code == 0 || ending.code == 3 else {
      throw Complaint.diagnostic(ending, tool, "clearing up", file: folder)
    }
  }

  package func announce(_ shipment: Shipment) async throws {
    for (name, there) in [(shipment.signature, shipment.signature), (shipment.ticket, ".\(shipment.ticket).part")] {
      let ending = try await run(["copyto", "--ignore-times", shipment.desk + "/" + name, root + there])
      guard ending.code == 0 else { throw Complaint.diagnostic(ending, tool, "sending the ticket", file: name) }
    }
    let ending = try await run(["moveto", root + ".\(shipment.ticket).part", root + shipment.ticket])
    guard ending.code == 0 else {
      throw Complaint.diagnostic(ending, tool, "giving the ticket its name", file: shipment.ticket)
    }
  }

  package func files(in folder: String) async throws -> [String: Int] {
    let ending = try await run(["lsjson", "--files-only", "--no-modtime", "--no-mimetype", root + folder])
    return Dictionary(try entries(ending).map { ($0.path, $0.size) }) { $1 }
  }

  package func fetch(_ names: [String], from folder: String, to desk: String) async throws {
    let ending = try await run(
      ["copy", "--files-from-raw", "-", "--no-traverse", "--ignore-times", root + folder, desk],
      input: names.map { $0 + "\n" }.joined())
    guard ending.code == 0 else { throw Complaint.diagnostic(ending, tool, "fetching", file: folder) }
  }

  private func run(
    _ arguments: [String], input: String = "",
    hear: @escaping @Sendable (Tool.Voice, String) -> Tool.Reaction = { _, _ in .goOn }
  ) async throws -> Tool.Ending {
    try await tool.run(
      arguments + [
        "--ask-password=false", "--contimeout=20s", "--timeout=60s", "--retries=1",
        "--stats=0",
      ],
      input: input, hear: hear)
  }
}
