import FerryCore
import Foundation
import Testing

@testable import FerryMarkup
@testable import FerryText

/// A stretch of time in which the screen shows the same, as `Tests/Judges/ttml.py` prints it.
private struct Shown: Codable, Equatable, CustomStringConvertible {
  var start: Int
  var end: Int?
  var text: String

  enum CodingKeys: String, CodingKey {
    case start = "start_ms"
    case end = "end_ms"
    case text
  }

  var description: String { "\(start)-\(end.map(String.init) ?? "∞") '\(text)'" }

  static func states(of cues: [Cue]) -> [Shown] {
    let moments = Set(cues.flatMap { [$0.start, $0.end] }).sorted()
    var states: [Shown] = []
    for (start, end) in zip(moments, moments.dropFirst()) {
      let texts = cues.filter { $0.start <= start && end <= $0.end }
        .map { $0.text.trimmingCharacters(in: ["\n"]) }
        .filter { !$0.allSatisfy(\.isWhitespace) }.sorted()
      if texts.isEmpty { continue }
      let finite = end.milliseconds == TTML.endless ? nil : end.milliseconds
      let text = texts.joined(separator: "\n")
      if let last = states.last, last.end == start.milliseconds, last.text == text {
        states[states.count - 1].end = finite
      } else {
        states.append(Shown(start: start.milliseconds, end: finite, text: text))
      }
    }
    return states
  }
}

private func examine(_ bytes: [UInt8], named file: String = "t.ttml") -> (cues: [Cue], findings: [Diagnostic]) {
  let (track, findings) = TrackFile.examine(bytes: bytes, file: file, language: english, encoding: nil)
  return (track?.cues ?? [], findings)
}

private func document(_ body: String, tt: String = "", head: String = "") -> String {
  """
  <?xml version="1.0" encoding="UTF-8"?>
  <tt xmlns="http://www.w3.org/ns/ttml" xmlns:tts="http://www.w3.org/ns/ttml#styling"
    xmlns:ttp="http://www.w3.org/ns/ttml#parameter" xmlns:ttm="http://www.w3.org/ns/ttml#metadata" xml:lang="en" \(tt)>
  <head>\(head)</head>
  <body>\(body)</body>
  </tt>
  """
}

private func cues(_ body: String, tt: String = "", head: String = "") throws -> [Cue] {
  try read(document(body, tt: tt, head: head), named: "t.ttml").track.cues
}

@Suite struct TTMLTests {
  /// The judge is ttconv; its answers are kept beside the W3C's IMSC tests.
  @Test func showsWhatTheIMSCTestsShow() throws {
    let expected = try JSONDecoder().decode([String: [Shown]].self, from: Data(fixture("imsc1/expected.json")))
    #expect(expected.count == 45)
    for (name, states) in expected.sorted(by: { $0.key < $1.key }) {
      let (cues, _) = examine(try fixture("imsc1/\(name)"), named: name)
      let found = Shown.states(of: cues)
      #expect(found == states, "\(name)")
    }
  }

  @Test func readsWhatOthersWrote() throws {
    func shown(_ name: String) throws -> (cues: [String], warnings: [String]) {
      let (cues, findings) = examine(try fixture(name), named: name)
      return (brief(cues), findings.map { "\($0.place.line): \($0.message)" })
    }
    #expect(
      try shown("mantas-done/ttml.ttml").cues == [
        "137400-140400 Senator, we're making|our final approach into Coruscant.",
        "3740500-3742500 Very good, Lieutenant.",
      ])
    let bare = try shown("go-astisub/example-in-breaklines.ttml")
    #expect(
      bare.cues == [
        "0-1000 First line|Second line", "1000-2000 Third line|Fourth line", "2000-3000 Fifth line|Sixth middle line",
        "3000-4000 Seventh line|Eighth middle line",
      ] && bare.warnings.isEmpty)
    let undeclared = try shown("mantas-done/ttml_with_fps_and_multiplier_given.ttml")
    #expect(undeclared.cues == ["15015-17684 First line."])
    #expect(undeclared.warnings == ["5: a prefix is used that 'xmlns:' does not declare; it is read as TTML's own"])
    #expect(
      try shown("mantas-done/dfxp.dfxp").cues == [
        "137400-140400 Senator, we're making|our final approach into Coruscant.",
        "3740500-3742500 Very good, Lieutenant.",
      ])
    let comma = try shown("mantas-done/dfxp_with_different_br.dfxp")
    #expect(comma.cues == ["0-1000 one|two|three"])
    #expect(comma.warnings == ["17: the time is written with ',' where TTML has '.' (and 1 more)"])
    let smpte = try shown("go-astisub/example-in.ttml").cues
    #expect(
      smpte.first == "99000-101040 (deep rumbling)"
        && smpte.last == "151400-153440 (computer playing|electronic melody)")
    let old = try shown("elephants-dream/elephans_dream.en.ttml.xml")
    #expect(
      old.cues.count == 84 && old.cues[0] == "0-3000 Bold, em Italic|Another bold"
        && old.cues[4].hasPrefix("15330-17620"))
    // A real slip: a duration of no time.
    #expect(old.warnings.last == "40: this text is never shown: its times lie outside those of what it stands in")
    // The times of the second paragraph count from the division's, which is over by then.
    #expect(
      try shown("mantas-done/ttml_with_multiple_divs.ttml").warnings
        == ["12: this text is never shown: its times lie outside those of what it stands in"])
  }

  @Test func readsTimes() throws {
    func times(_ begin: String, _ end: String, tt: String = "") throws -> String {
      brief(try cues("<div><p begin=\"\(begin)\" end=\"\(end)\">x</p></div>", tt: tt))[0]
    }
    #expect(try times("1.5s", "0.1m") == "1500-6000 x")
    #expect(try times("250ms", "0.5h") == "250-1800000 x")
    #expect(try times("00:00:01", "00:00:02.3456") == "1000-2346 x")
    #expect(try times("100:00:00.5", "100:00:01") == "360000500-360001000 x")
    let film = "ttp:frameRate=\"24\" ttp:frameRateMultiplier=\"1000 1001\""
    #expect(try times("24f", "00:00:02:12", tt: film) == "1001-2501 x")
    #expect(try times("24f", "48f", tt: "ttp:frameRate=\"24\" ttp:frameRateMultiplier=\"1000:1001\"") == "1001-2002 x")
    #expect(try times("00:00:00:12.1", "1s", tt: "ttp:frameRate=\"25\" ttp:subFrameRate=\"2\"") == "500-1000 x")
    #expect(try times("120t", "180t", tt: "ttp:tickRate=\"60\"") == "2000-3000 x")
    // Without a rate of their own, ticks are parts of frames.
    #expect(try times("25t", "50t", tt: "ttp:frameRate=\"25\"") == "1000-2000 x")
    // SMPTE ST 12-1: an hour of drop-frame time code is an hour less 3.6 ms; without dropping it is 3.6 s more.
    let drop = "ttp:timeBase=\"smpte\" ttp:frameRate=\"30\" ttp:frameRateMultiplier=\"1000 1001\""
    #expect(try times("00:01:00;02", "01:00:00:00", tt: drop + " ttp:dropMode=\"dropNTSC\"") == "60060-3599996 x")
    #expect(try times("00:00:00:00", "01:00:00:00", tt: drop) == "0-3603600 x")
    #expect(
      try times("0s", "00:02:00:04", tt: "ttp:timeBase=\"smpte\" ttp:frameRate=\"30\" ttp:dropMode=\"dropPAL\"")
        == "0-120000 x")
  }

  @Test func addsUpTimesOfWhatStandsAround() throws {
    let text = """
      <div begin="10s"><p begin="1s" dur="2s">a</p><p begin="00:00:04.000" end="6s" dur="1s">b</p></div>
      <div begin="20s" timeContainer="seq"><p dur="1s">c</p><p begin="1s" dur="1s">d</p></div>
      """
    #expect(
      brief(try cues(text.replacing("<div begin=\"10s\">", with: "<div begin=\"10s\" end=\"15s\">")))
        == ["11000-13000 a", "14000-15000 b", "20000-21000 c", "22000-23000 d"])
    #expect(brief(try cues("<div><p begin=\"1s\" end=\"3s\">x</p></div>", tt: "")) == ["1000-3000 x"])
  }

  /// What a paragraph shows at each time is a cue of its own.
  @Test func makesCuesOfTimedSpans() throws {
    let words = """
      <div><p begin="10s" end="14s">
        <span begin="0s" end="4s">One</span>
        <span begin="1s" end="2s" tts:fontStyle="italic">two</span>
        <span begin="2s" end="3s">three</span>
      </p></div>
      """
    let found = try cues(words)
    #expect(brief(found) == ["10000-11000 One", "11000-12000 One two", "12000-13000 One three", "13000-14000 One"])
    #expect(found[1].lines == [[Run("One "), Run("two", style: .italic)]])
    #expect(
      brief(
        try cues("<div><p end=\"9s\"><span end=\"1s\">a</span><br/><span begin=\"2s\" end=\"3s\">b</span></p></div>"))
        == ["0-1000 a", "2000-3000 b"])
    #expect(
      brief(
        try cues(
          "<div><p end=\"4s\" tts:display=\"none\"><set begin=\"1s\" end=\"2s\" tts:display=\"auto\"/>x</p></div>"))
        == ["1000-2000 x"])
  }

  @Test func joinsBlanksUnlessToldToKeepThem() throws {
    func lines(_ text: String, _ space: String = "") throws -> [String] {
      try cues("<div><p \(space) end=\"1s\">\(text)</p></div>")[0].lines.map { $0.map(\.text).joined() }
    }
    #expect(try lines("\n  a \n b <span> c</span> <br/>\n d\t") == ["a b c", "d"])
    #expect(try lines(" a <span xml:space=\"preserve\">  b  </span> c ") == ["a   b  c"])
    #expect(try lines(" a  b ", "xml:space=\"preserve\"") == [" a  b "])
    #expect(try lines("a\nb", "xml:space=\"preserve\"") == ["a", "b"])
    #expect(try lines("x &lt; y &amp; <![CDATA[<z> &amp;]]> &#x4F60;&#22909;<!-- no -->!") == ["x < y & <z> &amp; 你好!"])
  }

  @Test func readsStyles() throws {
    let head = """
      <styling>
        <style xml:id="a" tts:fontStyle="italic"/><style xml:id="b" style="a" tts:fontWeight="bold"/>
        <style xml:id="loop" style="loop b"/>
      </styling>
      <layout><region xml:id="r" tts:origin="10% 55%" tts:extent="80% 35%" tts:displayAlign="after" tts:textAlign="center">
        <style tts:textDecoration="underline"/>
      </region></layout>
      """
    let text = """
      <div><p region="r" style="loop" end="1s">x<span tts:fontStyle="normal">y<span tts:textDecoration="noUnderline"
      >z</span></span></p></div>
      """
    #expect(
      try cues(text, head: head)[0].lines == [
        [Run("x", style: [.italic, .bold, .underline]), Run("y", style: [.bold, .underline]), Run("z", style: .bold)]
      ])
    #expect(
      try cues("<div><p end=\"1s\"><b>x</b> <i>y</i></p></div>")[0].lines == [
        [
          Run("x", style: .bold), Run(" "), Run("y", style: .italic),
        ]
      ])
  }

  @Test func readsRubyAndSpeakers() throws {
    let head =
      "<metadata><ttm:agent xml:id=\"li\" type=\"person\"><ttm:name type=\"full\">Li  Hua</ttm:name></ttm:agent></metadata>"
    let text = """
      <div><p end="1s" ttm:agent="li">用<span tts:ruby="container">
        <span tts:ruby="base">汉字</span> <span tts:ruby="delimiter">(</span><span tts:ruby="text">hànzì</span>
      </span>写 <span tts:ruby="container"><span tts:ruby="baseContainer"><span tts:ruby="base">你</span><span
      tts:ruby="base">好</span></span><span tts:ruby="textContainer"><span tts:ruby="text">nǐ</span><span
      tts:ruby="text">hǎo</span></span></span></p></div>
      """
    #expect(
      try cues(text, head: head)[0].lines == [
        [
          Run("用", voice: "Li Hua"), Run("汉字", voice: "Li Hua", ruby: "hànzì"), Run("写 ", voice: "Li Hua"),
          Run("你", voice: "Li Hua", ruby: "nǐ"), Run("好", voice: "Li Hua", ruby: "hǎo"),
        ]
      ])
  }

  @Test func readsPlaces() throws {
    func settings(_ region: String, p: String = "", tt: String = "") throws -> String {
      try cues(
        "<div><p region=\"r\" \(p) end=\"1s\">x</p></div>", tt: tt,
        head: "<layout><region xml:id=\"r\" \(region)/></layout>")[0].settings
    }
    let low = "tts:origin=\"10% 80%\" tts:extent=\"80% 20%\" tts:displayAlign=\"after\""
    #expect(try settings(low + " tts:textAlign=\"center\"").isEmpty)
    #expect(try settings(low) == "align:start")
    #expect(try settings(low, p: "tts:textAlign=\"right\"") == "align:right")
    #expect(try settings("tts:origin=\"10% 10%\" tts:extent=\"80% 20%\" tts:textAlign=\"center\"") == "line:10%")
    #expect(
      try settings("tts:origin=\"16c 3c\" tts:extent=\"8c 6c\" tts:displayAlign=\"center\"")
        == "line:40%,center position:50% size:25% align:start")
    #expect(
      try settings(
        "tts:origin=\"192px 108px\" tts:extent=\"384px 540px\" tts:displayAlign=\"after\" tts:textAlign=\"end\"",
        tt: "tts:extent=\"1920px 1080px\"") == "line:60%,end position:30% size:20% align:end")
    #expect(
      try settings("tts:position=\"right top\" tts:extent=\"40% 10%\" tts:textAlign=\"center\"")
        == "line:0% position:80%")
    #expect(try settings("tts:writingMode=\"tbrl\" tts:textAlign=\"center\"") == "vertical:rl")
    let layered = try cues(
      "<div><p region=\"r\" end=\"1s\">x</p></div>", head: "<layout><region xml:id=\"r\" tts:zIndex=\"3\"/></layout>")
    #expect(layered[0].layer == 3)
    // Without regions, nothing but what the paragraph itself says.
    #expect(try cues("<div><p end=\"1s\">x</p></div>")[0].settings.isEmpty)
  }

  @Test func says() throws {
    let cases: [(String, String)] = [
      ("a document type", "<!DOCTYPE tt SYSTEM \"http://example.org/tt.dtd\">\n<tt/>"),
      (
        "an entity bomb",
        "<?xml version=\"1.0\"?>\n<!DOCTYPE tt [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>\n<tt>&b;</tt>"
      ),
      ("an entity", document("<div><p end=\"1s\">a&nbsp;b</p></div>")),
      ("a bare ampersand", document("<div><p end=\"1s\">R&D</p></div>")),
      ("a bare less-than", document("<div><p end=\"1s\">1 < 2</p></div>")),
      ("a forbidden reference", document("<div><p end=\"1s\">&#1;</p></div>")),
      ("elements out of order", document("<div><p end=\"1s\"><span>x</p></span></div>")),
      ("an end without a beginning", "<tt></tt></tt>"),
      ("cut off in a tag", String(document("<div><p end=\"1s\">x</p></div>").dropLast(23)) + "<p begin=\"1"),
      ("cut off in text", String(document("<div><p end=\"1s\">xyz</p></div>").dropLast(24))),
      ("an attribute twice", document("<div><p end=\"1s\" end=\"2s\">x</p></div>")),
      ("an attribute without quotes", document("<div><p end=1s>x</p></div>")),
      ("two documents", document("") + document("")),
      ("text behind the document", document("<div><p end=\"1s\">x</p></div>") + "\nend"),
      ("too deep", document(String(repeating: "<div>", count: 80))),
      ("too many attributes", document("<div \((0...64).map { "a\($0)=\"\"" }.joined(separator: " "))/>")),
      ("too many elements", "<tt>" + String(repeating: "<p/>", count: XMLScanner.elementLimit)),
      ("too long a name", "<tt><\(String(repeating: "n", count: 129))/></tt>"),
      (
        "too many namespaces",
        document(
          String(repeating: "<div \((0..<40).map { "xmlns:a\($0)=\"b\"" }.joined(separator: " "))>", count: 2))
      ),
      (
        "a paragraph that changes for ever",
        document(
          "<div><p end=\"9s\" xml:space=\"preserve\">\(String(repeating: "x", count: 100_000))"
            + (0..<300).map { "<span end=\"\($0 + 1)ms\">y</span>" }.joined() + "</p></div>")
      ),
      ("another namespace's root", "<tt xmlns=\"http://example.org/\"><body/></tt>"),
      ("times of day", document("<div><p end=\"1s\">x</p></div>", tt: "ttp:timeBase=\"clock\"")),
      ("a frame rate of 0", document("<div><p end=\"1f\">x</p></div>", tt: "ttp:frameRate=\"0\"")),
      ("a multiplier of words", document("<div><p end=\"1f\">x</p></div>", tt: "ttp:frameRateMultiplier=\"ntsc\"")),
      ("times that are none", document("<div><p begin=\"1\" end=\"soon\">x</p></div>")),
      ("a negative time", document("<div><p begin=\"-1s\" end=\"1s\">x</p></div>")),
      ("minutes of 60", document("<div><p begin=\"00:60:00\" end=\"2h\">x</p></div>")),
      (
        "a frame too many", document("<div><p begin=\"00:00:00:25\" end=\"2s\">x</p></div>", tt: "ttp:frameRate=\"25\"")
      ),
      ("end before begin", document("<div><p begin=\"2s\" end=\"1s\">x</p></div>")),
      ("no end", document("<div><p begin=\"2s\">x</p>\n<p begin=\"3s\">y</p></div>")),
      ("outside its division", document("<div end=\"5s\"><p begin=\"6s\" end=\"7s\">x</p></div>")),
      ("no text", document("<div><p begin=\"1s\" end=\"2s\"/></div>")),
      ("no paragraphs", document("")),
      (
        "things not carried",
        document(
          """
          <div><p begin="0s" end="00:00:01:05">x<metadata><ttm:desc>no</ttm:desc></metadata><set tts:color="red"/></p>
          <p region="none" begin="1s" end="2s" ttm:agent="x"><font>y</font><b>z</b><span tts:color="red">r</span>
          <x:y xmlns:x="http://example.org/">lost</x:y></p>
          <p begin="2s" end="3s" tts:visibility="hidden">unseen</p><section>gone</section></div>
          """)
      ),
    ]
    var report = ""
    for (name, text) in cases {
      report += "## \(name)\n"
      for finding in examine(Array(text.utf8)).findings { report += "\(finding)\n" }
    }
    try expectGolden(report, "ttml.txt")
  }

  /// The declaration's encoding is that of bytes which are text by now.
  @Test func ignoresWhatTheDeclarationSaysOfBytes() throws {
    let text = document("<div><p end=\"1s\">你好</p></div>").replacing("UTF-8", with: "GB2312")
    #expect(try read(text, named: "t.ttml").track.cues[0].text == "你好")
    let utf16 = [0xFF, 0xFE] + text.utf16.flatMap { unit -> [UInt8] in [UInt8(unit & 0xFF), UInt8(unit >> 8)] }
    #expect(examine(utf16).cues.map(\.text) == ["你好"])
  }

  /// What takes the square of a file's size would take minutes for one of these.
  @Test(
    .timeLimit(.minutes(15)),
    arguments: [
      "<p>", "<p/>", "<p end='1s'/>", "<span>", "<br/>", "</p>", "<", "&amp;", "&", "<!--", "<![CDATA[", "<?", "x='' ",
      "<set tts:display='none'/>", "<span end='1s'>x</span>", "<span begin='1s'>x</span>", " ", "\u{0}", "<p a='",
      "]]>",
      "<style xml:id='a' style='a'/>", "<region xml:id='a'/>", "<span xmlns:a='b'/>", "<a:b/>",
    ])
  func answersToHostileFilesInTime(_ piece: String) {
    for head in ["<tt><body><div>", "<tt><body><div><p end='9s'>"] {
      let many = (0..<30_000 / piece.utf8.count).map { piece.replacing("1s", with: "\($0 + 1)ms") }.joined()
      let (cues, findings) = examine(Array((head + many).utf8))
      #expect(!(cues.isEmpty && findings.isEmpty) && findings.count <= Findings.errorLimit + 10)
      let closed = examine(Array((head + many + (head.hasSuffix("<div>") ? "" : "</p>") + "</div></body></tt>").utf8))
      #expect(!(closed.cues.isEmpty && closed.findings.isEmpty))
    }
  }

  @Test func answersToAnyBytes() throws {
    var random = Seeded(state: 11)
    let seeds = try [
      "imsc1/timing__BasicTiming010.ttml", "imsc1/timing__TimeExpressions001.ttml", "go-astisub/example-in.ttml",
      "mantas-done/dfxp.dfxp", "imsc1/timing__MediaSeqTiming007.ttml", "imsc1/timing__timing-on-span-002.ttml",
    ].map { try fixture($0) }
    for round in 0..<1000 {
      var bytes = seeds[round % seeds.count]
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let at = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0...3, using: &random) {
        case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.removeSubrange(at..<min(bytes.count, at + 3))
        case 2: bytes.insert(Array("<>&\"'/9:-%".utf8).randomElement(using: &random) ?? 0, at: at)
        default: bytes.insert(contentsOf: bytes[at..<min(bytes.count, at + 30)], at: at)
        }
      }
      let (cues, findings) = examine(bytes)
      #expect(!cues.isEmpty || findings.contains { $0.severity == .error })
    }
  }
}
