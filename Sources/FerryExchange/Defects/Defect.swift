package import FerryCore
internal import FerryPackage

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
  /// The title's id; empty for a file of the delivery as a whole, such as the catalogue.
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
  package var reopenedTitles: [String] { Set(open.map(\.defect.lesson)).subtracting([""]).sorted() }

  /// What is open and not mended by `published`, a version that may not have been sent yet.
  package func unanswered(by published: VersionContent?, delivered versions: [VersionContent]) -> [Entry] {
    let answered = published.map { Set(fixes(in: $0, as: $0.number, delivered: versions).values.joined()) } ?? []
    return open.filter { !answered.contains($0.defect.id) }
  }

  /// Takes defects in against the versions that were delivered, newest last; all problems at once, and then none is
  /// taken.
  ///
  /// The same defect again is nothing new. One that was fixed and is seen in a file that the fixing version made is open
  /// again. One that a later version answers is fixed by that version, and closed where the partner accepted that or a
  /// later one: `accepted` are the versions that they did.
  package mutating func take(
    _ placed: [PlacedDefect], delivered versions: [VersionContent], accepted: [Int] = []
  ) throws(Refusal) {
    var problems: [Diagnostic] = []
    var next = self
    for one in placed { next.take(one, versions, &problems) }
    if !problems.isEmpty { throw Refusal(.invalid, problems) }
    for version in versions {
      for id in next.fixes(in: version, as: version.number, delivered: versions).values.joined() {
        next.apply(.fixed(version: version.number), to: id)
        if let last = accepted.max() { next.apply(.accepted(version: last), to: id) }
      }
    }
    self = next
  }

  private mutating func take(_ one: PlacedDefect, _ versions: [VersionContent], _ problems: inout [Diagnostic]) {
    let defect = one.defect
    func problem(_ code: String, _ message: String, _ hint: String) {
      problems.append(Diagnostic("defects." + code, at: one.place, message, hint: hint))
    }
    if let (code, message, hint) = DefectBook.unknownFile(defect, versions) { return problem(code, message, hint) }
    let holding = versions.filter { $0.digest(of: defect.path) == defect.assetSha512 }
    guard let newest = holding.max(by: { $0.number < $1.number }) else {
      return problem(
        "other-file", "no delivered version has '\(defect.path)' with this SHA-512, so what they saw was not ours",
        "run 'ferry verify' on the package at the partner's: the file was damaged or changed there")
    }
    if let cue = defect.cue, let last = newest.asset(defect.path)?.subtitle?.cues, cue > last {
      return problem("no-cue", "'\(defect.path)' has \(last) cues, there is no cue \(cue)", "count cues from 1")
    }
    if let start = defect.tStart, let length = newest.lesson(defect.lesson).map({ Double($0.durationMs.count) / 1000 }),
      start > length
    {
      return problem(
        "no-time", "'\(defect.lesson)' lasts \(length) s, there is no second \(start)", "give the time in seconds")
    }
    let entry = Entry(defect: defect, state: .open, seenIn: holding.map(\.number))
    guard let index = entries.firstIndex(where: { $0.defect.id == defect.id }) else { return entries.append(entry) }
    guard entries[index].isSame(as: defect) else {
      return problem(
        "same-id", "the id '\(defect.id)' was given to another defect, of \(entries[index].defect.words)",
        "give each defect an id of its own")
    }
    // What they said of an older file takes nothing back that they said of a newer one.
    guard entries[index].defect != defect, newest.number >= entries[index].seenIn.max() ?? 0 else { return }
    if let state = entries[index].state.after(.reopened(version: newest.number)) { entries[index].state = state }
    (entries[index].defect, entries[index].seenIn) = (defect, entry.seenIn)
  }

  /// What is wrong where no version has such a title, or the title no such file.
  private static func unknownFile(
    _ defect: Defect, _ versions: [VersionContent]
  ) -> (code: String, message: String, hint: String)? {
    let lessons = versions.flatMap(\.manifest.lessons)
    let titles = Set(lessons.map(\.id)).sorted()
    if !defect.lesson.isEmpty, !titles.contains(defect.lesson) {
      return (
        "unknown-title", "no delivered version has a title '\(defect.lesson)'",
        suggestion(for: defect.lesson, among: titles).map { "did you mean '\($0)'?" } ?? "use the ids of catalogue.csv"
      )
    }
    let paths =
      defect.lesson.isEmpty
      ? Set(versions.flatMap(\.common.keys))
      : Set(lessons.filter { $0.id == defect.lesson }.flatMap { $0.assets.map(\.path) })
    if paths.contains(defect.path) { return nil }
    if Description.common.contains(defect.path) {
      return (
        "unknown-file", "'\(defect.path)' belongs to the delivery as a whole, not to '\(defect.lesson)'",
        "leave 'lesson' empty"
      )
    }
    return (
      "unknown-file",
      (defect.lesson.isEmpty ? "the delivery as a whole" : "'\(defect.lesson)'") + " has no file '\(defect.path)'",
      suggestion(for: defect.path, among: paths.sorted()).map { "did you mean '\($0)'?" }
        ?? "use the paths of manifest-sha512.txt"
    )
  }

  /// What content mends as the version of that number: open defects that were seen in earlier versions only, and that it
  /// answers, by the path of the file; goes into `DeliveryManifest.following`. `versions` are those that were delivered.
  package func fixes(
    in next: VersionContent, as version: Int, delivered versions: [VersionContent]
  ) -> [String: [String]] {
    var fixes: [String: [String]] = [:]
    for entry in open where version > entry.seenIn.max() ?? 0 {
      let defect = entry.defect
      let seen = versions.last { entry.seenIn.contains($0.number) && $0.digest(of: defect.path) == defect.assetSha512 }
      if defect.isAnswered(by: next, seenIn: seen) { fixes[defect.path, default: []].append(defect.id) }
    }
    return fixes.mapValues { $0.sorted() }
  }

  /// Notes that a version was delivered: what it mends is fixed, also where the defect was not known yet when the version
  /// was made, and its manifest does not say so.
  package mutating func noteDelivery(_ version: VersionContent, delivered versions: [VersionContent]) {
    for id in fixes(in: version, as: version.number, delivered: versions).values.joined() {
      apply(.fixed(version: version.number), to: id)
    }
  }

  /// Notes an acceptance receipt: what that version fixed is closed.
  package mutating func noteAcceptance(of version: Int) {
    for id in entries.map(\.defect.id) { apply(.accepted(version: version), to: id) }
  }

  /// Answers a defect without a change; `false` when it is not open.
  package mutating func decline(_ id: String, reason: String) -> Bool { apply(.declined(reason: reason), to: id) }

  /// Notes that a version mends a defect, because a person says so; `false` when it is not open. `accepted` are the
  /// versions that the partner accepted.
  package mutating func fix(_ id: String, in version: Int, accepted: [Int] = []) -> Bool {
    guard apply(.fixed(version: version), to: id) else { return false }
    if let last = accepted.max() { apply(.accepted(version: last), to: id) }
    return true
  }

  @discardableResult
  private mutating func apply(_ event: Event, to id: String) -> Bool {
    guard let index = entries.firstIndex(where: { $0.defect.id == id }), let state = entries[index].state.after(event)
    else { return false }
    entries[index].state = state
    return true
  }

  package func encoded() throws -> [UInt8] { try ExchangeJSON.encoded(self) }

  package static func decoded(_ bytes: [UInt8], file: String) throws(Refusal) -> DefectBook {
    try ExchangeJSON.decoded(bytes, schema: "ferry-defect-book/1", file: file)
  }
}

extension DefectBook.Entry {
  /// Whether a report of that id speaks of the same defect. In a newer file its cue may have another number and time; but
  /// while it is open, one that is put elsewhere may be another, and this one would be lost.
  fileprivate func isSame(as other: Defect) -> Bool {
    guard (defect.lesson, defect.path, defect.category) == (other.lesson, other.path, other.category) else {
      return false
    }
    let isSamePlace = (defect.cue, defect.tStart, defect.tEnd) == (other.cue, other.tStart, other.tEnd)
    return isSamePlace || state != .open && defect.assetSha512 != other.assetSha512
  }
}

extension Defect {
  /// What it is, and where, for a message.
  fileprivate var words: String {
    let place = cue.map { ", cue \($0)" } ?? tStart.map { ", \($0) s" } ?? ""
    return "'\(path)'\(place), \(category.rawValue)"
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
