import FerryCore
import Foundation
import Glibc
import Testing

@testable import FerryText

/// The bytes of `text` in an encoding of the C library.
func encoded(_ text: String, _ encoding: String) throws -> [UInt8] {
  let converter = try #require(iconv_open(encoding, "UTF-8"))
  defer { iconv_close(converter) }
  var input = Array(text.utf8).map { CChar(bitPattern: $0) }
  var output = [CChar](repeating: 0, count: input.count * 4 + 8)
  var outputLeft = output.count
  let result = input.withUnsafeMutableBufferPointer { input in
    output.withUnsafeMutableBufferPointer { output in
      var (inputBytes, inputLeft, outputBytes) = (input.baseAddress, input.count, output.baseAddress)
      return iconv(converter, &inputBytes, &inputLeft, &outputBytes, &outputLeft)
    }
  }
  try #require(result == 0, "\(text) does not exist in \(encoding)")
  return output.dropLast(outputLeft).map { UInt8(bitPattern: $0) }
}

func subRip(_ lines: [String]) -> String {
  SubRip.text(of: lines.enumerated().map { cue($0.offset * 3000, $0.offset * 3000 + 2500, $0.element) })
}

func decoded(
  _ bytes: [UInt8], _ language: LanguageTag = chinese, _ forced: TextEncoding? = nil
) -> (text: String?, decision: EncodingDecision?, findings: [Diagnostic]) {
  var findings = Findings(file: "t.srt")
  let text = SourceText(bytes, language: language, forced: forced, findings: &findings)
  return (text.map { String(decoding: $0.utf8, as: UTF8.self) }, text?.decision, findings.all)
}

@Suite struct EncodingTests {
  /// Encoding, its name in the C library, a mark to put in front, and how ferry must decide.
  static let ways: [(TextEncoding, String, [UInt8], EncodingDecision.Method)] = [
    (.utf8, "UTF-8", [], .strictUTF8), (.utf8, "UTF-8", [0xEF, 0xBB, 0xBF], .byteOrderMark),
    (.utf16LittleEndian, "UTF-16LE", [0xFF, 0xFE], .byteOrderMark),
    (.utf16BigEndian, "UTF-16BE", [0xFE, 0xFF], .byteOrderMark),
    (.utf16LittleEndian, "UTF-16LE", [], .nulPattern), (.utf16BigEndian, "UTF-16BE", [], .nulPattern),
    (.gb18030, "GB18030", [], .score), (.gb18030, "GB18030", [0x84, 0x31, 0x95, 0x33], .byteOrderMark),
  ]

  @Test(arguments: [Lessons.simplified, Lessons.traditional]) func decodesWholeFilesInEveryEncoding(_ lines: [String])
    throws
  {
    let text = subRip(lines)
    for (encoding, name, mark, method) in Self.ways {
      let (result, decision, findings) = decoded(mark + (try encoded(text, name)))
      #expect(result == text, "\(name)")
      #expect(decision?.encoding == encoding && decision?.method == method, "\(name)")
      #expect(findings.isEmpty, "\(name): \(findings)")
    }
  }

  @Test(arguments: [Lessons.simplified, Lessons.traditional]) func decodesSingleCuesInEveryEncoding(_ lines: [String])
    throws
  {
    for line in lines where line.count > 4 {
      let text = subRip([line])
      for (_, name, mark, _) in Self.ways {
        #expect(decoded(mark + (try encoded(text, name))).text == text, "\(name): \(line)")
      }
    }
  }

  @Test func decodesBig5() throws {
    let text = subRip(Lessons.traditional)
    let (result, decision, findings) = decoded(try encoded(text, "BIG5-HKSCS"))
    #expect(result == text)
    #expect(decision?.encoding == .big5 && decision?.method == .score && findings.isEmpty)
    for line in Lessons.traditional where line.count > 4 {
      #expect(decoded(try encoded(line, "BIG5-HKSCS")).text == line)
    }
  }

  /// A bare line has no digits around it; it may be refused, and never be misread.
  @Test func neverMisreadsABareLine() throws {
    for (lines, names) in [(Lessons.simplified, ["GB18030"]), (Lessons.traditional, ["GB18030", "BIG5-HKSCS"])] {
      for name in names {
        var refused = 0
        for line in lines {
          let result = decoded(try encoded(line, name)).text
          #expect(result == nil || result == line, "\(name): \(line)")
          refused += result == nil && line.count > 4 ? 1 : 0
        }
        #expect(refused == 0, "\(name)")
      }
    }
  }

  /// What only GB18030's four-byte part has, and what "GB2312" would map elsewhere.
  @Test func losesNoRareCharacter() throws {
    let text = subRip(Lessons.simplified + ["𠀀字旁边的——和·要在，😀也在。"])
    #expect(decoded(try encoded(text, "GB18030")).text == text)
  }

  /// 0x8862 is a letter and an accent; where glibc's buffer ends between the two, it keeps the accent for later.
  @Test func losesNoAccentAtTheEndOfABuffer() {
    for length in [0, 16_318, 16_319, 16_320] {
      let head = String(repeating: "a", count: length)
      #expect(decoded(Array(head.utf8) + [0x88, 0x62], chinese, .big5).text == head + "\u{CA}\u{304}")
    }
  }

  @Test func readsARealFileInGBK() throws {
    let (track, warnings) = try TrackFile.read(
      bytes: fixture("elephants-dream/elephant.chinese.srt"), file: "e.srt", language: tag("zh-Hans"))
    let twin = try TrackFile.read(
      bytes: fixture("elephants-dream/elephant.chinese-utf8.srt"), file: "e.srt", language: tag("zh-Hans")
    ).track
    #expect(track.encoding.encoding == .gb18030 && track.encoding.method == .score)
    #expect(track.encoding.evidence == "gb18030: level-1 share 0.99, common 0.83; nothing else decodes")
    #expect(track.cues == twin.cues && track.cues.count == 77 && warnings.isEmpty)
  }

  @Test(arguments: ["japanese-euc", "russian"]) func refusesOtherEncodings(_ name: String) throws {
    for language in [chinese, english] {
      let (text, _, findings) = decoded(try fixture("elephants-dream/elephant.\(name).srt"), language)
      #expect(text == nil && findings.map(\.code) == ["enc.undetermined"])
    }
  }

  @Test func refusesKoreanDeclaredChinese() throws {
    let korean = subRip(["오늘은 마스크를 바르게 쓰는 방법을 배웁니다.", "손을 씻을 때에는 비누를 씁니다."])
    #expect(decoded(try encoded(korean, "EUC-KR")).text == nil)
    let japanese = subRip(["今日はマスクの正しい付け方を学びます。", "石けんで手を洗いましょう。"])
    #expect(decoded(try encoded(japanese, "SHIFT_JIS")).text == nil)
  }

  @Test func decodesWhatIsForced() throws {
    for line in Lessons.simplified {
      let (text, decision, _) = decoded(try encoded(line, "GB18030"), english, .gb18030)
      #expect(text == line && decision?.method == .explicit)
    }
    #expect(decoded(try encoded(subRip(["José"]), "UTF-8"), english, .utf8).text == subRip(["José"]))
  }

  @Test func leavesOutInnerMarksAndReadsTheEuro() throws {
    let doubled = decoded(Array("\u{FEFF}\u{FEFF}一\n\u{FEFF}二\n".utf8))
    #expect(doubled.text == "一\n二\n")
    #expect(doubled.findings.map(\.code) == ["enc.repaired"])
    let euro = decoded(try encoded("今天我们来学习，这本书要五", "GB18030") + [0x80, 0x2C] + encoded("是吗？", "GB18030"))
    #expect(euro.text == "今天我们来学习，这本书要五€,是吗？")
    #expect(euro.findings.map(\.severity) == [.warning])
  }

  /// Every way to refuse, with its exact words.
  @Test func saysWhyItCannotDecode() throws {
    let head = "1\n00:00:01,000 --> 00:00:02,000\n"
    let gbk = try encoded("今天我们来学习", "GB18030")
    let cases: [(String, [UInt8], LanguageTag, TextEncoding?)] = [
      ("one bad byte in UTF-8", Array((head + "今天").utf8) + [0xFF] + Array("\n\n二\n".utf8), chinese, nil),
      ("UTF-8, then GBK", Array((head + "今天我们来学习\n").utf8) + gbk, chinese, nil),
      ("UTF-8 mark, GBK body", [0xEF, 0xBB, 0xBF] + Array(head.utf8) + gbk, chinese, nil),
      ("GBK in an English track", Array((head + "Professor ").utf8) + gbk, english, nil),
      ("Latin-1 in an English track", Array((head + "caf").utf8) + [0xE9, 0x0A], english, nil),
      ("forced UTF-8 that is GBK", Array(head.utf8) + gbk, chinese, .utf8),
      (
        "forced GB18030 that is UTF-8", Array((head + Lessons.simplified.joined(separator: "\n")).utf8), chinese,
        .gb18030
      ),
      ("forced GB18030 that UTF-8 happens to be", Array((head + "今天\n").utf8), chinese, .gb18030),
      ("forced Big5 behind a UTF-16 mark", [0xFF, 0xFE, 0x31, 0x00], chinese, .big5),
      ("forced UTF-16, odd length", Array("1\n2".utf8), chinese, .utf16LittleEndian),
      ("UTF-16 with half a pair", [0xFF, 0xFE, 0x31, 0x00, 0x00, 0xD8, 0x32, 0x00], chinese, nil),
      ("UTF-16 cut in half", [0xFF, 0xFE, 0x31, 0x00, 0x32], chinese, nil),
      ("UTF-32", [0xFF, 0xFE, 0, 0, 0x31, 0, 0, 0], chinese, nil),
      ("valid both ways", Array(head.utf8) + [0xD2, 0xBB, 0xCA, 0xB1], chinese, nil),
      ("NUL and escape", Array((head + "a\u{0}b\u{1B}c\n").utf8), english, nil),
      ("Ctrl-Z at the end", Array((head + "a\n\u{1A}").utf8), english, nil),
      ("lost characters", Array((head + "a\u{FFFD}b\u{FFFD}\n").utf8), english, nil),
      ("lost twice", Array((head + "锟斤拷锟斤拷\n").utf8), chinese, nil),
    ]
    var report = ""
    for (name, bytes, language, forced) in cases {
      report += "## \(name)\n"
      for finding in findings(bytes, language: language, encoding: forced) { report += "\(finding)\n" }
    }
    try expectGolden(report, "encoding.txt")
  }

  /// A single Cyrillic letter could be a Chinese one in GB18030; a document that says what it is leaves no doubt.
  @Test func believesAnXMLDeclaration() throws {
    func decision(_ head: String, _ bytes: [UInt8]) throws -> EncodingDecision {
      let body = Array("<tt xmlns=\"http://www.w3.org/ns/ttml\"><body><div><p begin=\"1s\" end=\"2s\">A ".utf8) + bytes
      let file = Array(head.utf8) + body + Array("</p></div></body></tt>".utf8)
      return try TrackFile.read(bytes: file, file: "t.ttml", language: english).track.encoding
    }
    let cyrillic = Array("С".utf8)
    #expect(try decision("<?xml version=\"1.0\" encoding=\"UTF-8\"?>", cyrillic).encoding == .utf8)
    #expect(try decision("<?xml version='1.0'?>", cyrillic).encoding == .utf8)
    #expect(throws: Diagnostics.self) { try decision("", cyrillic) }
    #expect(throws: Diagnostics.self) { try decision("<?xml version='1.0' encoding='x-unknown'?>", cyrillic) }
    let chinese = try decision("<?xml version='1.0' encoding='gb2312'?>", [0xBF, 0xDA, 0xD5, 0xD6])
    #expect(chinese.encoding == .gb18030 && chinese.evidence == "said by its XML declaration")
    #expect(try decision("<?xml version='1.0' encoding='gb2312'?>", Array("口罩".utf8)).encoding == .utf8)
  }
}
