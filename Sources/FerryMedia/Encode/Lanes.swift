internal import Foundation
internal import Synchronization

/// Threads that work side by side on one title; the first failure stops all of them and is the one reported.
final class Lanes: Sendable {
  private struct State {
    var failure: MediaError?
    var queues: [FrameQueue] = []
  }

  private let state = Mutex(State())
  private let group = DispatchGroup()

  /// A queue that a failure wakes.
  func queue(capacity: Int) throws(MediaError) -> FrameQueue {
    let queue = try FrameQueue(capacity: capacity)
    state.withLock { $0.queues.append(queue) }
    return queue
  }

  /// Runs `body` on a thread of its own, behind those that are `ahead`: it and the threads that it starts get what the
  /// others leave of the processors.
  func start(_ name: String, ahead: Int = 0, _ body: @escaping @Sendable () throws(MediaError) -> Void) {
    group.enter()
    let thread = Thread { [self] in
      if ahead > 0 {
        // Linux has a priority for each thread. Where none may be set, this one only runs sooner than it need.
        let one = __priority_which_t(PRIO_PROCESS.rawValue)
        _ = setpriority(one, 0, getpriority(one, 0) + Int32(ahead * 5))
      }
      do throws(MediaError) { try body() } catch { fail(error) }
      group.leave()
    }
    thread.name = name
    // FFmpeg's own threads get the system's default of 8 MiB; Foundation's 512 KiB would not do for decoders.
    thread.stackSize = 8 << 20
    thread.start()
  }

  func fail(_ error: MediaError) {
    let toWake = state.withLock { state in
      if state.failure == nil { state.failure = error }
      return state.queues
    }
    for queue in toWake { queue.cancel() }
  }

  /// Waits for every lane; throws the first failure.
  func join() throws(MediaError) {
    group.wait()
    if let failure = state.withLock({ $0.failure }) { throw failure }
  }
}
