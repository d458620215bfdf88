import ArgumentParser
import Foundation

/// Where the program begins.
@main
struct Main {
  static func main() async {
    let arguments = Array(CommandLine.arguments.dropFirst())
    // A worker shuts itself in while it has one thread; the first await would start more.
    if arguments.first == "work" { return WorkCommand.main(Array(arguments.dropFirst())) }
    if arguments.first == "read" { return ReadCommand.main(Array(arguments.dropFirst())) }
    StandardOutput.holdDescriptors()
    exit(StandardOutput.end(await code(of: arguments)).rawValue)
  }

  /// Runs the command, and says why where it fails.
  private static func code(of arguments: [String]) async -> ExitCode {
    do {
      var command = try await Ferry.asyncParseAsRoot(arguments)
      if var command = command as? any AsyncParsableCommand { try await command.run() } else { try command.run() }
      return .success
    } catch {
      let code = Ferry.exitCode(for: error)
      let message = Ferry.fullMessage(for: error)
      if message.isEmpty { return code }
      let line = Data((message + "\n").utf8)
      if code == .success { StandardOutput.write(line) } else { Terminal.put(line) }
      return code
    }
  }
}

/// This program's own file.
enum Executable {
  static let path = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
}

/// The command line: one file a command; this one only lists them.
struct Ferry: AsyncParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "ferry",
    abstract: "Carries video lessons from one language to another and hands them to a partner, proven whole.",
    discussion: """
      Exit codes: 0 done · 1 some titles failed or a package is invalid · 2 incomplete · 3 a signature is not \
      believed · 64 usage · 65 the job or its files are wrong · 74 no space is left, or the answer cannot be \
      written · 75 try again later (another run is at work).
      """,
    version: version,
    subcommands: [
      CheckCommand.self, PlanCommand.self, RunCommand.self, SubmitCommand.self, StatusCommand.self,
      RetryCommand.self, CancelCommand.self, GarbageCommand.self, BackupCommand.self, AdoptCommand.self,
      ProbeCommand.self, VerifyCommand.self, DeliverCommand.self, DeliveriesCommand.self, ReceiveCommand.self,
      ReceiptCommand.self, DefectsCommand.self, KeysCommand.self,
      DoctorCommand.self, ProfilesCommand.self, NewCommand.self, SubtitlesCommand.self, SchemaCommand.self,
      WhyCommand.self, WorkCommand.self, ReadCommand.self,
    ])
}
