internal import FerryCore
internal import FerryFiles
internal import Foundation

/// Sends a package that is proven here to a drop that another program reaches, and its ticket last.
///
/// An exit code proves nothing: before the package gets its name, what the drop lists must be what was meant, name by
/// name and size by size. What another run left is used as far as the journal or reading it back proves it.
struct Shipping {
  private let drop: any RemoteDrop
  private let readBack: ReadBack
  private let correspondence: Correspondence

  init(_ drop: any RemoteDrop, _ readBack: ReadBack, _ correspondence: Correspondence) {
    (self.drop, self.readBack, self.correspondence) = (drop, readBack, correspondence)
  }

  /// Smaller files are sent anew: to resume one costs reading it back.
  private static let leastResumed = 256 << 10

  /// The ticket that is there.
  func ticket(of bag: String) async throws -> [UInt8]? {
    let desk = correspondence.outbox(bag)
    try Files.makeFolder(desk)
    let shipment = Shipment(bag: bag, folder: desk, files: [:], desk: desk)
    return try await saying { try await drop.look(for: shipment).ticket }
  }

  /// Sends what is in `folder`; when it returns, package and ticket are there.
  ///
  /// Where its ticket is there already it does nothing, or with `isAgain` sends what is not there any more; answers
  /// whether anything was sent.
  func send(_ folder: String, _ ticket: Ticket, _ key: SigningKey, isAgain: Bool) async throws -> Bool {
    let desk = correspondence.outbox(ticket.bag)
    try Files.makeFolder(desk)
    try ticket.write(to: desk + "/" + Ticket.fileName(ticket.bag), with: key)
    let shipment = Shipment(bag: ticket.bag, folder: folder, files: try sizes(in: folder), desk: desk)
    return try await saying {
      let content = try await drop.look(for: shipment)
      if let before = content.ticket {
        try ticket.refuseOther(before, at: Place("\(drop.target)/\(shipment.ticket)"))
        // It was written last, so everything else was there.
        if !isAgain || content.final == .init(files: shipment.files) { return false }
      }
      let target = Digests.sha256(Array("\(drop.target)".utf8)).prefix(16)
      let journal = try SendingJournal.open("\(desk)/\(target).sending", ticket, drop.target)
      let isWhole = content.final == .init(files: shipment.files)
      // Giving the name may have broken off, where that is not done at once.
      if content.final.isEmpty || !isWhole && journal.isContinued && !content.partial.isEmpty {
        try await fill(.partial, content.partial, shipment, journal)
        try await drop.place(shipment)
      } else {
        if !journal.isContinued { try await refuseOther(content.final, shipment) }
        try await fill(.final, content.final, shipment, journal)
        // A listing may not show folders that are empty.
        if !content.partial.isEmpty || journal.isContinued { try await drop.clear(shipment) }
      }
      try await drop.announce(shipment)
      return true
    }
  }

  private func sizes(in folder: String) throws -> [String: Int] {
    var sizes: [String: Int] = [:]
    for name in try Files.list(folder) {
      var status = stat()
      guard lstat(folder + "/" + name, &status) == 0 else { throw Files.failed("lstat", folder + "/" + name) }
      sizes[name] = Int(status.st_size)
    }
    return sizes
  }

  /// Makes one folder there hold the package, whole and nothing else.
  private func fill(
    _ stage: Stage, _ found: DropContent.Folder, _ shipment: Shipment, _ journal: SendingJournal
  ) async throws {
    let extras = found.extras(beside: shipment)
    if !extras.isEmpty {
      // Ferry alone writes below `.ferry-partial`; under the package's name anything else is somebody's.
      if stage == .final { throw Refusal.taken("\(drop.target)/\(shipment.bag)") }
      try await drop.remove(extras, of: shipment, at: stage)
    }
    var (toSend, toProve) = choose(found, shipment, journal)
    try await send(toSend, shipment, stage, journal)
    toProve.formUnion(toSend.filter(\.isResumed).map(\.path))
    if readBack == .always { toProve.formUnion(shipment.files.keys) }
    let wrong = try await differing(toProve, shipment, stage)
    if !wrong.isEmpty {
      try await send(wrong.sorted().map { .init($0) }, shipment, stage, journal)
      if let name = try await differing(wrong, shipment, stage).min() {
        throw Refusal(
          .tryLater, "deliver.differs", at: Place("\(drop.target)/\(shipment.path(name, at: stage))"),
          "it has another content there than here, although it was sent twice",
          hint: "look at the partner's server: its disk or what stands before it changes files")
      }
    }
    for name in toProve.subtracting(wrong) { journal.note(name) }
    try journal.check()
    try await confirm(stage, shipment)
  }

  /// What must be sent, and what is there and only must be proven.
  private func choose(
    _ found: DropContent.Folder, _ shipment: Shipment, _ journal: SendingJournal
  ) -> (toSend: [Shipment.Sending], toProve: Set<String>) {
    var toSend: [Shipment.Sending] = []
    var toProve: Set<String> = []
    let whole = journal.whole
    for (name, size) in shipment.files.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
      let there = found.files[name]
      if there == size, whole.contains(name) { continue }
      if there == size, readBack != .never {
        toProve.insert(name)
        continue
      }
      let isBegun = there.map { $0 < size && $0 >= Self.leastResumed } ?? false
      toSend.append(
        .init(name, isResumed: isBegun && drop.canResume && journal.isContinued && readBack != .never))
    }
    return (toSend, toProve)
  }

  private func send(
    _ files: [Shipment.Sending], _ shipment: Shipment, _ stage: Stage, _ journal: SendingJournal
  ) async throws {
    if files.isEmpty { return }
    let resumed = Set(files.filter(\.isResumed).map(\.path))
    // What was resumed is noted when it is proven.
    try await drop.send(files, of: shipment, to: stage) { name in if !resumed.contains(name) { journal.note(name) } }
    try journal.check()
  }

  private func differing(_ files: Set<String>, _ shipment: Shipment, _ stage: Stage) async throws -> Set<String> {
    files.isEmpty ? [] : try await drop.differing(files.sorted(), of: shipment, at: stage)
  }

  private func confirm(_ stage: Stage, _ shipment: Shipment) async throws {
    var found = try await drop.look(for: shipment)[stage]
    let extras = found.extras(beside: shipment)
    if !extras.isEmpty, stage == .partial {
      try await drop.remove(extras, of: shipment, at: stage)
      found = try await drop.look(for: shipment)[stage]
    }
    let names = Set(shipment.files.keys).union(found.files.keys).union(found.others)
    if let name = names.filter({ found.files[$0] != shipment.files[$0] || found.others.contains($0) }).min() {
      let size = found.files[name].map { "\($0) bytes" } ?? "nothing"
      throw Refusal(
        .tryLater, "deliver.differs", at: Place("\(drop.target)/\(shipment.path(name, at: stage))"),
        "after sending, \(size) is there instead of \(shipment.files[name].map { "\($0) bytes" } ?? "nothing")",
        hint: "running it again goes on from here; if that does not help, write to the partner")
    }
  }

  /// What has the package's name, and was not begun from here, must be this very package, whole.
  private func refuseOther(_ found: DropContent.Folder, _ shipment: Shipment) async throws {
    let name = "\(drop.target)/\(shipment.bag)"
    guard found == .init(files: shipment.files) else { throw Refusal.taken(name) }
    let wrong = try await drop.differing(shipment.files.keys.sorted(), of: shipment, at: .final)
    if !wrong.isEmpty {
      throw Refusal(
        .invalid,
        wrong.sorted().map {
          Diagnostic(
            "deliver.damaged", at: Place("\(name)/\($0)"), "it has another content there than here",
            hint: "it is left as it is: have it removed there, or name another folder with --to")
        })
    }
  }

  private func saying<Value>(_ body: () async throws -> Value) async throws -> Value {
    do { return try await body() } catch let problem as Diagnostic { throw Refusal(.tryLater, [problem]) }
  }
}
