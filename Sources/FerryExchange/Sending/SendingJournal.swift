internal import FerryCore
internal import FerryFiles
internal import Foundation
internal import Synchronization

/// Which files of one package were sent whole to one target, a line each, so that the next run does not send them again.
///
/// It is only believed of the very package and target that its first line names, and only together with the size that
/// the file has there. Nothing needs flushing: what is not noted is looked at there.
final class SendingJournal: Sendable {
  private struct State {
    var whole: Set<String>
    var failure: Refusal?
  }

  private let path: String
  private let descriptor: Int32
  /// An earlier run began to send this, so what is there is ours to finish or replace.
  let isContinued: Bool
  private let state: Mutex<State>

  private init(path: String, descriptor: Int32, isContinued: Bool, whole: Set<String>) {
    (self.path, self.descriptor, self.isContinued) = (path, descriptor, isContinued)
    state = Mutex(State(whole: whole))
  }

  deinit { close(descriptor) }

  /// Goes on with the journal of this package and target, or begins one.
  static func open(_ path: String, _ ticket: Ticket, _ target: DeliveryTarget) throws -> SendingJournal {
    let head = "ferry-sending/1 \(ticket.packageDigest) \(target)"
    let text = String(decoding: try Files.readSmall(path) ?? [], as: UTF8.self)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let isContinued = lines.count > 1 && lines[0] == head
    if !isContinued { try Files.replace(path, Array((head + "\n").utf8)) }
    let descriptor = Foundation.open(path, O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { throw Files.failed("opening", path) }
    // The last part has no end: a line that broke off, or nothing.
    let whole = isContinued ? Set(lines.dropFirst().dropLast().map(String.init)) : []
    if isContinued, let rest = lines.last, !rest.isEmpty,
      ftruncate(descriptor, off_t(text.utf8.count - rest.utf8.count)) != 0
    {
      throw Files.failed("ftruncate", path)
    }
    return SendingJournal(path: path, descriptor: descriptor, isContinued: isContinued, whole: whole)
  }

  var whole: Set<String> { state.withLock(\.whole) }

  func note(_ name: String) {
    state.withLock { state in
      guard state.whole.insert(name).inserted else { return }
      let line = Array((name + "\n").utf8)
      if write(descriptor, line, line.count) != line.count { state.failure = Files.failed("writing", path) }
    }
  }

  /// What went wrong while files were noted.
  func check() throws(Refusal) {
    if let failure = state.withLock(\.failure) { throw failure }
  }
}
