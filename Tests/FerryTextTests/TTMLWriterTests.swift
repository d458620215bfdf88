import FerryCore
import Foundation
import Testing

@testable import FerryText

private let pieces = [
  "Wash your hands", "戴口罩", "𠀀", "😀", " ", "  ", "\t", "x<y", "R&D", "]]>", "&amp;", "<br/>", "\"", "'", "\u{A0}", "é",
  "\u{200F}", "\u{2028}", "{\\an8}", "-->", "\u{7F}", "\u{85}", "#", "%s",
]

private let settings = [
  "", "", "", "line:0% align:start", "line:40%,center position:50% size:25% align:start", "line:60%,end position:30%",
  "vertical:rl", "vertical:lr align:end", "align:left", "line:10%", "position:80% align:right size:40%", "line:0",
  "line:-3",
  "region:a", "nonsense", "line:-9223372036854775808 size:nan% position:1e400%",
  "line:50%,end position:10%,line-left align:center size:55.55%",
]

extension Seeded {
  fileprivate mutating func line() -> [Run] {
    (0..<Int.random(in: 0...3, using: &self)).map { _ in
      let text = (0..<Int.random(in: 1...3, using: &self)).map { _ in pieces.randomElement(using: &self) ?? "" }
        .joined()
      return Run(
        text, style: Run.Style(rawValue: [0, 0, 1, 2, 3, 4, 7].randomElement(using: &self) ?? 0),
        voice: Int.random(in: 0...3, using: &self) == 0 ? ["Li Hua", "A&B <C>"].randomElement(using: &self) : nil,
        ruby: Int.random(in: 0...4, using: &self) == 0 ? ["hàn zì", "<&>"].randomElement(using: &self) : nil)
    }
  }

  fileprivate mutating func cues() -> [Cue] {
    (0..<Int.random(in: 1...8, using: &self)).map { index in
      let start = Int.random(in: 0...20_000, using: &self)
      let identifiers = [nil, "\(index)", "c\(index)", "same", "", "_-1", "_.x", "第 1", "region.1", "a b"]
      return Cue(
        identifier: identifiers.randomElement(using: &self) ?? nil, start: CueTime(milliseconds: start),
        end: CueTime(milliseconds: start + Int.random(in: 1...9000, using: &self)),
        lines: (0..<Int.random(in: 0...3, using: &self)).map { _ in line() },
        settings: settings.randomElement(using: &self) ?? "", layer: Int.random(in: 0...2, using: &self))
    }
  }
}

@Suite struct TTMLWriterTests {
  @Test(arguments: [TTML.Dialect.ebuttD, .imsc11]) func readsBackWhatItWrites(_ dialect: TTML.Dialect) throws {
    var random = Seeded(state: 21)
    for _ in 0..<500 {
      let cues = random.cues()
      let text = TTML.text(of: cues, language: english, dialect: dialect)
      let (track, findings) = TrackFile.examine(
        bytes: Array(text.utf8), file: "t.ttml", language: english, encoding: nil)
      try #require(track?.cues == TTML.carried(cues, dialect: dialect), "\(text)")
      let unexpected = findings.filter {
        $0.code != "enc.control" && $0.message.hasPrefix("the cue has no text") == false
      }
      try #require(unexpected.isEmpty, "\(unexpected) \(text)")
    }
  }

  /// Nothing more is lost the second time.
  @Test func losesNothingTwice() throws {
    var random = Seeded(state: 22)
    for round in 0..<800 {
      let once = TTML.carried(random.cues(), dialect: round % 2 == 0 ? .ebuttD : .imsc11)
      try #require(TTML.carried(once, dialect: .imsc11) == once)
    }
  }

  /// What an ordinary subtitle has, a document carries.
  @Test func carriesWhatSubtitlesHave() {
    let cues = [
      Cue(
        identifier: "7", start: .zero, end: CueTime(milliseconds: 900),
        lines: [[Run("x", style: .italic, voice: "Li")], [], [Run(" y ")]], settings: "line:0% align:start"),
      Cue(
        identifier: "第一", start: CueTime(milliseconds: 900), end: CueTime(milliseconds: 1000),
        lines: [[Run("汉", style: .bold, ruby: "hàn")]], settings: "line:60%,end position:30% align:end"),
      cue(1000, 2000, ""),
    ]
    #expect(TTML.carried(cues, dialect: .imsc11) == cues)
    var bracketed = cues
    bracketed[1].lines = [[Run("汉(hàn)", style: .bold)]]
    #expect(TTML.carried(cues) == bracketed)
  }

  @Test func losesWhatItSays() {
    func carried(_ change: (inout Cue) -> Void) -> Cue {
      var one = cue(0, 1000, "x")
      change(&one)
      return TTML.carried([one])[0]
    }
    #expect(carried { $0.layer = 2 } == cue(0, 1000, "x"))
    #expect(carried { $0.lines = [[Run("a\u{1}b")]] }.text == "a\u{FFFD}b")
    #expect(carried { $0.settings = "region:a line:-1" }.settings.isEmpty)
    #expect(carried { $0.settings = "line:0" }.settings == "line:0%")
    let twins = [cue(0, 1, "x"), cue(1, 2, "y")].map { one in
      var one = one
      one.identifier = "same"
      return one
    }
    #expect(TTML.carried(twins).map(\.identifier) == ["same", nil])
  }

  /// IMSC wants at most four regions at a time, and none over another.
  @Test func keepsRegionsApart() throws {
    var random = Seeded(state: 23)
    for _ in 0..<800 {
      let placed = TTMLWriter.placed(random.cues())
      for cue in placed {
        let together = Set(
          placed.filter { $0.cue.start <= cue.cue.start && $0.cue.end > cue.cue.start }.map(\.placement))
        try #require(together.count <= 4)
        for one in together {
          try #require(one.x >= 0 && one.x + one.width <= 100.001 && one.y >= 0 && one.y + one.height <= 100.001)
          for other in together where other != one { try #require(!one.overlaps(other)) }
        }
      }
    }
  }

  @Test func writesWhatPlayersExpect() throws {
    let cues = [
      Cue(
        identifier: "7", start: CueTime(milliseconds: 1000), end: CueTime(milliseconds: 360_002_005),
        lines: [[Run("R&D "), Run("x<y", style: [.italic, .bold], voice: "Li Hua")], [], [Run("汉字", ruby: "hànzì")]]),
      Cue(
        start: CueTime(milliseconds: 2000), end: CueTime(milliseconds: 3000), lines: [[Run("top")]],
        settings: "line:0% align:start"),
    ]
    try expectGolden(TTML.text(of: cues, language: tag("zh-Hans")), "ebuttd.ttml")
    try expectGolden(TTML.text(of: cues, language: tag("zh-Hans"), dialect: .imsc11), "imsc11.ttml")
  }

  @Test func makesADocumentOfEachSegment() throws {
    let cues = [cue(1000, 5000, "a"), cue(4500, 6500, "b"), cue(12_000, 13_000, "c")]
    let moments = [0, 4, 6, 12, 18].map { CueTime(milliseconds: $0 * 1000) }
    let documents = TTML.documents(
      of: cues, segments: Array(zip(moments, moments.dropFirst())).map { (start: $0, end: $1) }, language: english)
    let found = documents.map { text in
      brief(
        TrackFile.examine(bytes: Array(text.utf8), file: "t.ttml", language: english, encoding: nil).track?.cues ?? [])
    }
    #expect(found == [["1000-4000 a"], ["4000-5000 a", "4500-6000 b"], ["6000-6500 b"], ["12000-13000 c"]])
    let empty = TTML.documents(of: cues, segments: [(start: moments[4], end: moments[4])], language: english)[0]
    #expect(!empty.contains("<body") && empty.hasSuffix("</head>\n</tt>\n"))
  }
}
