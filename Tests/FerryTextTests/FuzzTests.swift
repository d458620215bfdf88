import FerryCore
import Foundation
import Testing

@testable import FerryText

/// Damaged files by the ten thousand, the same in every run: an answer for each, in time and in little memory.
@Suite(.serialized) struct FuzzTests {
  /// A parser, the name that leads to it, and what its files look like.
  struct Target: Sendable, CustomTestStringConvertible {
    let name: String
    let file: String
    /// The parser that reads damaged texts too which damage has made look like another format's.
    var parser: (@Sendable ([UInt8], inout Findings) -> Void)?
    /// Fixtures by name, beside made texts.
    let fixtures: [String]
    let made: [String]
    let tokens: [String]

    var testDescription: String { name }
  }

  static let targets = [
    Target(
      name: "SubRip", file: "t.srt", parser: { _ = SubRip.read($0, findings: &$1) },
      fixtures: [
        "elephants-dream/elephant.english.srt", "go-astisub/example-in-styled.srt", "subtitle-merger/tricky.srt",
        "webvtt-py/missing_timeframe.srt",
      ],
      made: [
        "1\n00:00:01,000 --> 00:00:02,500\n<b>今天<i>我们</b></i> {\\an8}学习\n\n2\n00:00:03,5-->0:0:6\na < b & c &lt;\n",
        "００：００：０１，０００ —> ００：００：０２，０００\n一\n",
      ],
      tokens: ["<b><b><b>", "<i>", "</i>", "{\\i1}", "{\\an8", "<font color=\"", "--\u{2060}>", "<\u{2060}"]),
    Target(
      name: "WebVTT", file: "t.vtt", parser: { _ = WebVTT.read($0, findings: &$1) },
      fixtures: [
        "webvtt/arrows.vtt", "webvtt-py/youtube_dl.vtt", "webvtt-py/styles.vtt", "webvtt/nulls.vtt",
        "webvtt/settings-align.vtt", "webvtt/stylesheets.vtt",
      ],
      made: [
        "WEBVTT\n\nNOTE a\n\nSTYLE\n::cue {}\n\nid\n00:01.000 --> 00:02.000 line:0 align:start\n<v Anna>你好 &amp; <ruby>学<rt>xué</rt></ruby>\n"
      ],
      tokens: [
        "WEBVTT\n", "<v ", "<ruby><rt>", "</ruby>", "&#x110000;", "&amp;", "<c.a.b>", "NOTE\n", "STYLE\n",
        "<00:01.000>",
      ]),
    Target(
      name: "ASS", file: "t.ass", parser: { _ = ASS.read($0, findings: &$1) },
      fixtures: [
        "mantas-done/ass.ass", "mantas-done/ass_different_format.ass", "go-astisub/example-in.ssa",
        "go-astisub/example-in-carriage-return.ssa",
      ],
      made: [
        "[V4+ Styles]\nFormat: Name, Fontsize, Italic, Alignment\nStyle: Top,20,-1,8\n[Events]\nFormat: Start, End, Style, Text\nDialogue: 0:00:01.00,0:00:02.00,Top,{\\pos(10,20)\\k50}今{\\b1\\fad(1,2)}天{\\rTop\\alpha&HFF&}x\nComment: 0:00:03.00,0:00:04.00,Top,note\n",
        "[Script Info]\nScriptType: v4.00+\n\n[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\nDialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,{\\i1}你好{\\i0}\\Nhello {\\p1}m 0 0 l 1 1{\\p0}\n",
      ],
      tokens: [
        "Dialogue: ", "Format: ", "{\\p1}", "{\\", "\\N", "[Events]\n", ",,,,,,,,,,", "{\\t(0,1,{\\t(", "Style: ",
        "\\an8",
        "\\r", "\\pos(", "&HFFFFFFFF&", "[Fonts]\n",
      ]),
    Target(
      name: "TTML", file: "t.ttml", parser: { _ = TTML.read($0, findings: &$1) },
      fixtures: [
        "mantas-done/ttml_with_fps_and_multiplier_given.ttml", "mantas-done/dfxp.dfxp",
        "imsc1/timing__MediaSeqTiming001.ttml", "imsc1/timing__BasicTiming012.ttml",
        "imsc1/timing__timing-on-span-001.ttml", "go-astisub/example-in.ttml",
      ],
      made: [
        "<tt xmlns=\"http://www.w3.org/ns/ttml\" xmlns:tts=\"http://www.w3.org/ns/ttml#styling\" xmlns:ttp=\"http://www.w3.org/ns/ttml#parameter\" xml:lang=\"zh\" ttp:frameRate=\"25\" ttp:tickRate=\"10\"><head><styling><style xml:id=\"i\" tts:fontStyle=\"italic\"/></styling><layout><region xml:id=\"r\" tts:origin=\"10% 10%\" tts:extent=\"80% 20%\" tts:displayAlign=\"after\"/></layout></head><body timeContainer=\"seq\"><div region=\"r\"><p begin=\"5t\" end=\"00:00:02:12\" style=\"i\"><span tts:ruby=\"container\"><span tts:ruby=\"base\">学</span><span tts:ruby=\"text\">xué</span></span></p></div></body></tt>",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><tt xmlns=\"http://www.w3.org/ns/ttml\" xml:lang=\"en\"><body><div><p begin=\"1s\" end=\"00:00:02.5\">a<br/><span>b</span> &amp; c</p><p begin=\"3s\" dur=\"2s\">你好</p></div></body></tt>",
      ],
      tokens: [
        "<!DOCTYPE tt [<!ENTITY a \"aa\">]>", "<span>", "</div>", "<div><div><div>", "begin=\"", "&a;", "<![CDATA[",
        "<!--", "xmlns:x=\"", "<?pi", "timeContainer=\"seq\"", "ttp:frameRate=\"0\"", "dur=\"", "style=\"i\"",
        "region=\"r\"", "&#0;",
        "&#x4E00;", "<br/>", "tts:ruby=\"text\"",
      ]),
    Target(
      name: "encodings", file: "t",
      fixtures: [
        "elephants-dream/elephant.chinese.srt", "elephants-dream/elephant.japanese-euc.srt",
        "elephants-dream/elephant.russian.srt",
      ],
      made: ["浣犲ソ锛屾杩庢潵鍒板ぇ瀛?\nâ€™ä½\u{A0}å¥½ÄãºÃ\n"],
      tokens: ["\u{FEFF}", "锟斤拷", "烫烫烫", "é…”", "â€œ", "你好", "\u{85}"]),
  ]

  private static let commonTokens = [
    " --> ", "-->", "00:00:01,000 --> 00:00:02,000\n", "\n\n", "\r", "\r\n", "\0", "\u{FEFF}", "<", ">", "{", "}", "&",
    "99999999999999999999999999",
    "-1", "00:99:99.999", ":", "\u{1A}", "１２３", "𠀀", "\u{FFFF}", String(repeating: "9", count: 5000),
    String(repeating: "<b>", count: 2000), "<!DOCTYPE html>",
  ]
  private static let rawTokens: [[UInt8]] = [
    [0xFF, 0xFE], [0xFE, 0xFF], [0x84, 0x31, 0x95, 0x33], [0x80], [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80],
    [0xE4, 0xBD], [0xB0, 0xA1, 0xB5, 0xC4],
    [0xA4, 0x40, 0xA7, 0xDA], [0x82, 0xA0], [0x8E, 0xB1], [0, 0], [0xF4, 0x90, 0x80, 0x80],
  ]

  @Test(.timeLimit(.minutes(15)), arguments: targets) func answersToTwentyThousandDamagedFiles(_ target: Target) throws
  {
    var seeds =
      try target.fixtures.map { Array(try fixture($0).prefix(target.name == "TTML" ? 1800 : 600)) }
      + target.made.map { Array($0.utf8) }
    if target.name == "encodings" {
      let ways = [
        ("GB18030", Lessons.simplified), ("BIG5-HKSCS", Lessons.traditional), ("UHC", Lessons.korean),
        ("CP932", Lessons.japanese), ("UTF-16LE", Lessons.simplified),
      ]
      for (name, lines) in ways { seeds.append(try encoded(subRip(Array(lines.prefix(12))), name)) }
    }
    let tokens = (target.tokens + Self.commonTokens).map { Array($0.utf8) } + Self.rawTokens
    var random = Seeded(state: UInt64(target.name.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) }))
    let languages = ["zh", "en", "ja", "ko"].map(tag)
    try withinLimits { round in
      let bytes = Self.mutated(seeds, tokens, round, &random)
      let forced = round % 11 == 0 ? TextEncoding.allCases.randomElement(using: &random) : nil
      let language = target.name == "encodings" || round % 5 == 0 ? languages[round % 4] : languages[round % 2]
      let (track, findings) = TrackFile.examine(bytes: bytes, file: target.file, language: language, encoding: forced)
      guard track != nil || findings.contains(where: { $0.severity == .error }) else { return false }
      // What damage made look like something else is given to this parser all the same: no round misses it.
      if let parser = target.parser, track?.format != Track.Format(fileName: target.file) {
        var own = Findings(file: target.file)
        parser(cleaned(Array(String(decoding: bytes, as: UTF8.self).utf8), fileOffset: nil, findings: &own), &own)
        guard own.all.count <= Findings.errorLimit + 40 else { return false }
      }
      return findings.count <= Findings.errorLimit + 40
    }
  }

  @Test(.timeLimit(.minutes(15))) func answersToTwentyThousandDamagedSamples() throws {
    let states = [
      cue(0, 1000, "你好\nhello"),
      Cue(
        start: .zero, end: CueTime(milliseconds: 1000), lines: [[Run("a", style: .bold), Run("𠀀b", style: .italic)]]),
    ]
    let seeds = try states.map { try TimedText3GPP.samples(of: [$0], until: CueTime(milliseconds: 1000))[0].payload }
    let tokens: [[UInt8]] = [
      [0xFF, 0xFF], [0, 0, 0, 8], Array("styl".utf8), [0, 0], [0xFF, 0xFF, 0xFF, 0xFF], [0x7F, 0xFF, 0xFF, 0xFF],
    ]
    var random = Seeded(state: 26_245)
    try withinLimits { round in
      let bytes = Self.mutated(seeds, tokens, round, &random)
      do { return try TimedText3GPP.lines(of: bytes).count <= bytes.count + 1 } catch {
        return "\(error)".hasPrefix("an MP4 text sample has a wrong ")
      }
    }
  }

  /// Runs twenty thousand rounds, of which none may fail, none may take two seconds, and all may keep little memory.
  ///
  /// Other tests run meanwhile: the time is this thread's own, and the limit of memory has room for theirs.
  private func withinLimits(_ round: (Int) throws -> Bool) throws {
    let before = try residentKilobytes()
    var worst = Duration.zero
    var total = Duration.zero
    for number in 0..<20_000 {
      var isGood = false
      let start = threadTime()
      isGood = try round(number)
      let time = threadTime() - start
      if !isGood { Issue.record("round \(number) gave no answer, or too long a one") }
      worst = max(worst, time)
      total += time
    }
    let grown = try residentKilobytes() - before
    #expect(worst < .seconds(2) && grown < 512 << 10, "worst \(worst), total \(total), grown by \(grown) kB")
  }

  private func threadTime() -> Duration {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }

  private func residentKilobytes() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
    return try #require(Int(line.split(separator: " ").dropLast().last?.filter(\.isNumber) ?? ""))
  }

  /// A seed with a few things done to it; one in four hundred grows to 64 KiB.
  private static func mutated(_ seeds: [[UInt8]], _ tokens: [[UInt8]], _ round: Int, _ random: inout Seeded) -> [UInt8]
  {
    var bytes = seeds[round % seeds.count]
    let longest = max(400, seeds.map(\.count).max() ?? 0)
    for _ in 0..<Int.random(in: 1...6, using: &random) {
      let at = Int.random(in: 0...bytes.count, using: &random)
      let length = Int.random(in: 0...min(60, bytes.count - at), using: &random)
      switch Int.random(in: 0...6, using: &random) {
      case 0 where at < bytes.count: bytes[at] ^= 1 << UInt8.random(in: 0...7, using: &random)
      case 1 where at < bytes.count: bytes[at] = UInt8.random(in: 0...255, using: &random)
      case 2: bytes.removeSubrange(at..<(at + length))
      case 3:
        let other = seeds[Int.random(in: 0..<seeds.count, using: &random)]
        bytes = Array(bytes[..<at] + other[Int.random(in: 0...other.count, using: &random)...])
      case 4:
        let chunk = bytes[at..<(at + length)]
        for _ in 0..<Int.random(in: 1...8, using: &random) { bytes.insert(contentsOf: chunk, at: at) }
      default: bytes.insert(contentsOf: tokens[Int.random(in: 0..<tokens.count, using: &random)], at: at)
      }
      // The middle file is about as long as a seed; the long tokens stay rare.
      if bytes.count > 2 * longest, round % 50 != 0 { bytes.removeLast(bytes.count - longest) }
    }
    if round % 400 == 0, !bytes.isEmpty {
      while bytes.count < 1 << 15 { bytes += bytes }
    }
    return bytes
  }
}
