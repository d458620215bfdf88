package import FerryCore

/// Runs workers on this machine, several at once, until there is nothing left to do or a stop is asked for.
package struct LocalExecutor: Sendable {
  private let worker: Worker
  private let workers: Int
  private let stop: Stop

  package init(worker: Worker, workers: Int, stop: Stop) {
    precondition(workers > 0, "somebody must work")
    self.worker = worker
    self.workers = workers
    self.stop = stop
  }

  /// One title to make: what it is to the caller, and what the worker is told.
  package struct Assignment<Claim: Sendable>: Sendable {
    package var claim: Claim
    package var order: WorkOrder
    /// Where the worker's log goes.
    package var log: String?
    /// Ends this one worker; whatever stops all stops it too.
    package var stop: Stop

    package init(_ claim: Claim, _ order: WorkOrder, log: String? = nil, stop: Stop = Stop()) {
      self.claim = claim
      self.order = order
      self.log = log
      self.stop = stop
    }
  }

  /// Each lane takes the next title when it is free; `ended` hears of every one that `next` gave, in the order of ends.
  ///
  /// What `next` or `ended` throws stops everything: the workers that still run are ended, and the error goes on.
  package func drain<Claim: Sendable>(
    next: @escaping @Sendable () async throws -> Assignment<Claim>?,
    progress: @escaping @Sendable (Claim, Milliseconds) -> Void = { _, _ in },
    ended: @escaping @Sendable (Claim, Outcome) async throws -> Void
  ) async throws {
    try await withThrowingDiscardingTaskGroup { lanes in
      for _ in 0..<workers {
        lanes.addTask {
          while !stop.isRequested, let title = try await next() {
            let following = Task { for await manner in stop.requests { title.stop.request(manner) } }
            defer { following.cancel() }
            let outcome = try await worker.run(title.order, log: title.log, stop: title.stop) {
              progress(title.claim, $0)
            }
            try await ended(title.claim, outcome)
          }
        }
      }
    }
  }
}
