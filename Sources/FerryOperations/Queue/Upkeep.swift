package import FerryCore
internal import FerryPipeline
internal import FerryStore
internal import Foundation

/// Removes kept renditions and lessons that no title in the queue and no published version needs.
package struct CollectGarbage: Operation {
  /// The oldest of the rest goes too until it fits into so many bytes.
  package var cap: Int?
  /// Only answer what would go.
  package var isDryRun: Bool

  package init(cap: Int? = nil, isDryRun: Bool = false) { (self.cap, self.isDryRun) = (cap, isDryRun) }

  package func perform(in office: Office) async throws(Refusal) -> Reply<CollectedGarbage> {
    let lock = try office.lock()
    let store = try office.queue()
    let result = try office.refusing {
      let needed = Set(try store.versions().flatMap(\.steps).map(\.digest)).union(try store.digests())
      return try office.workspace.collect(needed: needed, cap: cap, isDryRun: isDryRun)
    }
    _ = consume lock
    return Reply(CollectedGarbage(removed: result.removed, freedBytes: result.freed, keptBytes: result.kept))
  }
}

/// What was removed of what ferry keeps.
package struct CollectedGarbage: Encodable, Sendable {
  /// Folders.
  package var removed: [String]
  package var freedBytes: Int
  package var keptBytes: Int
}

/// Copies the queue into a file, whole, while runs go on.
package struct BackUpQueue: Operation {
  /// The file to write; never one that is there.
  package var file: String

  package init(file: String) { self.file = file }

  /// Answers the file, as it was named.
  package func perform(in office: Office) async throws(Refusal) -> Reply<String> {
    let store = try office.queue()
    try office.refusing { try store.backup(to: URL(fileURLWithPath: file).standardizedFileURL.path) }
    return Reply(file)
  }
}

/// Repairs ferry's own folder: rebuilds what can be rebuilt, sets aside what cannot, and says so.
package struct AdoptRecords: Operation {
  package init() {}

  /// Answers what was found; with a shortfall where something was lost.
  package func perform(in office: Office) async throws(Refusal) -> Reply<AdoptedRecords> {
    let lock = try office.lock()
    let reply = try office.refusing {
      let workspace = office.repairableWorkspace
      let aside = try setDamagedAside(office.queuePath)
      let store = try office.queue()
      let problems = try workspace.review(out: office.out)
      let adoption = try QueueRebuilding(store: store, workspace: workspace).rebuild()
      return Reply(
        AdoptedRecords(
          jobs: adoption.jobs, done: adoption.done.count, attempts: adoption.attempts, setAside: aside,
          problems: problems), problems: problems,
        shortfall: problems.contains { $0.severity == .error } ? .incomplete : nil)
    }
    _ = consume lock
    return reply
  }

  /// Where a database went that is damaged, or is a folder; `nil` where nothing is wrong with it.
  private func setDamagedAside(_ path: String) throws(StoreError) -> String? {
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
      return try Store.setAside(path, now: .now())
    }
    do throws(StoreError) {
      let store = try Store.open(path)
      try store.check()
      try store.close()
      return nil
    } catch {
      guard case .damaged = error else { throw error }
      return try Store.setAside(path, now: .now())
    }
  }
}

/// What was found in ferry's own folder when it was repaired.
package struct AdoptedRecords: Encodable, Sendable {
  /// Labels of jobs whose records are in the queue.
  package var jobs: [String]
  /// Titles that are done by their records.
  package var done: Int
  package var attempts: Int
  /// Where the damaged database went.
  package var setAside: String?
  package var problems: [Diagnostic]
}
