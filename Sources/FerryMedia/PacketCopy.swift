internal import CFFmpeg
internal import FerryCore

/// Takes a source's own packets into a CMAF file, as long as they lie where an encoder would have put them.
///
/// Used from the reader's thread alone. The first packet that does not fit ends the copy; then `finish` gives `nil`.
final class PacketCopy: @unchecked Sendable {
  /// The grid that packets must lie on.
  enum Grid {
    /// Pictures: their rate, and the frames from one fragment to the next.
    case frames(Rational, segment: Int)
    /// Sound: samples a second, and the time from one fragment to the next.
    case samples(Int, segment: Milliseconds)
  }

  private let path: String
  private let name: String
  private let language: String
  private let grid: Grid
  private let packet: Packet
  private var writer: FragmentWriter?
  private var unit = 1.0
  private var origin = 0.0
  private var last: Int64?
  private var cuts = 1
  /// Packets taken so far.
  private(set) var count = 0
  /// Why the copy was given up.
  private(set) var refusal: String?

  init(_ path: String, name: String, language: String, grid: Grid) throws(MediaError) {
    self.path = path
    self.name = name
    self.language = language
    self.grid = grid
    packet = try Packet.make()
    writer = nil
  }

  /// Units a second.
  private var rate: AVRational {
    switch grid {
    case .frames(let rate, _): AVRational(num: Int32(rate.numerator), den: Int32(rate.denominator))
    case .samples(let rate, _): AVRational(num: Int32(rate), den: 1)
    }
  }

  private var segmentSeconds: Double {
    switch grid {
    case .frames(let rate, let segment): Double(segment) / rate.value
    case .samples(_, let segment): segment.duration.inSeconds
    }
  }

  func begin(
    with stream: UnsafeMutablePointer<AVStream>, origin: Double, expected: Double
  ) throws(MediaError) {
    unit = av_q2d(stream.pointee.time_base)
    self.origin = origin
    guard let parameters = stream.pointee.codecpar else { return }
    writer = try FragmentWriter.open(
      path, parameters, timeBase: AVRational(num: rate.den, den: rate.num), frameRate: rate, language: language,
      segments: Int(expected / segmentSeconds) + 1)
  }

  /// Copies a packet, which stays as it is for its decoder.
  func take(_ original: borrowing Packet) throws(MediaError) {
    guard refusal == nil, var writer = writer.take() else { return }
    packet.clear()
    try check(av_packet_ref(packet.raw, original.raw), .write, path)
    if place(packet) {
      if isCut(packet) {
        try writer.cut()
        cuts += 1
      }
      try writer.write(packet)
      count += 1
    }
    self.writer = consume writer
  }

  /// Puts a packet's times on the grid; `false` when they do not lie on it.
  private func place(_ packet: borrowing Packet) -> Bool {
    let raw = packet.raw
    guard raw.pointee.pts != ferry_NOPTS, raw.pointee.dts != ferry_NOPTS,
      raw.pointee.flags & (AV_PKT_FLAG_DISCARD | AV_PKT_FLAG_CORRUPT) == 0
    else { return refuse("a packet has no time of its own") }
    let scale = av_q2d(rate)
    func units(_ stamp: Int64) -> Double { (Double(stamp) * unit - origin) * scale }
    let (shown, decoded) = (units(raw.pointee.pts), units(raw.pointee.dts))
    let isFrame = if case .frames = grid { true } else { false }
    // Containers round to milliseconds at worst.
    let slack = isFrame ? 0.1 : 0.002 * scale
    if isFrame, abs(shown - shown.rounded()) > slack || abs(decoded - decoded.rounded()) > slack {
      return refuse("a picture lies between two frames of the constant rate")
    }
    if let last {
      let step = Int64(decoded.rounded()) - last
      let wanted = isFrame ? 1 : Int64((Double(raw.pointee.duration) * unit * scale).rounded())
      if abs(Double(step - wanted)) > (isFrame ? 0 : slack) { return refuse("there is a gap between two packets") }
      // Sound lies end to end, whatever the container rounded.
      self.last = last + wanted
    } else {
      if abs(shown) > (isFrame ? slack : 0.05 * scale) { return refuse("it does not begin with the programme") }
      last = Int64(decoded.rounded())
    }
    let decodeTime = last ?? 0
    raw.pointee.pts = isFrame ? Int64(shown.rounded()) : decodeTime
    raw.pointee.dts = decodeTime
    raw.pointee.duration = isFrame ? 1 : Int64((Double(raw.pointee.duration) * unit * scale).rounded())
    // The gaps that a container marks are taken out by the new file's own edit list.
    av_packet_free_side_data(raw)
    return true
  }

  private func isCut(_ packet: borrowing Packet) -> Bool {
    switch grid {
    case .frames(_, let segment):
      let number = Int(packet.raw.pointee.pts)
      return packet.raw.pointee.flags & AV_PKT_FLAG_KEY != 0 && number > 0 && number % segment == 0
    case .samples(let rate, let segment):
      return Int(packet.raw.pointee.pts) >= cuts * segment.count * rate / 1000
    }
  }

  private func refuse(_ reason: String) -> Bool {
    refusal = reason
    return false
  }

  /// Ends the file; `nil` when the packets did not fit.
  func finish() throws(MediaError) -> FragmentedFile? {
    guard let writer = writer.take() else { return nil }
    if refusal != nil || count == 0 { return nil }
    return try writer.finish(as: name)
  }
}
