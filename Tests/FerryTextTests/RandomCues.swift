import FerryCore

@testable import FerryText

/// Pieces that some writer or reader could trip over.
private let pieces = [
  "Wash your hands", "戴口罩", "𠀀", "😀", "שלום", " ", "x<y", "R&D", "C:\\new", "C:\\New\\hat", "\\", "\\{", "{", "}",
  "{\\an8}", "{\\i1}", "{note}", "\\\u{2060}", "\u{2060}", "<i>", "-->", "&amp;", "a, b, c", "3", "Dialogue: 0,",
  "[Events]", "00:00:01,000 --> 00:00:02,000", "漢(kan)",
]

private let settings = [
  "line:0", "line:0 align:start", "align:left", "align:right", "line:50%,center", "position:33%", "position:66.6%",
  "line:20% position:10% align:left", "line:90%,end", "line:12.34%,end position:80% align:right", "size:50%", "line:-1",
  "vertical:rl line:0", "line:3", "region:a", "line:0 position:12.5%", "position:2% align:left", "line:99.995%",
  "line:-9223372036854775808 position:nan% align:middle", "line:-4", "line:50 size:10%",
]

extension Seeded {
  /// Cues as a reader would make them, with everything that the model can hold.
  mutating func richCues() -> [Cue] {
    (0..<Int.random(in: 1...5, using: &self)).map { index in
      let start = Int.random(in: 0...40_000_000, using: &self) * (Bool.random(using: &self) ? 1 : 10)
      let length = Int.random(in: 1...900, using: &self) * (Bool.random(using: &self) ? 1 : 10)
      return Cue(
        identifier: ["\(index + 1)", nil, "intro", "07"].randomElement(using: &self) ?? nil,
        start: CueTime(milliseconds: start), end: CueTime(milliseconds: start + length),
        lines: (0..<Int.random(in: 0...3, using: &self)).map { _ in richLine() },
        settings: Bool.random(using: &self) ? "" : settings.randomElement(using: &self) ?? "",
        layer: max(0, Int.random(in: -3...3, using: &self)))
    }
  }

  /// No empty runs, neighbours that differ, and not only blanks.
  private mutating func richLine() -> [Run] {
    var runs: [Run] = []
    let voice = [nil, nil, nil, "Li Hua", "Doe, John"].randomElement(using: &self) ?? nil
    for _ in 0..<Int.random(in: 0...3, using: &self) {
      var run = Run((0..<Int.random(in: 1...3, using: &self)).map { _ in piece() }.joined(), voice: voice)
      if Bool.random(using: &self) { run.style = Run.Style(rawValue: UInt8.random(in: 0...7, using: &self)) }
      if Int.random(in: 0...5, using: &self) == 0 { run.ruby = piece() }
      if Int.random(in: 0...9, using: &self) == 0 { run.voice = "A&B <C>" }
      if let last = runs.last, last.style == run.style, last.voice == run.voice { continue }
      runs.append(run)
    }
    return runs.allSatisfy { $0.text.allSatisfy { $0 == " " } } ? [] : runs
  }

  private mutating func piece() -> String { pieces.randomElement(using: &self) ?? "" }
}

/// Runs that nothing distinguishes joined, as a reader gives them.
func merged(_ lines: [[Run]]) -> [[Run]] {
  lines.map { line in
    line.reduce(into: []) { merged, run in
      if let last = merged.last, last.style == run.style, last.voice == run.voice, last.ruby == nil, run.ruby == nil {
        merged[merged.count - 1].text += run.text
      } else {
        merged.append(run)
      }
    }
  }
}
