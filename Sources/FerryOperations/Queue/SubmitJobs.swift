package import FerryCore
internal import FerryPipeline
internal import FerryStore

/// Puts jobs into the queue; the same job twice is one job, an edited one a new plan.
package struct SubmitJobs: Operation {
  /// Job files, and folders of them.
  package var jobs: [String]
  /// Jobs of a higher priority go first; `nil` leaves what was set before.
  package var priority: Int?
  /// Whether a file may take over a label that another file has in the queue.
  package var isReplacing: Bool
  /// How long a file must have stood still before it is read.
  package var settle: Duration

  package init(jobs: [String], priority: Int? = nil, isReplacing: Bool = false, settle: Duration = .seconds(2)) {
    (self.jobs, self.priority, self.isReplacing, self.settle) = (jobs, priority, isReplacing, settle)
  }

  /// Answers what became of each job that could be submitted.
  package func perform(in office: Office) async throws(Refusal) -> Reply<[SubmittedJob]> {
    let store = try office.queue()
    let paths = try office.refusing { try JobPaths.expanded(jobs) }
    let (read, unreadable) = JobFile.readAll(paths)
    var reply = Reply([SubmittedJob](), problems: unreadable, shortfall: unreadable.isEmpty ? nil : .badInput)
    let intake = Intake(
      workspace: office.workspace, store: store, settle: settle, reading: office.reading, program: office.program)
    for job in read {
      do throws(Refusal) {
        try await office.awaiting { try await submit(job, by: intake, into: &reply, office.tell) }
      } catch {
        throw Refusal(error.kind, reply.problems + error.problems)
      }
    }
    return reply
  }

  private func submit(
    _ job: Job, by intake: Intake, into reply: inout Reply<[SubmittedJob]>, _ tell: (RunEvent) -> Void
  ) async throws {
    let unstable = try await intake.unstable(job)
    guard unstable.isEmpty else {
      tell(.unsettled(job: job.delivery, files: unstable))
      reply.shortfall = .tryLater
      return
    }
    let open = try await aside { try intake.open(job) }
    reply.problems += job.profile.warnings + open.preparation.titles.flatMap(\.inspection.problems)
    if open.preparation.titles.contains(where: \.inspection.isRefused) {
      reply.shortfall = reply.shortfall ?? .badInput
    }
    let submitted = try intake.submit(open, priority: priority, replacing: isReplacing)
    reply.answer.append(SubmittedJob(job.delivery, submitted))
  }
}

/// What became of a job that was submitted: its titles by what the queue did with them.
package struct SubmittedJob: Encodable, Sendable {
  package var job: String
  /// Counts the versions of the job that were submitted.
  package var plan: Int
  package var isNew: Bool
  package var added: [String]
  package var changed: [String]
  package var removed: [String]
  package var unchanged: Int

  init(_ label: String, _ submitted: Submitted) {
    (job, plan, isNew) = (label, submitted.plan, submitted.isNewJob)
    (added, changed, removed) = (submitted.added, submitted.changed, submitted.removed)
    unchanged = submitted.unchanged
  }
}
