internal import CSandbox
package import FerryCore
internal import Foundation
internal import Synchronization

/// Processes of our own binary that open media files for this one, so that no file can end it.
///
/// Each answers one question at a time and as many in a row as there are; one that a file ended is replaced. Whoever asks
/// waits, so that as many processes run as threads ask. They end with this value.
package final class Readers: Sendable {
  private let executable: String
  private let arguments: [String]
  private let readable: [String]
  private let idle = Mutex<[ReaderProcess]>([])

  /// `readable` are the files and folders that they may read, and nothing else.
  package init(executable: String, arguments: [String], readable: [String]) {
    self.executable = executable
    self.arguments = arguments
    self.readable = readable
  }

  /// The answer to one question; `patience` is how long a process may do nothing new.
  package func ask<Answer: Decodable>(
    _ question: some Encodable, patience: Duration, for answer: Answer.Type = Answer.self
  ) throws(ReaderFailure) -> Answer {
    let line = try Self.encoded(question)
    if let used = idle.withLock({ $0.popLast() }) {
      do throws(ReaderFailure) {
        return try ask(line, used, patience)
      } catch {
        // What ended it may be of an earlier file's making, and only a new process tells.
        switch error {
        case .killed, .ended: break
        case .stalled, .unusable: throw error
        }
      }
    }
    return try ask(line, try ReaderProcess.start(executable, arguments, try Self.encoded(readable)), patience)
  }

  private func ask<Answer: Decodable>(
    _ line: Data, _ process: ReaderProcess, _ patience: Duration
  ) throws(ReaderFailure) -> Answer {
    let bytes = try process.exchange(line, patience)
    idle.withLock { $0.append(process) }
    do { return try ForeignLine.decoded(bytes, as: Answer.self) } catch { throw .unusable("\(error)") }
  }

  private static func encoded(_ value: some Encodable) throws(ReaderFailure) -> Data {
    do { return try JSONEncoder().encode(value) + Data("\n".utf8) } catch { throw .unusable("\(error)") }
  }
}

/// One process: its socket for questions and answers, and the memory that its standard error and its note are kept in.
private final class ReaderProcess: Sendable {
  /// No answer is longer; a track of 64 MB of packets is the longest.
  private static let longest = 1 << 30

  private let started: ferry_reader
  /// As waitpid(2) says it, once it was waited for.
  private let status = Mutex<Int32?>(nil)

  private init(_ started: ferry_reader) { self.started = started }

  deinit {
    _ = reap()
    close(started.socket)
    close(started.errors)
    close(started.note)
  }

  static func start(
    _ executable: String, _ arguments: [String], _ readable: Data
  ) throws(ReaderFailure) -> ReaderProcess {
    var words: [UnsafeMutablePointer<CChar>?] = ([executable] + arguments).map { strdup($0) } + [nil]
    var environment: [UnsafeMutablePointer<CChar>?] =
      ChildEnvironment.kept.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for word in words + environment { free(word) } }
    var reader = ferry_reader()
    let code = -ferry_reader_start(&words, &environment, &reader)
    if code != 0 { throw .unusable("\(executable): \(String(cString: strerror(code)))") }
    let process = ReaderProcess(reader)
    guard process.send(readable) else { throw process.end() }
    return process
  }

  /// Sends a line and returns the one that comes back.
  func exchange(_ question: Data, _ patience: Duration) throws(ReaderFailure) -> Data {
    guard send(question) else { throw end() }
    var answer = Data()
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    var doing = DoingNote.read(started.note)
    var since = ContinuousClock.now
    while true {
      var waiting = pollfd(fd: started.socket, events: Int16(POLLIN), revents: 0)
      if poll(&waiting, 1, 200) > 0 {
        let count = recv(started.socket, &chunk, chunk.count, 0)
        if count < 0, errno == EINTR { continue }
        if count <= 0 { throw end() }
        answer.append(contentsOf: chunk[..<count])
        if chunk[count - 1] == UInt8(ascii: "\n") { return answer }
        if answer.count > Self.longest { throw .unusable("an answer has no end") }
        since = .now
        continue
      }
      let now = DoingNote.read(started.note)
      if now != doing { (doing, since) = (now, .now) }
      if ContinuousClock.now - since >= patience { throw .stalled(patience, doing: now) }
    }
  }

  private func send(_ bytes: Data) -> Bool {
    bytes.withUnsafeBytes { bytes in
      var left = bytes[...]
      while !left.isEmpty {
        let start = UnsafeRawBufferPointer(rebasing: left).baseAddress
        let count = Foundation.send(started.socket, start, left.count, Int32(MSG_NOSIGNAL))
        if count < 0, errno == EINTR { continue }
        if count < 0 { return false }
        left = left.dropFirst(count)
      }
      return true
    }
  }

  /// How it ended, which it has or is about to.
  private func end() -> ReaderFailure {
    let status = reap()
    let doing = DoingNote.read(started.note)
    if ferry_status_exited(status) {
      return .ended(code: ferry_status_code(status), lastLine: lastLine, doing: doing)
    }
    let signal = ferry_status_signal(status)
    return .killed(signal: signal, name: String(cString: strsignal(signal)), doing: doing)
  }

  /// Ends it, if it has not ended, and says how it did.
  private func reap() -> Int32 {
    status.withLock { known in
      if let known { return known }
      kill(started.process, SIGKILL)
      var status: Int32 = 0
      while waitpid(started.process, &status, 0) < 0 && errno == EINTR {}
      known = status
      return status
    }
  }

  /// The last line of standard error, before Swift's many lines of a stack.
  private var lastLine: String? {
    var bytes = [UInt8](repeating: 0, count: 64 << 10)
    let count = pread(started.errors, &bytes, bytes.count, 0)
    let lines = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).split(separator: "\n")
    return lines.prefix { $0 != "Current stack trace:" }.last { !$0.allSatisfy(\.isWhitespace) }
      .map { String($0.prefix(500)) }
  }
}
