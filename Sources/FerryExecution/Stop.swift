internal import Foundation
internal import Synchronization

/// A wish to stop, made once or twice and heard by everyone who runs something.
package final class Stop: Sendable {
  package enum Manner: Hashable, Sendable {
    /// Ask, and end what still runs after this long.
    case gracefully(within: Duration)
    case atOnce
  }

  private struct State {
    var manner: Manner?
    var listeners: [UUID: AsyncStream<Manner>.Continuation] = [:]
  }

  private let state = Mutex(State())

  package init() {}

  /// Nothing new is started after this; a later wish may only be stronger.
  package func request(_ manner: Manner) {
    let listeners = state.withLock { state in
      if state.manner == .atOnce { return [AsyncStream<Manner>.Continuation]() }
      state.manner = manner
      return Array(state.listeners.values)
    }
    for listener in listeners { listener.yield(manner) }
  }

  package var isRequested: Bool { state.withLock { $0.manner != nil } }

  /// The wish that there is already, and those to come.
  package var requests: AsyncStream<Manner> {
    AsyncStream { continuation in
      let id = UUID()
      continuation.onTermination = { [self] _ in state.withLock { _ = $0.listeners.removeValue(forKey: id) } }
      let manner = state.withLock { state in
        state.listeners[id] = continuation
        return state.manner
      }
      if let manner { continuation.yield(manner) }
    }
  }
}
