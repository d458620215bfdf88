internal import CFFmpeg
internal import FerryCore
internal import Glibc

/// Writes one encoded stream as a fragmented MP4 (CMAF) file and notes where each fragment is.
///
/// The fragments are cut by the caller, between packets, so that those of all renditions and the sound lie side by
/// side in time.
struct FragmentWriter: ~Copyable {
  private let raw: UnsafeMutablePointer<AVFormatContext>
  private let path: String
  private var initialisation = 0
  /// Bytes kept free after the header for the segment index.
  private let reservation: Int
  private var segments: [FragmentedFile.Segment] = []
  private var hasPackets = false
  /// Of the fragment being filled, in `packetTimeBase` units.
  private var fragmentDuration: Int64 = 0
  private let packetTimeBase: AVRational
  private let timeBase: AVRational
  /// A last fragment that is shorter belongs to the one before, in `packetTimeBase` units.
  private let shortest: Int64
  /// Packets after a cut that is made once they are no such rest.
  private var waiting: [UnsafeMutablePointer<AVPacket>] = []
  private var waitingDuration: Int64 = 0
  private var isCutDue = false

  /// For the packets of an encoder.
  static func open(
    _ path: String, for encoder: borrowing Encoder, language: String, segments: Int
  ) throws(MediaError) -> FragmentWriter {
    let parameters = try Parameters.of(encoder, path)
    return try open(
      path, parameters.raw, timeBase: encoder.raw.pointee.time_base, frameRate: encoder.raw.pointee.framerate,
      language: language, segments: segments)
  }

  /// For packets that come with `timeBase`; `segments` fragments are expected.
  static func open(
    _ path: String, _ parameters: UnsafePointer<AVCodecParameters>, timeBase: AVRational, frameRate: AVRational,
    language: String, segments: Int
  ) throws(MediaError) -> FragmentWriter {
    var raw: UnsafeMutablePointer<AVFormatContext>?
    try check(avformat_alloc_output_context2(&raw, nil, "mp4", nil), .write, path)
    let context = try unwrap(raw, .write, path)
    do throws(MediaError) {
      context.pointee.flags |= AVFMT_FLAG_BITEXACT
      // FLAC and Opus in MP4 have been standards longer than FFmpeg 5 knows.
      context.pointee.strict_std_compliance = FF_COMPLIANCE_EXPERIMENTAL
      let stream = try unwrap(avformat_new_stream(context, nil), .write, path)
      try check(avcodec_parameters_copy(stream.pointee.codecpar, parameters), .write, path)
      // Parameter sets stand in the sample entry alone, which is what players want of HEVC.
      let isHEVC = parameters.pointee.codec_id == AV_CODEC_ID_HEVC
      stream.pointee.codecpar.pointee.codec_tag = isHEVC ? ferry_hvc1 : 0
      stream.pointee.time_base = timeBase
      stream.pointee.avg_frame_rate = frameRate
      av_dict_set(&stream.pointee.metadata, "language", language, 0)
      try check(avio_open(&context.pointee.pb, "file:" + path, AVIO_FLAG_WRITE), .write, path)
      var options: OpaquePointer?
      defer { av_dict_free(&options) }
      // Pictures begin at zero by negative composition offsets, which every player understands; the sound's encoder
      // delay is taken out by an edit list, for which `delay_moov` waits until the first packet is there.
      let isSound = parameters.pointee.codec_type == AVMEDIA_TYPE_AUDIO
      context.pointee.avoid_negative_ts = 0
      av_dict_set(&options, "use_editlist", isSound ? "1" : "0", 0)
      av_dict_set(
        &options, "movflags",
        "+frag_custom+delay_moov+cmaf+negative_cts_offsets+default_base_moof+skip_trailer", 0)
      try check(avformat_write_header(context, &options), .write, path)
      return FragmentWriter(
        raw: context, path: path, reservation: SegmentIndex.reservation(segments: segments), packetTimeBase: timeBase,
        timeBase: stream.pointee.time_base, shortest: isSound ? av_rescale_q(1, shortestRest, timeBase) : 0)
    } catch {
      free(context)
      throw error
    }
  }

  /// An encoder's last packet may hold a few samples only, and readers of HLS stumble over fragments below a
  /// millisecond.
  private static let shortestRest = AVRational(num: 1, den: 10)

  private init(
    raw: UnsafeMutablePointer<AVFormatContext>, path: String, reservation: Int, packetTimeBase: AVRational,
    timeBase: AVRational, shortest: Int64
  ) {
    self.raw = raw
    self.path = path
    self.reservation = reservation
    self.packetTimeBase = packetTimeBase
    self.timeBase = timeBase
    self.shortest = shortest
  }

  /// Takes a packet, leaving it empty.
  mutating func write(_ packet: borrowing Packet) throws(MediaError) {
    if !isCutDue {
      try put(packet.raw)
      return packet.clear()
    }
    let own = try unwrap(av_packet_alloc(), .write, path)
    av_packet_move_ref(own, packet.raw)
    waiting.append(own)
    waitingDuration += own.pointee.duration
    if waitingDuration >= shortest { try cutBeforeWaiting() }
  }

  /// Ends the fragment being filled, unless too little follows it.
  mutating func cut() throws(MediaError) {
    if isCutDue { try cutBeforeWaiting() }
    if shortest == 0 { return try endFragment() }
    isCutDue = hasPackets
  }

  private mutating func cutBeforeWaiting() throws(MediaError) {
    try endFragment()
    try putWaiting()
  }

  private mutating func putWaiting() throws(MediaError) {
    isCutDue = false
    waitingDuration = 0
    while !waiting.isEmpty {
      var packet: UnsafeMutablePointer<AVPacket>? = waiting.removeFirst()
      defer { av_packet_free(&packet) }
      if let packet { try put(packet) }
    }
  }

  private mutating func put(_ packet: UnsafeMutablePointer<AVPacket>) throws(MediaError) {
    fragmentDuration += packet.pointee.duration
    hasPackets = true
    packet.pointee.stream_index = 0
    av_packet_rescale_ts(packet, packetTimeBase, timeBase)
    try check(av_write_frame(raw, packet), .write, path)
  }

  private mutating func endFragment() throws(MediaError) {
    if !hasPackets { return }
    if initialisation == 0 {
      // With `delay_moov` the first flush writes `ftyp` and `moov` alone.
      initialisation = try flush()
      try reserveIndex()
    }
    let start = segments.last.map { $0.offset + $0.size } ?? (initialisation + reservation)
    let end = try flush()
    if end > start {
      segments.append(
        FragmentedFile.Segment(
          offset: start, size: end - start,
          duration: Rational(Int(fragmentDuration) * Int(packetTimeBase.num), Int(packetTimeBase.den))))
    }
    fragmentDuration = 0
    hasPackets = false
  }

  /// A `free` box, whose place the segment index takes once all segments are known.
  private func reserveIndex() throws(MediaError) {
    guard let pb = raw.pointee.pb else { throw MediaError(.write, path, code: ferry_INVALIDDATA) }
    avio_wb32(pb, UInt32(reservation))
    avio_write(pb, Array("free".utf8), 4)
    avio_write(pb, [UInt8](repeating: 0, count: reservation - 8), Int32(reservation - 8))
  }

  private func flush() throws(MediaError) -> Int {
    try check(av_write_frame(raw, nil), .write, path)
    guard let pb = raw.pointee.pb else { throw MediaError(.write, path, code: ferry_INVALIDDATA) }
    avio_flush(pb)
    try check(pb.pointee.error, .write, path)
    return Int(avio_seek(pb, 0, SEEK_CUR))
  }

  /// Ends the last fragment, closes the file and puts its index in; returns where everything is.
  consuming func finish(as name: String) throws(MediaError) -> FragmentedFile {
    try putWaiting()
    try endFragment()
    try check(av_write_trailer(raw), .finish, path)
    try check(avio_closep(&raw.pointee.pb), .finish, path)
    // In the track's own units: FFmpeg reads an index that counts in others wrongly.
    let scale = Int(timeBase.den)
    let index = SegmentIndex.filled(
      reservation: reservation,
      segments: segments.map {
        (size: $0.size, duration: $0.duration.numerator * scale / $0.duration.denominator)
      }, timescale: scale)
    try overwrite(index.bytes, at: initialisation)
    let duration = segments.reduce(0) { $0 + $1.duration.value }
    return FragmentedFile(
      name: name, initialisation: initialisation, index: initialisation..<(initialisation + index.size),
      segments: segments, duration: Milliseconds(seconds: duration))
  }

  private func overwrite(_ bytes: [UInt8], at offset: Int) throws(MediaError) {
    let descriptor = Glibc.open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw MediaError(.finish, path, code: -errno) }
    defer { close(descriptor) }
    guard pwrite(descriptor, bytes, bytes.count, off_t(offset)) == bytes.count else {
      throw MediaError(.finish, path, code: errno == ENOSPC ? ferry_ENOSPC : -errno)
    }
  }

  deinit {
    for packet in waiting {
      var packet: UnsafeMutablePointer<AVPacket>? = packet
      av_packet_free(&packet)
    }
    free(raw)
  }
}

/// Closes and frees an output that may or may not have been finished.
func free(_ output: UnsafeMutablePointer<AVFormatContext>) {
  // Closing an abandoned file may fail too; it is thrown away with its folder.
  avio_closep(&output.pointee.pb)
  avformat_free_context(output)
}

/// The parameters that an encoder gives to a muxer.
struct Parameters: ~Copyable {
  let raw: UnsafeMutablePointer<AVCodecParameters>

  static func of(_ encoder: borrowing Encoder, _ path: String) throws(MediaError) -> Parameters {
    let parameters = Parameters(raw: try unwrap(avcodec_parameters_alloc(), .write, path))
    try check(avcodec_parameters_from_context(parameters.raw, encoder.raw), .write, path)
    return parameters
  }

  deinit {
    var raw: UnsafeMutablePointer<AVCodecParameters>? = raw
    avcodec_parameters_free(&raw)
  }
}
