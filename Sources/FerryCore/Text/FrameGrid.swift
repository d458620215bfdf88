/// What frame counts of the subtitling guides mean in milliseconds at one frame rate.
package struct FrameGrid: Hashable, Sendable {
  /// `nil` when the video is not known; the guides' milliseconds are taken then.
  package let rate: Rational?

  package init(rate: Rational?) {
    self.rate = rate.flatMap { $0.numerator > 0 && $0.denominator > 0 ? $0 : nil }
  }

  /// Times are kept in whole milliseconds: what is short of a limit by one of them is rounding, not a fault.
  package static let tolerance = 1

  /// The duration of so many frames, cut to whole milliseconds; without a rate, that of 24 frames a second.
  package func milliseconds(frames: Int) -> Int {
    guard let rate else { return frames * 1000 / 24 }
    return frames * 1000 * rate.denominator / rate.numerator
  }

  /// The frames of a second as the guides count them: 24 for 23.976.
  package var nominal: Int { rate.map { Int(bounded: $0.value) } ?? 24 }

  /// The gap that two cues keep at the least.
  package var twoFrames: Int { milliseconds(frames: 2) }

  /// The frames of half a second, up to which a gap or a distance to a cut is closed.
  package var halfSecondFrames: Int { nominal / 2 }

  package var halfSecond: Int { milliseconds(frames: halfSecondFrames) }
}
