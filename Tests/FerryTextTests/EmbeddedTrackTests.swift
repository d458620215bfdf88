import FerryCore
import Testing

@testable import FerryText

@Suite struct EmbeddedTrackTests {
  private func packet(
    _ start: Int, _ end: Int, _ text: String, settings: String = "", identifier: String? = nil
  ) -> EmbeddedTrack.Packet {
    EmbeddedTrack.Packet(
      start: CueTime(milliseconds: start), end: CueTime(milliseconds: end), payload: Array(text.utf8),
      settings: settings, identifier: identifier)
  }

  private func read(
    _ coding: EmbeddedTrack.Coding, header: String = "", _ packets: [EmbeddedTrack.Packet],
    language: LanguageTag = english
  ) throws -> (track: Track, warnings: [Diagnostic]) {
    try EmbeddedTrack(coding: coding, header: Array(header.utf8), packets: packets)
      .read(file: "lesson.mkv", language: language)
  }

  private func failure(
    _ coding: EmbeddedTrack.Coding, _ packets: [EmbeddedTrack.Packet], header: [UInt8] = []
  ) -> [String] {
    do {
      _ = try EmbeddedTrack(coding: coding, header: header, packets: packets).read(
        file: "lesson.mkv", language: english)
      return []
    } catch {
      return error.all.map(\.description)
    }
  }

  @Test func readsSubRip() throws {
    let (track, warnings) = try read(
      .subRip,
      [packet(1000, 2000, "<i>Wash</i> your\r\nhands.\r\n"), packet(3000, 4000, "x<y"), packet(5000, 6000, "")])
    #expect(brief(track.cues) == ["1000-2000 Wash your|hands.", "3000-4000 x<y", "5000-6000 "])
    #expect(track.cues[0].lines[0][0].style == .italic && track.format == .subRip)
    #expect(warnings.map(\.description) == ["lesson.mkv, packet 3: warning: the cue has no text"])
    #expect(track.encoding.encoding == .utf8 && track.cueLines.isEmpty)
  }

  /// As Android's test files have it: a C string, and behind it what was in the buffer before.
  @Test func endsTextAtANUL() throws {
    let garbage = EmbeddedTrack.Packet(
      start: .zero, end: CueTime(milliseconds: 1234),
      payload: Array("This is the first\0".utf8) + [0xDE, 0xAD, 0xBE, 0xEF, 0xDE])
    let (track, warnings) = try EmbeddedTrack(
      coding: .subRip, header: [], packets: [garbage, packet(2000, 3000, "b\0")]
    )
    .read(file: "lesson.mkv", language: english)
    #expect(brief(track.cues) == ["0-1234 This is the first", "2000-3000 b"])
    #expect(
      warnings.map(\.description) == [
        "lesson.mkv, packet 1: warning: the text ends at a NUL byte; the bytes behind it are left out"
      ])
  }

  @Test func readsScripts() throws {
    let header =
      "[Script Info]\r\nTitle: SomeTitle\r\n\r\n[V4+ Styles]\r\nFormat: Name, Italic, Alignment\r\n"
      + "Style: Default ,-1,8\r\n\r\n[Events]\r\nFormat: Layer, Start, End, Style, Name, Text\r\n\r\n"
    let (track, warnings) = try read(
      .ass, header: header,
      [
        packet(500, 900, "7,1,Default ,Olly,,,,,This is, the second.\\NLine"),
        packet(500, 900, "0,Marked=0,Default,,0,0,0,,{\\i0}First"), packet(600, 900, "3,0,Nobody,,0,0,0,,{\\p1}m 0 0"),
      ])
    #expect(brief(track.cues) == ["500-900 First", "500-900 This is, the second.|Line"])
    #expect(track.cues[1].lines[0] == [Run("This is, the second.", style: .italic, voice: "Olly")])
    #expect(track.cues.map(\.layer) == [0, 1] && track.cues[0].settings == "line:0" && track.format == .ass)
    #expect(warnings.map(\.place.file) == ["lesson.mkv, packet 3", "lesson.mkv, packet 3"])
  }

  @Test func readsWebVTT() throws {
    let (track, warnings) = try read(
      .webVTT, header: "WEBVTT\n\nSTYLE\n::cue { color: red }\n",
      [
        packet(546, 1039, "<v Li>R&amp;D", settings: "line:0", identifier: "intro"),
        packet(2000, 3000, "b\n\nc", settings: "line:0\n", identifier: "a --> b"),
      ])
    #expect(brief(track.cues) == ["546-1039 R&D", "2000-3000 b||c"])
    #expect(track.cues.map(\.identifier) == ["intro", nil] && track.cues.map(\.settings) == ["line:0", ""])
    #expect(track.cues[0].lines[0][0].voice == "Li" && track.format == .webVTT)
    #expect(warnings.map(\.message) == [Repair.style.message, Repair.brokenName.message])
  }

  @Test func readsTimedText() throws {
    var header = TimedText3GPP.sampleDescription
    header[5] = 0
    header[24] = 2
    func sample(_ start: Int, _ end: Int, _ payload: [UInt8]) -> EmbeddedTrack.Packet {
      EmbeddedTrack.Packet(start: CueTime(milliseconds: start), end: CueTime(milliseconds: end), payload: payload)
    }
    let (track, warnings) = try EmbeddedTrack(
      coding: .tx3g, header: header,
      packets: [
        sample(0, 500, [0, 0]), sample(500, 1000, [0, 3] + Array("oop".utf8)),
        sample(1000, 1500, [0, 2] + Array("bo".utf8) + [0, 0, 0, 9] + Array("hlit".utf8) + [1]),
        sample(1500, 2000, [0, 6, 0xFE, 0xFF, 0x4F, 0x60, 0x59, 0x7D]),
      ]
    ).read(file: "lesson.mp4", language: english)
    #expect(brief(track.cues) == ["500-1000 oop", "1000-1500 bo", "1500-2000 你好"])
    #expect(track.cues.allSatisfy { $0.settings == "line:0" && $0.lines[0][0].style == .italic })
    #expect(
      warnings.map(\.description) == [
        "lesson.mp4, packet 3: warning: highlights, links and other effects are not carried"
      ])
  }

  /// What programs copied into Matroska without conversion is known by all packets together.
  @Test func decodesWhatIsNotUTF8() throws {
    let bytes = try fixture("elephants-dream/elephant.chinese.srt")
    let whole = try TrackFile.read(bytes: bytes, file: "a.srt", language: chinese).track
    #expect(whole.encoding.encoding != .utf8)
    var packets: [EmbeddedTrack.Packet] = []
    let blocks = bytes.filter { $0 != 0x0D }.split(separator: [0x0A, 0x0A])
    for (cue, block) in zip(whole.cues, blocks) {
      let body = block.split(separator: 0x0A).dropFirst(2).joined(separator: [0x0A])
      packets.append(EmbeddedTrack.Packet(start: cue.start, end: cue.end, payload: Array(body)))
    }
    try #require(packets.count == whole.cues.count)
    let track = try EmbeddedTrack(coding: .subRip, header: [], packets: packets).read(file: "a.mkv", language: chinese)
    #expect(track.track.encoding.encoding == whole.encoding.encoding)
    #expect(track.track.cues.map(\.text) == whole.cues.map(\.text))
  }

  @Test func aCueThatBeginsBeforeThePicturesIsKept() throws {
    let (track, warnings) = try read(.subRip, [packet(-67, 1000, "a"), packet(2000, 3000, "b")])
    #expect(brief(track.cues) == ["0-1000 a", "2000-3000 b"])
    #expect(
      warnings.map(\.description) == [
        "lesson.mkv, packet 1: warning: the cue begins before the first picture; it is shown from there on"
      ])
  }

  @Test func saysWhatIsWrong() {
    #expect(
      failure(.subRip, []) == [
        "lesson.mkv: error: the embedded track has no cues\n  hint: name another track, or a subtitle file"
      ])
    #expect(failure(.tx3g, []) == failure(.subRip, []) && failure(.ass, []) == failure(.subRip, []))
    #expect(
      failure(.subRip, [packet(0, 1000, "a"), packet(2000, 2000, "b"), packet(-5, 0, "c")]) == [
        "lesson.mkv, packet 2: error: the cue does not end after it starts\n  hint: remux the track from its source",
        "lesson.mkv, packet 3: error: the cue ends before the beginning\n  hint: remux the track from its source",
      ])
    #expect(
      failure(.ass, [packet(0, 1000, "0,0,Default,a")]) == [
        "lesson.mkv, packet 1: error: the packet has fewer than nine columns\n  hint: remux the track"
      ])
    #expect(
      failure(.tx3g, [packet(0, 1000, "a")]) == [
        "lesson.mkv, packet 1: error: an MP4 text sample has a wrong text length\n  hint: remux the track"
      ])
    let broken = EmbeddedTrack.Packet(start: .zero, end: CueTime(milliseconds: 1), payload: [0x61, 0xFF, 0xFF])
    #expect(failure(.subRip, [broken]).allSatisfy { $0.hasPrefix("lesson.mkv: error: ") })
    #expect(!failure(.subRip, [broken]).isEmpty)
  }

  /// Chance bytes must give an answer, whatever it is.
  @Test func answersToAnyBytes() {
    var random = Seeded(state: 15)
    for coding in [EmbeddedTrack.Coding.subRip, .ass, .webVTT, .tx3g] {
      for _ in 0..<300 {
        func bytes(_ limit: Int) -> [UInt8] {
          (0..<Int.random(in: 0...limit, using: &random)).map { _ in
            Bool.random(using: &random)
              ? UInt8.random(in: 0...255, using: &random)
              : Array(",,,{}\\<>&\n\0a".utf8).randomElement(using: &random) ?? 0
          }
        }
        let packets = (0..<3).map {
          EmbeddedTrack.Packet(start: .zero, end: CueTime(milliseconds: $0), payload: bytes(40))
        }
        let found = failure(coding, packets, header: bytes(60))
        #expect(!found.isEmpty, "a packet that ends as it starts is an error")
      }
    }
  }
}
