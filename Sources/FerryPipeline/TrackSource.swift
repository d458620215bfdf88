package import FerryCore
internal import FerryMedia
package import FerryText

/// Where a track comes from: a file of its own, or a stream of a media file.
package enum TrackSource {
  /// Reads a track once, with what a person should know about it; throws everything that is wrong.
  ///
  /// For a stream, `programme` are the streams whose first moment is the timeline's zero.
  package static func read(
    path: String, stream: Int?, language: LanguageTag, encoding: TextEncoding?,
    programme: (picture: Int?, sound: Int?)
  ) throws(Diagnostics) -> (track: Track, warnings: [Diagnostic]) {
    guard let stream else { return try TrackFile.read(path: path, language: language, encoding: encoding) }
    let packets: TextPackets
    do throws(MediaError) {
      packets = try TextPackets.of(path, stream: stream, beside: programme)
    } catch {
      throw Diagnostics(
        Diagnostic(
          "text.stream", at: Place(path), error.detail ?? "\(error)",
          hint: "`ferry probe` lists the streams; a file of its own works always"))
    }
    return try EmbeddedTrack(packets).read(file: path, language: language)
  }

  /// What the rules of timed text must know of a video.
  package static func mediaFacts(of path: String) throws(Diagnostics) -> TextChecks.MediaFacts {
    let facts: SourceFacts
    do throws(MediaError) {
      var limits = OpenLimits()
      // Somebody asks for the length alone.
      limits.measuredSize = .max
      facts = try Probe.facts(of: path, limits: limits)
    } catch {
      throw Diagnostics(
        SourceProblems.diagnostic(for: error, FileReference(written: path, path: path, place: Place(path))))
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
  package static func speechLevels(of path: String, language: LanguageTag) throws(Diagnostics) -> SpeechLevels? {
    do throws(MediaError) {
      let facts = try Probe.facts(of: path)
      // A damaged part is no reason to leave the rest unheard.
      let all = Set(Tolerance.allCases)
      guard let recipe = Recipe(.web, for: facts, language: language, tolerances: all) else { return nil }
      return try SpeechLevels.of(path, by: recipe)
    } catch {
      throw Diagnostics(
        SourceProblems.diagnostic(for: error, FileReference(written: path, path: path, place: Place(path))))
    }
  }

  /// The streams that a programme is made of, where no recipe says so.
  package static func programme(of path: String) throws(Diagnostics) -> (picture: Int?, sound: Int?) {
    do throws(MediaError) {
      let facts = try Probe.facts(of: path)
      return (facts.mainVideo?.index, facts.streams.first { $0.kind == .audio }?.index)
    } catch {
      let source = FileReference(written: path, path: path, place: Place(path))
      throw Diagnostics(SourceProblems.diagnostic(for: error, source))
    }
  }
}

extension EmbeddedTrack {
  init(_ packets: TextPackets) {
    let coding: Coding =
      switch packets.coding {
      case .subRip: .subRip
      case .ass: .ass
      case .webVTT: .webVTT
      case .tx3g: .tx3g
      case .ttml: .ttml
      }
    self.init(
      coding: coding, header: packets.header,
      packets: packets.packets.map {
        Packet(
          start: $0.start, end: $0.end, payload: $0.payload, settings: $0.settings,
          identifier: $0.identifier.isEmpty ? nil : $0.identifier)
      })
  }
}
