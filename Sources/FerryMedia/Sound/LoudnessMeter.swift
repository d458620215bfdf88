internal import CEBUR128
internal import CFFmpeg
internal import FerryCore
internal import Foundation

/// Measures loudness by EBU R 128 (ITU-R BS.1770-4) in bounded memory.
struct LoudnessMeter: ~Copyable {
  private let state: UnsafeMutablePointer<ebur128_state>
  private let channels: Int
  /// Samples side by side, as the library wants them.
  private var interleaved: [Float] = []

  static func open(channels: Int, sampleRate: Int) throws(MediaError) -> LoudnessMeter {
    let state = ebur128_init(UInt32(channels), UInt(sampleRate), ferry_ebur128_modes)
    return LoudnessMeter(state: try unwrap(state, .resample, "the loudness meter"), channels: channels)
  }

  private init(state: UnsafeMutablePointer<ebur128_state>, channels: Int) {
    self.state = state
    self.channels = channels
  }

  mutating func add(
    _ planes: UnsafeMutablePointer<UnsafeMutablePointer<Float>>, count: Int
  ) throws(MediaError) {
    if interleaved.count < count * channels { interleaved = Array(repeating: 0, count: count * channels) }
    let result = interleaved.withUnsafeMutableBufferPointer { buffer in
      for channel in 0..<channels {
        let samples = planes[channel]
        for index in 0..<count { buffer[index * channels + channel] = samples[index] }
      }
      return ebur128_add_frames_float(state, buffer.baseAddress, count)
    }
    if result != Int32(EBUR128_SUCCESS.rawValue) {
      throw MediaError(.resample, "the loudness meter", code: ferry_ENOMEM)
    }
  }

  /// Of all that was added.
  func loudness() -> Loudness {
    var integrated = 0.0
    var range = 0.0
    var peak = 0.0
    ebur128_loudness_global(state, &integrated)
    ebur128_loudness_range(state, &range)
    for channel in 0..<channels {
      var value = 0.0
      ebur128_true_peak(state, UInt32(channel), &value)
      peak = max(peak, value)
    }
    return Loudness(
      integrated: integrated.isFinite && integrated > -70 ? rounded(integrated) : nil,
      range: range.isFinite ? rounded(range) : 0, truePeak: peak > 0 ? rounded(20 * log10(peak)) : nil)
  }

  /// Hundredths are finer than any meter.
  private func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }

  deinit {
    var state: UnsafeMutablePointer<ebur128_state>? = state
    ebur128_destroy(&state)
  }
}

extension LoudnessMeter {
  /// The loudness of the only stream of an encoded file, as a player hears it.
  static func loudness(of path: String) throws(MediaError) -> Loudness {
    let demuxer = try Demuxer.open(path)
    let decoder = try Decoder.open(try demuxer.stream(0), of: path, threads: 1)
    let packet = try Packet.make()
    let frame = try Frame.make()
    let block = try Frame.make()
    var resampler: Resampler?
    var meter: LoudnessMeter?

    func hear() throws(MediaError) {
      while try decoder.receive(into: frame) == .ready {
        let channels = Int(frame.raw.pointee.ch_layout.nb_channels)
        let rate = Int(frame.raw.pointee.sample_rate)
        if meter == nil { meter = try LoudnessMeter.open(channels: channels, sampleRate: rate) }
        if frame.raw.pointee.format == AV_SAMPLE_FMT_FLTP.rawValue {
          if let planes = frame.floats { try meter?.add(planes, count: Int(frame.raw.pointee.nb_samples)) }
          continue
        }
        var current: Resampler
        if let open = resampler.take() {
          current = open
        } else {
          current = try Resampler.open(like: frame, sampleRate: rate, channels: channels)
        }
        _ = try current.append(frame, skip: 0, through: block)
        if current.waiting > 0 {
          let count = current.waiting
          try current.take(count, into: block)
          if let planes = block.floats { try meter?.add(planes, count: count) }
        }
        resampler = consume current
      }
    }

    while try demuxer.read(into: packet) {
      try decoder.send(packet)
      try hear()
    }
    try decoder.sendEnd()
    try hear()
    return meter?.loudness() ?? Loudness(integrated: nil, range: 0, truePeak: nil)
  }
}
