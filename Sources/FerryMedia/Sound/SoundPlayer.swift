internal import CFFmpeg
internal import FerryCore
internal import Foundation

/// Reads a spool from its first sample on, at its final loudness.
struct SoundPlayer: ~Copyable {
  private let spool: SoundSpool
  private let factor: Float
  private var limiter: Limiter?
  /// Samples that the limiter still holds when the spool is over.
  private var tail = 0

  init(spool: SoundSpool, recipe: AudioRecipe, _ setting: Normalisation) throws(MediaError) {
    self.spool = spool
    factor = Float(pow(10, setting.gain / 20))
    try spool.rewind()
    guard let ceiling = setting.ceiling else {
      limiter = nil
      return
    }
    var limiter = Limiter.open(channels: recipe.channels, sampleRate: recipe.sampleRate, ceiling: ceiling)
    // What it looks ahead at goes in first; nothing of worth comes out for it.
    let block = try Frame.make()
    try block.allocateSound(
      limiter.delay, format: AV_SAMPLE_FMT_FLTP, sampleRate: recipe.sampleRate, channels: recipe.channels)
    if let planes = block.floats {
      tail = try spool.read(into: planes, count: limiter.delay)
      block.raw.pointee.nb_samples = Int32(tail)
      block.amplify(by: factor)
      limiter.process(planes, count: tail)
      // A sound shorter than the look-ahead is followed by silence.
      for _ in tail..<limiter.delay { limiter.processSilence() }
    }
    self.limiter = consume limiter
  }

  /// Fills a block of planar floats and sets its length; `false` at the end.
  mutating func fill(_ block: borrowing Frame) throws(MediaError) -> Bool {
    guard let planes = block.floats else { return false }
    let room = Int(block.raw.pointee.nb_samples)
    var count = try spool.read(into: planes, count: room)
    block.raw.pointee.nb_samples = Int32(count)
    if factor != 1 { block.amplify(by: factor) }
    if var limiter = limiter.take() {
      let rest = min(tail, room - count)
      if rest > 0 {
        for channel in 0..<Int(block.raw.pointee.ch_layout.nb_channels) {
          (planes[channel] + count).update(repeating: 0, count: rest)
        }
        tail -= rest
        count += rest
      }
      limiter.process(planes, count: count)
      block.raw.pointee.nb_samples = Int32(count)
      self.limiter = consume limiter
    }
    return count > 0
  }
}
