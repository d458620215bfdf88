import FerryCore
import Foundation
import Testing

@testable import FerryText

/// The nastiest inputs from the field, by their numbers in the survey of subtitle formats, as far as no other test has them.
@Suite struct NastyInputTests {
  private let head = "1\n00:00:01,000 --> 00:00:02,000\n"

  private func codes(_ bytes: [UInt8], _ language: LanguageTag = chinese) -> [String] {
    findings(bytes, language: language).map(\.code)
  }

  @Test func n01LegacyEncodingsAreRead() throws {
    let text = head + Lessons.traditional[0] + "\n"
    for name in ["GB18030", "BIG5-HKSCS", "UTF-16LE", "UTF-16BE"] {
      let (track, _) = try TrackFile.read(bytes: encoded(text, name), file: "t.srt", language: chinese)
      #expect(track.cues.map(\.text) == [Lessons.traditional[0]])
      #expect(!track.encoding.evidence.isEmpty)
    }
  }

  @Test func n02OneBadByteIsNeverLatin1() {
    let all = findings(Array((head + "今天").utf8) + [0xE9, 0x0A], language: chinese)
    #expect(all.map(\.code) == ["enc.damaged"] && all[0].place.line == 3 && all[0].place.column == 3)
    #expect(all[0].message.contains("byte 0xE9 at offset 38"))
  }

  @Test func n03n04JoinedEncodingsAreErrors() throws {
    let gbk = try encoded(subRip(Lessons.simplified), "GB18030")
    #expect(codes(Array(subRip(Lessons.simplified).utf8) + gbk) == ["enc.mixed"])
    #expect(codes([0xEF, 0xBB, 0xBF] + gbk) == ["enc.mixed"])
  }

  @Test func n05InnerMarksAreLeftOut() throws {
    let part = "\u{FEFF}1\n00:00:01,000 --> 00:00:02,000\n一\n\n"
    let (track, warnings) = try read("\u{FEFF}" + part + part, language: chinese)
    #expect(track.cues.map(\.text) == ["一", "一"] && warnings.contains { $0.code == "enc.repaired" })
  }

  @Test func n06n07MojibakeAndStrayNamesAreErrors() throws {
    #expect(codes(Array((head + "It’s â€œeasyâ€\u{9D}\n").utf8), english) == ["enc.mojibake"])
    #expect(codes(Array((head + "Professor ").utf8) + (try encoded("李明", "GB18030")), english) == ["enc.undetermined"])
  }

  @Test func n08TheEuroOfCodePage936IsRead() throws {
    let bytes = try encoded(head + "今天我们来学习，这本书要", "GB18030") + [0x80] + encoded("五块。\n", "GB18030")
    #expect(try TrackFile.read(bytes: bytes, file: "t.srt", language: chinese).track.cues[0].text.contains("要€五"))
  }

  @Test func n09NULAndCtrlZHaveAnOffset() {
    let all = findings(Array((head + "a\u{0}b\n\n2\n00:00:03,000 --> 00:00:04,000\nc\n\u{1A}").utf8))
    #expect(all.first?.message == "the text contains a control character, U+0000, at offset 33 (and 1 more)")
    let track = TrackFile.examine(
      bytes: Array((head + "a\u{0}b\n\n2\n00:00:03,000 --> 00:00:04,000\nc\n").utf8), file: "t.srt", language: english,
      encoding: nil
    ).track
    #expect(track?.cues.count == 2)
  }

  @Test func n10RareAndJoinedCharactersStayWhole() throws {
    let text = "𠀀👩‍🔬e\u{301}字"
    for name in ["UTF-8", "UTF-16LE", "GB18030"] {
      let bytes = try encoded(head + "今天我们来学习\n" + text + "\n", name)
      let (track, _) = try TrackFile.read(bytes: bytes, file: "t.srt", language: chinese)
      #expect(track.cues[0].text == "今天我们来学习\n" + text)
    }
  }

  @Test func n11n14NumbersAndTimesInTextStayText() throws {
    let (track, _) = try read(
      "5\n00:00:01,000 --> 00:00:02,000\n10:00 --> 11:00\n2020\n\n2\n00:00:03,000 --> 00:00:04,000\n3\n")
    #expect(track.cues.map(\.text) == ["10:00 --> 11:00\n2020", "3"])
  }

  @Test func n12n13BlankLinesMissingAndTooMany() throws {
    let (track, warnings) = try read(head + "a\n\nb\n2\n00:00:03,000 --> 00:00:04,000\nc\n")
    #expect(track.cues.map(\.text) == ["a\n\nb", "c"] && warnings.count == 2)
  }

  @Test func n15n16n17OddTimesAreReadAsMeant() throws {
    let (track, warnings) = try read(
      "1\n00:00:03,5 --> 00:00:04,000\na\n\n2\n0:0:5.0-->\t0:0:6 X1:1 X2:2\nb\n\n3\n００：００：０７，０００ —> ００：００：０８，０００\nc\n")
    #expect(brief(track.cues) == ["3500-4000 a", "5000-6000 b", "7000-8000 c"] && !warnings.isEmpty)
  }

  @Test(arguments: [
    ("00:60:01,000 --> 00:61:02,000", "fmt.parse"), ("-00:00:01,000 --> 00:00:02,000", "time.negative"),
    ("00:00:01:12 --> 00:00:02:13", "fmt.parse"), ("00:00:02,000 --> 00:00:01,000", "time.negative"),
  ])
  func n18n19n20ImpossibleTimesAreErrors(_ times: String, _ code: String) {
    #expect(codes(Array("1\n\(times)\na\n".utf8), english).contains(code))
  }

  @Test func n19ManyHoursAreRead() throws {
    #expect(try read("1\n100:00:01,000 --> 100:00:02,000\na\n").track.cues[0].start.milliseconds == 360_001_000)
  }

  @Test func n27DriftedTimesStayAsWritten() throws {
    // 25 frames played as 23.976: another check compares with the picture; reading must not bend times.
    let (track, _) = try read("1\n00:59:59,041 --> 01:00:00,001\na\n")
    #expect(brief(track.cues) == ["3599041-3600001 a"])
  }

  @Test(arguments: ["", "<!doctype html><html><body>404</body></html>", "PK\u{3}\u{4}word/document.xml", "%PDF-1.4"])
  func n35WhatIsNoSubtitleFileIsNamed(_ text: String) {
    #expect(codes(Array(text.utf8)) == ["text.kind"])
  }

  @Test func n36BothScriptsInOneFileAreReadInGB18030() throws {
    let lines = zip(Lessons.simplified, Lessons.traditional).flatMap { [$0, $1] }
    let (track, _) = try TrackFile.read(bytes: encoded(subRip(lines), "GB18030"), file: "t.srt", language: chinese)
    #expect(track.cues.map(\.text) == lines)
  }
}

/// Large inputs stand in the suite that measures memory, so that they never run beside it.
extension FuzzTests {
  @Test(.timeLimit(.minutes(15))) func n38ALineOfTenMegabytes() throws {
    let line = String(repeating: "今天", count: 10_000_000 / 6)
    let (track, _) = try read("1\n00:00:01,000 --> 00:00:02,000\n" + line + "\n", language: chinese)
    #expect(track.cues[0].text.utf8.count == line.utf8.count)
    for hostile in ["<", "{\\i1}", "&amp;", "-->", "浣犲", "â€"] {
      let text =
        "1\n00:00:01,000 --> 00:00:02,000\n" + String(repeating: hostile, count: 500_000 / hostile.utf8.count) + "\n"
      #expect(TrackFile.examine(bytes: Array(text.utf8), file: "t.srt", language: chinese, encoding: nil).track != nil)
    }
  }

  /// A million of them are read by the command, in CommandTests; here, what a cue takes is the same in large files.
  @Test(.timeLimit(.minutes(15))) func n38AHundredThousandCues() {
    let cue = Array("1\n00:00:01,000 --> 00:00:02,000\na\n\n".utf8)
    func seconds(_ count: Int) -> Double {
      let bytes = Array([[UInt8]](repeating: cue, count: count).joined())
      let start = processorSeconds()
      let (track, findings) = TrackFile.examine(bytes: bytes, file: "t.srt", language: english, encoding: nil)
      #expect(track?.cues.count == count && findings.isEmpty)
      return processorSeconds() - start
    }
    /// Of this thread alone: other tests run beside it.
    func processorSeconds() -> Double {
      var time = timespec()
      clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
      return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
    let few = seconds(10_000)
    #expect(seconds(100_000) < 30 * max(few, 0.05), "ten times the cues take about ten times as long")
  }
}
