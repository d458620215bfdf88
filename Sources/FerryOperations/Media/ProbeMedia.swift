package import FerryCore
internal import FerryPipeline

/// Finds out what is in media files.
package struct ProbeMedia: Operation {
  package var files: [String]

  package init(files: [String]) { self.files = files }

  package func perform(in office: Office) async throws(Refusal) -> Reply<[ProbedMedia]> {
    let session = office.reading(files)
    var reply = Reply<[ProbedMedia]>([])
    for file in files {
      do throws(MediaSession.Failure) {
        reply.answer.append(ProbedMedia(file: file, facts: try session.facts(of: file)))
      } catch {
        reply.answer.append(ProbedMedia(file: file, error: error.description))
        reply.problems.append(Diagnostic("probe.failed", at: Place(file), error.description))
        reply.shortfall = .badInput
      }
    }
    return reply
  }
}

/// What is in a media file, or why it cannot be told.
package struct ProbedMedia: Encodable, Sendable {
  package var file: String
  package var facts: SourceFacts?
  package var error: String?
}
