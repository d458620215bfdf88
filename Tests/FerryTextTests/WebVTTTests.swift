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
