internal import FerryCore
internal import FerryPipeline
internal import FerryStore
internal import Foundation

extension Office {
  /// Ferry's own folder, for whoever holds the lock: what is damaged there is set aside and rebuilt.
  var repairableWorkspace: Workspace { Workspace(home: home, mayRepair: true) }

  /// Whether there is a database without a byte, as a power cut leaves it.
  var hasEmptyQueue: Bool {
    var status = stat()
    return stat(queuePath, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && status.st_size == 0
  }
}

/// Brings what the records on disk know into a queue that lost it.
struct QueueRebuilding {
  let store: Store
  let workspace: Workspace

  /// Takes the attempts and the published versions that are on disk into the queue.
  func rebuild() throws -> Adoption {
    let adoption = try store.adopt(try workspace.records(), now: .now())
    try recordVersions()
    return adoption
  }

  /// Rebuilds an empty queue; answers what a person must know about it.
  func refill() throws -> [Diagnostic] {
    if try rebuild().attempts == 0 { return [] }
    return [
      Diagnostic(
        .warning, "home.record", at: Place(store.path), "the queue's database is empty",
        hint:
          "it is rebuilt from the records beside the lessons; priorities and what was cancelled are not known any more")
    ]
  }

  /// Notes the published versions that the queue does not know, so that what they are made of is kept.
  private func recordVersions() throws {
    let known = Set(try store.versions().map { "\($0.label)_v\($0.version)" })
    for (name, record) in try workspace.publishedRecords() where !known.contains(name) {
      let parts = name.split(separator: "_v")
      guard let version = parts.last.flatMap({ Int($0) }), let steps = record.steps else { continue }
      try store.record(
        PublishedVersion(
          label: parts.dropLast().joined(separator: "_v"), version: version, key: record.key, path: record.path,
          published: try Moment.now().wall, titles: steps.keys.sorted(),
          steps: steps.sorted { $0.key < $1.key }.flatMap { [$0.value.renditions, $0.value.lesson] }))
    }
  }
}
