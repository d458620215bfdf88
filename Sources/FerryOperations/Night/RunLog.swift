internal import FerryCore
internal import FerryStore

/// Tells what happens in a run: to whoever watches it now, and in the queue's log to whoever looks later.
struct RunLog: Sendable {
  let store: Store
  /// The run's own name.
  let run: String
  let watcher: @Sendable (RunEvent) -> Void

  func tell(_ event: RunEvent, of job: String? = nil) {
    watcher(event)
    // Heartbeats have the progress.
    if event.kind == .titleProgress { return }
    do { try store.log([LoggedEvent(event, run: run, job: job, at: Moment.now().wall)]) } catch {
      // A queue that is busy, or a full disk, is said by whatever needs it next.
    }
  }
}
