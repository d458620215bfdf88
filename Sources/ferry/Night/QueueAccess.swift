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
