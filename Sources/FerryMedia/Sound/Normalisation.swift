internal import FerryCore
internal import Foundation

/// The one gain that brings a title to its loudness.
enum Normalisation {
  /// More would only lift noise, in dB.
  private static let mostGain = 20.0

  /// The gain in dB, and whether peaks must be limited for it.
  ///
  /// Without leave to limit, the gain stops where the highest peak reaches its ceiling, and the title stays quieter than
  /// the target: the range between loud and soft is never squeezed.
  static func gain(for loudness: Loudness, target: LoudnessTarget) -> (gain: Double, isLimited: Bool) {
    guard let integrated = loudness.integrated, let peak = loudness.truePeak else { return (0, false) }
    let wanted = min(mostGain, target.integrated - integrated)
    let room = target.truePeak - peak
    if wanted <= room || target.mayLimit { return (rounded(wanted), wanted > room) }
    return (rounded(room), false)
  }

  /// Down, so that a peak never passes its ceiling; less than a tenth of a decibel is nothing.
  private static func rounded(_ gain: Double) -> Double {
    abs(gain) < 0.1 ? min(0, (gain * 100).rounded(.down) / 100) : (gain * 100).rounded(.down) / 100
  }
}
