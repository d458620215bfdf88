package import FerryCore
package import FerryRules
internal import FerryText

/// Where a track comes from: a file of its own, or a stream of a media file.
package enum TrackSource {
  /// Reads a track once, with what a person should know about it; throws everything that is wrong.
  ///
  /// For a stream, `programme` are the streams whose first moment is the timeline's zero.
  package static func read(
    path: String, stream: Int?, language: LanguageTag, encoding: TextEncoding?,
    programme: (picture: Int?, sound: Int?), in session: MediaSession
  ) throws(Diagnostics) -> (track: Track, warnings: [Diagnostic]) {
    guard let stream else { return try TrackFile.read(path: path, language: language, encoding: encoding) }
    return try session.track(
      EmbeddedTrackRequest(
        path: path, stream: stream, language: language, picture: programme.picture, sound: programme.sound))
  }

  /// What the rules of timed text must know of a video.
  package static func mediaFacts(
    of path: String, in session: MediaSession
  ) throws(Diagnostics) -> TextChecks.MediaFacts {
    let facts: SourceFacts
    do throws(MediaSession.Failure) {
      // Somebody asks for the length alone.
      facts = try session.facts(of: path, isMeasured: true)
    } catch {
      throw Diagnostics(error.diagnostics(FileReference(written: path, path: path, place: Place(path))))
    }
    guard let duration = facts.duration, facts.isDurationSure else {
      throw Diagnostics(
        Diagnostic(
          "source.no-length", at: Place(path), "the file does not say how long it is, and it is damaged",
          hint: "name another one"))
    }
    let video = facts.mainVideo?.video
    return TextChecks.MediaFacts(
      duration: duration.duration, frameRate: video?.averageFrameRate, displayAspect: video?.displayAspect)
  }

  /// How loud the voices in a video's sound are; `nil` where it has no sound. Only the sound is decoded.
  package static func speechLevels(
    of path: String, language: LanguageTag, in session: MediaSession
  ) throws(Diagnostics) -> SpeechLevels? {
    do throws(MediaSession.Failure) {
      let facts = try session.facts(of: path)
      // A damaged part is no reason to leave the rest unheard.
      let all = Set(Tolerance.allCases)
      guard let recipe = Recipe(.web, for: facts, language: language, tolerances: all) else { return nil }
      return try session.speechLevels(of: path, by: recipe)
    } catch {
      throw Diagnostics(error.diagnostics(FileReference(written: path, path: path, place: Place(path))))
    }
  }

  /// The streams that a programme is made of, where no recipe says so.
  package static func programme(
    of path: String, in session: MediaSession
  ) throws(Diagnostics) -> (picture: Int?, sound: Int?) {
    do throws(MediaSession.Failure) {
      let facts = try session.facts(of: path)
      return (facts.mainVideo?.index, facts.streams.first { $0.kind == .audio }?.index)
    } catch {
      let source = FileReference(written: path, path: path, place: Place(path))
      throw Diagnostics(error.diagnostics(source))
    }
  }
}
