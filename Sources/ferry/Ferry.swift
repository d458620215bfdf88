import ArgumentParser

/// Where the program begins.
@main
struct Main {
  static func main() async {
    let arguments = Array(CommandLine.arguments.dropFirst())
    // A worker shuts itself in while it has one thread; the first await would start more.
    if arguments.first == "work" { return WorkCommand.main(Array(arguments.dropFirst())) }
    await Ferry.main()
  }
}

/// The command line: one file a command; this one only lists them.
struct Ferry: AsyncParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "ferry",
    abstract: "Carries video lessons from one language to another and hands them to a partner, proven whole.",
    discussion: """
      Exit codes: 0 done · 1 some titles failed or a package is invalid · 2 incomplete · 3 a signature is not \
      believed · 64 usage · 65 the job or its files are wrong · 75 try again later (another run is at work, no space).
      """,
    version: version,
    subcommands: [
      CheckCommand.self, PlanCommand.self, RunCommand.self, SubmitCommand.self, StatusCommand.self,
      RetryCommand.self, CancelCommand.self, GarbageCommand.self, BackupCommand.self, AdoptCommand.self,
      ProbeCommand.self, VerifyCommand.self, DeliverCommand.self, DeliveriesCommand.self, ReceiveCommand.self,
      ReceiptCommand.self, DefectsCommand.self, KeysCommand.self,
      DoctorCommand.self, ProfilesCommand.self, NewCommand.self, SubtitlesCommand.self, SchemaCommand.self,
      WhyCommand.self, WorkCommand.self,
    ])
}
