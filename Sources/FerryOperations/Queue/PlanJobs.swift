package import FerryCore
internal import FerryPipeline

/// Every step of jobs with its reason, and what it is likely to cost; does nothing.
package struct PlanJobs: Operation {
  /// Job files.
  package var jobs: [String]

  package init(jobs: [String]) { self.jobs = jobs }

  /// Answers a plan for each job that can be read.
  package func perform(in office: Office) async throws(Refusal) -> Reply<[Plan]> {
    let (read, unreadable) = JobFile.readAll(jobs)
    var reply = Reply([Plan](), problems: unreadable, shortfall: unreadable.isEmpty ? nil : .badInput)
    let memory = FileMemory(in: office)
    for job in read {
      let prepared = try await office.awaiting { try await aside { try memory.prepare(job) } }
      reply.problems += job.profile.warnings + prepared.titles.flatMap(\.inspection.problems)
      if prepared.titles.contains(where: \.inspection.isRefused) { reply.shortfall = .badInput }
      reply.answer.append(prepared.plan)
    }
    reply.problems += memory.damage
    return reply
  }
}

/// Reads jobs, sources and subtitles and reports all problems; encodes nothing.
package struct CheckJobs: Operation {
  /// Job files.
  package var jobs: [String]

  package init(jobs: [String]) { self.jobs = jobs }

  package func perform(in office: Office) async throws(Refusal) -> Reply<[CheckedJob]> {
    let memory = FileMemory(in: office)
    var checked: [CheckedJob] = []
    for path in jobs {
      checked.append(try await office.awaiting { try await aside { CheckJobs.check(path, reading: memory.reading) } })
    }
    let problems = checked.flatMap(\.problems)
    return Reply(
      checked, problems: problems, shortfall: problems.contains { $0.severity == .error } ? .badInput : nil)
  }

  private static func check(_ path: String, reading: @escaping MediaReading) -> CheckedJob {
    do throws(Diagnostics) {
      let job = try JobFile.read(path)
      let inspections = Inspection.of(job, reading: reading)
      return CheckedJob(
        job: path, titles: inspections.count, waiting: inspections.count { !$0.awaited.isEmpty },
        problems: job.profile.warnings + inspections.flatMap(\.problems))
    } catch {
      return CheckedJob(job: path, titles: 0, waiting: 0, problems: error.all)
    }
  }
}

/// What is to be said about one job file and all that it names.
package struct CheckedJob: Encodable, Sendable {
  /// The job file, as it was named.
  package var job: String
  package var titles: Int
  /// Titles that wait for a translation.
  package var waiting: Int
  package var problems: [Diagnostic]
}
