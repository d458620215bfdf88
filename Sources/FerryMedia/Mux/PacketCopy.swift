internal import CFFmpeg
internal import FerryCore

/// Takes a source's own packets into a CMAF file, as long as they lie where an encoder would have put them.
///
/// Used from the reader's thread alone, and after its end by whoever finishes it. The first packet that does not fit
/// ends the copy, and so does one that cannot be written; then `finish` gives `nil`, and `refusal` the reason.
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
  /// Samples of one packet of sound; 0 where the codec does not say.
  private var frameSize = 0.0
  /// Pictures that are decoded before the first one is shown.
  private var delay: Int64 = 0
  /// The decoder's configuration, which holds for the whole copy.
  private var configuration: [UInt8] = []
  private var last: Int64?
  private var cuts = 1
  /// Packets taken so far.
  private(set) var count = 0
  /// When the last packet ends, in seconds on the timeline.
  var end: Double { last.map { Double($0) / av_q2d(rate) } ?? 0 }
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

  private var isSound: Bool {
    if case .samples = grid { true } else { false }
  }

  func begin(
    with stream: UnsafeMutablePointer<AVStream>, origin: Double, expected: Double
  ) throws(MediaError) {
    unit = av_q2d(stream.pointee.time_base)
    self.origin = origin
    guard let parameters = stream.pointee.codecpar else { return }
    frameSize = Double(parameters.pointee.frame_size)
    delay = Int64(parameters.pointee.video_delay)
    configuration = bytes(parameters.pointee.extradata, Int(parameters.pointee.extradata_size))
    do throws(MediaError) {
      writer = try FragmentWriter.open(
        path, parameters, timeBase: AVRational(num: rate.den, den: rate.num), frameRate: rate, language: language,
        segments: Int(bounded: (expected / segmentSeconds).rounded(.down)) + 1)
    } catch {
      try giveUp(error)
    }
  }

  /// Copies a packet, which stays as it is for its decoder.
  func take(_ original: borrowing Packet) throws(MediaError) {
    guard refusal == nil, var writer = writer.take() else { return }
    packet.clear()
    try check(av_packet_ref(packet.raw, original.raw), .write, path)
    if let reason = place(packet) { return giveUp(reason) }
    do throws(MediaError) {
      if isCut(packet) {
        try writer.cut()
        cuts += 1
      }
      try writer.write(packet)
    } catch {
      return try giveUp(error)
    }
    count += 1
    self.writer = consume writer
  }

  /// Puts a packet's times on the grid; why it does not lie on it, or `nil`.
  private func place(_ packet: borrowing Packet) -> String? {
    let raw = packet.raw
    let hasDecodeTime = raw.pointee.dts != ferry_NOPTS
    guard raw.pointee.pts != ferry_NOPTS, hasDecodeTime || !isSound else { return "a packet has no time of its own" }
    if raw.pointee.flags & AV_PKT_FLAG_CORRUPT != 0 { return "a packet is damaged" }
    if changesConfiguration(packet) { return "its coding changes in the middle" }
    let scale = av_q2d(rate)
    func units(_ stamp: Int64) -> Double { (Double(stamp) * unit - origin) * scale }
    let shown = units(raw.pointee.pts)
    // Matroska does not say when the first pictures are decoded: one after the other, as all are.
    let decoded = hasDecodeTime ? units(raw.pointee.dts) : Double(last ?? -delay)
    guard shown.magnitude < PacketCopy.farthest, decoded.magnitude < PacketCopy.farthest else {
      return "a packet's time is out of range"
    }
    // What a decoder needs before the first sound is hidden by the source's edit list, and by the copy's again.
    if raw.pointee.flags & AV_PKT_FLAG_DISCARD != 0, !isSound || shown >= 0 { return "an edit list hides a part of it" }
    // Containers round to milliseconds at worst.
    let slack = isSound ? 0.002 * scale : 0.1
    if !isSound, abs(shown - shown.rounded()) > slack || abs(decoded - decoded.rounded()) > slack {
      return "a picture lies between two frames of the constant rate"
    }
    let length = isSound ? samples(in: Double(raw.pointee.duration) * unit * scale, slack) : 1
    if let last {
      if abs(decoded - Double(last)) > (isSound ? slack : 0.5) { return "there is a gap between two packets" }
    } else {
      let earliest = isSound ? -PacketCopy.longestPriming * scale : -slack
      guard (earliest...slack).contains(shown) else { return "it does not begin with the programme" }
    }
    let decodeTime = last ?? Int64(bounded: decoded)
    // Sound lies end to end, whatever the container rounded.
    last = decodeTime + length
    raw.pointee.pts = isSound ? decodeTime : Int64(bounded: shown)
    raw.pointee.dts = decodeTime
    raw.pointee.duration = length
    raw.pointee.flags &= ~AV_PKT_FLAG_DISCARD
    // The gaps that a container marks are taken out by the new file's own edit list.
    av_packet_free_side_data(raw)
    return nil
  }

  /// No programme has so many units.
  private static let farthest = 1e15

  /// Sound may begin this long before the programme, in seconds: what an encoder puts before the first sample.
  private static let longestPriming = 0.05

  /// The samples of a packet: a frame of the codec, where the container only rounded that.
  private func samples(in declared: Double, _ slack: Double) -> Int64 {
    let isRounded = unit * av_q2d(rate) > 1
    let isFrame = declared == 0 || isRounded && abs(declared - frameSize) <= slack
    return Int64(bounded: isFrame ? frameSize : declared)
  }

  /// Whether a packet brings another configuration than the file's own, which the copy has for all of them.
  private func changesConfiguration(_ packet: borrowing Packet) -> Bool {
    var size = 0
    guard let data = av_packet_get_side_data(packet.raw, AV_PKT_DATA_NEW_EXTRADATA, &size), size > 0 else {
      return false
    }
    return bytes(data, size) != configuration
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

  /// Ends the copy; the first reason is the one that is told.
  func giveUp(_ reason: String) {
    if refusal == nil { refusal = reason }
    writer = nil
  }

  /// Ends the copy when the writer refuses it; a full disk is no fault of the source.
  private func giveUp(_ error: MediaError) throws(MediaError) {
    if error.isNoSpace { throw error }
    giveUp("its packets cannot be written to MP4: \(error.reason)")
  }

  /// Ends the file; `nil` when the packets did not fit.
  func finish() throws(MediaError) -> FragmentedFile? {
    guard let writer = writer.take() else { return nil }
    if count == 0 {
      giveUp("it has no packets")
      return nil
    }
    do throws(MediaError) {
      return try writer.finish(as: name)
    } catch {
      try giveUp(error)
      return nil
    }
  }
}
