internal import FerryCore

/// One fault that a partner found, pinned to the very file that they saw: a defect of version 1 is not blamed on
/// version 2.
package struct Defect: Hashable, Sendable, Codable {
  package enum Category: String, Sendable, Codable, CaseIterable {
    case transport
    case technical
    case timing
    case translation
    case terminology
    case readingSpeed = "reading-speed"
    case missing
    case metadata
    case rights
    case accessibility
  }

  package enum Severity: String, Sendable, Codable, CaseIterable {
    case blocker
    case major
    case minor
  }

  /// The partner's own name for it.
  package var id: String
  /// The title's id.
  package var lesson: String
  /// As the delivery manifest has it: `data/lessons/…`.
  package var path: String
  /// SHA-512 of the file that they saw.
  package var assetSha512: String
  /// Number of the cue, counted from 1.
  package var cue: Int?
  /// Seconds.
  package var tStart: Double?
  package var tEnd: Double?
  package var category: Category
  package var severity: Severity
  package var foundText: String?
  package var suggestedText: String?
  package var note: String?
  package var reporter: String?
  /// ISO 8601 day.
  package var date: String?

  package init(
    id: String, lesson: String, path: String, assetSha512: String, cue: Int? = nil, tStart: Double? = nil,
    tEnd: Double? = nil, category: Category, severity: Severity, foundText: String? = nil,
    suggestedText: String? = nil, note: String? = nil, reporter: String? = nil, date: String? = nil
  ) {
    self.id = id
    self.lesson = lesson
    self.path = path
    self.assetSha512 = assetSha512
    self.cue = cue
    self.tStart = tStart
    self.tEnd = tEnd
    self.category = category
    self.severity = severity
    self.foundText = foundText
    self.suggestedText = suggestedText
    self.note = note
    self.reporter = reporter
    self.date = date
  }
}

/// The defects of one delivery from the first report to the partner's acceptance, as a value.
package struct DefectBook: Hashable, Sendable, Codable {
  package enum State: Hashable, Sendable, Codable {
    case open
    /// The version whose file mends it.
    case fixed(version: Int)
    /// Answered without a change, and why.
    case declined(reason: String)
    /// The partner accepted the version that mends it.
    case closed(version: Int)
  }

  package enum Event: Hashable, Sendable {
    case fixed(version: Int)
    case declined(reason: String)
    /// The partner accepted this version.
    case accepted(version: Int)
    /// The partner still sees it in this version.
    case reopened(version: Int)
  }

  package struct Entry: Hashable, Sendable, Codable {
    package var defect: Defect
    package var state: State
    /// Versions that held the file they saw.
    package var seenIn: [Int]
    package init(defect: Defect, state: State, seenIn: [Int]) {
      (self.defect, self.state, self.seenIn) = (defect, state, seenIn)
    }
  }

  package var schema = "ferry-defect-book/1"
  /// In the order in which they came.
  package private(set) var entries: [Entry] = []

  package init() {}

  package var open: [Entry] { entries.filter { $0.state == .open } }

  /// Titles that are work again.
  package var reopenedTitles: [String] { Set(open.map(\.defect.lesson)).sorted() }

  /// What is open and not mended by `published`, a version that may not have been sent yet.
  package func unanswered(by published: DeliveryManifest?) -> [Entry] {
    let answered = published.map { Set(fixes(in: $0, as: $0.version).values.joined()) } ?? []
    return open.filter { !answered.contains($0.defect.id) }
  }

  /// Takes defects in against the versions that were delivered, newest last; all problems at once, and then none is
  /// taken.
  ///
  /// The same defect again is nothing new. One that was fixed and is seen in a file that the fixing version made is open
  /// again. One whose file a later version replaced is fixed by that version, and closed where the partner accepted that
  /// or a later one: `accepted` are the versions that they did.
  package mutating func take(
    _ placed: [PlacedDefect], delivered versions: [DeliveryManifest], accepted: [Int] = []
  ) throws(ExchangeError) {
    var problems: [Diagnostic] = []
    var next = self
    for one in placed { next.take(one, versions, &problems) }
    if !problems.isEmpty { throw ExchangeError(.invalid, problems) }
    for version in versions {
      for id in next.fixes(in: version, as: version.version).values.joined() {
        next.apply(.fixed(version: version.version), to: id)
        if let last = accepted.max() { next.apply(.accepted(version: last), to: id) }
      }
    }
    self = next
  }

  private mutating func take(_ one: PlacedDefect, _ versions: [DeliveryManifest], _ problems: inout [Diagnostic]) {
    let defect = one.defect
    func problem(_ code: String, _ message: String, _ hint: String) {
      problems.append(Diagnostic("defects." + code, at: one.place, message, hint: hint))
    }
    let titles = Set(versions.flatMap { $0.lessons.map(\.id) })
    guard titles.contains(defect.lesson) else {
      let near = suggestion(for: defect.lesson, among: titles.sorted())
      return problem(
        "unknown-title", "no delivered version has a title '\(defect.lesson)'",
        near.map { "did you mean '\($0)'?" } ?? "use the ids of catalogue.csv")
    }
    let paths = Set(versions.flatMap { $0.lessons.filter { $0.id == defect.lesson }.flatMap { $0.assets.map(\.path) } })
    guard paths.contains(defect.path) else {
      let near = suggestion(for: defect.path, among: paths.sorted())
      return problem(
        "unknown-file", "'\(defect.lesson)' has no file '\(defect.path)'",
        near.map { "did you mean '\($0)'?" } ?? "use the paths of manifest-sha512.txt")
    }
    let holding = versions.filter { version in
      version.lessons.flatMap(\.assets).contains { $0.path == defect.path && $0.sha512 == defect.assetSha512 }
    }
    guard let newest = holding.map(\.version).max() else {
      return problem(
        "other-file", "no delivered version has '\(defect.path)' with this SHA-512, so what they saw was not ours",
        "run 'ferry verify' on the package at the partner's: the file was damaged or changed there")
    }
    if let cue = defect.cue, let last = holding.last.flatMap({ cues(of: defect.path, in: $0) }), cue > last {
      return problem("no-cue", "'\(defect.path)' has \(last) cues, there is no cue \(cue)", "count cues from 1")
    }
    if let start = defect.tStart, let length = holding.last.flatMap({ seconds(of: defect.lesson, in: $0) }),
      start > length
    {
      return problem(
        "no-time", "'\(defect.lesson)' lasts \(length) s, there is no second \(start)", "give the time in seconds")
    }
    guard let index = entries.firstIndex(where: { $0.defect.id == defect.id }) else {
      entries.append(Entry(defect: defect, state: .open, seenIn: holding.map(\.version)))
      return
    }
    if entries[index].defect == defect { return }
    guard entries[index].defect.lesson == defect.lesson, entries[index].defect.path == defect.path else {
      return problem(
        "same-id", "the id '\(defect.id)' was given to another defect, of '\(entries[index].defect.path)'",
        "give each defect an id of its own")
    }
    if let state = entries[index].state.after(.reopened(version: newest)) { entries[index].state = state }
    entries[index].defect = defect
    entries[index].seenIn = holding.map(\.version)
  }

  private func cues(of path: String, in manifest: DeliveryManifest) -> Int? {
    manifest.lessons.flatMap(\.assets).first { $0.path == path }?.subtitle?.cues
  }

  private func seconds(of title: String, in manifest: DeliveryManifest) -> Double? {
    manifest.lessons.first { $0.id == title }.map { Double($0.durationMs.count) / 1000 }
  }

  /// What content mends as the version of that number: open defects that were seen in earlier versions only, and whose
  /// file differs now, by the path of the new file; goes into `DeliveryManifest.following`.
  package func fixes(in next: DeliveryManifest, as version: Int) -> [String: [String]] {
    var fixes: [String: [String]] = [:]
    for entry in open where version > entry.seenIn.max() ?? 0 {
      let asset = next.lessons.flatMap(\.assets).first { $0.path == entry.defect.path }
      if let asset, asset.sha512 != entry.defect.assetSha512 { fixes[asset.path, default: []].append(entry.defect.id) }
    }
    return fixes.mapValues { $0.sorted() }
  }

  /// Notes that a version was delivered: what it mends is fixed, also where the defect was not known yet when the version
  /// was made, and its manifest does not say so.
  package mutating func noteDelivery(_ manifest: DeliveryManifest) {
    for id in fixes(in: manifest, as: manifest.version).values.joined() {
      apply(.fixed(version: manifest.version), to: id)
    }
  }

  /// Notes an acceptance receipt: what that version fixed is closed.
  package mutating func noteAcceptance(of version: Int) {
    for id in entries.map(\.defect.id) { apply(.accepted(version: version), to: id) }
  }

  /// Answers a defect without a change; `false` when it is not open.
  package mutating func decline(_ id: String, reason: String) -> Bool { apply(.declined(reason: reason), to: id) }

  @discardableResult
  private mutating func apply(_ event: Event, to id: String) -> Bool {
    guard let index = entries.firstIndex(where: { $0.defect.id == id }), let state = entries[index].state.after(event)
    else { return false }
    entries[index].state = state
    return true
  }

  package func encoded() throws -> [UInt8] { try ExchangeJSON.encoded(self) }

  package static func decoded(_ bytes: [UInt8], file: String) throws(ExchangeError) -> DefectBook {
    try ExchangeJSON.decoded(bytes, schema: "ferry-defect-book/1", file: file)
  }
}

extension DefectBook.State {
  /// The state after `event`, or `nil` when the event makes no sense now.
  package func after(_ event: DefectBook.Event) -> DefectBook.State? {
    switch (self, event) {
    case (.open, .fixed(let version)): .fixed(version: version)
    case (.open, .declined(let reason)): .declined(reason: reason)
    case (.fixed(let mended), .accepted(let version)) where version >= mended: .closed(version: version)
    case (.declined, .accepted(let version)): .closed(version: version)
    case (.fixed(let mended), .reopened(let version)) where version >= mended: .open
    case (.closed(let mended), .reopened(let version)) where version >= mended: .open
    case (.declined, .reopened): .open
    default: nil
    }
  }
}
