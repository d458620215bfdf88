/// A drop that only another program reaches; every failure is a `Diagnostic` that names target and file.
///
/// ```
/// ROOT/.ferry-partial/BAG/   what is being sent
/// ROOT/BAG/                  the package, whole before its ticket is there
/// ROOT/BAG.ticket.json(.sig)
/// ```
package protocol RemoteDrop: Sendable {
  var target: DeliveryTarget { get }
  /// Whether `send` can go on where a file broke off; the end of such a file proves nothing of its beginning.
  var canResume: Bool { get }

  /// What is there of a package.
  func look(for shipment: Shipment) async throws -> DropContent
  /// Sends files, making folders as needed; `whole` hears of each that the program says was sent.
  func send(
    _ files: [Shipment.Sending], of shipment: Shipment, to stage: Stage, whole: @escaping @Sendable (String) -> Void
  ) async throws
  /// The files whose content there is another than here, found by reading them there.
  func differing(_ files: [String], of shipment: Shipment, at stage: Stage) async throws -> Set<String>
  /// Removes files that are not the package's.
  func remove(_ files: [String], of shipment: Shipment, at stage: Stage) async throws
  /// Gives what is whole below `.ferry-partial` its name, and leaves nothing there.
  func place(_ shipment: Shipment) async throws
  /// Removes what is left of a package below `.ferry-partial`.
  func clear(_ shipment: Shipment) async throws
  /// Puts the signature and then the ticket beside the package, each under its name only when it is whole.
  func announce(_ shipment: Shipment) async throws
  /// Sizes of the files in a folder of the drop, by name, not those below; none where there is no such folder.
  func files(in folder: String) async throws -> [String: Int]
  /// Copies files of a folder of the drop into the folder `desk` here, under their names.
  func fetch(_ names: [String], from folder: String, to desk: String) async throws
}

/// A package as it lies here and is to lie there.
package struct Shipment: Hashable, Sendable {
  /// Its name there.
  package var bag: String
  /// The folder that holds it here.
  package var folder: String
  /// Every file's size, by its path below the folder.
  package var files: [String: Int]
  /// The folder here that holds ticket and signature under their names, and room for what is fetched.
  package var desk: String

  package init(bag: String, folder: String, files: [String: Int], desk: String) {
    (self.bag, self.folder, self.files, self.desk) = (bag, folder, files, desk)
  }

  package struct Sending: Hashable, Sendable {
    package var path: String
    /// Goes on where an earlier try broke off.
    package var isResumed: Bool

    package init(_ path: String, isResumed: Bool = false) { (self.path, self.isResumed) = (path, isResumed) }
  }

  package static let partialFolder = ".ferry-partial"
  package static let ticketSuffix = ".ticket.json"

  package var ticket: String { bag + Self.ticketSuffix }
  package var signature: String { ticket + ".sig" }

  /// Every folder that has files or folders, those above before those below; the package's own is "".
  package var folders: [String] {
    var folders: Set<String> = [""]
    for path in files.keys {
      var parts = path.split(separator: "/").dropLast()
      while !parts.isEmpty {
        folders.insert(parts.joined(separator: "/"))
        parts.removeLast()
      }
    }
    return folders.sorted()
  }

  /// A folder or file of the package, relative to the drop.
  package func path(_ name: String = "", at stage: Stage) -> String {
    let folder =
      switch stage {
      case .partial: Self.partialFolder + "/" + bag
      case .final: bag
      }
    return name.isEmpty ? folder : folder + "/" + name
  }
}

/// Where in the drop a package's files are.
package enum Stage: Hashable, Sendable { case partial, final }

/// What a look at a drop finds of one package.
package struct DropContent: Hashable, Sendable {
  package struct Folder: Hashable, Sendable {
    /// Sizes by path.
    package var files: [String: Int]
    /// What is no file and no folder of the package.
    package var others: Set<String>

    package init(files: [String: Int] = [:], others: Set<String> = []) { (self.files, self.others) = (files, others) }

    package var isEmpty: Bool { files.isEmpty && others.isEmpty }
    /// Whatever the shipment does not have, in order.
    package func extras(beside shipment: Shipment) -> [String] {
      (files.keys.filter { shipment.files[$0] == nil } + others).sorted()
    }
  }

  package var ticket: [UInt8]?
  package var partial = Folder()
  package var final = Folder()

  package init() {}

  package subscript(stage: Stage) -> Folder {
    get { stage == .partial ? partial : final }
    set { if stage == .partial { partial = newValue } else { final = newValue } }
  }

  /// Takes in an entry that a program listed by its path below the drop; anything not of the package is passed over.
  package mutating func note(_ path: String, size: Int?, of shipment: Shipment) {
    for stage in [Stage.partial, .final] {
      let prefix = shipment.path(at: stage) + "/"
      guard path.hasPrefix(prefix) else { continue }
      let name = String(path.dropFirst(prefix.count))
      if let size { self[stage].files[name] = size } else { self[stage].others.insert(name) }
    }
  }
}
