internal import CFFmpeg
package import FerryCore

/// The packets of one text stream of a media file, taken out raw: nothing here knows what they say.
package struct TextPackets: Sendable {
  /// How the packets are coded.
  package enum Coding: String, Sendable, CaseIterable {
    case subRip = "subrip"
    case ass
    case webVTT = "webvtt"
    /// 3GPP timed text.
    case tx3g = "mov_text"
    /// Whole TTML documents (`stpp`, ISO/IEC 14496-30).
    case ttml
  }

  package struct Packet: Sendable {
    package var start: CueTime
    package var end: CueTime
    package var payload: [UInt8]
    /// WebVTT's cue settings and identifier, which Matroska keeps beside the text.
    package var settings: String
    package var identifier: String
  }

  package var coding: Coding
  /// What the container keeps once for all packets, such as the styles of Advanced SubStation Alpha.
  package var header: [UInt8]
  /// Times count from the programme's zero, which is its first picture or sound.
  package var packets: [Packet]

  /// Reads stream `index` of `path`; packets of other streams are not looked at.
  ///
  /// `beside` are the streams that the programme is made of, whose first moment is zero. Throws for a stream that is
  /// no text: subtitles that are pictures cannot be read without recognising their letters.
  package static func of(
    _ path: String, stream index: Int, beside programme: (picture: Int?, sound: Int?), limits: OpenLimits = OpenLimits()
  ) throws(MediaError) -> TextPackets {
    let demuxer = try Demuxer.open(path, limits)
    let stream = try demuxer.stream(index)
    guard let parameters = stream.pointee.codecpar, let coding = Coding(parameters) else {
      throw MediaError(.read, path, code: ferry_INVALIDDATA, detail: refusal(stream, index))
    }
    let origin = try SourceReader.origin(of: demuxer, picture: programme.picture, sound: programme.sound)
    var header: [UInt8] = []
    if let extra = parameters.pointee.extradata {
      header = Array(UnsafeBufferPointer(start: extra, count: Int(parameters.pointee.extradata_size)))
    }
    try demuxer.keep([index])
    var result = TextPackets(coding: coding, header: header, packets: [])
    let packet = try FerryMedia.Packet.make()
    let unit = av_q2d(stream.pointee.time_base)
    var bytes = 0
    while try demuxer.read(into: packet) {
      let raw = packet.raw.pointee
      guard Int(raw.stream_index) == index, let data = raw.data, raw.pts != ferry_NOPTS else { continue }
      bytes += Int(raw.size)
      guard bytes <= mostBytes else {
        throw MediaError(
          .read, path, code: ferry_INVALIDDATA, detail: "its text stream \(index) has more than \(mostBytes >> 20) MiB")
      }
      let start = Double(raw.pts) * unit - origin
      result.packets.append(
        Packet(
          start: time(start), end: time(start + Double(max(0, raw.duration)) * unit),
          payload: Array(UnsafeBufferPointer(start: data, count: Int(raw.size))),
          settings: words(packet, AV_PKT_DATA_WEBVTT_SETTINGS), identifier: words(packet, AV_PKT_DATA_WEBVTT_IDENTIFIER)
        ))
    }
    // A packet without a duration is shown until the next one.
    for place in result.packets.indices.dropLast() where result.packets[place].end <= result.packets[place].start {
      result.packets[place].end = max(result.packets[place].start, result.packets[place + 1].start)
    }
    return result
  }

  /// Text of a whole evening has less than one.
  private static let mostBytes = 64 << 20

  private static func time(_ seconds: Double) -> CueTime { CueTime(seconds: seconds) }

  private static func words(_ packet: borrowing FerryMedia.Packet, _ kind: AVPacketSideDataType) -> String {
    var size = 0
    guard let data = av_packet_get_side_data(packet.raw, kind, &size) else { return "" }
    return String(decoding: UnsafeBufferPointer(start: data, count: size).prefix { $0 != 0 }, as: UTF8.self)
  }

  private static func refusal(_ stream: UnsafeMutablePointer<AVStream>, _ index: Int) -> String {
    let name = avcodec_get_name(stream.pointee.codecpar.pointee.codec_id).map { String(cString: $0) } ?? "none"
    switch name {
    case "hdmv_pgs_subtitle", "dvd_subtitle", "dvb_subtitle", "xsub":
      return "its stream \(index) holds pictures of text (\(name)): give the text as a file"
    case "dvb_teletext", "eia_608", "hdmv_text_subtitle":
      return "its stream \(index) is \(name), which ferry does not read: give the text as a file"
    default: return "its stream \(index) is no text but \(name)"
    }
  }
}

extension TextPackets.Coding {
  init?(_ parameters: UnsafeMutablePointer<AVCodecParameters>) {
    switch parameters.pointee.codec_id {
    case AV_CODEC_ID_SUBRIP, AV_CODEC_ID_TEXT: self = .subRip
    case AV_CODEC_ID_ASS: self = .ass
    case AV_CODEC_ID_WEBVTT: self = .webVTT
    case AV_CODEC_ID_MOV_TEXT: self = .tx3g
    case AV_CODEC_ID_TTML: self = .ttml
    // FFmpeg 5.1 opens the stream and knows no codec for it.
    case _ where parameters.pointee.codec_tag == ferry_stpp: self = .ttml
    default: return nil
    }
  }
}
