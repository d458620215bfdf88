import ArgumentParser
import FerryCore
import FerryOperations

/// `ferry deliver LABEL --to TARGET`
struct DeliverCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "deliver",
    abstract: "Send the newest published version to a partner, with a signed ticket.",
    discussion: """
      TARGET is a folder, sftp://[USER@]HOST[:PORT]/PATH, rsync://[USER@]HOST[:PORT]/MODULE/PATH, \
      rsync+ssh://[USER@]HOST[:PORT]/PATH or rclone:REMOTE:PATH; /~/PATH is below the home folder there. Passwords are \
      never part of it: ssh has keys, an rsync daemon's goes into RSYNC_PASSWORD, rclone keeps its own.

      When the partner's receipts say that an older version arrived, only what changed travels; when they say that this \
      one arrived damaged, only the files that they ask for. The ticket is written last: until it is there, nothing is \
      ready. Running it again does nothing, or goes on where it was killed or cut off.
      """)

  @OptionGroup var output: OutputOptions
  @OptionGroup var folders: FolderOptions
  @OptionGroup var signing: SigningOptions
  @Option(help: ArgumentHelp("The partner's folder, here or on a server.", valueName: "target")) var to: String
  @OptionGroup var servers: ServerOptions
  @Option(
    help: ArgumentHelp(
      "What a server must show again before the ticket: resumed, always or never. Default: resumed.", valueName: "when")
  )
  var readback = ReadBack.resumed
  @Flag(help: "Send the whole version, whatever the partner has.") var full = false
  @Argument(help: "The delivery's label.") var label: String

  func run() async throws {
    let operation = Deliver(
      label: label, to: try target(), readBack: readback, isFull: full, key: signing.path,
      sshConfiguration: servers.sshConfig, day: try RunDay.today())
    try await output.tell(operation, in: folders.office()) { [line($0)] }
  }

  private func line(_ sent: SentPackage) -> String {
    let what =
      sent.isRepair
      ? "repair of version \(sent.version)"
      : sent.baseVersion.map { "supplement to version \($0)" } ?? "full version \(sent.version)"
    let size = "\(counted(sent.files, "file")), \(readable(bytes: sent.bytes))"
    return sent.isNew ? "\(sent.package): \(what), \(size)" : "\(sent.package): sent before, \(what)"
  }

  /// Where to; what is wrong with the target is said without repeating it, for it may hold a password.
  private func target() throws -> DeliveryTarget {
    do { return try DeliveryTarget(to) } catch {
      throw ValidationError("--to: \(error.message)\n  hint: \(error.hint)")
    }
  }
}

extension ReadBack: ExpressibleByArgument {}
