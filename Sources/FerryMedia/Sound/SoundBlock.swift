internal import CFFmpeg

/// Frames that hold a block of sound.
extension Frame {
  /// The channels' samples, for a frame of planar floats.
  var floats: UnsafeMutablePointer<UnsafeMutablePointer<Float>>? {
    UnsafeMutableRawPointer(raw.pointee.extended_data)?.assumingMemoryBound(to: UnsafeMutablePointer<Float>.self)
  }

  /// Makes this an empty block of `count` samples.
  func allocateSound(
    _ count: Int, format: AVSampleFormat, sampleRate: Int, channels: Int
  ) throws(MediaError) {
    clear()
    raw.pointee.nb_samples = Int32(count)
    raw.pointee.format = format.rawValue
    raw.pointee.sample_rate = Int32(sampleRate)
    av_channel_layout_default(&raw.pointee.ch_layout, Int32(channels))
    try check(av_frame_get_buffer(raw, 0), .resample, "the sound")
  }

  /// Multiplies every sample of a block of planar floats.
  func amplify(by factor: Float) {
    guard let planes = floats else { return }
    for channel in 0..<Int(raw.pointee.ch_layout.nb_channels) {
      let samples = UnsafeMutableBufferPointer(start: planes[channel], count: Int(raw.pointee.nb_samples))
      for index in samples.indices { samples[index] *= factor }
    }
  }

  /// Makes this the same block in an encoder's format: planar or interleaved floats, 16 or 24 bits.
  func convertSound(_ block: borrowing Frame, to format: AVSampleFormat) throws(MediaError) {
    if format == AV_SAMPLE_FMT_FLTP { return try refer(to: block) }
    let count = Int(block.raw.pointee.nb_samples)
    let channels = Int(block.raw.pointee.ch_layout.nb_channels)
    try allocateSound(count, format: format, sampleRate: Int(block.raw.pointee.sample_rate), channels: channels)
    guard let planes = block.floats, let output = UnsafeMutableRawPointer(raw.pointee.data.0) else { return }
    for channel in 0..<channels {
      let samples = planes[channel]
      switch format {
      case AV_SAMPLE_FMT_FLT:
        let target = output.assumingMemoryBound(to: Float.self)
        for index in 0..<count { target[index * channels + channel] = samples[index] }
      case AV_SAMPLE_FMT_S16:
        let target = output.assumingMemoryBound(to: Int16.self)
        for index in 0..<count {
          target[index * channels + channel] = Int16(max(-32768, min(32767, (samples[index] * 32768).rounded())))
        }
      case AV_SAMPLE_FMT_S32:
        // 24 bits, in the upper part of each word.
        let target = output.assumingMemoryBound(to: Int32.self)
        for index in 0..<count {
          let value = max(-8_388_608, min(8_388_607, (Double(samples[index]) * 8_388_608).rounded()))
          target[index * channels + channel] = Int32(value) << 8
        }
      default: throw MediaError(.resample, "the sound", code: ferry_INVALIDDATA)
      }
    }
  }
}
