internal import FerryCore
internal import FerryMedia
internal import FerryText

extension MediaQuestion {
  /// Opens the file in this process, which must be a reader or a worker: it may end it.
  package var answer: MediaAnswer {
    do throws(MediaError) {
      switch self {
      case .facts(let path, let isMeasured):
        var limits = OpenLimits()
        if isMeasured { limits.measuredSize = .max }
        return .facts(try Probe.facts(of: path, limits: limits))
      case .speech(let path, let recipe): return .speech(try SpeechLevels.of(path, by: recipe))
      case .counted(let facts, let path, let streams):
        return .facts(try PacketCount.completing(facts, of: path, streams: streams))
      case .track(let request): return MediaQuestion.read(request)
      case .check(let check, let proven):
        let (problems, proven) = check.problems(proven: proven)
        return .checked(problems, proven: proven)
      }
    } catch {
      return .media(error)
    }
  }

  private static func read(_ request: EmbeddedTrackRequest) -> MediaAnswer {
    let packets: TextPackets
    do throws(MediaError) {
      packets = try TextPackets.of(
        request.path, stream: request.stream, beside: (request.picture, request.sound))
    } catch {
      return .refused([
        Diagnostic(
          "text.stream", at: Place(request.path), error.detail ?? "\(error)",
          hint: "`ferry probe` lists the streams; a file of its own works always")
      ])
    }
    do throws(Diagnostics) {
      let (track, warnings) = try EmbeddedTrack(packets).read(file: request.path, language: request.language)
      return .track(track, warnings: warnings)
    } catch {
      return .refused(error.all)
    }
  }
}

extension MediaSession {
  /// In this very process, for a worker or a reader.
  static let here = MediaSession { question throws(ReaderFailure) in question.answer }
}

extension EmbeddedTrack {
  fileprivate init(_ packets: TextPackets) {
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
