import ArgumentParser
import FerryCore
import FerryOperations

/// `ferry receive DROP --store DIR`
struct ReceiveCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "receive",
    abstract: "The partner's side: prove what arrived in a folder, take it into a store, sign a receipt.",
    discussion: """
      Every package with a ticket is checked against the keys that are believed, and its every byte against the ticket. \
      STORE/LABEL/current names the newest whole version. What cannot be taken is refused with a receipt that lists \
      what to send again and what to remove, and keeps nothing else from being taken; a damaged version that a newer \
      one replaces is no failure. Exit code 0: all taken, 1: damaged, 2: no ticket yet, or files missing, 3: the \
      signature is bad or by nobody who is known, 75: something here does not work, try again later.
      """)

  @OptionGroup var output: OutputOptions
  @OptionGroup var folders: HomeOption
  @OptionGroup var trust: TrustOptions
  @OptionGroup var signing: SigningOptions
  @Option(help: ArgumentHelp("Where versions are kept.", valueName: "dir")) var store: String
  @Argument(help: "The folder into which the sender delivers.") var drop: String

  func run() async throws {
    let operation = Receive(drop: drop, store: store, trust: trust.path, key: signing.path)
    try await output.tell(operation, in: folders.office) { $0.map(line) }
  }

  private func line(_ one: ReceivedPackage) -> String {
    if let newer = one.supersededBy { return "\(one.package): superseded by version \(newer)" }
    guard let disposition = one.disposition else {
      let state = one.path.map { "in \($0), and no receipt could be written" } ?? "not taken, and no receipt written"
      return "\(one.package): \(state)"
    }
    let state = "\(one.package): \(disposition)"
    return one.path.map { "\(state), in \($0)" } ?? state + wanted(one)
  }

  /// What is to be done about a package that was refused.
  private func wanted(_ one: ReceivedPackage) -> String {
    let again = one.asksForEverything ? "everything" : counted(one.resend.count, "file")
    return (one.resend.isEmpty ? "" : "; \(again) to send again")
      + (one.strangers == 0 ? "" : "; \(counted(one.strangers, "file")) to remove")
  }
}
