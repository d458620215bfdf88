package import FerryCore
package import FerryFiles
internal import Foundation

/// Ferry's own folder (`--home`): the queue, kept renditions and lessons, attempts, logs and the lock.
///
/// ```
/// HOME/lock                     held while a run works
/// HOME/ferry.db                 the queue (FerryStore)
/// HOME/renditions/KEY/          renditions of one source and recipe, and `kept.json`
/// HOME/lessons/KEY/             a lesson made of the same inputs: `lesson/`, `outcome.json`, `record.json`
/// HOME/attempts/TITLE-TOKEN/    one try of one title; removed when it ends
/// HOME/logs/LABEL/TITLE.log     what the workers of a title said
/// HOME/scratch/TOKEN            path of a package being built elsewhere, so that a killed run's is found again
/// HOME/last/LABEL/TITLE.json    the inputs of a title when it was last made, for the plan's reasons
/// HOME/published/LABEL_vN.json  what a published version was made of
/// HOME/published/LABEL_vN/      copies of that record, and of the files and outcomes that repair the version
/// ```
package struct Workspace: Sendable {
  package let home: String
  /// Records that were found damaged.
  package let damage: HomeDamage

  /// With `mayRepair`, which needs the lock, damaged records are set aside and rebuilt as they are found.
  package init(home: String, mayRepair: Bool = false) {
    self.home = home
    damage = HomeDamage(mayRepair: mayRepair)
  }

  /// Renditions that an earlier attempt made, and their digests.
  package struct Kept: Codable, Sendable {
    package var transcode: TranscodeOutcome
    package var digests: [String: FileDigests]
  }

  package func folder(_ name: String) throws -> String {
    let path = home + "/" + name
    try FileTree.makeFolder(path)
    return path
  }

  /// The folder of a step's kept renditions, whether it is there or not.
  package func renditions(_ key: StepKey) -> String { home + "/renditions/" + key.digest }

  /// The renditions kept under `key`, if they are whole: every file there, in its right size.
  package func kept(_ key: StepKey) throws -> Kept? {
    let folder = renditions(key)
    let kept: Kept
    do throws(DamagedRecord) {
      guard let read = try HomeRecord.read(folder + "/kept.json", as: Kept.self) else { return nil }
      kept = read
    } catch {
      damage.note(error, .madeAnew("these renditions are made again when they are needed"))
      return nil
    }
    for (name, digests) in kept.digests {
      var status = stat()
      guard stat(folder + "/" + name, &status) == 0, Int(status.st_size) == digests.size else { return nil }
    }
    return kept
  }

  /// Moves an attempt's renditions into the store; an equal set that another run put there meanwhile serves as well.
  package func keep(_ folder: String, as key: StepKey) throws {
    if try kept(key) != nil { return }
    try place(folder, as: renditions(key))
  }

  /// Moves a finished folder to its place, flushed to the disk; what is there and is not whole goes first.
  func place(_ folder: String, as home: String) throws {
    try FileTree.makeFolder(URL(fileURLWithPath: home).deletingLastPathComponent().path)
    if FileManager.default.fileExists(atPath: home) { try FileManager.default.removeItem(atPath: home) }
    try Publish.folder(folder, as: home)
  }

  /// The folder of a kept lesson, whether it is there or not.
  package func lesson(_ key: StepKey) -> String { home + "/lessons/" + key.digest }

  /// The lesson kept under `key`, if it is whole: every file there, in its right size.
  package func made(_ key: StepKey) throws -> TitleOutcome? {
    let folder = lesson(key)
    guard let outcome = try outcome(key) else { return nil }
    for file in outcome.files {
      var status = stat()
      guard stat(folder + "/lesson/" + file.path, &status) == 0, Int(status.st_size) == file.size else { return nil }
    }
    return outcome
  }

  /// The outcome of a kept lesson; a damaged record is rebuilt from the copy that a published version has of it.
  private func outcome(_ key: StepKey) throws -> TitleOutcome? {
    let path = lesson(key) + "/outcome.json"
    do throws(DamagedRecord) {
      return try HomeRecord.read(path, as: TitleOutcome.self)
    } catch {
      guard let copy = try outcomeCopy(key) else {
        damage.note(error, .madeAnew("the lesson is made again, without encoding, when it is needed"))
        return nil
      }
      damage.note(error, .rebuilt(from: "its copy beside the record of a published version"))
      if damage.mayRepair { try HomeRecord.write(copy, to: path) }
      return copy
    }
  }

  /// Puts an attempt's lesson into the store: its renditions are linked, everything is flushed, and one rename makes it
  /// visible. `record` is what the queue can be rebuilt from.
  package func keep(
    _ outcome: TitleOutcome, of order: WorkOrder, renditions key: StepKey, as lesson: StepKey, record: AttemptRecord
  ) throws {
    if try made(lesson) != nil { return }
    for (path, name) in outcome.links {
      let target = order.folder + "/lesson/" + path
      try FileManager.default.createDirectory(
        at: URL(fileURLWithPath: target).deletingLastPathComponent(), withIntermediateDirectories: true)
      try FileTree.link(renditions(key) + "/" + name, to: target)
    }
    let staged = order.folder + "/staged"
    try FileManager.default.createDirectory(atPath: staged, withIntermediateDirectories: false)
    try FileManager.default.moveItem(atPath: order.folder + "/lesson", toPath: staged + "/lesson")
    try HomeRecord.write(outcome, to: staged + "/outcome.json")
    try HomeRecord.write(record, to: staged + "/record.json")
    try place(staged, as: self.lesson(lesson))
  }

  /// The records of all kept lessons that are whole.
  package func records() throws -> [AttemptRecord] {
    let folder = home + "/lessons"
    guard FileManager.default.fileExists(atPath: folder) else { return [] }
    return try FileManager.default.contentsOfDirectory(atPath: folder).sorted().compactMap { name in
      guard try made(StepKey(digest: name)) != nil else { return nil }
      do throws(DamagedRecord) {
        return try HomeRecord.read("\(folder)/\(name)/record.json", as: AttemptRecord.self)
      } catch {
        damage.note(error, .madeAnew("its lesson is kept: submit the job again, and the title is known as done"))
        return nil
      }
    }
  }

  /// The inputs of a title when it was last made.
  package func lastInputs(_ label: String, _ title: String) throws -> TitleInputs? {
    do throws(DamagedRecord) {
      guard let data = try HomeRecord.content(notePath(label, title)) else { return nil }
      do { return try HomeRecord.decoded(data, as: TitleInputs.self) } catch {
        // Of another ferry's format: the plan then only knows less of why.
        if Asked.isNote(data) { return nil }
      }
      throw DamagedRecord(path: notePath(label, title), fault: .otherContent)
    } catch {
      damage.note(error, .madeAnew("the plan knows less of why until the title is made again"))
      return nil
    }
  }

  /// The same as it was written, whatever ferry wrote it.
  func note(_ label: String, _ title: String) -> Data? {
    do throws(DamagedRecord) { return try HomeRecord.content(notePath(label, title)) } catch { return nil }
  }

  /// Whether such a note was last written before a file was: then it is not about a later attempt.
  func isNote(_ label: String, _ title: String, olderThan file: String) -> Bool {
    var note = stat()
    var other = stat()
    guard stat(notePath(label, title), &note) == 0, stat(file, &other) == 0 else { return false }
    return (note.st_mtim.tv_sec, note.st_mtim.tv_nsec) <= (other.st_mtim.tv_sec, other.st_mtim.tv_nsec)
  }

  private func notePath(_ label: String, _ title: String) -> String { home + "/last/\(label)/\(title).json" }

  package func remember(_ inputs: TitleInputs, of label: String, _ title: String) throws {
    let folder = try folder("last/\(label)")
    try HomeRecord.write(inputs, to: "\(folder)/\(title).json")
  }

  /// Where the workers of a title write what they say.
  package func log(_ label: String, _ title: String) throws -> String { try folder("logs/\(label)") + "/\(title).log" }

  /// Removes kept renditions and lessons that proved bad.
  func forget(_ key: StepKey) throws {
    for folder in [renditions(key), lesson(key)] where FileManager.default.fileExists(atPath: folder) {
      try FileManager.default.removeItem(atPath: folder)
    }
  }

  /// Removes what killed runs left: attempts, and packages half built in the output folders; call with the lock held.
  package func sweep() throws {
    let files = FileManager.default
    let attempts = home + "/attempts"
    if files.fileExists(atPath: attempts) { try files.removeItem(atPath: attempts) }
    let scratch = home + "/scratch"
    guard files.fileExists(atPath: scratch) else { return }
    for token in try files.contentsOfDirectory(atPath: scratch) where !token.contains(HomeRecord.damaged) {
      let note = scratch + "/" + token
      guard let path = scratchPath(note) else { continue }
      // Only what carries the token in its name was made by that run.
      if path.contains(token), files.fileExists(atPath: path) { try files.removeItem(atPath: path) }
      try files.removeItem(atPath: note)
    }
  }

  /// The folder that a note in `scratch/` names; `nil` where the note is damaged, and set aside.
  func scratchPath(_ note: String) -> String? {
    do throws(DamagedRecord) {
      let path = try HomeRecord.bytes(note).flatMap { String(validating: $0, as: UTF8.self) }
      guard let path, path.hasPrefix("/"), !path.contains("\0") else {
        throw DamagedRecord(path: note, fault: .otherContent)
      }
      return path
    } catch {
      damage.note(error, .madeAnew("what a killed run left beside a package, a hidden folder, stays there"))
      return nil
    }
  }
}

/// The right to run: one process at a time for one home.
package struct RunLock: ~Copyable {
  private let descriptor: Int32

  /// Takes the lock, or throws `Held` at once when another run has it.
  package static func take(_ workspace: Workspace) throws -> RunLock {
    let path = try workspace.folder("") + "lock"
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw Held(path: path)
    }
    return RunLock(descriptor: descriptor)
  }

  /// Another run is at work.
  package struct Held: Error { package let path: String }

  // The file stays: removing it would let two runs hold two locks of one name.
  deinit { close(descriptor) }
}

/// Files that are in several places without being copied.
enum FileTree {
  /// Makes a folder and those above it, each on the disk before the next: what is renamed into it must not outlive it.
  static func makeFolder(_ path: String) throws {
    let url = URL(fileURLWithPath: path).standardizedFileURL
    var status = stat()
    if stat(url.path, &status) == 0 {
      if status.st_mode & S_IFMT != S_IFDIR { throw POSIXError(.ENOTDIR) }
      return
    }
    let parent = url.deletingLastPathComponent().path
    if parent != url.path { try makeFolder(parent) }
    func failure() -> POSIXError { POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    if mkdir(url.path, 0o777) != 0, errno != EEXIST { throw failure() }
    let descriptor = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure() }
    defer { close(descriptor) }
    if fsync(descriptor) != 0 { throw failure() }
  }

  /// Gives a file another name; on another file system a copy serves as well.
  static func link(_ source: String, to target: String) throws {
    if Foundation.link(source, target) == 0 { return }
    guard [EXDEV, EMLINK, EPERM, EOPNOTSUPP].contains(errno) else {
      throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
    }
    try FileManager.default.copyItem(atPath: source, toPath: target)
  }
}

extension Workspace {
  /// Removes kept renditions and lessons whose key is not `needed`, then the oldest of the others until `cap` bytes hold
  /// them; call with the lock held.
  ///
  /// A needed lesson needs its renditions too; published packages have names of their own for all their files.
  package func collect(
    needed: Set<String>, cap: Int?, isDryRun: Bool
  ) throws -> (removed: [String], freed: Int, kept: Int) {
    var entries: [(path: String, size: Int, modified: Date, isNeeded: Bool)] = []
    for kind in ["renditions", "lessons"] {
      let folder = home + "/" + kind
      guard FileManager.default.fileExists(atPath: folder) else { continue }
      for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
        let path = folder + "/" + name
        let modified = try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
        let isNeeded = needed.contains(name) || needed.contains("waits " + name)
        entries.append((path, try Workspace.size(of: path), modified ?? .distantPast, isNeeded))
      }
    }
    // Renditions are reached through the lessons that are made of them.
    let lessons = entries.filter { $0.isNeeded && $0.path.contains("/lessons/") }
    var inodes: Set<UInt64> = []
    for lesson in lessons { inodes.formUnion(try Workspace.inodes(in: lesson.path)) }
    for index in entries.indices where !entries[index].isNeeded && entries[index].path.contains("/renditions/") {
      entries[index].isNeeded = !inodes.isDisjoint(with: try Workspace.inodes(in: entries[index].path))
    }
    var doomed = entries.filter { !$0.isNeeded }
    var rest = entries.filter(\.isNeeded).sorted { $0.modified < $1.modified }
    if let cap {
      while rest.map(\.size).saturatedSum > cap, let oldest = rest.first {
        doomed.append(oldest)
        rest.removeFirst()
      }
    }
    if !isDryRun { for entry in doomed { try FileManager.default.removeItem(atPath: entry.path) } }
    return (
      doomed.map(\.path).sorted(), doomed.map(\.size).saturatedSum, rest.map(\.size).saturatedSum
    )
  }

  /// Removes the kept lessons of titles, so that they are made anew, and their renditions where they are to be encoded.
  package func forget(_ label: String, _ titles: [String], encodes: Bool) throws {
    if encodes {
      for title in titles { if let inputs = try lastInputs(label, title) { try forget(StepKey(of: inputs.transcode)) } }
    }
    for record in try records() where record.job == label && titles.contains(record.title) {
      try forget(StepKey(digest: record.titleDigest))
    }
  }

  private static func size(of folder: String) throws -> Int {
    try files(in: folder).map { Int($0.st_size) }.saturatedSum
  }

  private static func inodes(in folder: String) throws -> Set<UInt64> {
    Set(try files(in: folder).map { UInt64($0.st_ino) })
  }

  private static func files(in folder: String) throws -> [stat] {
    guard let names = FileManager.default.enumerator(atPath: folder) else { return [] }
    var found: [stat] = []
    for case let name as String in names {
      var status = stat()
      if lstat(folder + "/" + name, &status) == 0, status.st_mode & S_IFMT == S_IFREG { found.append(status) }
    }
    return found
  }
}
