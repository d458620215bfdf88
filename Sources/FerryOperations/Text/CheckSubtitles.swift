package import FerryCore
internal import FerryPipeline
internal import FerryRules
internal import FerryText
internal import Foundation

/// Holds subtitle files against the rules, as checking a job does for all of its tracks.
package struct CheckSubtitles: Operation {
  package var files: [String]
  package var reading: TrackReading
  /// Those of each file's language where it is `nil`.
  package var rules: TextProfile?
  /// The file of the track in the language filmed, to compare with.
  package var source: String?
  /// The video, for its length, rate and shape, and the speech in its sound.
  package var video: String?
  /// The file of terms and their translations.
  package var glossary: String?

  package init(
    files: [String], reading: TrackReading = TrackReading(), rules: TextProfile? = nil, source: String? = nil,
    video: String? = nil, glossary: String? = nil
  ) {
    (self.files, self.reading, self.rules) = (files, reading, rules)
    (self.source, self.video, self.glossary) = (source, video, glossary)
  }

  package func perform(in office: Office) async throws(Refusal) -> Reply<[CheckedSubtitles]> {
    let yardstick = try office.refusing { try makeYardstick(in: office) }
    var answers: [CheckedSubtitles] = []
    for file in files {
      let language = try reading.language(of: file)
      let (track, problems) = reading.examine(file, language, in: office)
      let profile = rules ?? .default(for: language)
      let findings = track.map { yardstick.findings(in: $0, of: file, by: profile, known: problems) } ?? []
      answers.append(
        CheckedSubtitles(
          file: file, language: language, profile: profile.name, format: track?.format, encoding: track?.encoding,
          cues: track?.cues.count, problems: problems, findings: findings))
    }
    return Reply(answers, shortfall: answers.contains(where: \.isWrong) ? .badInput : nil)
  }

  private func makeYardstick(in office: Office) throws -> Yardstick {
    var yardstick = Yardstick()
    let session = office.reading([video].compactMap { $0 })
    if let video {
      try mustExist(video, "video")
      yardstick.media = try TrackSource.mediaFacts(of: video, in: session)
    }
    if let glossary {
      try mustExist(glossary, "glossary")
      yardstick.glossary = try Glossary.read(FileReference(written: glossary, path: glossary, place: Place(glossary)))
    }
    if let source {
      let language = try FileNaming(source)?.language ?? LanguageGuess.of(path: source) ?? reading.language(of: source)
      yardstick.source = try TrackFile.read(path: source, language: language).track
    }
    if let video, let first = files.first {
      // The language filmed, where a track says it.
      let language = try yardstick.source?.language ?? reading.language(of: first)
      yardstick.speech = try TrackSource.speechLevels(of: video, language: language, in: session)
    }
    return yardstick
  }

  private func mustExist(_ path: String, _ what: String) throws(Refusal) {
    if FileManager.default.fileExists(atPath: path) { return }
    throw Refusal(
      .badInput, "\(what).missing", at: Place(path), "the \(what) does not exist", hint: "check its name and folder")
  }
}

/// What the files are compared with, besides the rules.
private struct Yardstick {
  var media: TextChecks.MediaFacts?
  var glossary: Glossary?
  var source: Track?
  var speech: SpeechLevels?

  /// What reading the file said already (`known`) is not said twice.
  func findings(in track: Track, of file: String, by profile: TextProfile, known: [Diagnostic]) -> [TextFinding] {
    let input = TextChecks.Input(
      track: track, file: file, profile: profile, media: media, source: source, glossary: glossary)
    let all = TextChecks.run(input) + (speech.map { TextChecks.speech(input, $0) } ?? [])
    return all.filter { finding in
      !known.contains { $0.code == finding.rule && $0.place.line == finding.line && finding.line > 0 }
    }
  }
}

/// One subtitle file against the rules.
package struct CheckedSubtitles: Encodable, Sendable {
  package var file: String
  package var language: LanguageTag
  /// The rules by their name.
  package var profile: String
  package var format: Track.Format?
  package var encoding: EncodingDecision?
  package var cues: Int?
  /// What reading the file said.
  package var problems: [Diagnostic]
  package var findings: [TextFinding]

  /// Whether something is worse than a warning.
  var isWrong: Bool {
    problems.contains { $0.severity == .error } || findings.contains { $0.severity == .error }
  }
}
