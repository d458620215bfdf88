package import FerryCore

/// Why the store did not do what was asked.
package enum StoreError: Error, Hashable, Sendable {
  /// The file lies where locks do not hold.
  case sharedFileSystem(path: String, type: String)
  case notWritable(path: String, reason: String)
  case damaged(path: String, detail: String)
  case newer(path: String, version: Int, known: Int)
  /// An older queue that this user may read but not migrate.
  case notMigrated(path: String, version: Int, needed: Int)
  /// A file that is no queue of ferry's.
  case foreign(path: String)
  case locked(path: String)
  case diskFull(path: String)
  case failed(path: String, detail: String)
  /// The file that a backup would make is there already.
  case exists(path: String)
  case unknownJob(label: String)
  case unknownTitle(job: String, title: String)
  /// The event makes no sense in the title's state.
  case refused(job: String, title: String, state: TitleState.Kind, event: String)
  /// The lease is over, or never was; nothing was changed.
  case staleLease(token: LeaseToken, end: String?)
  /// Another job file has the label already.
  case labelTaken(label: String, file: String)
}

extension StoreError {
  /// Whether the same call may succeed later without anybody doing anything about the store itself.
  package var isTemporary: Bool {
    switch self {
    case .locked, .diskFull: true
    default: false
    }
  }

  /// The error in words, at the place where a person looks.
  package var diagnostic: Diagnostic {
    switch self {
    case .sharedFileSystem(let path, let type):
      Diagnostic(
        "store.network", at: Place(path),
        "the queue cannot live on a file system of the type \(type): other hosts may write it, and locks do not keep them out",
        hint: "give a folder on a local disk with --home; packages may still go to the share with --out")
    case .notWritable(let path, let reason):
      Diagnostic(
        "store.not-writable", at: Place(path), "the queue cannot be written: \(reason)",
        hint: "make the folder writable for this user, or give another one with --home")
    case .damaged(let path, let detail):
      Diagnostic(
        "store.damaged", at: Place(path), "the queue's database is damaged: \(detail)",
        hint: "run 'ferry adopt': it puts the file aside and rebuilds the queue from the records on disk")
    case .newer(let path, let version, let known):
      Diagnostic(
        "store.newer", at: Place(path),
        "the queue was written by a newer ferry: its format is \(version), and this one knows up to \(known)",
        hint: "use that ferry, or give another folder with --home")
    case .notMigrated(let path, let version, let needed):
      Diagnostic(
        "store.not-migrated", at: Place(path),
        "the queue was written by an older ferry: its format is \(version), and this one reads format \(needed)",
        hint: "run 'ferry status' once as the owner of the file: it migrates the queue and keeps a copy of the file")
    case .foreign(let path):
      Diagnostic(
        "store.foreign", at: Place(path), "the file is a database, but not a queue of ferry's",
        hint: "it is left as it is: give another folder with --home")
    case .locked(let path):
      Diagnostic(
        "store.locked", at: Place(path), "another process is writing the queue and did not finish in time",
        hint: "try again later; if nothing runs, look who has the file open with 'fuser'")
    case .diskFull(let path):
      Diagnostic(
        "store.disk-full", at: Place(path), "the queue cannot be written: no space is left on the disk",
        hint: "free some space and run again; nothing was changed")
    case .failed(let path, let detail):
      Diagnostic(
        "store.failed", at: Place(path), "the queue could not be used: \(detail)",
        hint: "run again; if it stays, report it with this line")
    case .exists(let path):
      Diagnostic(
        "store.exists", at: Place(path), "a file of that name is there already",
        hint: "it is left as it is: give another name")
    case .unknownJob(let label):
      Diagnostic(
        "store.unknown-job", at: Place(label), "no job of that label is in the queue",
        hint: "see 'ferry status' for the labels, or submit the job first")
    case .unknownTitle(let job, let title):
      Diagnostic(
        "store.unknown-title", at: Place(job), "the job has no title '\(title)'",
        hint: "see 'ferry status' for the titles of the job")
    case .refused(let job, let title, let state, let event):
      Diagnostic(
        "store.refused", at: Place(job), "'\(title)' is \(state.rawValue): it cannot be \(event) now",
        hint: "see 'ferry why \(title)' for how it came there")
    case .staleLease(let token, let end):
      Diagnostic(
        "store.stale-lease", at: Place(token.text),
        end.map { "the attempt is over: it was \($0)" } ?? "no such attempt was ever begun",
        hint: "nothing was changed: the title belongs to another attempt, or to none")
    case .labelTaken(let label, let file):
      Diagnostic(
        "store.label-taken", at: Place(file), "the job '\(label)' in the queue comes from this other file",
        hint: "give each job its own 'delivery' label; if the file has moved, submit it with --replace")
    }
  }
}

extension StoreError: CustomStringConvertible {
  package var description: String { diagnostic.description }
}
