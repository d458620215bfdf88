/// Where a title stands in the queue.
package enum TitleState: Hashable, Sendable {
  /// A track's file is not there yet; what needs no text may be made meanwhile.
  case waitingTranslation
  case queued
  /// An attempt works on it under a lease.
  case running
  /// Its lesson is made and checked, and is being put in its place.
  case publishing
  case done
  /// A partner found something in what was delivered of it: it waits for its files to be mended.
  case reopened
  case failed(retryAt: Timestamp)
  /// Needs a person: bad input, a full disk, a failed check.
  case held
  /// Killed its worker too often.
  case quarantined
  case cancelled

  /// A state without its particulars, by the name that people and the store know.
  package enum Kind: String, CaseIterable, Sendable, Codable {
    case waitingTranslation = "waiting-translation"
    case queued
    case running
    case publishing
    case done
    case reopened
    case failed
    case held
    case quarantined
    case cancelled
  }

  package var kind: Kind {
    switch self {
    case .waitingTranslation: .waitingTranslation
    case .queued: .queued
    case .running: .running
    case .publishing: .publishing
    case .done: .done
    case .reopened: .reopened
    case .failed: .failed
    case .held: .held
    case .quarantined: .quarantined
    case .cancelled: .cancelled
    }
  }

  /// Where a title of a new job begins.
  package static func first(isAwaiting: Bool) -> TitleState { isAwaiting ? .waitingTranslation : .queued }
}

/// What happens to a title.
package enum TitleEvent: Hashable, Sendable {
  /// An attempt took it.
  case claimed
  /// The attempt gave it back unharmed.
  case released
  /// The attempt made what needs no text; the rest waits for a translation.
  case awaitsTranslation
  /// The file that was awaited is there.
  case translationArrived
  /// The attempt failed, and this is what the rule says.
  case failed(RetryRule.Verdict)
  /// The time to try again has come.
  case retryDue
  /// The attempt's outcome passed its checks.
  case accepted
  case published
  /// The job names other content for the title than before.
  case changed(isAwaiting: Bool)
  /// A person wants it tried again.
  case retried
  /// A person wants it made again although it is done.
  case forced
  /// A partner's defect, which no version answers yet, is pinned to one of its files.
  case reopened
  /// Every defect of it is answered: by a version that mends it, or with a reason why not.
  case answered
  /// Something that no attempt can mend was found.
  case held
  case cancelled
  /// A record on disk shows that it was done.
  case adopted
}

extension TitleState {
  /// The state after `event`, or `nil` when the event makes no sense now.
  package func after(_ event: TitleEvent) -> TitleState? {
    switch (self, event) {
    case (.waitingTranslation, .claimed), (.queued, .claimed): .running
    case (.running, .released), (.publishing, .released): .queued
    case (.running, .awaitsTranslation), (.queued, .awaitsTranslation): .waitingTranslation
    case (.waitingTranslation, .translationArrived): .queued
    case (.running, .failed(let verdict)), (.publishing, .failed(let verdict)): verdict.state
    case (.failed, .retryDue): .queued
    case (.running, .accepted): .publishing
    case (.publishing, .published): .done
    // What an attempt is making is judged when it ends: its finished steps still serve.
    case (.running, .changed), (.publishing, .changed): self
    case (_, .changed(let isAwaiting)): .first(isAwaiting: isAwaiting)
    case (.failed, .retried), (.held, .retried), (.quarantined, .retried), (.cancelled, .retried): .queued
    case (.done, .forced), (.reopened, .forced): .queued
    case (.done, .reopened): .reopened
    case (.reopened, .answered): .done
    case (.waitingTranslation, .held), (.queued, .held), (.failed, .held): .held
    case (.waitingTranslation, .cancelled), (.queued, .cancelled), (.running, .cancelled), (.failed, .cancelled),
      (.held, .cancelled), (.quarantined, .cancelled):
      .cancelled
    case (.waitingTranslation, .adopted), (.queued, .adopted), (.failed, .adopted), (.held, .adopted),
      (.quarantined, .adopted), (.cancelled, .adopted):
      .done
    default: nil
    }
  }
}

extension RetryRule.Verdict {
  /// The state that a failed attempt leaves its title in.
  fileprivate var state: TitleState {
    switch self {
    case .again: .queued
    case .retry(let time): .failed(retryAt: time)
    case .hold: .held
    case .quarantine: .quarantined
    }
  }
}

extension TitleEvent {
  /// The event as histories and messages name it.
  package var name: String {
    switch self {
    case .claimed: "claimed"
    case .released: "released"
    case .awaitsTranslation: "awaits translation"
    case .translationArrived: "translation arrived"
    case .failed: "failed"
    case .retryDue: "retry due"
    case .accepted: "accepted"
    case .published: "published"
    case .changed: "changed"
    case .retried: "retried"
    case .forced: "forced"
    case .reopened: "reopened"
    case .answered: "answered"
    case .held: "held"
    case .cancelled: "cancelled"
    case .adopted: "adopted"
    }
  }
}
