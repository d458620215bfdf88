import ArgumentParser
import FerryCore
import FerryOperations

/// `ferry gc`
struct GarbageCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gc",
    abstract: "Remove kept renditions and lessons that no title in the queue and no published version needs.")

  @OptionGroup var output: OutputOptions
  @OptionGroup var folders: FolderOptions
  @Option(
    help: ArgumentHelp("Remove the oldest of the rest too until it fits into so many gigabytes.", valueName: "gb"))
  var size: Double?
  @Flag(help: "Only say what would go.") var dryRun = false

  func run() async throws {
    let operation = CollectGarbage(cap: size.map { Int(bounded: $0 * 1e9) }, isDryRun: dryRun)
    try await output.tell(operation, in: folders.office()) { collected in
      let folders = counted(collected.removed.count, "folder")
      let (freed, kept) = (readable(bytes: collected.freedBytes), readable(bytes: collected.keptBytes))
      return ["\(dryRun ? "would remove" : "removed") \(folders), \(freed); \(kept) kept"]
    }
  }
}

/// `ferry backup FILE`
struct BackupCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup", abstract: "Copy the queue into a file, whole, while runs go on.")

  @OptionGroup var output: OutputOptions
  @OptionGroup var folders: FolderOptions
  @Argument(help: "The file to write; never one that is there.") var file: String

  func run() async throws {
    try await output.tell(BackUpQueue(file: file), in: folders.office()) { [$0] }
  }
}

/// `ferry adopt`
struct AdoptCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "adopt",
    abstract: "Repair ferry's own folder: rebuild what can be rebuilt, set aside what cannot, and say so.",
    discussion: """
      A damaged database is set aside and the queue rebuilt from the records on disk. Damaged records are rebuilt from \
      their copies, from the packages below --out or from what lies beside them; what nothing can make anew, as what was \
      sent to partners, is renamed to NAME.damaged and never deleted. Keys are named and left alone. Exit code 2: \
      something was lost.
      """)

  @OptionGroup var output: OutputOptions
  @OptionGroup var folders: FolderOptions

  func run() async throws {
    try await output.tell(AdoptRecords(), in: folders.office()) { adopted in
      if let aside = adopted.setAside { Terminal.say("the damaged database was put aside: \(aside)") }
      let found = "\(counted(adopted.done, "title")) found done in \(counted(adopted.jobs.count, "job"))"
      return ["\(found); submit the jobs again for the rest"]
    }
  }
}
