internal import FerryCore
internal import FerryMedia
internal import FerryPackage
internal import FerryText
internal import Foundation

/// One media file of a package, read from end to end and compared with what the delivery manifest says of it.
package struct MediaCheck: Sendable, Codable {
  /// Pictures that were decoded without complaint, and how many.
  package typealias Proven = [[UInt8]: Int]

  let asset: DeliveryManifest.Asset
  let lesson: DeliveryManifest.Lesson
  let bag: String

  /// The file that is opened.
  package var path: String { bag + "/" + asset.path }

  /// Longest first, so that no core ends up alone with the largest file.
  static func all(of manifest: DeliveryManifest, bag: String) -> [MediaCheck] {
    manifest.lessons.flatMap { lesson in
      lesson.assets.filter { [.video, .audio, .rendition, .fragmentedText].contains($0.role) }.map {
        MediaCheck(asset: $0, lesson: lesson, bag: bag)
      }
    }.sorted { $0.asset.size > $1.asset.size }
  }

  /// Also what was decoded without complaint; pictures that are `proven` already are not decoded again.
  func problems(proven: Proven) -> (problems: [Diagnostic], proven: Proven) {
    if asset.role == .fragmentedText { return (fragmentedText(), [:]) }
    do throws(MediaError) {
      var limits = OpenLimits()
      // Matroska's text is read as text here; FFmpeg wants the name of its decoder all the same.
      if asset.path.hasSuffix(".mkv") { limits.decoders.append("srt") }
      let examination = try Examination.of(path, limits: limits, proven: proven)
      let found =
        examination.complaints.map { problem("media.damaged", "decoding it complains: \($0)") }
        + streams(examination) + text(examination) + chapters(examination)
      return (found, examination.proven)
    } catch {
      return ([problem("media.unreadable", "it cannot be opened: \(error)")], [:])
    }
  }

  /// For a file whose reader gave no answer.
  func unanswered(_ failure: MediaSession.Failure) -> Diagnostic {
    problem("media.crashed", "it cannot be read: \(failure)")
  }

  private func problem(_ code: String, _ message: String) -> Diagnostic {
    Diagnostic(code, at: Place(asset.path), message, hint: "ask the sender for this file again")
  }

  private func streams(_ examination: Examination) -> [Diagnostic] {
    var found: [Diagnostic] = []
    let streams = examination.facts.streams
    func expect(_ what: String, _ actual: Int, _ wanted: Int) {
      if actual != wanted {
        found.append(problem("media.streams", "it has \(actual) \(what), the manifest says \(wanted)"))
      }
    }
    expect("video streams", streams.count { $0.kind == .video }, asset.video == nil ? 0 : 1)
    expect("audio streams", streams.count { $0.kind == .audio }, asset.audio == nil ? 0 : 1)
    expect("text tracks", streams.count { $0.kind == .subtitle }, asset.textTracks?.count ?? 0)
    for (index, stream) in streams.enumerated() {
      let reading = examination.streams[index]
      if let wanted = asset.video, let video = stream.video { found += pictures(video, reading, wanted) }
      if let wanted = asset.audio, let audio = stream.audio {
        expect("channels", audio.channels, wanted.channels)
        expect("samples a second", audio.sampleRate, wanted.sampleRate)
      }
    }
    found += equalLengths(examination)
    let lengths = zip(streams, examination.streams).compactMap { stream, reading -> Int? in
      guard let start = reading.start, let end = reading.end, stream.kind != .subtitle else { return nil }
      return end.count - (stream.kind == .video ? start.count : min(0, start.count))
    }
    if let wanted = asset.durationMs, let actual = lengths.max(), (actual - wanted.count).magnitude > tolerance {
      found.append(problem("media.duration", "it lasts \(actual) ms, the manifest says \(wanted.count) ms"))
    }
    return found
  }

  /// Every track of pictures and sound lasts from the lesson's beginning to its end.
  private func equalLengths(_ examination: Examination) -> [Diagnostic] {
    zip(examination.facts.streams, examination.streams).compactMap { stream, reading in
      guard [.video, .audio].contains(stream.kind), let start = reading.start, let end = reading.end else { return nil }
      let lead = stream.kind == .video ? shift(start) : 0
      return EqualLengths(of: lesson).problem(
        stream.kind == .video ? "its picture" : "its sound", from: start.count - lead, to: end.count - lead,
        at: Place(asset.path))
    }
  }

  /// By how many milliseconds FFmpeg moves the pictures of a streaming file: for want of an edit list it begins with the
  /// first decoding time, a few pictures before the first that is shown, where negative offsets say zero.
  private func shift(_ start: Milliseconds) -> Int {
    guard asset.role == .rendition, let rate = asset.video?.frameRate.value, rate > 0 else { return 0 }
    let most = Int(bounded: MediaCheck.reordered * 1000 / rate) + 1
    return (0...most).contains(start.count) ? start.count : 0
  }

  /// The most pictures that an encoder of ours reorders by.
  private static let reordered = 4.0

  /// One frame or 100 ms, whichever is longer.
  private var tolerance: Int {
    max(100, asset.video.map { Int(bounded: (1000 / $0.frameRate.value).rounded(.up)) } ?? 0)
  }

  private func pictures(
    _ video: VideoFacts, _ reading: Examination.StreamReading, _ wanted: DeliveryManifest.Video
  ) -> [Diagnostic] {
    var found: [Diagnostic] = []
    if (video.width, video.height) != (wanted.width, wanted.height) {
      found.append(
        problem(
          "media.size",
          "its pictures are \(video.width)x\(video.height), the manifest says \(wanted.width)x\(wanted.height)"))
    }
    if reading.frames != wanted.frames {
      found.append(
        problem("media.frames", "\(reading.frames) pictures can be decoded, the manifest says \(wanted.frames)"))
    }
    return found
  }

  private func chapters(_ examination: Examination) -> [Diagnostic] {
    guard asset.textTracks != nil, examination.facts.chapters.count != lesson.chapters.count else { return [] }
    return [
      problem(
        "media.chapters",
        "it has \(examination.facts.chapters.count) chapters, the manifest says \(lesson.chapters.count)")
    ]
  }

  /// The text tracks say what the subtitle files beside them say, at the same times, in the right languages.
  private func text(_ examination: Examination) -> [Diagnostic] {
    guard let languages = asset.textTracks else { return [] }
    var found: [Diagnostic] = []
    let tracks = zip(examination.facts.streams, examination.streams).filter { $0.0.kind == .subtitle }
    for (language, (stream, reading)) in zip(languages, tracks) {
      guard let tag = LanguageTag(language) else {
        found.append(problem("media.language", "the manifest names a language '\(language)', which is none"))
        continue
      }
      if stream.language != tag.terminologyCode {
        found.append(
          problem(
            "media.language",
            "a text track is tagged '\(stream.language ?? "und")', it should be '\(tag.terminologyCode)' for \(tag)"))
      }
      found += compare(reading.texts, with: tag)
    }
    return found
  }

  /// TTML in CMAF shows at every time what the WebVTT file beside it shows.
  private func fragmentedText() -> [Diagnostic] {
    guard let language = asset.language.flatMap({ LanguageTag($0) }) else {
      return [problem("media.language", "the manifest does not say its language")]
    }
    let file = "data/lessons/\(lesson.id)/\(lesson.id).\(language).vtt"
    do {
      let (track, _) = try TrackSource.read(
        path: bag + "/" + asset.path, stream: 0, language: language, encoding: nil, programme: (nil, nil),
        in: .here)
      let (wanted, _) = try TrackFile.read(path: bag + "/" + file, language: language)
      let end = CueTime(milliseconds: lesson.durationMs.count)
      let behind = cuesBehindTheEnd(of: file, wanted)
      let shown = Flatten.states(of: track.cues, until: end).map { Shown($0) }
      let expected = Flatten.states(of: TTML.carried(wanted.cues), until: end).map { Shown($0) }
      guard shown != expected else { return behind }
      let place = zip(shown, expected).first { $0 != $1 }.map { " first at \($0.1.start.milliseconds) ms" } ?? ""
      return behind + [problem("media.text", "its text differs from \(file):\(place)")]
    } catch {
      return [problem("media.text", "its text cannot be compared with \(file): \(error)")]
    }
  }

  private func compare(_ samples: [TextStream.Sample], with language: LanguageTag) -> [Diagnostic] {
    let file = "data/lessons/\(lesson.id)/\(lesson.id).\(language).vtt"
    do {
      let (track, _) = try TrackFile.read(path: bag + "/" + file, language: language)
      let isMatroska = asset.path.hasSuffix(".mkv")
      let behind = isMatroska ? [] : cuesBehindTheEnd(of: file, track)
      let (shown, expected) = try isMatroska ? subRip(samples, track) : timedText(samples, track)
      guard shown != expected else { return behind }
      let place = zip(shown, expected).first { $0 != $1 }.map { " first at \($0.1.start.milliseconds) ms" } ?? ""
      return behind + [
        problem(
          "media.text",
          "its \(language) text differs from \(file):\(place) \(shown.count) texts instead of \(expected.count)")
      ]
    } catch {
      return [problem("media.text", "its \(language) text cannot be compared with \(file): \(error)")]
    }
  }

  private func cuesBehindTheEnd(of file: String, _ track: Track) -> [Diagnostic] {
    EqualLengths(of: lesson).problems(ofCuesBehindTheEndOf: file, track.cues, at: Place(asset.path))
  }

  private func timedText(_ samples: [TextStream.Sample], _ track: Track) throws -> ([Shown], [Shown]) {
    let end = CueTime(milliseconds: lesson.durationMs.count)
    let wanted = Flatten.states(of: track.cues, until: end).filter { !$0.lines.isEmpty }
    let shown = try samples.compactMap { sample in
      let lines = try TimedText3GPP.lines(of: sample.payload)
      return lines.isEmpty ? nil : Shown(start: sample.start, end: sample.end, text: plain(lines))
    }
    return (
      shown,
      wanted.map { Shown(start: $0.start, end: $0.end, text: plain(TimedText3GPP.shown($0.lines))) }
    )
  }

  /// Matroska holds each cue as SubRip writes it.
  private func subRip(_ samples: [TextStream.Sample], _ track: Track) -> ([Shown], [Shown]) {
    func shown(_ start: CueTime, _ end: CueTime, _ text: [UInt8]) -> Shown {
      Shown(start: start, end: end, text: String(decoding: text, as: UTF8.self))
    }
    return (
      samples.map { shown($0.start, $0.end, $0.payload) },
      track.cues.map { shown($0.start, $0.end, SubRip.body(of: $0)) }
    )
  }

  private struct Shown: Equatable {
    var start: CueTime
    var end: CueTime
    var text: String

    init(start: CueTime, end: CueTime, text: String) { (self.start, self.end, self.text) = (start, end, text) }

    init(_ state: ScreenState) {
      self.init(
        start: state.start, end: state.end,
        text: state.lines.map { $0.map(\.text).joined() }.joined(separator: "\n"))
    }
  }

  private func plain(_ lines: [[Run]]) -> String {
    lines.map { $0.map(\.text).joined() }.joined(separator: "\n")
  }
}
