/// How loud the voices' part of the sound is over a title's length: what is kept of the sound to hold text against it.
///
/// 25 levels a second in steps of 1.5 dB, a printable sign each: an hour takes 90 kB, and corrected text is judged again
/// without decoding anything.
package struct SpeechLevels: Hashable, Sendable, Codable {
  /// How long each level stands for.
  package static let frame: Milliseconds = 40
  /// Of one step.
  package static let decibels = 1.5
  /// The highest level, which stands for full scale.
  package static let highest = 56
  private static let zero: UInt8 = 35

  /// One sign for each level.
  private var signs: String

  /// `levels` are 0 for silence (or less than 84 dB below full scale) to `highest`.
  package init(_ levels: [UInt8]) {
    signs = String(decoding: levels.map { min($0, UInt8(SpeechLevels.highest)) + SpeechLevels.zero }, as: UTF8.self)
  }

  package var levels: [UInt8] {
    // A record may have been damaged on disk: what cannot be a level is silence.
    signs.utf8.map { sign in
      let (level, isLess) = sign.subtractingReportingOverflow(SpeechLevels.zero)
      return isLess || level > SpeechLevels.highest ? 0 : level
    }
  }
}
