package import FerryCore
internal import FerryPipeline
internal import FerryStore

/// Queues titles again that failed, were held, quarantined or cancelled.
package struct RetryTitles: Operation {
  /// A title that is wanted again.
  package struct Wish: Sendable {
    /// Its id; `nil` for all of the job that can be queued again.
    package var title: String?
    /// Whether a forced title is encoded again; otherwise only what comes after the encoding is made again.
    package var encodes: Bool

    package init(title: String? = nil, encodes: Bool = true) { (self.title, self.encodes) = (title, encodes) }
  }

  /// The job's label.
  package var label: String
  package var wishes: [Wish]
  /// Also titles that are done: what is kept of them is forgotten.
  package var isForced: Bool

  package init(label: String, wishes: [Wish] = [Wish()], isForced: Bool = false) {
    (self.label, self.wishes, self.isForced) = (label, wishes, isForced)
  }

  /// Answers the titles that are queued again.
  package func perform(in office: Office) async throws(Refusal) -> Reply<[String]> {
    // What is kept may be in use by a run.
    let lock = isForced ? try office.lock() : nil
    let store = try office.queue()
    let queued = try office.refusing { try wishes.flatMap { try fulfil($0, store, office.workspace) } }
    _ = consume lock
    return Reply(queued)
  }

  private func fulfil(_ wish: Wish, _ store: Store, _ workspace: Workspace) throws -> [String] {
    let queued = try store.retry(job: label, title: wish.title, force: isForced, now: .now())
    if isForced { try workspace.forget(label, queued, encodes: wish.encodes) }
    return queued
  }
}
