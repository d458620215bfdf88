import FerryCore
import Testing

@testable import FerryRules
@testable import FerryText

@Suite struct ASSTests {
  private static let head = """
    [Script Info]
    ScriptType: v4.00+
    PlayResX: 1000
    PlayResY: 500

    [V4+ Styles]
    Format: Name, Bold, Italic, Underline, Alignment, MarginL, MarginR, MarginV, PrimaryColour, OutlineColour, BackColour
    Style: Default,0,0,0,2,10,10,10,&H00FFFFFF,&H00000000,&H00000000
    Style: EN,0,1,0,2,10,10,10,&H00FFFFFF,&H00000000,&H00000000
    Style: Loud,-1,0,-1,8,10,10,10,&H00FFFFFF,&H00000000,&H00000000
    Style: Left,0,0,0,1,200,10,100,&H00FFFFFF,&H00000000,&H00000000
    Style: Ghost,0,0,0,2,10,10,10,&HFFFFFFFF,&HFF000000,&HFF000000

    [Events]
    Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text

    """

  private func track(_ events: String) throws -> (track: Track, warnings: [Diagnostic]) {
    try read(ASSTests.head + events + "\n", named: "t.ass")
  }

  private func plain(_ warnings: [Diagnostic]) -> Set<String> {
    Set(warnings.map { $0.message.replacing(#/ \(and \d+ more\)/#, with: "") })
  }

  @Test func readsTheOrdinaryFile() throws {
    let (track, warnings) = try track(
      """
      Dialogue: 0,0:00:01.00,0:00:02.50,Default,,0,0,0,,Wash your\\Nhands, all of them.
      Dialogue: 3,1:00:03.04,1:00:04.00,Loud,Li Hua,0,0,0,,Done.
      """)
    #expect(brief(track.cues) == ["1000-2500 Wash your|hands, all of them.", "3603040-3604000 Done."])
    #expect(track.cues.map(\.layer) == [0, 3] && track.cues.map(\.settings) == ["", "line:0"])
    #expect(track.cues[1].lines == [[Run("Done.", style: [.bold, .underline], voice: "Li Hua")]])
    #expect(track.format == .ass && track.cueLines == [16, 17] && warnings.isEmpty)
  }

  /// Text of an event, its lines as `style:text`, and what is said.
  @Test(arguments: texts)
  func readsText(_ text: String, _ lines: [[String]], _ repairs: [Repair]) throws {
    let (track, warnings) = try track("Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,\(text)")
    let found = track.cues[0].lines.map { line in
      line.map { run in
        let styles: [(Run.Style, String)] = [(.italic, "i"), (.bold, "b"), (.underline, "u")]
        return styles.filter { run.style.contains($0.0) }.map(\.1).joined() + ":" + run.text
      }
    }
    #expect(found == lines)
    #expect(plain(warnings) == Set(repairs.map(\.message)))
  }

  static let texts: [(String, [[String]], [Repair])] = [
    ("先洗手\\N{\\rEN}Wash first", [[":先洗手"], ["i:Wash first"]], [Repair]()),
    ("a\\nb\\hc", [[":a b\u{A0}c"]], [.softBreak]), ("{\\q2}a\\nb", [[":a"], [":b"]], []),
    ("{\\i1}a{\\i0}b{\\b700}c{\\b400}d{\\u1}e{\\u}f", [["i:a", ":b", "b:c", ":d", "u:e", ":f"]], []),
    ("{\\rLoud}a{\\i1\\b0}b{\\b}c{\\r}d", [["bu:a", "iu:b", "ibu:c", ":d"]], []),
    ("{\\rNobody}a", [[":a"]], [.unknownStyle]),
    ("{\\i1\\an8}a{\\fad(1,2)\\c&HFF&\\fs20}b", [["i:ab"]], [.override]),
    ("{\\t(0,100,\\i0\\fs30)\\i1}a", [["i:a"]], [.override]),
    ("{\\k20}ka{\\kf30}ra{\\K9}o{\\ko9}ke", [[":karaoke"]], [.karaoke]),
    ("a{a note}b{\\i1 too}c", [[":ab", "i:c"]], [.braceComment]),
    ("{note\\i1}a", [["i:a"]], [.braceComment]), ("{}a{ }b{\\}c", [[":abc"]], []),
    ("{\\p1}m 0 0 l 100 0{\\p0}a", [[":a"]], [.drawing]), ("a\\N{\\p2}m 0 0 l 1 1", [[":a"]], [.drawing]),
    ("{\\pos(1,2)\\pbo3\\be1\\blur2\\bord1}a", [[":a"]], [.override]),
    ("a{\\alpha&HFF&}ghost{\\alpha&H00&}b", [[":ab"]], [.override, .hiddenText]),
    ("a\\N{\\alpha&HFF&}ghost", [[":a"]], [.hiddenText]),
    ("{\\1a&HFF&}hollow", [[":hollow"]], [.override]),
    ("{\\1a&HFF&\\3a&HFF&\\4a&HFF&}ghost{\\r}a", [[":a"]], [.override, .hiddenText]),
    ("{\\alpha&HFF&\\t(0,500,\\alpha&H00&)}appears", [[":appears"]], [.override]),
    ("a{\\rGhost}ghost", [[":a"]], [.hiddenText]),
    ("C:\\new\\Temp \\x {open", [[":C: ew\\Temp \\x {open"]], [.softBreak]),
    ("\\{a\\} }b", [[":{a} }b"]], []), ("C:\\\u{2060}new\\\u{2060}\u{2060}", [[":C:\\new\\\u{2060}"]], []),
    ("a\\N\\Nb", [[":a"], [], [":b"]], []), ("\\h", [[]], [.emptyCue]), ("", [], [.emptyCue]),
    ("<i>a</i> & x<y", [[":<i>a</i> & x<y"]], []), (" a , b ", [[": a , b "]], []),
  ]

  /// The style, the columns for margins, the text's overrides, and the settings of the cue.
  @Test(arguments: [
    ("Default", "0,0,0", "", ""), ("Loud", "0,0,0", "", "line:0"),
    ("Left", "0,0,0", "", "line:80%,end position:20% align:left"), ("Default", "0,0,100", "", "line:80%,end"),
    ("Loud", "0,0,100", "", "line:20%"), ("Default", "400,0,0", "", "position:69.5%"),
    ("Default", "0,0,0", "{\\an8}", "line:0"), ("Default", "0,0,0", "{\\a6}", "line:0"),
    ("Default", "0,0,0", "{\\a10}", "line:50%,center"), ("Default", "0,0,0", "{\\an5\\an8}", "line:50%,center"),
    ("Default", "0,0,0", "{\\an9}", "line:0 align:right"), ("Default", "0,0,0", "{\\an0}", ""),
    ("Default", "0,200,0", "{\\an3}", "position:80% align:right"),
    ("Default", "0,0,0", "{\\pos(500,250)}", "line:50%,end"),
    ("Default", "0,0,0", "{\\an7\\pos( 125 , 50.5 )\\pos(1,1)}", "line:10.1% position:12.5% align:left"),
    ("Default", "0,0,0", "{\\pos(-20,9999)}", "line:100%,end position:0%"), ("Default", "0,0,0", "{\\pos(1)}", ""),
    ("Default", "0,0,0", "{\\move(250,250,1,1)}", "line:50%,end position:25%"),
  ])
  func placesText(_ style: String, _ margins: String, _ overrides: String, _ settings: String) throws {
    let (track, _) = try track("Dialogue: 0,0:00:01.00,0:00:02.00,\(style),,\(margins),,\(overrides)a")
    #expect(track.cues[0].settings == settings)
  }

  @Test func carriesNoCueOfWhatNobodyReads() throws {
    let (track, warnings) = try track(
      """
      Comment: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,for us
      Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,{\\p1}m 0 0 l 100 0 100 100{\\p0}
      Dialogue: 0,0:00:01.00,0:00:02.00,Ghost,,0,0,0,,ghost
      Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,Banner;30,a
      """)
    #expect(brief(track.cues) == ["1000-2000 a"] && track.cueLines == [19])
    #expect(plain(warnings) == Set([Repair.commentEvent, .drawing, .hiddenText, .effect].map(\.message)))
    #expect(warnings.map(\.place.line) == [16, 17, 18, 19] && warnings.allSatisfy { $0.code == "fmt.markup" })
  }

  @Test func takesColumnsInAnyOrder() throws {
    let (track, warnings) = try read(
      """
      [Script Info]
      [Events]
      Format: Text, End, Start, Style
      Dialogue: One, two, three,0:00:02.00,0:00:01.00,Default
      [V4+ Styles]
      Format: Italic, Name
      Style: -1,Default
      """, named: "t.ass")
    #expect(brief(track.cues) == ["1000-2000 One, two, three"] && track.cues[0].lines[0][0].style == .italic)
    #expect(warnings.isEmpty)
  }

  @Test func knowsTheOldScript() throws {
    let (track, warnings) = try read(
      """
      [Script Info]
      ScriptType: v4.00
      [V4 Styles]
      Style: Top,Arial,20,65535,65535,65535,-2147483640,-1,0,1,1,1,6,25,25,25,0,0
      [Events]
      Dialogue: Marked=0,0:00:01.00,0:00:02.00,*Top,Li,0000,0000,0000,!Effect,a, b
      Dialogue: Marked=1,0:00:03.00,0:00:04.00,Top,,0000,0000,0000,,{\\a5}c
      """, named: "t.ssa")
    #expect(track.cues.map(\.settings) == ["line:0", "line:0 position:6.5% align:left"])
    #expect(
      track.cues[0].lines == [[Run("a, b", style: .bold, voice: "Li")]] && track.cues.allSatisfy { $0.layer == 0 })
    #expect(plain(warnings) == [Repair.noFormatLine.message, Repair.effect.message])
  }

  @Test func skipsEmbeddedFiles() throws {
    let (track, warnings) = try track(
      """
      [Fonts]
      fontname: a.ttf
      [MADE OF CAPITALS]
      !!#]'Dialogue
      [Graphics]
      filename: a.png
      M3!*
      [Aegisub Extradata]
      Data: 1,a,b
      [Events]
      Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,a
      """)
    #expect(brief(track.cues) == ["1000-2000 a"])
    #expect(plain(warnings) == [Repair.embeddedFile.message])
  }

  @Test func readsFilesOfOthers() throws {
    var report = ""
    for name in [
      "mantas-done/ass.ass", "mantas-done/ass_different_format.ass", "mantas-done/ass_different_format2.ass",
      "mantas-done/ass_different_format3.ass", "go-astisub/example-in.ssa", "go-astisub/example-in-carriage-return.ssa",
    ] {
      let (track, found) = TrackFile.examine(bytes: try fixture(name), file: name, language: english, encoding: nil)
      report += "## \(name)\n"
      for cue in try #require(track).cues {
        let runs = cue.lines.map {
          $0.map { "\($0.voice ?? "")/\($0.style.rawValue):\($0.text)" }.joined(separator: "+")
        }
        report += "\(cue.start.milliseconds)-\(cue.end.milliseconds) [\(cue.settings)] \(runs.joined(separator: "|"))\n"
      }
      for finding in found { report += "\(finding)\n" }
    }
    try expectGolden(report, "ass-files.txt")
  }

  @Test func saysWhatItCannotRead() throws {
    let head = "[Script Info]\n[Events]\n"
    let good = "Dialogue: 0,0:00:01.00,0:00:02.00,,,0,0,0,,a\n"
    let cases = [
      ("no events", "[Script Info]\nTitle: x\n"),
      ("only a drawing", head + "Dialogue: 0,0:00:01.00,0:00:02.00,,,0,0,0,,{\\p1}m 0 0\n"),
      ("times", head + good + "Dialogue: 0,0:00:01:00,0:00:0x.00,,,0,0,0,,a\nDialogue: 0,,0:01.00,,,0,0,0,,a\n"),
      ("minutes of 60", head + "Dialogue: 0,0:60:01.00,1:00:02.00,,,0,0,0,,a\n"),
      ("negative", head + "Dialogue: 0,-0:00:01.00,0:00:02.00,,,0,0,0,,a\n"),
      (
        "end before start",
        head + "Dialogue: 0,0:00:03.00,0:00:02.00,,,0,0,0,,a\nDialogue: 0,0:00:03.00,0:00:03.00,,,0,0,0,,b\n"
      ),
      (
        "odd fractions",
        head + "Dialogue: 0,0:00:03.5,0:00:04.123,,,0,0,0,,a\nDialogue: 0,0:00:05,0:00:06:50,,,0,0,0,,b\n"
      ),
      ("too few columns", head + "Dialogue: 0,0:00:01.00,0:00:02.00,a\n"),
      ("no column for the text", head + "Format: Layer, Start, End\nDialogue: 0,0:00:01.00,0:00:02.00\n"),
      ("a broken line", head + good + "and its second line\n"),
      ("other events", head + good + "Picture: 0,0:00:01.00,0:00:02.00,,,0,0,0,,a.png\n"),
      ("dialogue outside", "[Script Info]\n" + good), ("dialogue alone", good),
      ("unknown section", "[Script Info]\nwhat?\n[Notes]\nfor us\n[Events]\n" + good),
      ("numbers", head + "Dialogue: top,0:00:01.00,0:00:02.00,,,x,0,0,,a\n"),
      ("short style", "[Script Info]\n[V4+ Styles]\nFormat: Name, Italic\nStyle: A\n[Events]\n" + good),
      ("unknown style", head + "Dialogue: 0,0:00:01.00,0:00:02.00,Nobody,,0,0,0,,a\n"),
    ]
    var report = ""
    for (name, text) in cases {
      report += "## \(name)\n"
      for finding in findings(Array(text.utf8), named: "t.ass") { report += "\(finding)\n" }
    }
    try expectGolden(report, "ass.txt")
  }

  /// The same script with every kind of line end and encoding.
  @Test func readsAnyLineEndAndEncoding() throws {
    let script = ASSTests.head + "Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,先洗手，再戴口罩\\N你好\n"
    let wanted = try read(script, named: "t.ass").track.cues
    for end in ["\r", "\r\n"] {
      #expect(try read(script.replacing("\n", with: end), named: "t.ass").track.cues == wanted)
    }
    #expect(try read("\u{FEFF}\n" + script, named: "t.ass").track.cues == wanted)
    let wide: [UInt8] =
      [0xFF, 0xFE] + script.utf16.flatMap { unit -> [UInt8] in [UInt8(unit & 0xFF), UInt8(unit >> 8)] }
    #expect(try TrackFile.read(bytes: wide, file: "t.ass", language: chinese).track.cues == wanted)
  }

  @Test func decidesByContentNotByName() throws {
    #expect(try read("1\n00:00:01,000 --> 00:00:02,000\na\n", named: "t.ass").track.format == .subRip)
    let (track, warnings) = try read(ASSTests.head + "Dialogue: 0,0:00:01.00,0:00:02.00,,,0,0,0,,a\n", named: "t.srt")
    #expect(track.format == .ass && warnings.map(\.message) == [Repair.otherFormat(.ass).message])
  }

  /// What takes the square of a line's length would take hours for one of these.
  @Test(
    .timeLimit(.minutes(15)),
    arguments: [
      "{", "}", "{\\", "\\", "{}", "{\\t(", "{\\i1}", "\\N", "(", "{(", "{\\p1}", "{\\alpha&HFF&}a", ",", "{\\r",
      "{\\k}",
      "\\\u{2060}", "{\\pos(1,", "\n", "\nDialogue:", "\n[", "\nFormat: a,", "\nStyle:", "\n[V4+ Styles]\nStyle: a,",
    ])
  func answersToHostileFilesInTime(_ piece: String) {
    let text =
      ASSTests.head + "Dialogue: 0,0:00:01.00,0:00:02.00,,,0,0,0,,"
      + String(repeating: piece, count: 100_000 / piece.utf8.count)
    let (track, findings) = TrackFile.examine(bytes: Array(text.utf8), file: "t.ass", language: english, encoding: nil)
    #expect(track?.cues.isEmpty == false || !findings.isEmpty)
  }

  @Test func answersToAnyBytes() throws {
    var random = Seeded(state: 12)
    let seeds = try [
      fixture("mantas-done/ass_different_format3.ass"), fixture("go-astisub/example-in.ssa"),
      Array(
        (ASSTests.head + "Dialogue: 0,0:00:01.00,0:00:02.00,Loud,,0,0,0,,{\\pos(1,2)\\t(\\i1)}a{\\p1}m{\\rEN}b\\N").utf8
      ),
    ]
    for round in 0..<1500 {
      var bytes = seeds[round % seeds.count]
      for _ in 0..<Int.random(in: 1...12, using: &random) {
        let at = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0...2, using: &random) {
        case 0: bytes[at] = UInt8.random(in: 0...127, using: &random)
        case 1: bytes.remove(at: at)
        default: bytes.insert(Array("\r\n{}\\(),:&9-".utf8).randomElement(using: &random) ?? 0, at: at)
        }
      }
      let (track, findings) = TrackFile.examine(bytes: bytes, file: "t", language: english, encoding: nil)
      #expect(track != nil || findings.contains { $0.severity == .error })
    }
  }

  @Test func writesWhatPlayersExpect() throws {
    let cues = [
      Cue(
        start: CueTime(milliseconds: 1004), end: CueTime(milliseconds: 1006),
        lines: [
          [Run("R&D, ", voice: "Li, Hua"), Run("{x} C:\\new\\", style: [.italic, .bold], voice: "Li, Hua")], [],
          [Run("z")],
        ],
        settings: "line:0 align:right", layer: 2),
      Cue(
        identifier: "intro", start: CueTime(milliseconds: 36_000_000), end: CueTime(milliseconds: 36_001_996),
        lines: [[Run("漢", voice: "Li", ruby: "kan"), Run("字", voice: "Wang")]],
        settings: "line:20% position:10% align:left"),
      Cue(start: .zero, end: CueTime(milliseconds: 10), lines: [[Run("right")]], settings: "position:75%"),
    ]
    try expectGolden(ASS.text(of: cues), "ass-written.ass")
  }
}
