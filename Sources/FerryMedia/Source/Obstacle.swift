internal import CFFmpeg
internal import FerryCore

extension UnsafeMutablePointer<AVStream> {
  /// Why this stream cannot be made; `nil` for what can, for what is beside the lesson, and for one without content.
  func obstacle(_ limits: OpenLimits) -> StreamFacts.Obstacle? {
    let parameters = pointee.codecpar.pointee
    let isUnknown = parameters.codec_type == AVMEDIA_TYPE_UNKNOWN
    guard isPlayed || isUnknown, hasContent else { return nil }
    if isUnknown || parameters.codec_id == AV_CODEC_ID_NONE { return .unnamed }
    if !Decoder.exists(for: parameters.codec_id, limits) { return .undecodable }
    let isSized =
      parameters.codec_type == AVMEDIA_TYPE_VIDEO
      ? parameters.width > 0 && parameters.height > 0 : parameters.ch_layout.nb_channels > 0
    return isSized ? nil : .unsized
  }

  /// Whether anything of it was seen or is promised: a programme's table may list streams that never come.
  private var hasContent: Bool {
    pointee.start_time != ferry_NOPTS || pointee.nb_frames > 0 || pointee.duration > 0
      || avformat_index_get_entries_count(self) > 0
  }

  /// The container's own mark for what the stream is, as text where it is text.
  var tag: String? {
    let tag = pointee.codecpar.pointee.codec_tag
    if tag == 0 { return nil }
    let bytes = (0..<4).map { UInt8(truncatingIfNeeded: tag >> ($0 * 8)) }
    if let text = bytes.printable { return text }
    return "0x" + String(tag, radix: 16)
  }
}

extension UnsafeMutablePointer<AVStream> {
  /// HLS marks transport streams whose samples it encrypts by types of their own.
  var sampleEncryption: Protection? {
    [0xDB, 0xCF, 0xC1, 0xC2].contains(pointee.codecpar.pointee.codec_tag) ? Protection(scheme: "HLS SAMPLE-AES") : nil
  }
}
