package import FerryCore

/// The words of a track to read, without times.
package enum Transcript {
  /// Plain text, a paragraph for each group of sentences, with speakers named where the track names them.
  ///
  /// Cues are joined to sentences and paragraphs end at a sentence's end: at a pause, a change of speaker, or when long
  /// enough. A track without full stops, as Chinese ones often are, gives a line for each cue instead.
  package static func text(of cues: [Cue]) -> String {
    let passages = cues.compactMap(Passage.init)
    let ends = passages.count { $0.endsSentence }
    if ends * 8 < passages.count {
      return passages.map { $0.named($0.text) + "\n" }.joined()
    }
    var paragraphs: [String] = []
    var open: (text: String, last: Passage)?
    for passage in passages {
      if let (text, last) = open, !passage.beginsParagraph(after: last, text) {
        open = (joined(text, passage.text), passage)
      } else {
        if let (text, _) = open { paragraphs.append(text) }
        open = (passage.named(passage.text), passage)
      }
    }
    if let (text, _) = open { paragraphs.append(text) }
    return paragraphs.joined(separator: "\n\n") + (paragraphs.isEmpty ? "" : "\n")
  }

  /// One cue's words on one line.
  private struct Passage {
    let text: String
    let voice: String?
    let start: CueTime
    let end: CueTime

    init?(_ cue: Cue) {
      let lines = cue.text.split(separator: "\n").map {
        $0.split { $0 == " " || $0 == "\t" || $0 == "\u{A0}" }.joined(separator: " ")
      }
      let text = lines.filter { !$0.isEmpty }.reduce("", joined)
      guard !text.isEmpty else { return nil }
      self.text = text
      voice = cue.lines.joined().first?.voice
      (start, end) = (cue.start, cue.end)
    }

    func named(_ text: String) -> String { voice.map { "\($0): \(text)" } ?? text }

    /// Whether the last character, closing quotes and brackets aside, ends a sentence.
    var endsSentence: Bool {
      guard let last = text.last(where: { !"\"'”’»)]）』」".contains($0) }) else { return false }
      return ".!?…。！？".contains(last)
    }

    func beginsParagraph(after last: Passage, _ text: String) -> Bool {
      if voice != last.voice { return true }
      let pause = start - last.end
      if pause >= .seconds(4) { return true }
      guard last.endsSentence else { return false }
      // A Han character says as much as three letters.
      let length = text.unicodeScalars.reduce(0) { $0 + ($1.isWide ? 3 : 1) }
      return pause >= .milliseconds(1500) || length >= 400 || self.text.first == "-" || self.text.first == "–"
    }
  }

  /// Two pieces with a blank between, except between characters that are written without.
  private static func joined(_ a: String, _ b: String) -> String {
    guard let last = a.unicodeScalars.last, let first = b.unicodeScalars.first else { return a + b }
    return a + (last.isWide && first.isWide ? "" : " ") + b
  }
}

extension Unicode.Scalar {
  /// Whether it is written without blanks around it: Han, kana, and East Asian punctuation.
  fileprivate var isWide: Bool {
    isHan || (0x3000...0x30FF).contains(value) || (0xFF00...0xFFEF).contains(value)
  }
}
