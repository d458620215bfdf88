internal import CFFmpeg

/// Converts sound to planar float at a fixed rate and channel count, and cuts it into encoder frames.
struct Resampler: ~Copyable {
  private var raw: OpaquePointer
  private var source: Source
  /// What the current converter makes of the source's channels.
  private(set) var mix: ChannelMix
  private var isStretching = false
  private let queue: OpaquePointer
  private let sampleRate: Int32
  private let channels: Int32

  /// What a resampler is made for; when a frame differs, it needs another.
  struct Source: Equatable {
    var sampleRate: Int32
    var format: Int32
    var channels: Int32
    var order: AVChannelOrder
    var mask: UInt64

    init(_ frame: borrowing Frame) {
      let frame = frame.raw.pointee
      sampleRate = frame.sample_rate
      format = frame.format
      channels = frame.ch_layout.nb_channels
      order = frame.ch_layout.order
      mask = frame.ch_layout.order == AV_CHANNEL_ORDER_NATIVE ? frame.ch_layout.u.mask : 0
    }
  }

  static func open(
    like frame: borrowing Frame, sampleRate: Int, channels: Int
  ) throws(MediaError) -> Resampler {
    let mix = ChannelMix(&frame.raw.pointee.ch_layout, outputs: channels)
    let converter = try converter(like: frame, mix, sampleRate: sampleRate, channels: channels)
    guard let queue = av_audio_fifo_alloc(AV_SAMPLE_FMT_FLTP, Int32(channels), Int32(sampleRate)) else {
      var converter: OpaquePointer? = converter
      swr_free(&converter)
      throw MediaError(.resample, "the sound", code: ferry_ENOMEM)
    }
    return Resampler(
      raw: converter, source: Source(frame), mix: mix, queue: queue, sampleRate: Int32(sampleRate),
      channels: Int32(channels))
  }

  private init(
    raw: OpaquePointer, source: Source, mix: ChannelMix, queue: OpaquePointer, sampleRate: Int32, channels: Int32
  ) {
    self.raw = raw
    self.source = source
    self.mix = mix
    self.queue = queue
    self.sampleRate = sampleRate
    self.channels = channels
  }

  private static func converter(
    like frame: borrowing Frame, _ mix: ChannelMix, sampleRate: Int, channels: Int
  ) throws(MediaError) -> OpaquePointer {
    let name = "the sound"
    var input = AVChannelLayout()
    defer { av_channel_layout_uninit(&input) }
    try check(av_channel_layout_copy(&input, &frame.raw.pointee.ch_layout), .resample, name)
    if input.order == AV_CHANNEL_ORDER_UNSPEC && mix.matrix == nil {
      let count = input.nb_channels
      av_channel_layout_uninit(&input)
      av_channel_layout_default(&input, count)
    }
    var output = AVChannelLayout()
    defer { av_channel_layout_uninit(&output) }
    av_channel_layout_default(&output, Int32(channels))
    var raw: OpaquePointer?
    try check(
      swr_alloc_set_opts2(
        &raw, &output, AV_SAMPLE_FMT_FLTP, Int32(sampleRate), &input,
        AVSampleFormat(rawValue: frame.raw.pointee.format), frame.raw.pointee.sample_rate, 0, nil),
      .resample, name)
    let mixed = mix.matrix.map { swr_set_matrix(raw, $0, frame.raw.pointee.ch_layout.nb_channels) } ?? 0
    let result = mixed < 0 ? mixed : swr_init(raw)
    guard result >= 0, let ready = raw else {
      swr_free(&raw)
      try check(result, .resample, name)
      throw MediaError(.resample, name, code: ferry_ENOMEM)
    }
    return ready
  }

  /// Makes ready for `frame`; when the source's format changed, what the old converter holds is queued first.
  mutating func adapt(to frame: borrowing Frame, through scratch: borrowing Frame) throws(MediaError) -> Int {
    Source(frame) == source ? 0 : try replaceConverter(for: frame, through: scratch)
  }

  /// Begins a new piece of sound with `frame`: what the converter holds of the last one is queued, and nothing of it
  /// runs into the new one.
  mutating func restart(with frame: borrowing Frame, through scratch: borrowing Frame) throws(MediaError) -> Int {
    delay == 0 ? 0 : try replaceConverter(for: frame, through: scratch)
  }

  private mutating func replaceConverter(
    for frame: borrowing Frame, through scratch: borrowing Frame
  ) throws(MediaError) -> Int {
    let drained = try drain(through: scratch)
    let mix = ChannelMix(&frame.raw.pointee.ch_layout, outputs: Int(channels))
    let next = try Resampler.converter(like: frame, mix, sampleRate: Int(sampleRate), channels: Int(channels))
    var old: OpaquePointer? = raw
    swr_free(&old)
    raw = next
    source = Source(frame)
    self.mix = mix
    isStretching = false
    return drained
  }

  /// Makes what comes from here on longer by `share` of its length, or shorter; sound that never was stretched passes
  /// as it is.
  mutating func stretch(by share: Double) throws(MediaError) {
    let distance = Int32(sampleRate)
    let samples = Int32((share * Double(distance)).rounded())
    if samples == 0 && !isStretching { return }
    try check(swr_set_compensation(raw, samples, samples == 0 ? 0 : distance), .resample, "the sound")
    isStretching = samples != 0
  }

  /// Samples that went in and have not come out yet, in the output's rate.
  var delay: Int { Int(swr_get_delay(raw, Int64(sampleRate))) }

  /// Whole samples that wait in the queue.
  var waiting: Int { Int(av_audio_fifo_size(queue)) }

  /// Converts `input` and appends it to the queue, less its first `skip` samples; returns how many were appended.
  func append(_ input: borrowing Frame, skip: Int, through scratch: borrowing Frame) throws(MediaError) -> Int {
    let count = input.raw.pointee.nb_samples
    let planes = UnsafeRawPointer(input.raw.pointee.extended_data)?.assumingMemoryBound(to: UnsafePointer<UInt8>?.self)
    return try convert(planes, count, skip: skip, through: scratch)
  }

  /// Takes out what the converter still holds.
  func drain(through scratch: borrowing Frame) throws(MediaError) -> Int {
    try convert(nil, 0, skip: 0, through: scratch)
  }

  private func convert(
    _ planes: UnsafePointer<UnsafePointer<UInt8>?>?, _ count: Int32, skip: Int, through scratch: borrowing Frame
  ) throws(MediaError) -> Int {
    let room = swr_get_out_samples(raw, count)
    if room <= 0 { return 0 }
    try allocate(scratch, samples: room)
    let made = swr_convert(
      raw, scratch.raw.pointee.extended_data, room, UnsafeMutablePointer(mutating: planes), count)
    try check(made, .resample, "the sound")
    let skipped = min(Int32(clamping: skip), made)
    if made == skipped { return 0 }
    return try write(scratch, from: skipped, count: made - skipped)
  }

  /// Appends `count` silent samples.
  func appendSilence(_ count: Int, through scratch: borrowing Frame) throws(MediaError) {
    var left = Int32(count)
    while left > 0 {
      let part = min(left, sampleRate)
      try allocate(scratch, samples: part)
      av_samples_set_silence(scratch.raw.pointee.extended_data, 0, part, channels, AV_SAMPLE_FMT_FLTP)
      _ = try write(scratch, from: 0, count: part)
      left -= part
    }
  }

  /// Takes `count` samples out of the queue into a new frame.
  func take(_ count: Int, into frame: borrowing Frame) throws(MediaError) {
    try allocate(frame, samples: Int32(count))
    let result = frame.raw.pointee.extended_data.withMemoryRebound(
      to: UnsafeMutableRawPointer?.self, capacity: Int(channels)
    ) { av_audio_fifo_read(queue, $0, Int32(count)) }
    try check(result, .resample, "the sound")
  }

  private func write(_ frame: borrowing Frame, from first: Int32, count: Int32) throws(MediaError) -> Int {
    guard let planes = frame.raw.pointee.extended_data else { return 0 }
    var pointers: [UnsafeMutableRawPointer?] = (0..<Int(channels)).map { channel in
      planes[channel].map { UnsafeMutableRawPointer($0 + Int(first) * 4) }
    }
    try check(av_audio_fifo_write(queue, &pointers, count), .resample, "the sound")
    return Int(count)
  }

  private func allocate(_ frame: borrowing Frame, samples: Int32) throws(MediaError) {
    frame.clear()
    frame.raw.pointee.nb_samples = samples
    frame.raw.pointee.format = AV_SAMPLE_FMT_FLTP.rawValue
    frame.raw.pointee.sample_rate = sampleRate
    av_channel_layout_default(&frame.raw.pointee.ch_layout, channels)
    try check(av_frame_get_buffer(frame.raw, 0), .resample, "the sound")
  }

  deinit {
    var raw: OpaquePointer? = raw
    swr_free(&raw)
    av_audio_fifo_free(queue)
  }
}
