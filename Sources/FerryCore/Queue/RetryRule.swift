/// Why an attempt failed, as far as trying again is concerned.
package enum FailureClass: String, CaseIterable, Hashable, Sendable, Codable {
  /// May pass by itself: a file server that did not answer, memory that was short.
  case transient
  /// Comes again: bad input, a failed check.
  case permanent
  /// The worker died.
  case crash
  /// No space is left; trying again would only fill it again.
  case diskFull = "disk-full"
  /// Whoever held the lease is gone, which says nothing about the title.
  case lost
}

/// How often each class of failure has struck a title since a person last looked at it, or its content changed.
package struct FailureCounts: Hashable, Sendable {
  package var transient: Int
  package var crash: Int
  package var lost: Int

  package init(transient: Int = 0, crash: Int = 0, lost: Int = 0) {
    self.transient = transient
    self.crash = crash
    self.lost = lost
  }

  /// The counts with one more failure of a class; classes that are never retried are not counted.
  package func adding(_ failure: FailureClass) -> FailureCounts {
    var counts = self
    switch failure {
    case .transient: counts.transient += 1
    case .crash: counts.crash += 1
    case .lost: counts.lost += 1
    case .permanent, .diskFull: break
    }
    return counts
  }
}

/// When a failed title is tried again, and when it is not.
package struct RetryRule: Hashable, Sendable {
  /// Attempts that may fail for a passing reason; after the last one a person is needed.
  package var tries: Int
  /// Crashes after which a title is kept from its neighbours.
  package var crashes: Int
  /// Leases that may be lost; more than these, and the title may be what takes the machine down.
  package var losses: Int
  /// The wait after the first failure; each further one is four times as long.
  package var firstWait: Duration
  package var longestWait: Duration

  package init(
    tries: Int = 3, crashes: Int = 2, losses: Int = 5, firstWait: Duration = .seconds(30),
    longestWait: Duration = .seconds(15 * 60)
  ) {
    self.tries = tries
    self.crashes = crashes
    self.losses = losses
    self.firstWait = firstWait
    self.longestWait = longestWait
  }

  package enum Verdict: Hashable, Sendable {
    /// At once.
    case again
    case retry(at: Timestamp)
    case hold
    case quarantine
  }

  /// What becomes of a title; `counts` include the failure that just happened.
  package func verdict(
    on failure: FailureClass, _ counts: FailureCounts, now: Timestamp, using random: inout some RandomNumberGenerator
  ) -> Verdict {
    switch failure {
    case .permanent, .diskFull: .hold
    case .lost: counts.lost < losses ? .again : .hold
    case .transient:
      counts.transient < tries ? .retry(at: now + wait(after: counts.transient, using: &random)) : .hold
    // At once, so that one night knows whether it was chance.
    case .crash: counts.crash < crashes ? .again : .quarantine
    }
  }

  /// The wait after the `failure`th failure, counted from 1: exponential, at most the longest, and up to half of it
  /// random, so that titles which failed together do not come back together.
  package func wait(after failure: Int, using random: inout some RandomNumberGenerator) -> Duration {
    precondition(failure > 0, "failures are counted from 1")
    var wait = firstWait.wholeMilliseconds
    // Stops before the product could overflow.
    for _ in 1..<failure where wait < longestWait.wholeMilliseconds { wait *= 4 }
    wait = min(wait, longestWait.wholeMilliseconds)
    // One draw, whatever it is: the bias of a span of minutes within 64 bits is nothing.
    let share = UInt64(wait / 2 + 1).multipliedFullWidth(by: random.next()).high
    return .milliseconds(wait - Int(share))
  }
}
