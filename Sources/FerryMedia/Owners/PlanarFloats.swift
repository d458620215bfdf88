internal import CFFmpeg

/// Shows decoded sound as planar floats, every channel by itself and at the source's own rate.
///
/// What clips is seen only here: mixing and another rate change how high a wave is.
struct PlanarFloats: ~Copyable {
  private let raw: OpaquePointer
  private let source: Resampler.Source
  private let block: Frame

  static func open(like frame: borrowing Frame) throws(MediaError) -> PlanarFloats {
    let name = "the sound"
    let block = try Frame.make()
    let format = AVSampleFormat(rawValue: frame.raw.pointee.format)
    let rate = frame.raw.pointee.sample_rate
    var raw: OpaquePointer?
    try check(
      swr_alloc_set_opts2(
        &raw, &frame.raw.pointee.ch_layout, AV_SAMPLE_FMT_FLTP, rate, &frame.raw.pointee.ch_layout, format, rate, 0, nil
      ), .resample, name)
    let result = swr_init(raw)
    guard result >= 0, let ready = raw else {
      swr_free(&raw)
      try check(result, .resample, name)
      throw MediaError(.resample, name, code: ferry_ENOMEM)
    }
    return PlanarFloats(raw: ready, source: Resampler.Source(frame), block: block)
  }

  /// Whether it was made for frames like this.
  func fits(_ frame: borrowing Frame) -> Bool { Resampler.Source(frame) == source }

  /// The channels of `frame`, which stay as long as it does and until the next call.
  func channels(
    of frame: borrowing Frame
  ) throws(MediaError) -> UnsafeMutablePointer<UnsafeMutablePointer<Float>>? {
    if frame.raw.pointee.format == AV_SAMPLE_FMT_FLTP.rawValue { return frame.floats }
    let count = frame.raw.pointee.nb_samples
    block.clear()
    block.raw.pointee.nb_samples = count
    block.raw.pointee.format = AV_SAMPLE_FMT_FLTP.rawValue
    block.raw.pointee.sample_rate = frame.raw.pointee.sample_rate
    try check(
      av_channel_layout_copy(&block.raw.pointee.ch_layout, &frame.raw.pointee.ch_layout), .resample, "the sound")
    try check(av_frame_get_buffer(block.raw, 0), .resample, "the sound")
    let planes = UnsafeRawPointer(frame.raw.pointee.extended_data)?.assumingMemoryBound(to: UnsafePointer<UInt8>?.self)
    try check(
      swr_convert(raw, block.raw.pointee.extended_data, count, UnsafeMutablePointer(mutating: planes), count),
      .resample, "the sound")
    return block.floats
  }

  deinit {
    var raw: OpaquePointer? = raw
    swr_free(&raw)
  }
}
