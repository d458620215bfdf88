package import FerryCore
package import FerryPackage
internal import Foundation

/// Ferry's own folder (`--home`): kept renditions, attempts, logs and the lock.
///
/// ```
/// HOME/lock                     held while a run works
/// HOME/renditions/KEY/          renditions of one source and recipe, and `kept.json`, written last
/// HOME/attempts/TITLE-TOKEN/    one try of one title; removed when it ends
/// HOME/scratch/TOKEN            path of a package being built elsewhere, so that a killed run's is found again
/// HOME/published/LABEL.json     what the last published version was made of
/// ```
package struct Workspace: Sendable {
  package let home: String

  package init(home: String) { self.home = home }

  /// Renditions that an earlier attempt made, and their digests.
  package struct Kept: Codable, Sendable {
    package var transcode: TranscodeOutcome
    package var digests: [String: FileDigests]
  }

  /// What a published version was made of.
  package struct Published: Codable, Sendable {
    package var key: String
    package var path: String
  }

  package func folder(_ name: String) throws -> String {
    let path = home + "/" + name
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
  }

  /// The folder of a step's kept renditions, whether it is there or not.
  package func renditions(_ key: StepKey) -> String { home + "/renditions/" + key.digest }

  /// The renditions kept under `key`, if they are whole: every file there, in its right size.
  package func kept(_ key: StepKey) throws -> Kept? {
    let folder = renditions(key)
    let record = folder + "/kept.json"
    guard FileManager.default.fileExists(atPath: record) else { return nil }
    let kept = try JSONDecoder().decode(Kept.self, from: Data(contentsOf: URL(fileURLWithPath: record)))
    for (name, digests) in kept.digests {
      var status = stat()
      guard stat(folder + "/" + name, &status) == 0, Int(status.st_size) == digests.size else { return nil }
    }
    return kept
  }

  /// Moves an attempt's renditions into the store; an equal set that another run put there meanwhile serves as well.
  package func keep(_ folder: String, as key: StepKey) throws {
    _ = try self.folder("renditions")
    let home = renditions(key)
    if try kept(key) != nil { return }
    if FileManager.default.fileExists(atPath: home) { try FileManager.default.removeItem(atPath: home) }
    try FileManager.default.moveItem(atPath: folder, toPath: home)
  }

  /// Removes kept renditions that proved bad.
  func forget(_ key: StepKey) throws {
    let folder = renditions(key)
    if FileManager.default.fileExists(atPath: folder) { try FileManager.default.removeItem(atPath: folder) }
  }

  package func published(_ label: String) throws -> Published? {
    let record = home + "/published/\(label).json"
    guard FileManager.default.fileExists(atPath: record) else { return nil }
    return try JSONDecoder().decode(Published.self, from: Data(contentsOf: URL(fileURLWithPath: record)))
  }

  package func record(_ published: Published, for label: String) throws {
    let data = try JSONEncoder().encode(published)
    try data.write(to: URL(fileURLWithPath: try folder("published") + "/\(label).json"), options: .atomic)
  }

  /// Removes what killed runs left: attempts, and packages half built in the output folders; call with the lock held.
  package func sweep() throws {
    let files = FileManager.default
    let attempts = home + "/attempts"
    if files.fileExists(atPath: attempts) { try files.removeItem(atPath: attempts) }
    let scratch = home + "/scratch"
    guard files.fileExists(atPath: scratch) else { return }
    for token in try files.contentsOfDirectory(atPath: scratch) {
      let path = try String(contentsOfFile: scratch + "/" + token, encoding: .utf8)
      // Only what carries the token in its name was made by that run.
      if path.contains(token), files.fileExists(atPath: path) { try files.removeItem(atPath: path) }
      try files.removeItem(atPath: scratch + "/" + token)
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
