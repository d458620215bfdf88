package import FerryCore
internal import FerryFiles
internal import Foundation

/// How one attempt at a title ended.
package enum Outcome: Hashable, Sendable {
  /// The title is made, whole.
  case finished(TitleOutcome)
  /// The title or its files are wrong; the diagnostics say where.
  case rejected([Diagnostic])
  /// The disk is full, which is no fault of the title.
  case diskFull([Diagnostic])
  /// The worker ended without an answer; what it was doing and the last line of its log may say why.
  case crashed(End, lastLine: String?, doing: Doing? = nil)
  /// The worker used more of something than it may.
  case overLimit(Limit, lastLine: String?, doing: Doing? = nil)
  /// The worker did nothing for too long and was stopped.
  case timedOut(Wait, doing: Doing? = nil)
  /// A stop was asked for; the title is as it was.
  case cancelled

  /// How a process ended.
  package enum End: Hashable, Sendable {
    case exited(Int32)
    case signal(Int32)
  }

  package enum Limit: String, Hashable, Sendable {
    case memory
    case processorTime = "processor time"
    case fileSize = "file size"
  }

  /// What was waited for in vain, and how long.
  package enum Wait: Hashable, Sendable {
    case sign(Duration)
    case progress(Duration)
  }
}

extension Outcome {
  /// The title that was made, for whoever treats everything else as a failure.
  package func get() throws(WorkFailure) -> TitleOutcome {
    switch self {
    case .finished(let title): return title
    case .rejected(let diagnostics), .diskFull(let diagnostics): throw .rejected(diagnostics)
    case .crashed, .overLimit, .timedOut, .cancelled: throw .crashed(description)
    }
  }
}

extension Outcome: CustomStringConvertible {
  /// One sentence for a summary; diagnostics are said elsewhere, each in full.
  package var description: String {
    switch self {
    case .finished: "made"
    case .rejected(let diagnostics), .diskFull(let diagnostics):
      diagnostics.first.map { "refused: \($0.message)" } ?? "refused"
    case .crashed(.exited(0), let line, let doing): "the worker ended without an outcome" + Self.tail(line, doing)
    case .crashed(.exited(let code), let line, let doing):
      "the worker ended with exit code \(code)" + Self.tail(line, doing)
    case .crashed(.signal(SIGKILL), let line, let doing):
      "the worker was killed from outside, by the kernel for lack of memory or by a person" + Self.tail(line, doing)
    case .crashed(.signal(let signal), let line, let doing):
      "the worker was killed by signal \(signal) (\(String(cString: strsignal(signal))))" + Self.tail(line, doing)
    case .overLimit(let limit, let line, let doing):
      "the worker went over its limit of \(limit.rawValue)" + Self.tail(line, doing)
    case .timedOut(.sign(let wait), let doing):
      "the worker gave no sign for \(Self.seconds(wait)) and was stopped" + Self.tail(nil, doing)
    case .timedOut(.progress(let wait), let doing):
      "the worker made no progress for \(Self.seconds(wait)) and was stopped" + Self.tail(nil, doing)
    case .cancelled: "stopped before it was made"
    }
  }

  private static func seconds(_ wait: Duration) -> String {
    let seconds = wait / .seconds(1)
    return seconds == seconds.rounded() ? "\(Int(seconds)) s" : "\(seconds) s"
  }

  private static func tail(_ line: String?, _ doing: Doing?) -> String {
    (doing.map { " while \($0)" } ?? "") + (line.map { "; its last words: \($0)" } ?? "")
  }
}

/// What is known about a worker when it is gone.
struct Ending {
  var end: Outcome.End
  /// Why we stopped it, if we did.
  var verdict: Verdict?
  /// What the worker said of why it makes nothing.
  var refusal: Outcome?
  var record: TitleOutcome?
  var lastLine: String?
  var doing: Doing?

  enum Verdict {
    case stopped
    case waited(Outcome.Wait)
  }

  var outcome: Outcome {
    // Work that was finished while we made up our mind is finished.
    if end == .exited(0), let record { return .finished(record) }
    if let refusal { return refusal }
    switch verdict {
    case .stopped: return .cancelled
    case .waited(let wait): return .timedOut(wait, doing: doing)
    case nil: break
    }
    switch end {
    case .signal(SIGXCPU): return .overLimit(.processorTime, lastLine: lastLine, doing: doing)
    case .signal(SIGXFSZ): return .overLimit(.fileSize, lastLine: lastLine, doing: doing)
    default:
      return isOutOfMemory
        ? .overLimit(.memory, lastLine: lastLine, doing: doing) : .crashed(end, lastLine: lastLine, doing: doing)
    }
  }

  /// Whether the last words are those of an allocation that failed: a limit of memory kills nobody by itself.
  private var isOutOfMemory: Bool {
    guard let line = lastLine?.lowercased() else { return false }
    // Swift's runtime, the C++ library, the C library's ENOMEM, x264.
    return ["failed to allocate", "bad_alloc", "cannot allocate memory", "malloc of size"].contains(
      where: line.contains)
  }
}

/// The record of a finished title in its attempt folder, from which the store can be rebuilt.
package enum OutcomeRecord {
  package static let name = "outcome.json"

  package enum Failure: Error, Hashable {
    case failed(call: String, path: String, code: Int32)
  }

  /// Writes the record by rename, and returns when file and folder are on the disk: a record that is there is whole.
  package static func write(_ outcome: TitleOutcome, in folder: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let data = try encoder.encode(outcome)
    let path = folder + "/" + name
    let scratch = folder + "/." + name + ".part"
    do {
      try write(data, to: scratch)
      if rename(scratch, path) != 0 { throw Failure.failed(call: "rename", path: path, code: errno) }
    } catch {
      unlink(scratch)
      throw error
    }
    try withDescriptor(folder, O_RDONLY | O_DIRECTORY) { try flush($0, folder) }
  }

  /// The record, or `nil` where there is none.
  package static func read(in folder: String) throws -> TitleOutcome? {
    let path = folder + "/" + name
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    return try ForeignLine.decoded(Data(contentsOf: URL(fileURLWithPath: path)), as: TitleOutcome.self)
  }

  private static func write(_ data: Data, to path: String) throws {
    try withDescriptor(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW) { descriptor in
      let code = writeAll(data, to: descriptor)
      if code != 0 { throw Failure.failed(call: "write", path: path, code: code) }
      try flush(descriptor, path)
    }
  }

  private static func flush(_ descriptor: Int32, _ path: String) throws {
    if fsync(descriptor) != 0 { throw Failure.failed(call: "fsync", path: path, code: errno) }
  }

  private static func withDescriptor(_ path: String, _ flags: Int32, _ body: (Int32) throws -> Void) throws {
    let descriptor = open(path, flags | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Failure.failed(call: "open", path: path, code: errno) }
    defer { close(descriptor) }
    try body(descriptor)
  }
}

extension OutcomeRecord.Failure: CustomStringConvertible {
  package var description: String {
    switch self {
    case .failed(let call, let path, let code): "\(path): \(call): \(String(cString: strerror(code)))"
    }
  }
}
