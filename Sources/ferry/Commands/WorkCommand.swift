import ArgumentParser
import FerryCore
import FerryOperations

/// `ferry work`: one title, for `ferry run`.
struct WorkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "work", abstract: "Make one title from an order on standard input (used by run).", shouldDisplay: false
  )

  @Flag(help: .hidden) var withoutSandbox = false

  func run() throws {
    do throws(Refusal) {
      if try TitleWorker.work(isSandboxed: !withoutSandbox, log: { Terminal.say($0) }) { return }
    } catch {
      Terminal.say(error.problems)
      throw ExitCode(error.kind)
    }
    throw ExitCode.failed
  }
}
