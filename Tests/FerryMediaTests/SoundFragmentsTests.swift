import FerryCore
import FerryMedia
import Foundation
import Testing

extension MediaTests {
  /// Fragments of sound are none that a reader of HLS stumbles over.
  @Suite struct SoundFragments {
    let footage: Footage

    init() throws { footage = try Footage() }

    @Test(arguments: [(4.011, 1), (4.05, 1), (4.3, 2), (8.011, 2), (0.02, 1)])
    func theLastFragmentIsNoRest(seconds: Double, fragments: Int) throws {
      // 4.011 s end 16 samples into the first packet after a cut.
      let source = try footage.film("length.wav", sound: "sine=440:r=48000:d=\(seconds)")
      let file = try #require(try footage.transcode(source).outcome.audio).file
      #expect(file.segments.count == fragments, "\(file.segments.map(\.duration.value))")
      #expect(file.segments.dropFirst().allSatisfy { $0.duration.value >= 0.1 })
      #expect(abs(Double(file.duration.count) / 1000 - seconds) < 0.03)
    }

    @Test func nothingIsLostBeforeALateCut() throws {
      let source = try footage.film("length.wav", sound: "sine=440:r=48000:d=8.011")
      let made = try footage.transcode(source)
      let packets = try Judge.audio(try made.audio).packets
      let times = packets.compactMap { $0.ptsTime.flatMap(Double.init) }
      #expect(times == times.sorted() && abs((times.last ?? 0) - 8.011) < 0.03)
      #expect(try Judge.complaints(of: try made.audio).isEmpty)
    }
  }
}
