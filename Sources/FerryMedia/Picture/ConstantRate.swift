internal import FerryCore

/// Decides which picture is shown in each frame of a constant rate, by timestamps alone, so that nothing drifts.
///
/// A picture that begins at `t` frames is shown from frame ⌊t + ¾⌋ on: a quarter of a frame of jitter either way does
/// not matter, and at half the source's rate every second picture is taken, at its own time.
struct ConstantRate {
  private(set) var next = 0

  /// The frame that a picture beginning at `seconds` on the timeline starts with.
  private func frame(at seconds: Double, rate: Double) -> Int {
    Int(bounded: (seconds * rate + 0.75).rounded(.down))
  }

  /// How often the picture before this one is to be written, now that this one begins at `seconds`.
  mutating func repeats(until seconds: Double, rate: Double) -> Int {
    let begins = frame(at: seconds, rate: rate)
    let count = max(0, begins - next)
    next += count
    return count
  }

  /// How often the last picture is to be written when it ends at `seconds`; at least once if nothing was written.
  mutating func repeats(toEnd seconds: Double, rate: Double) -> Int {
    let ends = Int(bounded: seconds * rate)
    let count = max(next == 0 ? 1 : 0, ends - next)
    next += count
    return count
  }
}
