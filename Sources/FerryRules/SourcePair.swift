internal import FerryCore

/// A source track, and which of its cues go with which of the track's.
struct SourcePair {
  let source: Track
  let subjects: [CueSubject]
  let pairing: Pairing

  func text(_ group: Pairing.Group) -> String { group.source.map { subjects[$0].text }.joined(separator: "\n") }

  /// `cue 12 of the source, 00:00:31.000 to 00:00:34.000`.
  func name(_ index: Int) -> String {
    let cue = source.cues[index]
    return "cue \(index + 1) of the source, \(cue.start.clock) to \(cue.end.clock)"
  }

  /// A text without what does not matter to whether it was translated.
  static func words(_ text: String) -> String { text.lowercased().filter { !$0.isWhitespace } }
}
