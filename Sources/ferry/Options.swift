import ArgumentParser
import Foundation

/// How to answer.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Answer in JSON on standard output; the story goes to standard error.")
  var json = false

  @Flag(name: [.short, .long], help: "Say nothing but the answer and what went wrong.")
  var quiet = false
}

/// Where ferry keeps its state and puts packages.
struct FolderOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Ferry's own folder: kept renditions, logs, the lock. Default: $FERRY_HOME, else the XDG state folder.",
      valueName: "dir"))
  var home: String?

  @Option(help: ArgumentHelp("Where packages go.", valueName: "dir"))
  var out = "deliveries"

  /// The state folder by the XDG base directory specification.
  var homePath: String {
    let environment = ProcessInfo.processInfo.environment
    if let home { return absolute(home) }
    if let home = environment["FERRY_HOME"], !home.isEmpty { return absolute(home) }
    if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") { return state + "/ferry" }
    return NSHomeDirectory() + "/.local/state/ferry"
  }

  var outPath: String { absolute(out) }

  private func absolute(_ path: String) -> String {
    URL(fileURLWithPath: path).standardizedFileURL.path
  }
}
