import ArgumentParser
import Foundation

/// How to answer.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Answer in JSON on standard output; the story goes to standard error.")
  var json = false

  @Flag(name: [.short, .long], help: "Say nothing but the answer and what went wrong.")
  var quiet = false
}

/// Where ferry keeps its state.
struct HomeOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Ferry's own folder: kept renditions, logs, keys, the lock. Default: $FERRY_HOME, else the XDG state folder.",
      valueName: "dir"))
  var home: String?

  /// The state folder by the XDG base directory specification.
  var homePath: String { home.map(FolderOptions.absolute) ?? HomeOption.defaultPath }

  static var defaultPath: String {
    let environment = ProcessInfo.processInfo.environment
    if let home = environment["FERRY_HOME"], !home.isEmpty { return FolderOptions.absolute(home) }
    if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") { return state + "/ferry" }
    // Looked up in the system's list of users only where nobody says it.
    let user = environment["HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? NSHomeDirectory()
    return user + "/.local/state/ferry"
  }

  /// The private key that signs when none is named.
  var keyPath: String { homePath + "/key" }
}

/// Where ferry keeps its state and puts packages.
struct FolderOptions: ParsableArguments {
  @OptionGroup var state: HomeOption

  @Option(help: ArgumentHelp("Where packages go.", valueName: "dir"))
  var out = "deliveries"

  var homePath: String { state.homePath }
  var outPath: String { FolderOptions.absolute(out) }

  static func absolute(_ path: String) -> String {
    URL(fileURLWithPath: path).standardizedFileURL.path
  }
}
