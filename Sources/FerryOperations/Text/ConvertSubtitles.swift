package import FerryCore
internal import FerryPipeline
internal import FerryText

/// Writes a subtitle file in another format, and says what that format cannot hold; never over a file.
package struct ConvertSubtitles: Operation {
  /// The file to read.
  package var file: String
  package var reading: TrackReading
  /// The file to write.
  package var target: String
  package var format: Profile.TextFile
  /// Whether the safe changes are made.
  package var fixes: Bool
  /// Whether a wrong decoding that was saved is undone, where it can be undone to the byte.
  package var repairs: Bool

  package init(
    file: String, reading: TrackReading = TrackReading(), target: String, format: Profile.TextFile,
    fixes: Bool = false, repairs: Bool = false
  ) {
    (self.file, self.reading, self.target, self.format) = (file, reading, target, format)
    (self.fixes, self.repairs) = (fixes, repairs)
  }

  package func perform(in office: Office) async throws(Refusal) -> Reply<ConvertedSubtitles> {
    let language = try reading.language(of: file)
    var read = reading.examine(file, language, in: office)
    var description: String?
    if repairs, reading.stream == nil, let repaired = try repaired(language, office) {
      description = repaired.description
      let (track, problems) = TrackFile.examine(bytes: repaired.bytes, file: file, language: language)
      read = (track, problems)
    }
    guard var track = read.track, !read.problems.contains(where: { $0.severity == .error }) else {
      throw Refusal(.badInput, read.problems)
    }
    let changes = fixes ? fix(&track, language) : []
    let losses = TextWriter.losses(of: track.cues, as: format, file: file, lines: track.cueLines)
    try NewFile.write(TextWriter.text(of: track.cues, as: format, language: language), to: target, for: "convert")
    return Reply(
      ConvertedSubtitles(
        input: file, output: target, format: format, cues: track.cues.count, encoding: track.encoding,
        repaired: description, changes: changes, losses: losses, problems: read.problems))
  }

  private func repaired(
    _ language: LanguageTag, _ office: Office
  ) throws(Refusal) -> (bytes: [UInt8], description: String)? {
    try office.refusing { try TrackFile.repaired(path: file, language: language, encoding: reading.encoding) }
  }

  private func fix(_ track: inout Track, _ language: LanguageTag) -> [ConvertedSubtitles.Change] {
    let fixed = SafeFix.fixed(track.cues, language: language)
    let lines = track.cueLines
    track.cueLines = lines.isEmpty ? [] : fixed.origins.map { lines[$0] }
    track.cues = fixed.cues
    return fixed.changes.map { change in
      ConvertedSubtitles.Change(
        rule: change.rule, cue: change.cue + 1, line: lines.indices.contains(change.cue) ? lines[change.cue] : nil,
        before: change.before, after: change.after)
    }
  }
}

/// A subtitle file in its new format.
package struct ConvertedSubtitles: Encodable, Sendable {
  /// One safe change.
  package struct Change: Encodable, Sendable {
    package var rule: String
    package var cue: Int
    package var line: Int?
    package var before: String
    package var after: String
  }

  package var input: String
  package var output: String
  package var format: Profile.TextFile
  package var cues: Int
  package var encoding: EncodingDecision
  /// How a wrong decoding was undone.
  package var repaired: String?
  package var changes: [Change]
  /// What the format cannot hold.
  package var losses: [Diagnostic]
  /// What reading the file said.
  package var problems: [Diagnostic]
}
