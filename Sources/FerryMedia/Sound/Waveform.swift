internal import CFFmpeg

/// How loud a title is over its length, in a bounded number of stretches, for a picture of it.
struct Waveform {
  /// The highest absolute sample of each stretch, 0…1.
  private(set) var peaks: [Float] = []
  private var stretch = 2048
  private var waiting = 0
  private var peak: Float = 0

  private static let limit = 2048

  mutating func add(_ planes: UnsafeMutablePointer<UnsafeMutablePointer<Float>>, channels: Int, count: Int) {
    for index in 0..<count {
      for channel in 0..<channels { peak = max(peak, abs(planes[channel][index])) }
      waiting += 1
      if waiting == stretch {
        peaks.append(min(1, peak))
        (peak, waiting) = (0, 0)
        if peaks.count == Waveform.limit { halve() }
      }
    }
  }

  /// Longer sound is drawn in longer stretches.
  private mutating func halve() {
    peaks = stride(from: 0, to: peaks.count - 1, by: 2).map { max(peaks[$0], peaks[$0 + 1]) }
    stretch *= 2
  }

  /// The highest peaks of `count` equal parts.
  func bars(_ count: Int) -> [Float] {
    guard !peaks.isEmpty else { return Array(repeating: 0, count: count) }
    return (0..<count).map { bar in
      let from = bar * peaks.count / count
      let to = max(from + 1, (bar + 1) * peaks.count / count)
      return peaks[from..<min(to, peaks.count)].max() ?? 0
    }
  }
}

/// A still for a title without a picture: the file's cover, or else its waveform.
enum SoundPoster {
  static func picture(of path: String, _ waveform: Waveform, _ limits: OpenLimits) throws(MediaError) -> Frame {
    let frame = try Frame.make()
    if try readCover(of: path, limits, into: frame) { return frame }
    try draw(waveform, into: frame)
    return frame
  }

  /// Decodes the cover that many sound files carry; `false` where there is none that can be read.
  private static func readCover(
    of path: String, _ limits: OpenLimits, into frame: borrowing Frame
  ) throws(MediaError) -> Bool {
    let demuxer = try Demuxer.open(path, limits)
    for index in 0..<demuxer.streamCount {
      let stream = try demuxer.stream(index)
      guard stream.pointee.disposition & AV_DISPOSITION_ATTACHED_PIC != 0 else { continue }
      // A cover that does not decode is no reason to refuse a lesson.
      do throws(MediaError) {
        let decoder = try Decoder.open(stream, of: path, threads: 1, limits)
        let packet = try Packet.make()
        try check(av_packet_ref(packet.raw, &stream.pointee.attached_pic), .decode, path)
        try decoder.send(packet)
        try decoder.sendEnd()
        if try decoder.receive(into: frame) == .ready, frame.raw.pointee.width >= 64 { return true }
      } catch { continue }
    }
    return false
  }

  /// Bars on a dark ground, in 4:2:0.
  private static func draw(_ waveform: Waveform, into frame: borrowing Frame) throws(MediaError) {
    let (width, height) = (1280, 720)
    frame.clear()
    frame.raw.pointee.width = Int32(width)
    frame.raw.pointee.height = Int32(height)
    frame.raw.pointee.format = AV_PIX_FMT_YUV420P.rawValue
    try check(av_frame_get_buffer(frame.raw, 0), .encode, "a poster")
    let (ground, bar) = (UInt8(36), UInt8(150))
    fill(frame.raw.pointee.data.0, Int(frame.raw.pointee.linesize.0), height, ground)
    fill(frame.raw.pointee.data.1, Int(frame.raw.pointee.linesize.1), height / 2, 140)
    fill(frame.raw.pointee.data.2, Int(frame.raw.pointee.linesize.2), height / 2, 120)
    guard let luma = frame.raw.pointee.data.0 else { return }
    let pitch = Int(frame.raw.pointee.linesize.0)
    for (index, peak) in waveform.bars(140).enumerated() {
      let half = max(2, Int(peak * 260))
      for y in (height / 2 - half)..<(height / 2 + half) {
        for x in (80 + index * 8)..<(85 + index * 8) { luma[y * pitch + x] = bar }
      }
    }
  }

  private static func fill(_ plane: UnsafeMutablePointer<UInt8>?, _ pitch: Int, _ lines: Int, _ value: UInt8) {
    plane?.update(repeating: value, count: pitch * lines)
  }
}
