import ArgumentParser
import FerryOperations

/// `ferry read`: opens media files for another ferry.
struct ReadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "read", abstract: "Answer questions about media files (used by other commands).", shouldDisplay: false)

  @Flag(help: .hidden) var withoutSandbox = false

  func run() throws { try MediaReader.serve(isSandboxed: !withoutSandbox) }
}
