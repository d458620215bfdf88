internal import FerryCore
internal import FerryFiles
internal import Foundation
internal import Subprocess
internal import Synchronization
internal import SystemPackage

/// A program of others that carries files: started with a list of arguments, asked nothing, ended when ferry ends.
package struct Tool: Sendable {
  package enum Name: String, Sendable, CaseIterable {
    case sftp, ssh, rsync, rclone

    /// The Debian package that has it.
    package var debianPackage: String {
      switch self {
      case .sftp, .ssh: "openssh-client"
      case .rsync, .rclone: rawValue
      }
    }
  }

  struct Ending: Sendable {
    var code: Int32
    var output: [UInt8]
    /// Whole lines of standard error, harmless on a terminal; only the last ones where there are very many.
    var complaints: [String]

    var text: String { String(decoding: output, as: UTF8.self) }
  }

  enum Voice: Sendable { case output, errors }
  /// What is to become of a program that said something.
  enum Reaction: Sendable { case goOn, stop }

  let name: Name
  let target: DeliveryTarget
  /// Longer than this without a byte read or written, and the program is ended.
  var patience: Duration = .seconds(300)

  /// Where the program is; `nil` where it is not installed.
  package static func find(_ name: String) -> String? {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    return path.split(separator: ":").lazy.map { $0 + "/" + name }.first { $0.hasPrefix("/") && access($0, X_OK) == 0 }
  }

  /// Runs it to its end, whatever that is; `hear` is called with every line as it comes.
  func run(
    _ arguments: [String], input: String = "", hear: @escaping @Sendable (Voice, String) -> Reaction = { _, _ in .goOn }
  ) async throws -> Ending {
    let program = try located(name)
    // Whoever ends ferry, even by SIGKILL, must not leave a program behind that still writes into the drop.
    guard let leash = Self.find("setpriv") else {
      throw missing("setpriv", package: "util-linux")
    }
    signal(SIGPIPE, SIG_IGN)
    var options = PlatformOptions()
    // Without a terminal no program can ask for a password.
    options.createSession = true
    let session = Session(hear: hear, patience: patience)
    let status: TerminationStatus
    do {
      status = try await Subprocess.run(
        .path(FilePath(leash)), arguments: Arguments(["--pdeathsig", "KILL", program] + arguments),
        environment: .inherit.updating(["LC_ALL": "C.UTF-8"]), platformOptions: options, input: .inputWriter,
        output: .sequence, error: .sequence
      ) { process in
        await session.attend(process, input: [UInt8](input.utf8))
      }.terminationStatus
    } catch let error as SubprocessError {
      throw Diagnostic(
        "deliver.tool", at: Place("\(target)"), "\(name.rawValue) cannot be started: \(error)",
        hint: "see whether it works by hand; running it again goes on from here")
    }
    if session.isStalled {
      throw Diagnostic(
        "deliver.stalled", at: Place("\(target)"), "\(name.rawValue) did nothing for \(patience) and was stopped",
        hint: "look at the partner's server; running it again goes on from here")
    }
    let code: Int32 =
      switch status {
      case .exited(let code): code
      case .signaled(let signal): 128 + signal
      }
    return session.ending(code)
  }

  /// The program's path.
  func located(_ name: Name) throws -> String {
    guard let path = Self.find(name.rawValue) else { throw missing(name.rawValue, package: name.debianPackage) }
    return path
  }

  private func missing(_ name: String, package: String) -> Diagnostic {
    Diagnostic(
      "deliver.tool-missing", at: Place("\(target)"),
      "the program '\(name)', which this target needs, is not installed",
      hint: "install the package \(package): apt-get install \(package)")
  }
}

/// One run of a program as this side sees it.
private final class Session: Sendable {
  fileprivate typealias Process = Execution<CustomWriteInput, SequenceOutput, SequenceOutput>

  private struct State {
    var output: [UInt8] = []
    var complaints: [String] = []
    var isStalled = false
    var process: pid_t?
  }

  /// No listing or ticket is longer; what follows is not kept.
  private static let longestOutput = 256 << 20
  private static let mostComplaints = 200

  private let hear: @Sendable (Tool.Voice, String) -> Tool.Reaction
  private let patience: Duration
  private let state = Mutex(State())

  init(hear: @escaping @Sendable (Tool.Voice, String) -> Tool.Reaction, patience: Duration) {
    self.hear = hear
    self.patience = patience
  }

  var isStalled: Bool { state.withLock(\.isStalled) }

  func ending(_ code: Int32) -> Tool.Ending {
    state.withLock { Tool.Ending(code: code, output: $0.output, complaints: $0.complaints) }
  }

  func attend(_ process: Process, input: [UInt8]) async {
    state.withLock { $0.process = process.processIdentifier.value }
    await withDiscardingTaskGroup { watchers in
      watchers.addTask { await self.watch(process.processIdentifier.value) }
      await withDiscardingTaskGroup { streams in
        streams.addTask {
          // A program that ends before it has read everything says why by its end.
          do {
            _ = try await process.standardInputWriter.write(input)
            try await process.standardInputWriter.finish()
          } catch {}
        }
        streams.addTask { await self.read(process.standardOutput, .output) }
        streams.addTask { await self.read(process.standardError, .errors) }
      }
      watchers.cancelAll()
    }
  }

  private func read(_ stream: SubprocessOutputSequence, _ voice: Tool.Voice) async {
    var lines = Lines()
    do {
      for try await buffer in stream {
        buffer.withUnsafeBytes { bytes in
          if voice == .output {
            state.withLock { if $0.output.count < Self.longestOutput { $0.output += bytes } }
          }
          for line in lines.append(bytes) { take(line, voice) }
        }
      }
    } catch { take(Array("its words could not be read: \(error)".utf8), voice) }
    if let rest = lines.rest { take(rest, voice) }
  }

  private func take(_ line: [UInt8], _ voice: Tool.Voice) {
    let line = String(decoding: line, as: UTF8.self)
    if voice == .errors {
      state.withLock { state in
        state.complaints.append(Complaint.harmless(line))
        if state.complaints.count > Self.mostComplaints { state.complaints.removeFirst() }
      }
    }
    // Nobody has waited for it yet, so its number is its own.
    if hear(voice, line) == .stop, let process = state.withLock(\.process) { kill(-process, SIGTERM) }
  }

  /// Ends a program that neither reads nor writes: the server's end may be stuck while the line is alive.
  private func watch(_ process: pid_t) async {
    let clock = ContinuousClock()
    var (last, since) = ("", clock.now)
    while true {
      do { try await clock.sleep(for: min(patience, .seconds(5))) } catch { return }
      var now = ""
      do { now = try String(contentsOfFile: "/proc/\(process)/io", encoding: .utf8) } catch { return }
      if now != last { (last, since) = (now, clock.now) }
      if clock.now - since >= patience {
        state.withLock { $0.isStalled = true }
        kill(-process, SIGKILL)
        return
      }
    }
  }
}
