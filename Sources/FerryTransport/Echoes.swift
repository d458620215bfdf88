internal import Synchronization

/// Which files a batch has sent, from the commands that `sftp` echoes before it does them.
final class Echoes: Sendable {
  private struct State {
    /// Files whose command was not echoed yet.
    var rest: ArraySlice<String>
    var current: String?
  }

  private let state: Mutex<State>
  private let whole: @Sendable (String) -> Void

  init(_ files: [String], _ whole: @escaping @Sendable (String) -> Void) {
    state = Mutex(State(rest: files[...]))
    self.whole = whole
  }

  /// The file that is being sent.
  var current: String? { state.withLock(\.current) }

  func hear(_ line: String) {
    guard line.hasPrefix("sftp> put ") || line.hasPrefix("sftp> reput ") else { return }
    next()
  }

  /// The batch ended well.
  func finish() { next() }

  private func next() {
    let done = state.withLock { state in
      let done = state.current
      state.current = state.rest.popFirst()
      return done
    }
    if let done { whole(done) }
  }
}
