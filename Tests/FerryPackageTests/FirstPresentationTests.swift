import FerryCore
import Foundation
import Testing

@testable import FerryPackage

/// Files of a few boxes, whose first sample is shown when their numbers say.
struct FirstPresentationTests {
  private func box(_ type: String, _ content: [UInt8]) -> [UInt8] {
    number(content.count + 8, 4) + Array(type.utf8) + content
  }

  private func number(_ value: Int, _ size: Int) -> [UInt8] {
    (0..<size).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  private func header(timescale: Int, version: UInt8 = 0) -> [UInt8] {
    let times = [UInt8](repeating: 0, count: version == 1 ? 16 : 8)
    let clock = [version, 0, 0, 0] + times + number(timescale, 4) + [UInt8](repeating: 0, count: 12)
    return box("ftyp", Array("cmfc".utf8)) + box("moov", box("trak", box("mdia", box("mdhd", clock))))
  }

  /// A fragment whose samples have their sizes and, where `offset` is given, composition offsets.
  private func fragment(time: Int, offset: Int?, version: UInt8 = 1) -> [UInt8] {
    let decode = [version, 0, 0, 0] + number(time, version == 1 ? 8 : 4)
    let flags = 0x1 | 0x200 | (offset == nil ? 0 : 0x800)
    let run = [1] + number(flags, 3) + number(1, 4) + number(100, 4) + number(7, 4) + number(offset ?? 0, 4)
    return box("moof", box("mfhd", [0, 0, 0, 0]) + box("traf", box("tfdt", decode) + box("trun", run)))
  }

  private func ticks(_ header: [UInt8], _ fragment: [UInt8]) throws -> Int {
    let path = FileManager.default.temporaryDirectory.path + "/first-" + UUID().uuidString + ".mp4"
    defer { unlink(path) }
    try Data(header + fragment).write(to: URL(fileURLWithPath: path))
    let file = FragmentedFile(
      name: "a.mp4", initialisation: header.count, index: 0..<0,
      segments: [.init(offset: header.count, size: fragment.count, duration: Rational(1, 1))], duration: 1000)
    return try FirstPresentation.ticks(of: file, at: path)
  }

  @Test func countsOnMPEGsClock() throws {
    #expect(try ticks(header(timescale: 12_800), fragment(time: 0, offset: 0)) == 0)
    #expect(try ticks(header(timescale: 12_800), fragment(time: 12_800, offset: 1024)) == 97_200)
    #expect(try ticks(header(timescale: 48_000, version: 1), fragment(time: 24_000, offset: nil, version: 0)) == 45_000)
    #expect(try ticks(header(timescale: 12_800), fragment(time: 1024, offset: -1024)) == 0)
    #expect(try ticks(header(timescale: 90_000), fragment(time: 1 << 33 + 5, offset: nil)) == 5, "33 bits")
  }

  @Test func saysWhatIsMissing() {
    #expect {
      try ticks(box("ftyp", []), fragment(time: 0, offset: 0))
    } throws: { "\($0)" == "the header has no clock (mdhd)" }
    #expect {
      try ticks(header(timescale: 1000), box("moof", []))
    } throws: { "\($0)".hasPrefix("the fragment at byte ") }
  }

  /// A playlist may say any length of a header, and a fragment any of its own.
  @Test func aHeaderThatIsTooLongIsNotRead() throws {
    let path = FileManager.default.temporaryDirectory.path + "/first-" + UUID().uuidString + ".mp4"
    defer { unlink(path) }
    let head = header(timescale: 1000)
    try Data(head + number(Int(UInt32.max), 4) + Array("moof".utf8)).write(to: URL(fileURLWithPath: path))
    for (header, fragment) in [(1 << 50, 0), (-1, 0), (head.count, -1), (.max, .max), (head.count, head.count)] {
      #expect(throws: FirstPresentation.Unreadable.self) {
        try FirstPresentation.ticks(at: path, header: header, fragment: fragment)
      }
    }
  }
}
