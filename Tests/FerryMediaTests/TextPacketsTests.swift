import FerryCore
import Foundation
import Testing

@testable import FerryMedia

extension MediaTests {
  /// Text goes into files and comes out of them raw.
  @Suite struct TextTracks {
    let footage: Footage

    init() throws { footage = try Footage() }

    private static let subRip =
      "1\n00:00:01,000 --> 00:00:02,000\n<i>Wash</i> your hands\n\n2\n00:00:02,500 --> 00:00:04,000\n戴口罩 {x}\n"

    /// A film that starts at ten seconds, with a text track.
    private func film(_ name: String, _ codec: String, _ options: [String] = []) throws -> String {
      try footage.write(Array(TextTracks.subRip.utf8), to: "text.srt")
      let path = footage.path(name)
      try Judge.ffmpeg(
        [
          "-f", "lavfi", "-i", "testsrc2=s=64x36:r=25:d=5", "-i", footage.path("text.srt"), "-c:v", "libx264", "-c:s",
          codec,
        ]
          + options + [path])
      return path
    }

    private func lines(_ packets: TextPackets) -> [String] {
      packets.packets.map { packet in
        "\(packet.start.milliseconds)-\(packet.end.milliseconds) "
          + String(decoding: packet.payload, as: UTF8.self).replacing("\r\n", with: "|")
      }
    }

    @Test func matroskaGivesSubRipAndStyles() throws {
      let plain = try TextPackets.of(try film("a.mkv", "srt"), stream: 1, beside: (0, nil))
      #expect(plain.coding == .subRip)
      #expect(lines(plain) == ["1000-2000 <i>Wash</i> your hands", "2500-4000 戴口罩 {x}"])
      let styled = try TextPackets.of(try film("b.mkv", "ass"), stream: 1, beside: (0, nil))
      #expect(styled.coding == .ass)
      #expect(String(decoding: styled.header, as: UTF8.self).contains("[V4+ Styles]"))
      #expect(lines(styled).first == "1000-2000 0,0,Default,,0,0,0,,{\\i1}Wash{\\i0} your hands")
    }

    @Test func timesCountFromTheFirstPicture() throws {
      let late = try film("late.mkv", "srt", ["-output_ts_offset", "10"])
      #expect(lines(try TextPackets.of(late, stream: 1, beside: (0, nil))).first?.hasPrefix("1000-2000 ") == true)
    }

    @Test func mp4GivesTimedText() throws {
      let packets = try TextPackets.of(try film("c.mp4", "mov_text"), stream: 1, beside: (0, nil))
      #expect(packets.coding == .tx3g)
      let shown = packets.packets.filter { $0.payload.count > 2 }
      #expect(shown.map(\.start.milliseconds) == [1000, 2500] && shown.map(\.end.milliseconds) == [2000, 4000])
    }

    @Test func whatIsNoTextIsRefused() throws {
      let path = try film("d.mkv", "srt")
      #expect(
        failure(in: footage) { _ = try TextPackets.of(path, stream: 0, beside: (0, nil)) }
          == "cannot read d.mkv: its stream 0 is no text but h264")
      #expect(
        failure(in: footage) { _ = try TextPackets.of(path, stream: 7, beside: (0, nil)) }
          == "cannot open d.mkv: there is no stream 7 in it")
    }

    @Test func documentsGoThroughFragmentsUnchanged() throws {
      let documents = (0..<3).map { number in
        TextFragments.Document(
          duration: 4000, payload: Array("<tt xmlns='http://www.w3.org/ns/ttml'>第\(number)</tt>".utf8))
      }
      let path = footage.path("text.mp4")
      let language = try #require(LanguageTag("zh-Hans"))
      let file = try TextFragments.write(documents, to: path, as: "text.mp4", language: language)
      #expect(file.segments.count == 3 && file.duration == 12_000)
      #expect(file.segments.allSatisfy { $0.duration.value == 4 })
      let packets = try TextPackets.of(path, stream: 0, beside: (nil, nil))
      #expect(packets.coding == .ttml)
      #expect(packets.packets.map(\.payload) == documents.map(\.payload))
      #expect(packets.packets.map(\.start.milliseconds) == [0, 4000, 8000])
      let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
      let entries = content("moov", "trak", "mdia", "minf", "stbl", "stsd", in: bytes[...])
      #expect(entries.map { boxes(of: $0.dropFirst(8)).map(\.type) } == ["stpp"])
      #expect(content("moov", "trak", "mdia", "hdlr", in: bytes[...]).map { number($0, at: 8, size: 4) } == 0x7375_6274)
    }
  }
}
