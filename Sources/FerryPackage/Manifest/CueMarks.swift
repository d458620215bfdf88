package import FerryCore
internal import FerryFiles

/// When each cue of a track is shown and a digest of its words, so that the texts of two versions can be compared by
/// their manifests alone.
///
/// One string in JSON, `100-2000-3f2a9c1d0b7e` for each cue: milliseconds, and the first digits of the SHA-256.
package struct CueMarks: Hashable, Sendable {
  package struct Mark: Hashable, Sendable {
    package var start: Int
    package var end: Int
    package var words: String

    package init(start: Int, end: Int, words: String) { (self.start, self.end, self.words) = (start, end, words) }
  }

  /// In the track's order.
  package var marks: [Mark]

  package init(_ marks: [Mark]) { self.marks = marks }

  package init(of cues: [Cue]) {
    marks = cues.map { cue in
      Mark(
        start: cue.start.milliseconds, end: cue.end.milliseconds,
        words: String(Digests.sha256(Array(cue.text.utf8)).prefix(12)))
    }
  }
}

extension CueMarks: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    marks = try container.decode(String.self).split(separator: " ").map { word in
      let parts = word.split(separator: "-")
      guard parts.count == 3, let start = Int(parts[0]), let end = Int(parts[1]),
        Milliseconds.possible.contains(start), Milliseconds.possible.contains(end)
      else {
        throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(word)' marks no cue")
      }
      return Mark(start: start, end: end, words: String(parts[2]))
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(marks.map { "\($0.start)-\($0.end)-\($0.words)" }.joined(separator: " "))
  }
}
