package import FerryCore
internal import FerryFiles
internal import Foundation

/// Whether everything that plays in a lesson is equally long: a player stands still where one track ends before the
/// others.
///
/// Ferry 0.1 left sound as short as its source's: a package of that time stays valid, and the difference is a warning.
package struct EqualLengths: Sendable {
  private let lesson: DeliveryManifest.Lesson

  package init(of lesson: DeliveryManifest.Lesson) { self.lesson = lesson }

  /// Whether the lesson was made by an engine that fills its sound with silence.
  private var isPromised: Bool {
    lesson.assets.contains { ($0.madeBy?.engine ?? 0) >= TranscodeInputs.equalLengthsEngine }
  }

  /// As bad as the lesson's own manifest makes a difference.
  package var severity: Diagnostic.Severity { isPromised ? .error : .warning }

  /// A tenth of a second and one picture, in milliseconds.
  private var tolerance: Int {
    let rates = lesson.assets.compactMap(\.video?.frameRate.value).filter { $0 > 0 && $0.isFinite }
    return 100 + (rates.min().map { Int((1000 / max($0, 1)).rounded(.up)) } ?? 0)
  }

  /// What is wrong when something that `what` names lasts, or ends, at `end` milliseconds of the lesson.
  package func problem(_ what: String, from start: Int = 0, to end: Int, at place: Place) -> Diagnostic? {
    let programme = lesson.durationMs.count
    func isNear(_ time: Int, _ wanted: Int) -> Bool {
      let (distance, overflow) = time.subtractingReportingOverflow(wanted)
      return !overflow && distance.magnitude <= UInt(tolerance)
    }
    let words: String
    if !isNear(end, programme) {
      words = "ends at \(EqualLengths.seconds(end)), and the lesson at \(EqualLengths.seconds(programme))"
    } else if !isNear(start, 0) {
      words = "begins at \(EqualLengths.seconds(start)) of the lesson"
    } else {
      return nil
    }
    return Diagnostic(
      severity, "media.lengths", at: place, "\(what) \(words): players stop where a track is missing",
      hint: "ask the sender for this lesson again")
  }

  /// Cues of a subtitle file that begin when the lesson is over, and so stand in no video file.
  package func problems(ofCuesBehindTheEndOf file: String, _ cues: [Cue], at place: Place) -> [Diagnostic] {
    let behind = cues.indices.filter { cues[$0].start.milliseconds >= lesson.durationMs.count && cues[$0].hasWords }
    guard let first = behind.first else { return [] }
    let more = behind.count == 1 ? "" : " (and \(behind.count - 1) more)"
    return [
      Diagnostic(
        severity, "media.text", at: place,
        "cue \(first + 1) of \(file)\(more) starts at \(cues[first].start.clock), after the lesson's end, and is not "
          + "in it", hint: "ask the sender for this lesson again")
    ]
  }

  /// The lengths that DASH manifests declare.
  package static func problems(
    ofDASH lesson: DeliveryManifest.Lesson, bag: String, unsound: Set<String>
  ) -> [Diagnostic] {
    let lengths = EqualLengths(of: lesson)
    return lesson.assets.filter { $0.role == .mpd && !unsound.contains($0.path) }.compactMap { asset in
      guard let data = FileBytes.contents(bag + "/" + asset.path) else { return nil }
      let text = String(decoding: data, as: UTF8.self)
      guard let duration = presentationDuration(text) else {
        return Diagnostic(
          lengths.severity, "dash.differs", at: Place(asset.path), "it does not say how long the lesson is",
          hint: "ask the sender for this lesson's streaming files again")
      }
      return lengths.problem("the presentation", to: duration, at: Place(asset.path))
    }
  }

  /// `mediaPresentationDuration="PT12.345S"`, in milliseconds.
  private static func presentationDuration(_ manifest: String) -> Int? {
    guard let start = manifest.range(of: "mediaPresentationDuration=\"PT"),
      let seconds = Double(manifest[start.upperBound...].prefix { $0 != "S" && $0 != "\"" }),
      (0...10_000_000).contains(seconds)
    else { return nil }
    return Int(bounded: seconds * 1000)
  }

  private static func seconds(_ time: Int) -> String { Milliseconds(time).seconds() }
}

extension Cue {
  fileprivate var hasWords: Bool { text.contains { !$0.isWhitespace } }
}
