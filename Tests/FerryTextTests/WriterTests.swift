import FerryCore
import Testing

@testable import FerryText

/// Pieces that writers and readers could trip over.
private let pieces = [
  "Wash your hands", "戴口罩", "𠀀", "😀", " ", "x<y", "R&D", "C:\\new", "<i>", "</b>", "<font x>", "{\\an8}", "-->", "--",
  ">", "<", "{", "&", "&amp;", "&lt;", "&#20320;", "3", "00:00:01,000 --> 00:00:02,000", "10:00 --> 11:00", "“quoted”",
  "\u{2060}", "<\u{2060}i>", "--\u{2060}>", "NOTE", "STYLE", "WEBVTT", "<v Li>", "é", "\u{200F}",
  "00:00:01.000 --> 00:00:02.000",
]

extension Seeded {
  fileprivate mutating func run(voices: Bool) -> Run {
    let text = (0..<Int.random(in: 1...3, using: &self)).map { _ in pieces.randomElement(using: &self) ?? "" }.joined()
    let styles = (0...7).randomElement(using: &self) ?? 0
    let isPlain = Bool.random(using: &self)
    let voice =
      voices && Int.random(in: 0...3, using: &self) == 0 ? ["Li Hua", "A&B <C>"].randomElement(using: &self) : nil
    return Run(text, style: isPlain ? [] : Run.Style(rawValue: UInt8(styles)), voice: voice)
  }

  /// A line as a reader would make it: no empty runs, neighbours of different style, and not only blanks.
  fileprivate mutating func line(voices: Bool) -> [Run] {
    var runs: [Run] = []
    for _ in 0..<Int.random(in: 0...3, using: &self) {
      let run = run(voices: voices)
      if let last = runs.last, last.style == run.style, last.voice == run.voice { continue }
      runs.append(run)
    }
    return runs.allSatisfy { $0.text.allSatisfy { $0 == " " } } ? [] : runs
  }

  fileprivate mutating func cues(voices: Bool) -> [Cue] {
    (0..<Int.random(in: 1...6, using: &self)).map { index in
      let start = Int.random(in: 0...400_000_000, using: &self)
      let lines = (0..<Int.random(in: 0...3, using: &self)).map { _ in line(voices: voices) }
      return Cue(
        identifier: "\(index + 1)", start: CueTime(milliseconds: start),
        end: CueTime(milliseconds: start + Int.random(in: 1...9000, using: &self)), lines: lines,
        settings: voices && Bool.random(using: &self) ? "line:0 align:start" : "")
    }
  }
}

@Suite struct WriterTests {
  @Test func readsBackTheSubRipItWrites() throws {
    var random = Seeded(state: 1)
    for _ in 0..<3000 {
      let cues = random.cues(voices: false)
      let text = SubRip.text(of: cues)
      let track = try read(text).track
      #expect(track.format == .subRip)
      try #require(track.cues == cues, "\(text)")
    }
  }

  @Test func readsBackTheWebVTTItWrites() throws {
    var random = Seeded(state: 2)
    for round in 0..<3000 {
      let cues = random.cues(voices: true)
      let text = WebVTT.text(of: cues, timestampMap: round % 2 == 0 ? 0 : nil)
      let track = try read(text, named: "t.vtt").track
      #expect(track.format == .webVTT)
      try #require(track.cues == cues, "\(text)")
    }
  }

  @Test func writesWhatPlayersExpect() {
    let cues = [
      Cue(
        identifier: "7", start: CueTime(milliseconds: 1000), end: CueTime(milliseconds: 360_002_005),
        lines: [
          [Run("R&D ", voice: "Li"), Run("x<y -->", style: [.italic, .bold], voice: "Li")], [],
          [Run("z", style: .bold)],
        ],
        settings: "line:0"),
      cue(400_000, 401_000, ""),
    ]
    #expect(
      WebVTT.text(of: cues, timestampMap: 128_070) == """
        WEBVTT
        X-TIMESTAMP-MAP=MPEGTS:128070,LOCAL:00:00:00.000

        7
        00:00:01.000 --> 100:00:02.005 line:0
        <v Li>R&amp;D <b><i>x&lt;y --&gt;
        \u{A0}
        </i></b></v><b>z</b>

        00:06:40.000 --> 00:06:41.000

        """)
    #expect(
      SubRip.text(of: cues) == """
        1
        00:00:01,000 --> 100:00:02,005
        R&D <b><i>x<y -->
        \u{A0}
        </i>z</b>

        2
        00:06:40,000 --> 00:06:41,000


        """)
  }

  /// Text that only looks like markup or times is disarmed; everything else stays byte for byte.
  @Test func changesOrdinaryTextInNoWay() {
    let text = "x<y R&D C:\\new a --> b {z} <3 &amp;"
    #expect(SubRip.text(of: [cue(0, 1, text)]) == "1\n00:00:00,000 --> 00:00:00,001\n\(text)\n\n")
    #expect(SubRip.text(of: [cue(0, 1, "<i>")]) == "1\n00:00:00,000 --> 00:00:00,001\n<\u{2060}i>\n\n")
  }

  @Test func writesATranscriptToRead() {
    var spoken = [
      cue(0, 2000, "Wash your hands\nwith soap."), cue(2100, 4000, "Use water"), cue(4000, 5000, "that runs."),
      cue(8000, 9000, "Then dry them."),
    ]
    #expect(Transcript.text(of: spoken) == "Wash your hands with soap. Use water that runs.\n\nThen dry them.\n")
    spoken[3].lines = [[Run("Then dry them.", voice: "Li Hua")]]
    #expect(Transcript.text(of: spoken).hasSuffix("\n\nLi Hua: Then dry them.\n"))
    let chinese = [cue(0, 1000, "先洗手，"), cue(1000, 2000, "再戴口罩。"), cue(2000, 3000, "用 AI 学习。")]
    #expect(Transcript.text(of: chinese) == "先洗手，再戴口罩。用 AI 学习。\n")
    let unpunctuated = [cue(0, 1000, "先洗手"), cue(1000, 2000, "再戴口罩\n不要着急"), cue(2000, 3000, "")]
    #expect(Transcript.text(of: unpunctuated) == "先洗手\n再戴口罩不要着急\n")
    #expect(Transcript.text(of: []).isEmpty)
  }
}
