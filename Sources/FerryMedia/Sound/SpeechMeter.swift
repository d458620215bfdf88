internal import CFFmpeg
package import FerryCore
internal import Foundation

/// Measures how loud the voices' part of the sound is, from about 200 to 3500 Hz, 25 times a second.
struct SpeechMeter {
  private let length: Int
  private let highPass: Float
  private let lowPass: Float
  private var high: (input: Float, first: Float, middle: Float, second: Float) = (0, 0, 0, 0)
  private var low: Float = 0
  private var energy: Float = 0
  private var waiting = 0
  private var found: [UInt8] = []

  init(sampleRate: Int) {
    length = max(1, sampleRate * SpeechLevels.frame.count / 1000)
    highPass = exp(-2 * .pi * 200 / Float(max(1, sampleRate)))
    lowPass = exp(-2 * .pi * 3500 / Float(max(1, sampleRate)))
  }

  mutating func add(_ planes: UnsafeMutablePointer<UnsafeMutablePointer<Float>>, channels: Int, count: Int) {
    let left = planes[0]
    // Uneven shares: channels of opposite phase would cancel one another.
    let right = channels > 1 ? planes[1] : planes[0]
    let gain = (1 + highPass) / 2
    for index in 0..<count {
      let sample = 0.6 * left[index] + 0.4 * right[index]
      let once = highPass * high.first + gain * (sample - high.input)
      let twice = highPass * high.second + gain * (once - high.middle)
      high = (sample, once, once, twice)
      low += (1 - lowPass) * (twice - low)
      energy += low * low
      waiting += 1
      if waiting == length { endFrame() }
    }
  }

  private mutating func endFrame() {
    let decibels = 10 * log10(Double(energy) / Double(length) + 1e-12)
    // A sample that is no number must not end the process.
    let level = decibels.isFinite ? (decibels / SpeechLevels.decibels).rounded() + Double(SpeechLevels.highest) : 0
    found.append(UInt8(min(max(0, level), Double(SpeechLevels.highest))))
    (energy, waiting) = (0, 0)
    if !low.isFinite || !high.second.isFinite { (high, low) = ((0, 0, 0, 0), 0) }
  }

  var levels: SpeechLevels { SpeechLevels(found) }
}

extension SpeechLevels {
  /// The levels of a source's sound, on the timeline that `recipe` puts it on; pictures are not decoded.
  package static func of(
    _ path: String, by recipe: Recipe, limits: OpenLimits = OpenLimits()
  ) throws(MediaError) -> SpeechLevels? {
    guard let audio = recipe.audio, audio.sourceStream != nil else { return nil }
    let lanes = Lanes()
    let queue = try lanes.queue(capacity: 64)
    lanes.start("read") { () throws(MediaError) in
      var reader = try SourceReader.open(path, recipe, limits, pictureCopy: nil, soundCopy: nil)
      let reading = try reader.run(pictures: nil, sound: queue)
      queue.end(at: reading?.end ?? 0)
    }
    var meter = SpeechMeter(sampleRate: audio.sampleRate)
    do throws(MediaError) {
      let stage = try SoundStage.open(audio, recipe.checks)
      func hear(_ block: borrowing Frame) throws(MediaError) {
        guard let planes = block.floats else { return }
        meter.add(planes, channels: audio.channels, count: Int(block.raw.pointee.nb_samples))
      }
      _ = try stage.run(queue, progress: { _ in }, hear)
    } catch {
      lanes.fail(error)
    }
    try lanes.join()
    return meter.levels
  }
}
