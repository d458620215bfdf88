import ArgumentParser
import FerryCore
import FerryPipeline
import FerryStore
import Foundation

/// The queue's file and the right to run, with what goes wrong said in the words of the command line.
enum QueueAccess {
  static func path(_ workspace: Workspace) -> String { workspace.home + "/ferry.db" }

  /// The right to run; another run at work is told in one sentence.
  static func lock(_ workspace: Workspace) throws -> RunLock {
    do {
      return try RunLock.take(workspace)
    } catch is RunLock.Held {
      Terminal.say("ferry: another run is at work in \(workspace.home); try again when it is done")
      throw ExitCode.tryLater
    } catch let error as POSIXError {
      throw unusable(workspace, error)
    }
  }

  private static func unusable(_ workspace: Workspace, _ error: POSIXError) -> ExitCode {
    Terminal.say([
      Diagnostic(
        "home.unusable", at: Place(workspace.home),
        "ferry's own folder cannot be used: \(String(cString: strerror(error.code.rawValue)))",
        hint: "make it a folder that this user may write, or give another one with --home")
    ])
    return error.code == .ENOSPC ? .tryLater : .badInput
  }

  static func open(_ workspace: Workspace) throws -> Store {
    do { _ = try workspace.folder("") } catch let error as POSIXError { throw unusable(workspace, error) }
    return try saying { () throws(StoreError) in try Store.open(path(workspace)) }
  }

  /// Whether there is a database without a byte, as a power cut leaves it.
  static func isEmpty(_ workspace: Workspace) -> Bool {
    var status = stat()
    return stat(path(workspace), &status) == 0 && status.st_mode & S_IFMT == S_IFREG && status.st_size == 0
  }

  /// Brings the records on disk into a database that lost everything, and says so.
  static func refill(_ store: Store, _ workspace: Workspace) throws {
    let records = try workspace.records()
    let adoption = try saying { () throws(StoreError) in try store.adopt(records, now: .now()) }
    try recordVersions(store, workspace)
    if adoption.attempts == 0 { return }
    Terminal.say([
      Diagnostic(
        .warning, "home.record", at: Place(path(workspace)), "the queue's database is empty",
        hint:
          "it is rebuilt from the records beside the lessons; priorities and what was cancelled are not known any more")
    ])
  }

  /// Notes the published versions that the queue does not know, so that what they are made of is kept.
  static func recordVersions(_ store: Store, _ workspace: Workspace) throws {
    let records = try workspace.publishedRecords()
    try saying { () throws(StoreError) in
      let known = Set(try store.versions().map { "\($0.label)_v\($0.version)" })
      for (name, record) in records where !known.contains(name) {
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

  /// Says what the store refuses, and ends with the code that fits.
  static func saying<Value>(_ body: () throws(StoreError) -> Value) throws -> Value {
    do throws(StoreError) {
      return try body()
    } catch {
      Terminal.say([error.diagnostic])
      throw error.isTemporary ? ExitCode.tryLater : ExitCode.badInput
    }
  }
}
