internal import CFFmpeg
internal import FerryCore

/// Writes one encoded stream as a fragmented MP4 (CMAF) file and notes where each fragment is.
///
/// The fragments are cut by the caller, between packets, so that those of all renditions and the sound lie side by
/// side in time.
struct FragmentWriter: ~Copyable {
  private let raw: UnsafeMutablePointer<AVFormatContext>
  private let path: String
  private var initialisation = 0
  private var segments: [FragmentedFile.Segment] = []
  private var hasPackets = false
  /// Of the fragment being filled, in `encoderTimeBase` units.
  private var fragmentDuration: Int64 = 0
  private let encoderTimeBase: AVRational
  private let timeBase: AVRational

  static func open(
    _ path: String, for encoder: borrowing Encoder, language: String
  ) throws(MediaError) -> FragmentWriter {
    var raw: UnsafeMutablePointer<AVFormatContext>?
    try check(avformat_alloc_output_context2(&raw, nil, "mp4", nil), .write, path)
    let context = try unwrap(raw, .write, path)
    do throws(MediaError) {
      context.pointee.flags |= AVFMT_FLAG_BITEXACT
      let stream = try unwrap(avformat_new_stream(context, nil), .write, path)
      try check(avcodec_parameters_from_context(stream.pointee.codecpar, encoder.raw), .write, path)
      stream.pointee.time_base = encoder.raw.pointee.time_base
      stream.pointee.avg_frame_rate = encoder.raw.pointee.framerate
      av_dict_set(&stream.pointee.metadata, "language", language, 0)
      try check(avio_open(&context.pointee.pb, "file:" + path, AVIO_FLAG_WRITE), .write, path)
      var options: OpaquePointer?
      defer { av_dict_free(&options) }
      // Pictures begin at zero by negative composition offsets, which every player understands; the sound's encoder
      // delay is taken out by an edit list, for which `delay_moov` waits until the first packet is there.
      let isSound = encoder.raw.pointee.codec_type == AVMEDIA_TYPE_AUDIO
      context.pointee.avoid_negative_ts = 0
      av_dict_set(&options, "use_editlist", isSound ? "1" : "0", 0)
      av_dict_set(
        &options, "movflags",
        "+frag_custom+delay_moov+cmaf+negative_cts_offsets+default_base_moof+skip_trailer", 0)
      try check(avformat_write_header(context, &options), .write, path)
      return FragmentWriter(
        raw: context, path: path, encoderTimeBase: encoder.raw.pointee.time_base, timeBase: stream.pointee.time_base)
    } catch {
      free(context)
      throw error
    }
  }

  private init(
    raw: UnsafeMutablePointer<AVFormatContext>, path: String, encoderTimeBase: AVRational, timeBase: AVRational
  ) {
    self.raw = raw
    self.path = path
    self.encoderTimeBase = encoderTimeBase
    self.timeBase = timeBase
  }

  /// Takes a packet whose times are in the encoder's time base, leaving it empty.
  mutating func write(_ packet: borrowing Packet) throws(MediaError) {
    fragmentDuration += packet.raw.pointee.duration
    hasPackets = true
    packet.raw.pointee.stream_index = 0
    av_packet_rescale_ts(packet.raw, encoderTimeBase, timeBase)
    try check(av_write_frame(raw, packet.raw), .write, path)
    packet.clear()
  }

  /// Ends the fragment being filled.
  mutating func cut() throws(MediaError) {
    if !hasPackets { return }
    if initialisation == 0 {
      // With `delay_moov` the first flush writes `ftyp` and `moov` alone.
      initialisation = try flush()
    }
    let start = segments.last.map { $0.offset + $0.size } ?? initialisation
    let end = try flush()
    if end > start {
      segments.append(
        FragmentedFile.Segment(
          offset: start, size: end - start,
          duration: Rational(Int(fragmentDuration) * Int(encoderTimeBase.num), Int(encoderTimeBase.den))))
    }
    fragmentDuration = 0
    hasPackets = false
  }

  private func flush() throws(MediaError) -> Int {
    try check(av_write_frame(raw, nil), .write, path)
    guard let pb = raw.pointee.pb else { throw MediaError(.write, path, code: ferry_INVALIDDATA) }
    avio_flush(pb)
    try check(pb.pointee.error, .write, path)
    return Int(avio_seek(pb, 0, SEEK_CUR))
  }

  /// Ends the last fragment and closes the file; returns where everything is.
  consuming func finish(as name: String) throws(MediaError) -> FragmentedFile {
    try cut()
    try check(av_write_trailer(raw), .finish, path)
    try check(avio_closep(&raw.pointee.pb), .finish, path)
    let duration = segments.reduce(0) { $0 + $1.duration.value }
    return FragmentedFile(
      name: name, initialisation: initialisation, segments: segments,
      duration: Milliseconds(Int((duration * 1000).rounded())))
  }

  deinit { free(raw) }
}

/// Closes and frees an output that may or may not have been finished.
func free(_ output: UnsafeMutablePointer<AVFormatContext>) {
  // Closing an abandoned file may fail too; it is thrown away with its folder.
  avio_closep(&output.pointee.pb)
  avformat_free_context(output)
}
