import ArgumentParser
import FerryCore
import FerryExchange
import FerryPipeline
import FerryStore
import Foundation

/// `ferry gc`
struct GarbageCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gc",
    abstract: "Remove kept renditions and lessons that no title in the queue and no published version needs.")

  @OptionGroup var output: OutputOptions
  @OptionGroup var folders: FolderOptions
  @Option(
    help: ArgumentHelp("Remove the oldest of the rest too until it fits into so many gigabytes.", valueName: "gb"))
  var size: Double?
  @Flag(help: "Only say what would go.") var dryRun = false

  private struct Answer: Encodable {
    var removed: [String]
    var freedBytes: Int
    var keptBytes: Int
  }

  func run() throws {
    let workspace = Workspace(home: folders.homePath)
    let lock = try QueueAccess.lock(workspace)
    let store = try QueueAccess.open(workspace)
    let needed = try QueueAccess.saying { () throws(StoreError) -> Set<String> in
      Set(try store.versions().flatMap(\.steps).map(\.digest)).union(try store.digests())
    }
    let result = try workspace.collect(needed: needed, cap: size.map { Int(bounded: $0 * 1e9) }, isDryRun: dryRun)
    _ = consume lock
    if output.json {
      return try Terminal.answer(
        json: Answer(removed: result.removed, freedBytes: result.freed, keptBytes: result.kept))
    }
    let verb = dryRun ? "would remove" : "removed"
    Terminal.answer(
      "\(verb) \(counted(result.removed.count, "folder")), \(readable(bytes: result.freed)); \(readable(bytes: result.kept)) kept"
    )
  }
}

/// `ferry backup FILE`
struct BackupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup", abstract: "Copy the queue into a file, whole, while runs go on.")

  @OptionGroup var folders: FolderOptions
  @Argument(help: "The file to write; never one that is there.") var file: String

  func run() throws {
    let store = try QueueAccess.open(Workspace(home: folders.homePath))
    try QueueAccess.saying { () throws(StoreError) in
      try store.backup(to: URL(fileURLWithPath: file).standardizedFileURL.path)
    }
    Terminal.answer(file)
  }
}

/// `ferry adopt`
struct AdoptCommand: ParsableCommand {
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

  private struct Answer: Encodable {
    var jobs: [String]
    var done: Int
    var attempts: Int
    var setAside: String?
    var problems: [Diagnostic]
  }

  func run() throws {
    let workspace = Workspace(home: folders.homePath, mayRepair: true)
    let lock = try QueueAccess.lock(workspace)
    let path = QueueAccess.path(workspace)
    var aside: String?
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
      aside = try QueueAccess.saying { () throws(StoreError) in try Store.setAside(path, now: .now()) }
    }
    do throws(StoreError) {
      let store = try Store.open(path)
      try store.check()
      try store.close()
    } catch .damaged {
      aside = try QueueAccess.saying { () throws(StoreError) in try Store.setAside(path, now: .now()) }
    } catch {
      Terminal.say([error.diagnostic])
      throw error.isTemporary ? ExitCode.tryLater : ExitCode.badInput
    }
    let store = try QueueAccess.open(workspace)
    let problems = try ExchangeAccess.saying { try workspace.review(out: folders.outPath) }
    let records = try workspace.records()
    let adoption = try QueueAccess.saying { () throws(StoreError) in try store.adopt(records, now: .now()) }
    try QueueAccess.recordVersions(store, workspace)
    _ = consume lock
    let answer = Answer(
      jobs: adoption.jobs, done: adoption.done.count, attempts: adoption.attempts, setAside: aside, problems: problems)
    if output.json { try Terminal.answer(json: answer) } else { say(answer) }
    if problems.contains(where: { $0.severity == .error }) { throw ExitCode.incomplete }
  }

  private func say(_ answer: Answer) {
    Terminal.say(answer.problems)
    if let aside = answer.setAside { Terminal.say("the damaged database was put aside: \(aside)") }
    Terminal.answer(
      "\(counted(answer.done, "title")) found done in \(counted(answer.jobs.count, "job")); submit the jobs again for the rest"
    )
  }
}
