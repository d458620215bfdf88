internal import FerryCore

/// How a title is brought to its loudness: one gain for all of it, and limited peaks where that is allowed.
struct Normalisation: Equatable {
  /// In dB.
  private(set) var gain = 0.0
  /// In dBTP, where peaks are limited.
  private(set) var ceiling: Double?
  private let target: LoudnessTarget?

  /// More would only lift noise, in dB.
  private static let mostGain = 20.0

  /// Without leave to limit, the gain stops where the highest peak reaches its ceiling, and the title stays quieter than
  /// the target: the range between loud and soft is never squeezed. Silence, and no target, change nothing.
  init(for loudness: Loudness, target: LoudnessTarget?) {
    self.target = target
    guard let target, let integrated = loudness.integrated, let peak = loudness.truePeak else { return }
    let wanted = min(Normalisation.mostGain, target.integrated - integrated)
    let room = target.truePeak - peak
    if wanted > room && target.mayLimit { ceiling = target.truePeak }
    gain = Normalisation.rounded(wanted > room && !target.mayLimit ? room : wanted)
  }

  /// What to do where the encoded sound came out otherwise; `nil` when it is right.
  func corrected(_ measured: Loudness) -> Normalisation? {
    guard let target, let integrated = measured.integrated, let peak = measured.truePeak else { return nil }
    var better = self
    let excess = peak - target.truePeak
    let lack = target.integrated - integrated
    if let ceiling {
      if excess > 0.1 { better.ceiling = ceiling - excess }
      if abs(lack) > 0.3 { better.gain = min(Normalisation.mostGain, Normalisation.rounded(gain + lack)) }
    } else if excess > 0.1 && gain > 0 {
      better.gain = max(0, Normalisation.rounded(gain - excess))
    } else if abs(lack) > 0.3 && excess + lack <= 0 {
      // Encoders take a little of what they think nobody hears.
      better.gain = min(Normalisation.mostGain, Normalisation.rounded(gain + lack))
    }
    return better == self ? nil : better
  }

  /// Down, so that a peak never passes its ceiling; less than a tenth of a decibel is nothing.
  private static func rounded(_ gain: Double) -> Double {
    abs(gain) < 0.1 ? 0 : (gain * 100).rounded(.down) / 100
  }
}
