import FerryCore
import Testing

@testable import FerryText

@Suite struct TimedText3GPPTests {
  private func samples(_ cues: [Cue], until end: Int) throws -> [TextSample] {
    try TimedText3GPP.samples(of: cues, until: CueTime(milliseconds: end))
  }

  @Test func describesSamplesByTheStandard() {
    let bytes = TimedText3GPP.sampleDescription
    #expect(bytes.count == 4 + 2 + 4 + 8 + 12 + 8 + 2 + 3 + 10)
    #expect(
      Array(bytes[..<30]) == [
        0, 0, 0, 0, 1, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 18, 0xFF, 0xFF, 0xFF, 0xFF,
      ])
    #expect(Array(bytes[30...]) == [0, 0, 0, 23] + Array("ftab".utf8) + [0, 1, 0, 1, 10] + Array("Sans-Serif".utf8))
  }

  @Test func clearsTheScreenBetweenCues() throws {
    let made = try samples([cue(1000, 2000, "Hi\n你")], until: 3000)
    #expect(made.map(\.payload) == [[0, 0], [0, 6, 0x48, 0x69, 0x0A, 0xE4, 0xBD, 0xA0], [0, 0]])
    #expect(made.map(\.start.milliseconds) == [0, 1000, 2000] && made.map(\.end.milliseconds) == [1000, 2000, 3000])
  }

  /// Offsets count code points, of which 𠀀 is one although it takes four bytes.
  @Test func marksStylesByCodePoints() throws {
    var styled = cue(0, 1000, "")
    styled.lines = [[Run("𠀀a"), Run("bc", style: [.bold, .italic])], [Run("d", style: .underline)]]
    let payload = try #require(try samples([styled], until: 1000).first?.payload)
    let styles: [UInt8] = [
      0, 0, 0, 34, 0x73, 0x74, 0x79, 0x6C, 0, 2, 0, 2, 0, 4, 0, 1, 3, 18, 0xFF, 0xFF, 0xFF, 0xFF, 0, 5, 0, 6, 0, 1, 4,
      18,
      0xFF, 0xFF, 0xFF, 0xFF,
    ]
    #expect(payload == [0, 9] + Array("𠀀abc\nd".utf8) + styles)
    #expect(try TimedText3GPP.lines(of: payload) == styled.lines)
  }

  @Test func readsBackWhatTheScreenShows() throws {
    var random = Seeded(state: 4)
    for _ in 0..<500 {
      let cues = (0..<6).map { _ in
        var cue = cue(Int.random(in: 0...50, using: &random), Int.random(in: 0...60, using: &random), "")
        cue.lines = (0..<Int.random(in: 0...2, using: &random)).map { _ in
          [
            Run("一a😀", style: Run.Style(rawValue: UInt8.random(in: 0...3, using: &random))),
            Run("z", style: .underline),
          ]
        }
        return cue
      }
      let end = CueTime(milliseconds: 55)
      let shown = Flatten.states(of: cues, until: end).map { TimedText3GPP.shown($0.lines) }
      #expect(try TimedText3GPP.samples(of: cues, until: end).map { try TimedText3GPP.lines(of: $0.payload) } == shown)
    }
  }

  /// Right-to-left text is stored in the order it is read; every character is one, however many bytes it takes.
  @Test func countsCharactersOfEveryScript() throws {
    var styled = cue(0, 1000, "")
    styled.lines = [
      [Run("שלום "), Run("עולם", style: .italic)], [Run("👩‍🏫é", style: .bold), Run("مرحبا")], [],
      [Run("\u{202B}x\u{202C}", style: .italic)],
    ]
    let payload = try #require(try samples([styled], until: 1000).first?.payload)
    #expect(try TimedText3GPP.lines(of: payload) == styled.lines)
    let box = try #require(payload.firstIndex(of: UInt8(ascii: "s")))
    let offsets = (0..<3).map { [payload[box + 7 + $0 * 12], payload[box + 9 + $0 * 12]] }
    #expect(offsets == [[5, 9], [10, 14], [21, 24]])
  }

  @Test func writesRubyInBracketsAndNoNames() throws {
    var cue = cue(0, 1000, "")
    cue.lines = [[Run("漢", voice: "Li", ruby: "kan"), Run("字", voice: "Wang"), Run("!", style: .bold)]]
    let payload = try #require(try samples([cue], until: 1000).first?.payload)
    #expect(try TimedText3GPP.lines(of: payload) == [[Run("漢(kan)字"), Run("!", style: .bold)]])
    #expect(try TimedText3GPP.lines(of: payload) == TimedText3GPP.shown(cue.lines))
  }

  /// Samples follow one another without a hole, and where nothing is shown an empty one stands.
  @Test func coversTheTrackWithoutHoles() throws {
    var random = Seeded(state: 14)
    for _ in 0..<200 {
      let made = try samples(random.richCues(), until: 50_000_000)
      #expect(made.first?.start == .zero && made.last?.end.milliseconds == 50_000_000)
      for (a, b) in zip(made, made.dropFirst()) {
        #expect(a.end == b.start && a.start < a.end)
        #expect(a.payload != [0, 0] || b.payload != [0, 0])
      }
    }
  }

  @Test func readsUTF16() throws {
    #expect(try TimedText3GPP.lines(of: [0, 6, 0xFE, 0xFF, 0x4F, 0x60, 0, 0x61]) == [[Run("你a")]])
    #expect(try TimedText3GPP.lines(of: [0, 2, 0xFE, 0xFF]).isEmpty)
    for broken in [[0, 3, 0xFE, 0xFF, 0x4F], [0, 4, 0xFE, 0xFF, 0xD8, 0]] as [[UInt8]] {
      #expect(throws: TimedText3GPP.Fault.malformed("text, which is not UTF-16")) {
        try TimedText3GPP.lines(of: broken)
      }
    }
  }

  @Test func refusesTextThatDoesNotFit() throws {
    let most = String(repeating: "a", count: 65_533)
    #expect(try samples([cue(0, 1, most)], until: 1).first?.payload.count == 65_535)
    #expect(throws: TimedText3GPP.Fault.tooLong(CueTime(milliseconds: 61_500), bytes: 65_536)) {
      try samples([cue(61_500, 62_000, most + "aaa")], until: 99_000)
    }
    #expect(
      TimedText3GPP.Fault.tooLong(CueTime(milliseconds: 61_500), bytes: 65_536).description
        == "the text shown at 00:01:01.500 takes 65536 bytes, and an MP4 text sample holds 65535: split the cue")
  }

  @Test(
    arguments: [
      ([0], "text length"), ([0, 2, 0x61], "text length"), ([0, 1, 0xFF], "text, which is not UTF-8"),
      ([0, 1, 0x61, 0, 0, 0, 7], "box size"), ([0, 1, 0x61, 0, 0, 0, 9, 0x73, 0x74, 0x79, 0x6C], "box size"),
      ([0, 1, 0x61, 0, 0, 0, 10, 0x73, 0x74, 0x79, 0x6C, 0, 1], "number of styles"),
      ([0, 1, 0x61, 0, 0, 0, 22, 0x73, 0x74, 0x79, 0x6C, 0, 1, 0, 0, 0, 2, 0, 1, 1, 18, 0, 0, 0, 0], "style range"),
    ] as [([UInt8], String)])
  func refusesBrokenSamples(_ payload: [UInt8], _ part: String) {
    #expect(throws: TimedText3GPP.Fault.malformed(part)) { try TimedText3GPP.lines(of: payload) }
  }

  @Test func skipsBoxesThatItDoesNotKnow() throws {
    let payload: [UInt8] = [0, 1, 0x61, 0, 0, 0, 9, 0x68, 0x6C, 0x69, 0x74, 1]
    #expect(try TimedText3GPP.lines(of: payload) == [[Run("a")]])
  }
}
