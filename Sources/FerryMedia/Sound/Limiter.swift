internal import Foundation

/// Keeps peaks under a ceiling: turns down before a peak and up again after it, all channels alike.
///
/// What comes out is `delay` samples late. The gain of a sample is the mean, over the look-ahead, of the lowest gain
/// that any peak in sight asks for: it falls in a straight line, is low enough when the peak comes, and never steps.
struct Limiter: ~Copyable {
  private let channels: Int
  private let ceiling: Float
  /// How much of the way back to full gain each sample goes.
  private let release: Float
  private var held: [[Float]]
  /// Peaks in sight that ask for less gain than all after them: when they pass, and their gain, rising.
  private var peaks: [(expires: Int, gain: Float)] = []
  private var firstPeak = 0
  /// The gains of the last samples, of which the mean is applied.
  private var gains: [Float]
  private var sum: Double
  private var recovering: Float = 1
  private var count = 0

  /// `ceiling` is a true peak in dBTP; samples stay a little below it, since the wave between them may be higher.
  static func open(channels: Int, sampleRate: Int, ceiling: Double) -> Limiter {
    Limiter(channels: channels, sampleRate: sampleRate, ceiling: Float(pow(10, (ceiling - 0.7) / 20)))
  }

  private init(channels: Int, sampleRate: Int, ceiling: Float) {
    self.channels = channels
    self.ceiling = ceiling
    let ahead = max(2, sampleRate / 200)
    release = Float(1 - exp(-1 / (0.1 * Double(sampleRate))))
    held = Array(repeating: Array(repeating: 0, count: ahead - 1), count: channels)
    gains = Array(repeating: 1, count: ahead)
    sum = Double(ahead)
  }

  /// Samples between what goes in and what comes out.
  var delay: Int { gains.count - 1 }

  /// Works in place.
  mutating func process(_ planes: UnsafeMutablePointer<UnsafeMutablePointer<Float>>, count samples: Int) {
    for index in 0..<samples {
      var peak: Float = 0
      for channel in 0..<channels { peak = max(peak, abs(planes[channel][index])) }
      let applied = nextGain(peak > ceiling ? ceiling / peak : 1)
      let slot = count % delay
      for channel in 0..<channels {
        let sample = held[channel][slot]
        held[channel][slot] = planes[channel][index]
        planes[channel][index] = sample * applied
      }
      count += 1
    }
  }

  /// Takes one silent sample in.
  mutating func processSilence() {
    _ = nextGain(1)
    for channel in 0..<channels { held[channel][count % delay] = 0 }
    count += 1
  }

  private mutating func nextGain(_ asked: Float) -> Float {
    while let last = peaks.last, peaks.count > firstPeak, last.gain >= asked { peaks.removeLast() }
    if asked < 1 { peaks.append((count + gains.count, asked)) }
    while firstPeak < peaks.count, peaks[firstPeak].expires <= count { firstPeak += 1 }
    if firstPeak > 64 {
      peaks.removeFirst(firstPeak)
      firstPeak = 0
    }
    let lowest = firstPeak < peaks.count ? peaks[firstPeak].gain : 1
    recovering = min(lowest, recovering + (1 - recovering) * release)
    let slot = count % gains.count
    sum += Double(recovering) - Double(gains[slot])
    gains[slot] = recovering
    return Float(sum / Double(gains.count))
  }
}
