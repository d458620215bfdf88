package import FerryCore
internal import FerryFiles
internal import Foundation
internal import Subprocess
internal import Synchronization
internal import SystemPackage

/// Makes one title in a process of our own binary, so that what breaks there is one attempt at one title.
///
/// The order goes in as a line on standard input, which then stays open: its end tells the worker that the run is gone.
/// Messages come out as JSON lines, the log on standard error, and the outcome as a record in the attempt folder.
package struct Worker: Sendable {
  /// How long a worker may take.
  package struct Patience: Hashable, Sendable {
    /// Without a line of any kind: the process is stuck or stopped.
    package var sign: Duration
    /// Without progress on the title, though alive.
    package var progress: Duration
    /// Between SIGTERM and SIGKILL.
    package var grace: Duration

    package init(sign: Duration = .seconds(60), progress: Duration = .seconds(600), grace: Duration = .seconds(10)) {
      self.sign = sign
      self.progress = progress
      self.grace = grace
    }
  }

  private let executable: String
  private let arguments: [String]
  private let patience: Patience

  package init(executable: String, arguments: [String] = ["work"], patience: Patience = Patience()) {
    self.executable = executable
    self.arguments = arguments
    self.patience = patience
  }

  /// Works on `order` until it is done, a limit is reached or a stop is asked for; throws when no worker can be started.
  ///
  /// `log` is a file that the worker's standard error is appended to.
  package func run(
    _ order: WorkOrder, log: String? = nil, stop: Stop = Stop(),
    progress: @escaping @Sendable (Milliseconds) -> Void = { _ in }
  ) async throws -> Outcome {
    // A worker that is gone before it has read its order must not take this process with it.
    signal(SIGPIPE, SIG_IGN)
    let input = try [UInt8](JSONEncoder().encode(order)) + [UInt8(ascii: "\n")]
    let log = try WorkerLog.open(log)
    let session = Session(patience: patience, log: log, progress: progress)
    var options = PlatformOptions()
    options.processGroupID = 0
    options.teardownSequence = Self.steps(grace: patience.grace)
    let status: TerminationStatus
    do {
      status = try await Subprocess.run(
        .path(FilePath(executable)), arguments: Arguments(arguments), environment: .custom(Self.environment),
        platformOptions: options, input: .inputWriter, output: .sequence, error: .sequence
      ) { execution in
        await session.attend(execution, input: input, stop: stop)
      }.terminationStatus
    } catch is CancellationError {
      return .cancelled
    }
    let outcome = session.ending(status, order).outcome
    switch outcome {
    case .crashed, .overLimit, .timedOut: log.append(line: "ferry: \(outcome)")
    case .finished, .rejected, .cancelled: break
    }
    return outcome
  }

  /// SIGTERM and, after the grace period, SIGKILL, for the worker and everything it may have started.
  fileprivate static func steps(grace: Duration) -> [TeardownStep] {
    [.send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: grace)]
  }

  private static var environment: [Environment.Key: String] {
    Dictionary(uniqueKeysWithValues: ChildEnvironment.kept.map { (Environment.Key(stringLiteral: $0.key), $0.value) })
  }
}

/// One worker's run as this side sees it.
private final class Session: Sendable {
  private struct State {
    var lastSign: SuspendingClock.Instant
    var lastProgress: SuspendingClock.Instant
    var verdict: Ending.Verdict?
    var diagnostics: [Diagnostic]?
    var lastLine: String?
    var isTrace = false
  }

  fileprivate typealias Process = Execution<CustomWriteInput, SequenceOutput, SequenceOutput>

  private let patience: Worker.Patience
  private let log: WorkerLog
  private let progress: @Sendable (Milliseconds) -> Void
  private let clock = SuspendingClock()
  private let state: Mutex<State>

  init(patience: Worker.Patience, log: WorkerLog, progress: @escaping @Sendable (Milliseconds) -> Void) {
    self.patience = patience
    self.log = log
    self.progress = progress
    state = Mutex(State(lastSign: clock.now, lastProgress: clock.now))
  }

  /// Returns when the process is gone.
  fileprivate func attend(_ process: Process, input: [UInt8], stop: Stop) async {
    await withDiscardingTaskGroup { watchers in
      watchers.addTask { await self.feed(process, input) }
      watchers.addTask { await self.watch(process) }
      watchers.addTask { await self.heed(stop, process) }
      await withDiscardingTaskGroup { readers in
        readers.addTask { await self.readMessages(process) }
        readers.addTask { await self.readLog(process) }
      }
      // Both pipes are closed: it is ending, or will never say anything again. Signal 0 only waits.
      let wait = TeardownStep.send(signal: Signal(rawValue: 0), allowedDurationToNextStep: self.patience.grace)
      await process.teardown(using: [wait] + Worker.steps(grace: self.patience.grace))
      // What it may have started goes with it; its number cannot be anybody else's before it is reaped.
      kill(-process.processIdentifier.value, SIGKILL)
      watchers.cancelAll()
    }
  }

  func ending(_ status: TerminationStatus, _ order: WorkOrder) -> Ending {
    let end: Outcome.End =
      switch status {
      case .exited(let code): .exited(code)
      case .signaled(let number): .signal(number)
      }
    let known = state.withLock { $0 }
    var ending = Ending(
      end: end, verdict: known.verdict, diagnostics: known.diagnostics, record: nil, lastLine: known.lastLine,
      doing: DoingNote.read(in: order.folder))
    do {
      if end == .exited(0) {
        ending.record = try OutcomeRecord.read(in: order.folder)
      } else if ending.diagnostics == nil {
        // What it said was lost with its pipe.
        ending.diagnostics = try OutcomeRecord.readFailure(in: order.folder)
      }
    } catch {
      ending.lastLine = "its record cannot be read: \(error)"
    }
    return ending
  }

  private func feed(_ process: Process, _ input: [UInt8]) async {
    // A worker that does not take its order tells by its end what was wrong.
    do { _ = try await process.standardInputWriter.write(input) } catch {}
  }

  private func readMessages(_ process: Process) async {
    var lines = Lines()
    do {
      for try await buffer in process.standardOutput {
        for line in buffer.withUnsafeBytes({ lines.append($0) }) { hear(line) }
      }
    } catch { remember("its messages could not be read: \(error)") }
  }

  private func readLog(_ process: Process) async {
    var lines = Lines()
    do {
      for try await buffer in process.standardError {
        buffer.withUnsafeBytes { log.append($0) }
        for line in buffer.withUnsafeBytes({ lines.append($0) }) { remember(String(decoding: line, as: UTF8.self)) }
      }
    } catch { remember("its log could not be read: \(error)") }
    if let rest = lines.rest { remember(String(decoding: rest, as: UTF8.self)) }
  }

  private func hear(_ line: [UInt8]) {
    // Anything else was printed by a library or broke off, and is no sign that the work goes on.
    guard let message = Self.message(line) else {
      return remember("not a message: " + String(decoding: line.prefix(200), as: UTF8.self))
    }
    state.withLock { state in
      state.lastSign = clock.now
      switch message {
      case .alive: break
      case .progress, .finished: state.lastProgress = clock.now
      case .failed(let diagnostics): state.diagnostics = diagnostics
      }
    }
    if case .progress(let position) = message { progress(position) }
  }

  private static func message(_ line: [UInt8]) -> WorkerMessage? {
    guard line.first == UInt8(ascii: "{") else { return nil }
    do { return try ForeignLine.decoded(Data(line), as: WorkerMessage.self) } catch { return nil }
  }

  private func remember(_ line: String) {
    let line = line.trimmingCharacters(in: .whitespacesAndNewlines)
    if line.isEmpty { return }
    state.withLock { state in
      // Swift says what was wrong, and then where, in many lines that say nothing to a person.
      if line == "Current stack trace:" { state.isTrace = true }
      if !state.isTrace { state.lastLine = String(line.prefix(500)) }
    }
  }

  /// Ends the process when it was quiet for too long.
  private func watch(_ process: Process) async {
    while true {
      let (sign, progress) = state.withLock { ($0.lastSign + patience.sign, $0.lastProgress + patience.progress) }
      do { try await clock.sleep(until: min(sign, progress), tolerance: .zero) } catch { return }
      let wait = state.withLock { state -> Outcome.Wait? in
        if clock.now - state.lastSign >= patience.sign { return .sign(patience.sign) }
        if clock.now - state.lastProgress >= patience.progress { return .progress(patience.progress) }
        return nil
      }
      guard let wait else { continue }
      judge(.waited(wait))
      return await process.teardown(using: Worker.steps(grace: patience.grace))
    }
  }

  /// Ends the process when a stop is asked for; a second wish does not wait for the first.
  private func heed(_ stop: Stop, _ process: Process) async {
    await withDiscardingTaskGroup { group in
      for await manner in stop.requests {
        judge(.stopped)
        switch manner {
        case .gracefully(let grace): group.addTask { await process.teardown(using: Worker.steps(grace: grace)) }
        case .atOnce: kill(-process.processIdentifier.value, SIGKILL)
        }
      }
    }
  }

  /// The first verdict stays.
  private func judge(_ verdict: Ending.Verdict) {
    state.withLock { if $0.verdict == nil { $0.verdict = verdict } }
  }
}

/// The file that keeps a worker's standard error, up to a size: a library that repeats itself must not fill the disk.
private final class WorkerLog: Sendable {
  private static let limit = 4 << 20
  private let descriptor: Int32
  private let left = Mutex(limit)

  private init(_ descriptor: Int32) { self.descriptor = descriptor }
  deinit { if descriptor >= 0 { close(descriptor) } }

  /// `nil` keeps nothing.
  static func open(_ path: String?) throws -> WorkerLog {
    guard let path else { return WorkerLog(-1) }
    let descriptor = Foundation.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw OutcomeRecord.Failure.failed(call: "open", path: path, code: errno) }
    return WorkerLog(descriptor)
  }

  func append(line: String) { Array((line + "\n").utf8).withUnsafeBytes { append($0) } }

  func append(_ bytes: UnsafeRawBufferPointer) {
    guard descriptor >= 0 else { return }
    let count = left.withLock { left in
      let count = min(left, bytes.count)
      left -= count
      return count
    }
    // A log that cannot be written is no reason to lose the title.
    if count > 0 { _ = writeAll(Data(bytes.prefix(count)), to: descriptor) }
    if count > 0, count < bytes.count {
      _ = writeAll(Data("\n(more than \(Self.limit) bytes; the rest was not kept)\n".utf8), to: descriptor)
    }
  }
}
