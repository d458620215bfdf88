import FerryCore
import Testing

@testable import FerryText

@Suite struct SubRipTests {
  @Test func readsTheOrdinaryFile() throws {
    let (track, warnings) = try read(
      "1\n00:00:01,000 --> 00:00:02,500\nWash your\nhands.\n\n2\n00:00:03,000 --> 01:00:04,000\nDone.\n")
    #expect(brief(track.cues) == ["1000-2500 Wash your|hands.", "3000-3604000 Done."])
    #expect(track.cues.map(\.identifier) == ["1", "2"] && track.cueLines == [2, 7])
    #expect(track.format == .subRip && warnings.isEmpty)
  }

  /// A line of times as found in the field, what it means, and what is said about it.
  @Test(arguments: [
    ("00:00:01,000-->00:00:02,000", 1000, 2000, []),
    ("00:00:01.000 --> 00:00:02.000", 1000, 2000, [Repair.decimalPoint]),
    ("00:00:03,5 --> 00:00:04,25", 3500, 4250, [.oddFraction]),
    ("00:00:03,5000000 --> 00:00:04,1239999", 3500, 4123, [.oddFraction]),
    ("00:04:35,69.5234375 --> 00:04:37,5.25", 275_069, 277_005, [.decimalMilliseconds]),
    ("0:0:5.0-->0:0:6", 5000, 6000, [.shortField, .decimalPoint, .oddFraction, .noFraction]),
    ("00:05,000 --> 00:06,000", 5000, 6000, [.noHours]), ("\t00:00:01,000  -->\t00:00:02,000 ", 1000, 2000, []),
    ("100:00:01,000 --> 100:00:02,000", 360_001_000, 360_002_000, [.shortField]),
    ("００：００：０１，０００ --> ００：００：０２，０００", 1000, 2000, [.fullWidth]),
    ("00：00：01,000 —> 00：00：02,000", 1000, 2000, [.fullWidth, .oddArrow]),
    ("00:00:01,000 → 00:00:02,000", 1000, 2000, [.oddArrow]), ("00:00:01,000 -> 00:00:02,000", 1000, 2000, [.oddArrow]),
    ("00:00:01,000 ---> 00:00:02,000", 1000, 2000, [.oddArrow]),
    ("00:00:01,000 --> 00:00:02,000 X1:40 X2:600 Y1:20 Y2:50", 1000, 2000, [.coordinates]),
    ("00:00:01,000 --> 00:00:02,000 line:0 align:start", 1000, 2000, [.settingsInSubRip]),
  ])
  func readsTimes(_ line: String, _ start: Int, _ end: Int, _ repairs: [Repair]) throws {
    let (track, warnings) = try read("1\n\(line)\nText\n")
    #expect(brief(track.cues) == ["\(start)-\(end) Text"])
    #expect(Set(warnings.map(\.message)) == Set(repairs.map(\.message)))
    #expect(warnings.allSatisfy { $0.severity == .warning && $0.place.line == 2 })
  }

  /// A whole file, its cues, and the lines with warnings.
  @Test(arguments: [
    (
      "no numbers", "00:00:01,000 --> 00:00:02,000\na\n\n00:00:03,000 --> 00:00:04,000\nb\n",
      ["1000-2000 a", "3000-4000 b"], [1]
    ),
    (
      "no blank line", "1\n00:00:01,000 --> 00:00:02,000\na\n2\n00:00:03,000 --> 00:00:04,000\nb",
      ["1000-2000 a", "3000-4000 b"], [5]
    ),
    (
      "neither", "00:00:01,000 --> 00:00:02,000\na\n00:00:03,000 --> 00:00:04,000\nb", ["1000-2000 a", "3000-4000 b"],
      [1, 3]
    ),
    (
      "blank line inside", "1\n00:00:01,000 --> 00:00:02,000\na\n\nb\n\n2\n00:00:03,000 --> 00:00:04,000\nc",
      ["1000-2000 a||b", "3000-4000 c"], [4]
    ),
    (
      "blank line after the times", "1\n00:00:01,000 --> 00:00:02,000\n\na\n\n\n\n2\n00:00:03,000 --> 00:00:04,000\nb",
      ["1000-2000 a", "3000-4000 b"], []
    ),
    (
      "blank line after the number", "1\n\n00:00:01,000 --> 00:00:02,000\na\n\n2\n\n00:00:03,000 --> 00:00:04,000\nb",
      ["1000-2000 a", "3000-4000 b"], []
    ),
    (
      "text that is a number", "1\n00:00:01,000 --> 00:00:02,000\n2020\n\n2\n00:00:03,000 --> 00:00:04,000\n42",
      ["1000-2000 2020", "3000-4000 42"], []
    ),
    (
      "a year and no numbers", "00:00:01,000 --> 00:00:02,000\n2020\n\n00:00:03,000 --> 00:00:04,000\nb",
      ["1000-2000 2020", "3000-4000 b"], [1]
    ),
    (
      "a year, no numbers and no blank line", "00:00:01,000 --> 00:00:02,000\n2020\n00:00:03,000 --> 00:00:04,000\nb",
      ["1000-2000 2020", "3000-4000 b"], [1, 3]
    ),
    (
      "a year, no blank line", "1\n00:00:01,000 --> 00:00:02,000\n2020\n00:00:03,000 --> 00:00:04,000\nb",
      ["1000-2000 2020", "3000-4000 b"], [4]
    ),
    (
      "a year between blank lines", "1\n00:00:01,000 --> 00:00:02,000\na\n\n2020\n\n00:00:03,000 --> 00:00:04,000\nb",
      ["1000-2000 a||2020", "3000-4000 b"], [4, 7]
    ),
    ("a number as last text", "1\n00:00:01,000 --> 00:00:02,000\nThat makes\n3", ["1000-2000 That makes|3"], []),
    (
      "times as text", "1\n00:00:01,000 --> 00:00:02,000\n10:00 --> 11:00\nlunch --> nap\n",
      ["1000-2000 10:00 --> 11:00|lunch --> nap"], []
    ),
    (
      "a number inside that comes later",
      "1\n00:00:01,000 --> 00:00:02,000\na\n\n2\nb\n\n2\n00:00:03,000 --> 00:00:04,000\nc",
      ["1000-2000 a||2|b", "3000-4000 c"], [4]
    ),
    (
      "numbers out of order", "7\n00:00:01,000 --> 00:00:02,000\na\n\n3\n00:00:03,000 --> 00:00:04,000\nb",
      ["1000-2000 a", "3000-4000 b"], []
    ),
    (
      "no text", "1\n00:00:01,000 --> 00:00:02,000\n\n2\n00:00:03,000 --> 00:00:04,000\nb",
      ["1000-2000 ", "3000-4000 b"], [2]
    ),
    (
      "carriage returns", "1\r00:00:01,000 --> 00:00:02,000\ra\rb\r\r2\r00:00:03,000 --> 00:00:04,000\rc\r",
      ["1000-2000 a|b", "3000-4000 c"], []
    ),
    (
      "mixed line ends", "1\r\n00:00:01,000 --> 00:00:02,000\r\na\rb\n\r\n2\n00:00:03,000 --> 00:00:04,000\nc\r\n",
      ["1000-2000 a|b", "3000-4000 c"], []
    ),
    (
      "overlap and no order", "1\n00:00:05,000 --> 00:00:09,000\na\n\n2\n00:00:03,000 --> 00:00:06,000\nb",
      ["5000-9000 a", "3000-6000 b"], []
    ),
  ])
  func keepsEveryCue(_ name: String, _ text: String, _ cues: [String], _ warned: [Int]) throws {
    let (track, warnings) = try read(text)
    #expect(brief(track.cues) == cues)
    #expect(Set(warnings.map(\.place.line)) == Set(warned), "\(warnings)")
  }

  /// Text as written, and its runs as `style:text`.
  @Test(arguments: [
    ("a>b x<y R&D C:\\new {x} <3 <- </", [":a>b x<y R&D C:\\new {x} <3 <- </"], [Repair]()),
    ("<i>a</i> b", ["i:a", ": b"], []), ("<I>a <B>b</B></I>", ["i:a ", "ib:b"], []),
    ("<i>a\nb</i>\nc", ["i:a", "i:b", ":c"], []), ("<b><i>a</b>b</i>", ["ib:a", "i:b"], []),
    ("<u>a", ["u:a"], [.unbalancedTag]), ("a</i>", [":a"], [.unbalancedTag]),
    ("<font color=\"#ff0000\">a</font>", [":a"], [.font]), ("{\\an8}a", [":a"], [.override]),
    ("{\\i1}a{\\i0}b", ["i:a", ":b"], []), ("<div>a</div>", [":<div>a</div>"], [.unknownTag]),
    ("a &lt; b &amp; c &nbsp;", [":a &lt; b &amp; c &nbsp;"], [.entityInSubRip]), ("<i></i>a", [":a"], []),
  ])
  func losesNoText(_ text: String, _ runs: [String], _ repairs: [Repair]) throws {
    let (track, warnings) = try read("1\n00:00:01,000 --> 00:00:02,000\n\(text)\n")
    let found = track.cues[0].lines.joined().map { run in
      let styles: [(Run.Style, String)] = [(.italic, "i"), (.bold, "b"), (.underline, "u")]
      return styles.filter { run.style.contains($0.0) }.map(\.1).joined() + ":" + run.text
    }
    #expect(found == runs)
    #expect(warnings.map { String($0.message.prefix { $0 != "(" }).trimming } == repairs.map(\.message))
  }

  @Test func readsFilesOfOthers() throws {
    func track(_ name: String) throws -> (track: Track, warnings: [Diagnostic]) {
      try TrackFile.read(bytes: fixture(name), file: name, language: english)
    }
    #expect(try track("go-astisub/example-in-carriage-return.srt").track.cues.map(\.text.count) == [74, 71, 52])
    #expect(try track("go-astisub/example-in-styled.srt").track.cues.count == 10)
    #expect(try track("go-astisub/example-in-html-entities.srt").warnings.map(\.code) == ["fmt.markup"])
    #expect(try track("elephants-dream/elephant.english.srt").track.cues.count == 78)
    let tricky = try track("subtitle-merger/tricky.srt").track
    #expect(tricky.cues.count == 2 && tricky.cues[0].text.hasSuffix("\n\n2\nsubtitles still go"))
    #expect(tricky.cues[1].text == "the actual second line")
  }

  @Test func saysWhatItCannotRead() throws {
    let good = "1\n00:00:01,000 --> 00:00:02,000\na\n\n"
    let cases = [
      (
        "minutes and seconds of 60",
        good + "2\n00:60:00,000 --> 01:00:05,000\nb\n\n3\n00:00:60,000 --> 00:01:05,000\nc\n"
      ),
      ("negative", "1\n-00:00:01,000 --> 00:00:02,000\na\n"),
      ("frames", good + "2\n00:00:03:12 --> 00:00:04:20\nb\n"),
      ("end before start", good + "2\n00:00:05,000 --> 00:00:04,000\nb\n\n3\n00:00:06,000 --> 00:00:06,000\nc\n"),
      ("letters for digits", good + "2\nOO:00:03,000 --> 00:00:04,000\nb\n\n3\n00:00:05,000 --> 00:00:06,000\nc\n"),
      ("one time only", good + "2\n00:00:03,000 -->\nb\n"),
      ("text behind the times", good + "2\n00:00:03,000 --> 00:00:04,000 Hello\n"),
      ("cue without times", good + "2\nb\n\n3\n00:00:05,000 --> 00:00:06,000\nc\n"),
      ("file cut off", good + "2\n"),
      ("text before the first cue", "A lesson\n\n" + good),
      ("no times at all", "Just a note.\n"),
      ("many at once", "junk\n1\n00:00:61,000 --> 00:00:02,000\na\n\n2\n00:00:03,000 --> 00:00:02,000\n\n3\n"),
    ]
    var report = ""
    for (name, text) in cases {
      report += "## \(name)\n"
      for finding in findings(Array(text.utf8)) { report += "\(finding)\n" }
    }
    try expectGolden(report, "subrip.txt")
  }

  @Test func namesNoMoreThanAHundredErrors() {
    let text = (1...500).map { "\($0)\n00:00:61,000 --> 00:00:02,000\na\n\n" }.joined()
    let all = findings(Array(text.utf8))
    #expect(all.count == Findings.errorLimit + 1 && all.last?.message == "400 more errors are not listed")
  }
}

extension String {
  fileprivate var trimming: String { hasSuffix(" ") ? String(dropLast()) : self }
}
