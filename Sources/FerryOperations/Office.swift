package import FerryCore
internal import FerryExecution
internal import FerryPipeline
internal import FerryStore
internal import Foundation

/// Where operations are performed: ferry's own folder, where packages go, and the program that opens media.
package struct Office: Sendable {
  /// Ferry's own folder; absolute.
  package let home: String
  /// Where packages go; absolute.
  package let out: String
  /// This program's file, which workers and readers are started from.
  package let program: String
  /// This program's version, such as `0.1.0`.
  package let version: String
  /// Whether workers and readers shut themselves in.
  package let isSandboxed: Bool
  /// Is told what happens while an operation is performed.
  package let tell: @Sendable (RunEvent) -> Void

  package init(
    home: String, out: String, program: String, version: String, isSandboxed: Bool = true,
    tell: @escaping @Sendable (RunEvent) -> Void = { _ in }
  ) {
    (self.home, self.out, self.program, self.version) = (home, out, program, version)
    (self.isSandboxed, self.tell) = (isSandboxed, tell)
  }
}

extension Office {
  /// Ferry's own folder, with no right to repair it.
  var workspace: Workspace { Workspace(home: home) }

  /// The queue's database.
  var queuePath: String { home + "/ferry.db" }

  /// Whether there is a queue at all.
  var hasQueue: Bool { FileManager.default.fileExists(atPath: queuePath) }

  /// Opens the queue, and makes it where there is none.
  func queue() throws(Refusal) -> Store {
    try refusing {
      _ = try workspace.folder("")
      return try Store.open(queuePath)
    }
  }

  /// The right to run; refused as `tryLater` while another run is at work.
  func lock() throws(Refusal) -> RunLock {
    do {
      return try RunLock.take(workspace)
    } catch is RunLock.Held {
      throw Refusal(
        .tryLater, "home.busy", at: Place(home), "another run is at work", hint: "try again when it is done")
    } catch {
      throw Refusal(error, home: home)
    }
  }

  /// How media files are read: in processes of their own.
  var reading: MediaReading {
    { readable in
      let readers = Readers(executable: program, arguments: arguments("read"), readable: readable)
      return MediaSession { question throws(ReaderFailure) in
        try readers.ask(question, patience: question.patience)
      }
    }
  }

  /// What this program is started with to do `duty`, that of a worker or a reader, for this one.
  func arguments(_ duty: String) -> [String] { [duty] + (isSandboxed ? [] : ["--without-sandbox"]) }

  /// Calls `body`; whatever it throws becomes a refusal.
  func refusing<Value>(_ body: () throws -> Value) throws(Refusal) -> Value {
    do { return try body() } catch { throw Refusal(error, home: home) }
  }

  /// Calls `body`; whatever it throws becomes a refusal.
  func awaiting<Value>(_ body: () async throws -> Value) async throws(Refusal) -> Value {
    do { return try await body() } catch { throw Refusal(error, home: home) }
  }
}

extension Refusal {
  /// What an error of the rooms below means to whoever asked.
  init(_ error: any Error, home: String) {
    switch error {
    case let error as Refusal: self = error
    case let error as StoreError: self.init(error.kind, [error.diagnostic])
    case let error as Diagnostics: self.init(error.isNoSpace ? .noSpace : .badInput, error.all)
    case let error as Diagnostic: self.init(.badInput, [error])
    case _ where error.isNoSpace:
      let problem = Diagnostic.noSpace(
        at: Place(home), "no space is left on the disk: \(error)",
        hint: "free some space and run again: what is done is kept")
      self.init(.noSpace, [problem])
    case let error as POSIXError:
      self.init(
        .badInput, "home.unusable", at: Place(home),
        "ferry's own folder cannot be used: \(String(cString: strerror(error.code.rawValue)))",
        hint: "make it a folder that this user may write, or give another one with --home")
    default:
      self.init(
        .failed, "ferry.failed", at: Place(home), "an error that nobody expected: \(error)",
        hint: "run again; if it stays, report it with this line")
    }
  }
}

extension StoreError {
  fileprivate var kind: Refusal.Kind {
    switch self {
    case .locked: .tryLater
    case .diskFull: .noSpace
    default: .badInput
    }
  }
}
