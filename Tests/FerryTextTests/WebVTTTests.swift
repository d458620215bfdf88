import FerryCore
import Foundation
import Testing

@testable import FerryText

/// What the specification's parser finds in one of the W3C's files.
private struct Expected: Decodable {
  struct Cue: Decodable {
    var id: String
    var start: Double
    var end: Double
    var text: String
  }

  var cues: [Cue]

  static func all() throws -> [String: Expected] {
    try JSONDecoder().decode([String: Expected].self, from: Data(fixture("webvtt/expected.json")))
  }
}

@Suite struct WebVTTTests {
  @Test func findsTheCuesThatTheSpecificationFinds() throws {
    let all = try Expected.all()
    #expect(all.count == 37)
    for (name, expected) in all {
      let (track, _) = TrackFile.examine(
        bytes: try fixture("webvtt/" + name), file: name, language: english, encoding: nil)
      let cues = try #require(track?.cues, "\(name)")
      #expect(track?.format == .webVTT, "\(name)")
      #expect(cues.map { $0.identifier ?? "" } == expected.cues.map(\.id), "\(name)")
      #expect(cues.map(\.start.milliseconds) == expected.cues.map { Int(($0.start * 1000).rounded()) }, "\(name)")
      #expect(cues.map(\.end.milliseconds) == expected.cues.map { Int(($0.end * 1000).rounded()) }, "\(name)")
      #expect(cues.map(\.text) == expected.cues.map(\.text), "\(name)")
    }
  }

  /// What players skip in silence is an error for a delivery: one for each block, and no other.
  @Test func saysWhatPlayersSkip() throws {
    var report = ""
    for name in try Expected.all().keys.sorted() {
      let found = findings(try fixture("webvtt/" + name), named: name)
      report += "## \(name)\n"
      for finding in found { report += "\(finding)\n" }
    }
    try expectGolden(report, "webvtt-cases.txt")
  }

  @Test func keepsSettingsAndIdentifiers() throws {
    let (track, warnings) = try read(
      "WEBVTT - a lesson\nKind: captions\n\nNOTE\nfor us\n\nintro\n00:01.000 --> 00:02.500  line:0\tposition:20% \nHello\n\n01:00:00.000 --> 01:00:01.000\nBye"
    )
    #expect(brief(track.cues) == ["1000-2500 Hello", "3600000-3601000 Bye"])
    #expect(
      track.cues.map(\.identifier) == ["intro", nil] && track.cues.map(\.settings) == ["line:0\tposition:20%", ""])
    #expect(track.cueLines == [8, 11])
    #expect(warnings.map(\.message) == [Repair.otherFormat(.webVTT).message])
  }

  /// Cue text, its runs as `voice/style:text`, and what is said.
  @Test(arguments: cueTexts)
  func readsCueText(_ text: String, _ runs: [String], _ repairs: [Repair]) throws {
    let (track, warnings) = try read("WEBVTT\n\n00:01.000 --> 00:02.000\n\(text)\n", named: "t.vtt")
    let found = track.cues[0].lines.joined().map { run in
      let styles: [(Run.Style, String)] = [(.italic, "i"), (.bold, "b"), (.underline, "u")]
      let letters = styles.filter { run.style.contains($0.0) }.map(\.1).joined()
      return (run.voice ?? "") + "/" + letters + ":" + run.text + (run.ruby.map { "[\($0)]" } ?? "")
    }
    #expect(found == runs)
    #expect(Set(warnings.map { $0.message.replacing(#/ \(and \d+ more\)/#, with: "") }) == Set(repairs.map(\.message)))
  }

  static let cueTexts: [(String, [String], [Repair])] = [
    ("<v Li Hua>Hello</v> all", ["Li Hua/:Hello", "/: all"], [Repair]()),
    ("<v.loud A&amp;B>Hi", ["A&B/:Hi"], [.className]),
    ("<i>a <b>b</b>\nc</i>", ["/i:a ", "/ib:b", "/i:c"], []),
    ("&lt;b&gt; &amp; &nbsp;x &#20320;&#x597D; &hellip;", ["/:<b> & \u{A0}x 你好 …"], []),
    ("R&D, x<y, &nix; & <nix>", ["/:R&D, x<y, &nix; & <nix>"], [.unknownTag, .unknownEntity]),
    ("x < y\nand more", ["/:x < y", "/:and more"], [.unknownTag]),
    ("this<00:00:01.500><c> will</c> go", ["/:this will go"], [.timestampTag]),
    ("<c.yellow>a</c> <lang zh>b</lang>", ["/:a b"], [.className]),
    ("<ruby>漢<rt>kan</rt>字<rt>ji</rt></ruby>!", ["/:漢[kan]", "/:字[ji]", "/:!"], []),
    ("<i><ruby>漢<rt>kan</i>", ["/i:漢[kan]"], []), ("<rt>kan</rt>", ["/:kan"], []),
    ("C:\\new {\\an8}", ["/:C:\\new {\\an8}"], []),
    ("<u>a", ["/u:a"], [.unbalancedTag]), ("a</b>", ["/:a"], [.unbalancedTag]),
  ]

  @Test func decidesByContentNotByName() throws {
    let subRip = try read("1\n00:00:01,000 --> 00:00:02,000\na\n", named: "t.vtt")
    #expect(subRip.track.format == .subRip && subRip.warnings.map(\.code) == ["fmt.repaired"])
    let late = try read("\n\nWEBVTT\n\n00:01.000 --> 00:02.000\na\n", named: "t.vtt")
    #expect(late.track.format == .webVTT && late.track.cueLines == [5])
    #expect(late.warnings.map(\.message) == [Repair.blankBeforeSignature.message])
    let bare = try TrackFile.read(bytes: fixture("webvtt-py/invalid.vtt"), file: "invalid.vtt", language: english)
    #expect(bare.track.format == .subRip && bare.track.cues.count == 7)
  }

  /// Everything that files from the web have around their cues, with every kind of line end.
  @Test func readsThroughWhatIsNotCues() throws {
    let text =
      "WEBVTT - lesson 1\nKind: captions\nLanguage: en\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n\n"
      + "STYLE\n::cue(b) { color: red }\n\nREGION\nid:a\nwidth:40%\n\nNOTE a note\nof two lines\n\n"
      + "00:01.000 --> 00:02.000 region:a\n<b>a</b>\n\n00:03.000 --> 00:04.000\nb\n"
    for end in ["\n", "\r", "\r\n"] {
      let (track, warnings) = try read(text.replacing("\n", with: end), named: "t.vtt")
      #expect(brief(track.cues) == ["1000-2000 a", "3000-4000 b"] && track.cues[0].settings == "region:a")
      #expect(track.cueLines == [16, 19])
      #expect(
        warnings.map(\.description) == [
          "t.vtt:4: warning: \(Repair.timestampMap.message)\n  hint: check that the first cue is where its words are spoken",
          "t.vtt:6: warning: style sheets and regions are not carried (and 1 more)",
        ])
    }
    let own = WebVTT.text(of: [cue(1000, 2000, "a")], timestampMap: 0)
    #expect(try read(own, named: "t.vtt").warnings.isEmpty)
    #expect(
      try read(own.replacing("MPEGTS:0,LOCAL:00:00:00.000", with: "LOCAL:00:00:00.000,MPEGTS:0"), named: "t.vtt")
        .warnings.isEmpty)
  }

  /// Captions that roll as YouTube has them: every line twice, with word times, and echoes of ten milliseconds.
  @Test func readsRollingCaptions() throws {
    let text = """
      WEBVTT
      Kind: captions
      Language: en

      00:00:00.160 --> 00:00:02.389 align:start position:0%

      wash<00:00:00.480><c> your</c><00:00:00.640><c> hands</c>

      00:00:02.389 --> 00:00:02.399 align:start position:0%
      wash your hands


      00:00:02.399 --> 00:00:04.000 align:start position:0%
      wash your hands
      with<00:00:02.800><c> soap</c>

      """
    let (track, warnings) = try TrackFile.read(
      bytes: Array(text.replacing("\n\nwash<", with: "\n \nwash<").utf8), file: "t.vtt", language: english)
    #expect(
      brief(track.cues) == [
        "160-2389  |wash your hands", "2389-2399 wash your hands", "2399-4000 wash your hands|with soap",
      ])
    #expect(warnings.map(\.message) == [Repair.timestampTag.message + " (and 2 more)"])
    // An echo is no duplicate, and nothing is re-timed but what overlaps or touches.
    let fixed = SafeFix.fixed(track.cues, language: english)
    #expect(fixed.cues.count == 3 && fixed.changes.map(\.rule) == ["text.space", "time.gap"])
  }

  @Test func tellsAboutStylesItDoesNotCarry() throws {
    for name in ["styles.vtt", "youtube_dl.vtt"] {
      let (track, warnings) = try TrackFile.read(bytes: fixture("webvtt-py/" + name), file: name, language: english)
      #expect(track.cues.count == (name == "styles.vtt" ? 1 : 4))
      #expect(!warnings.isEmpty && warnings.allSatisfy { $0.code == "fmt.markup" })
    }
  }

  @Test func hintsAtTheCommaOfSubRip() {
    let found = findings(Array("WEBVTT\n\n00:00:01,000 --> 00:00:02,000\na\n".utf8), named: "t.vtt")
    #expect(
      found.map(\.description) == [
        "t.vtt:3:9: error: these times cannot be read\n  hint: WebVTT wants 00:00:01.000 --> 00:00:02.000"
      ])
  }
}
