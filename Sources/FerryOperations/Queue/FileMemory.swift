internal import FerryCore
internal import FerryFiles
internal import FerryPipeline
internal import FerryStore
internal import Foundation

/// What the queue remembers of files, for operations that only look: they write nothing, and make no queue.
struct FileMemory: Sendable {
  /// `nil` where there is no queue that this user can read: everything is read anew then.
  private let store: Store?
  private let workspace: Workspace
  /// How media files are read that the queue does not remember.
  let reading: MediaReading

  init(in office: Office) {
    let store = office.readableQueue
    self.store = store
    workspace = office.workspace
    reading = store.map { MediaMemory($0, program: office.program).reading(office.reading) } ?? office.reading
  }

  /// Inspects a job and all that it needs, as a run would.
  func prepare(_ job: Job) throws -> Preparation {
    try Preparation.of(job, workspace: workspace, reading: reading, sourceDigest: sha256)
  }

  /// What was found damaged in ferry's own folder on the way.
  var damage: [Diagnostic] { workspace.damage.diagnostics }

  private func sha256(of path: String) throws -> String {
    if let known = known(path) { return known }
    return try Digests.sha256(file: path)
  }

  private func known(_ path: String) -> String? {
    guard let store, let file = FileIdentity(of: path) else { return nil }
    do throws(StoreError) { return try store.knownDigest(file) } catch {
      // The file itself answers; what is wrong with the queue is said where it is needed.
      return nil
    }
  }
}

extension Office {
  /// The queue as it is, to look into: nothing is made, migrated or repaired.
  fileprivate var readableQueue: Store? {
    if !hasQueue { return nil }
    do throws(StoreError) { return try Store.reading(queuePath, wait: .seconds(1)) } catch { return nil }
  }

  /// The queue to report on; `nil` where there is none, or one that lost its content: the next run rebuilds it.
  func existingQueue() throws(Refusal) -> Store? {
    var status = stat()
    if stat(queuePath, &status) != 0 {
      guard let code = POSIXErrorCode(rawValue: errno), code != .ENOENT else { return nil }
      throw Refusal(POSIXError(code), home: home)
    }
    if hasEmptyQueue { return nil }
    return try refusing { try Store.open(queuePath) }
  }
}
