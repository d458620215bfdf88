package import FerryCore
package import FerryMedia

/// What is asked about a media file; the answer needs it opened, which happens in a reader or a worker only.
package enum MediaQuestion: Sendable, Codable {
  /// With `isMeasured`, a length that the header does not tell is measured however large the file is.
  case facts(path: String, isMeasured: Bool)
  /// Facts with what the packets of some streams tell.
  case counted(SourceFacts, path: String, streams: Set<Int>)
  case track(EmbeddedTrackRequest)
  /// How loud the voices in its sound are.
  case speech(path: String, recipe: Recipe)
  /// One file of a package, whose pictures need no decoding where they are `proven`.
  case check(MediaCheck, proven: MediaCheck.Proven)

  /// The file that is opened.
  package var path: String {
    switch self {
    case .facts(let path, _), .counted(_, let path, _), .speech(let path, _): path
    case .track(let request): request.path
    case .check(let check, _): check.path
    }
  }

  /// Names the question among all about its file, where the answer is worth remembering as long as the file stays.
  package var memorable: String? {
    switch self {
    case .facts(_, let isMeasured): isMeasured ? "measured facts" : "facts"
    // They complete the facts of the same file by the same program.
    case .counted(let facts, _, let streams):
      "counted \(streams.sorted()) \(facts.durationBasis?.rawValue ?? "")"
    case .track(let request):
      "track \(request.stream) \(request.language) \(request.picture ?? -1) \(request.sound ?? -1)"
    case .speech, .check: nil
    }
  }

  /// How long a reader may do nothing new; between two texts of a long file there is much to read.
  package var patience: Duration {
    switch self {
    case .facts(_, let isMeasured): .seconds(isMeasured ? 600 : 60)
    case .counted, .track, .check, .speech: .seconds(600)
    }
  }
}

package enum MediaAnswer: Sendable, Codable {
  case facts(SourceFacts)
  case track(Track, warnings: [Diagnostic])
  case speech(SpeechLevels?)
  case checked([Diagnostic], proven: MediaCheck.Proven)
  case media(MediaError)
  case refused([Diagnostic])
}

/// A text stream of a media file.
package struct EmbeddedTrackRequest: Hashable, Sendable, Codable {
  package var path: String
  package var stream: Int
  package var language: LanguageTag
  /// The streams whose first moment is the timeline's zero.
  package var picture: Int?
  package var sound: Int?
}

/// Where questions about some files are answered; in a worker, which is shut in already, that is `here`.
package struct MediaSession: Sendable {
  package let ask: @Sendable (MediaQuestion) throws(ReaderFailure) -> MediaAnswer

  package init(_ ask: @escaping @Sendable (MediaQuestion) throws(ReaderFailure) -> MediaAnswer) { self.ask = ask }

  package func facts(of path: String, isMeasured: Bool = false) throws(Failure) -> SourceFacts {
    try facts(.facts(path: path, isMeasured: isMeasured))
  }

  func speechLevels(of path: String, by recipe: Recipe) throws(Failure) -> SpeechLevels? {
    switch try answer(.speech(path: path, recipe: recipe)) {
    case .speech(let levels): return levels
    case .media(let error): throw .media(error)
    case .facts, .track, .checked, .refused: throw .misunderstood
    }
  }

  /// `facts` with what the packets of `streams` tell.
  func completing(_ facts: SourceFacts, of path: String, streams: Set<Int>) throws(Failure) -> SourceFacts {
    try self.facts(.counted(facts, path: path, streams: streams))
  }

  private func facts(_ question: MediaQuestion) throws(Failure) -> SourceFacts {
    switch try answer(question) {
    case .facts(let facts): return facts
    case .media(let error): throw .media(error)
    case .track, .checked, .refused, .speech: throw .misunderstood
    }
  }

  func track(_ request: EmbeddedTrackRequest) throws(Diagnostics) -> (track: Track, warnings: [Diagnostic]) {
    do throws(Failure) {
      switch try answer(.track(request)) {
      case .track(let track, let warnings): return (track, warnings)
      case .refused(let problems): throw Failure.refused(problems)
      case .facts, .checked, .media, .speech: throw .misunderstood
      }
    } catch {
      throw Diagnostics(
        error.diagnostics(FileReference(written: request.path, path: request.path, place: Place(request.path))))
    }
  }

  func problems(_ check: MediaCheck, proven: MediaCheck.Proven) -> (problems: [Diagnostic], proven: MediaCheck.Proven) {
    do throws(Failure) {
      if case .checked(let problems, let proven) = try answer(.check(check, proven: proven)) {
        return (problems, proven)
      }
      throw .misunderstood
    } catch {
      return ([check.unanswered(error)], [:])
    }
  }

  private func answer(_ question: MediaQuestion) throws(Failure) -> MediaAnswer {
    do throws(ReaderFailure) { return try ask(question) } catch { throw .reader(error) }
  }

  /// Why there is no answer.
  package enum Failure: Error, Sendable {
    case media(MediaError)
    case refused([Diagnostic])
    case reader(ReaderFailure)

    static let misunderstood = Failure.reader(.unusable("it answers another question"))
  }
}

/// Begins a session that may read some files and folders, and nothing else.
package typealias MediaReading = @Sendable (_ readable: [String]) -> MediaSession

extension MediaSession.Failure: CustomStringConvertible {
  package var description: String {
    switch self {
    case .media(let error): "\(error)"
    case .refused(let problems): problems.map(\.description).joined(separator: "\n")
    case .reader(let failure): "\(failure)"
    }
  }

  /// For the person who named the file.
  func diagnostics(_ source: FileReference) -> [Diagnostic] {
    switch self {
    case .media(let error): [SourceProblems.diagnostic(for: error, source)]
    case .refused(let problems): problems
    case .reader(.unusable(let reason)):
      [
        Diagnostic(
          "reader.failed", at: source.place, "'\(source.written)' cannot be read: \(ReaderFailure.unusable(reason))",
          hint: "run again; if it stays, report it with this line")
      ]
    case .reader(let failure):
      [
        Diagnostic(
          "source.crashed", at: source.place, "'\(source.written)' cannot be read: \(failure)",
          hint:
            "the file is damaged, or made to do harm: ask for it again, or export it anew; other files are not affected"
        )
      ]
    }
  }
}
