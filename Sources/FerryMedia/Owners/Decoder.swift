internal import CFFmpeg
internal import FerryCore

/// The three answers of a codec that is asked for output.
enum Pull { case ready, needsInput, ended }

/// An open decoder for one stream.
struct Decoder: ~Copyable {
  let raw: UnsafeMutablePointer<AVCodecContext>
  /// The file and stream, for errors.
  let name: String
  let timeBase: AVRational

  static func open(
    _ stream: UnsafeMutablePointer<AVStream>, of path: String, threads: Int, _ limits: OpenLimits = OpenLimits()
  ) throws(MediaError) -> Decoder {
    let parameters = stream.pointee.codecpar
    let name = "\(path) (stream \(stream.pointee.index))"
    let hasAlpha = av_dict_get(stream.pointee.metadata, "alpha_mode", nil, 0)?.pointee.value.pointee == 0x31
    guard let parameters,
      let codec = hasAlpha
        ? alphaDecoder(parameters.pointee.codec_id, limits)
        : allowedDecoder(
          parameters.pointee.codec_id, limits)
    else {
      let codecName = parameters.map { String(cString: avcodec_get_name($0.pointee.codec_id)) } ?? "unknown"
      throw MediaError(.decode, name, code: ferry_DECODER_NOT_FOUND, detail: "its codec is \(codecName)")
    }
    let decoder = Decoder(
      raw: try unwrap(avcodec_alloc_context3(codec), .decode, name), name: name, timeBase: stream.pointee.time_base)
    try check(avcodec_parameters_to_context(decoder.raw, parameters), .decode, name)
    decoder.raw.pointee.pkt_timebase = stream.pointee.time_base
    decoder.raw.pointee.thread_count = Int32(threads)
    decoder.raw.pointee.max_pixels = Int64(limits.maximumPixels)
    try check(avcodec_open2(decoder.raw, codec, nil), .decode, name)
    return decoder
  }

  /// Whether the build has a decoder that the limits allow.
  static func exists(for codec: AVCodecID, _ limits: OpenLimits) -> Bool { allowedDecoder(codec, limits) != nil }

  /// WebM keeps a picture's alpha beside it, where only libvpx looks.
  private static func alphaDecoder(_ id: AVCodecID, _ limits: OpenLimits) -> UnsafePointer<AVCodec>? {
    let names = [AV_CODEC_ID_VP8: "libvpx", AV_CODEC_ID_VP9: "libvpx-vp9"]
    if let name = names[id], limits.decoders.contains(name), let codec = avcodec_find_decoder_by_name(name) {
      return codec
    }
    return allowedDecoder(id, limits)
  }

  /// The first decoder of the build for a codec that the limits allow.
  private static func allowedDecoder(_ id: AVCodecID, _ limits: OpenLimits) -> UnsafePointer<AVCodec>? {
    if let first = avcodec_find_decoder(id), limits.decoders.contains(String(cString: first.pointee.name)) {
      return first
    }
    var state: UnsafeMutableRawPointer?
    while let codec = av_codec_iterate(&state) {
      if codec.pointee.id == id, av_codec_is_decoder(codec) != 0,
        limits.decoders.contains(String(cString: codec.pointee.name))
      {
        return codec
      }
    }
    return nil
  }

  /// Gives the decoder a packet.
  ///
  /// An empty one, which FFmpeg from 8 on reads for a repeated picture of Theora, is left out: decoders refuse it, or
  /// take it for the end.
  func send(_ packet: borrowing Packet) throws(MediaError) {
    if packet.raw.isEmpty { return }
    note(packet.raw)
    try judge(avcodec_send_packet(raw, packet.raw))
  }

  /// Leaves word of the packet that is decoded next.
  func note(_ packet: UnsafeMutablePointer<AVPacket>?) {
    let time = packet.flatMap { Probe.milliseconds($0.pointee.pts, timeBase) }
    Trail.note(Doing(raw.pointee.codec_type == AVMEDIA_TYPE_VIDEO ? .decodingPicture : .decodingSound, name, at: time))
  }

  func sendEnd() throws(MediaError) {
    note(nil)
    try judge(avcodec_send_packet(raw, nil))
  }

  /// Decoders say "not permitted", "not implemented" or "invalid argument" of bytes that make no sense to them.
  private func judge(_ code: Int32) throws(MediaError) {
    if code >= 0 { return }
    if code == ferry_ENOMEM || code == ferry_EXIT || code == ferry_EOF { try check(code, .decode, name) }
    throw MediaError(
      .decode, name, code: ferry_INVALIDDATA, detail: LibraryLog.takeLastLine() ?? "its data makes no sense")
  }

  func receive(into frame: borrowing Frame) throws(MediaError) -> Pull {
    switch avcodec_receive_frame(raw, frame.raw) {
    case ferry_EAGAIN: return .needsInput
    case ferry_EOF: return .ended
    case let code:
      try judge(code)
      return .ready
    }
  }

  deinit {
    var raw: UnsafeMutablePointer<AVCodecContext>? = raw
    avcodec_free_context(&raw)
  }
}
