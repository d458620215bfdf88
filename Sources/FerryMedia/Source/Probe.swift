internal import CFFmpeg
package import FerryCore
internal import Foundation

/// Finds out what is in a media file, without decoding more than FFmpeg's own analysis does.
package enum Probe {
  /// Where the header does not tell the length for sure, the packets of a file that is not large are counted.
  package static func facts(
    of path: String, limits: OpenLimits = OpenLimits()
  ) throws(MediaError) -> SourceFacts {
    let look = ContainerLook.at(path)
    let demuxer: Demuxer
    do throws(MediaError) {
      demuxer = try Demuxer.open(path, limits)
    } catch {
      // What is encrypted may look like a broken file.
      guard let protection = look.protection else { throw error }
      throw MediaError(
        .open, path, code: error.code, detail: "it is protected (DRM): \(protection.words)", fault: .protected)
    }
    var facts = try facts(of: demuxer, limits)
    facts.joined = look.joined
    facts.protection = look.protection
    for index in 0..<demuxer.streamCount where facts.container == "mpegts" {
      let stream = try demuxer.stream(index)
      facts.protection = facts.protection ?? stream.sampleEncryption
    }
    if facts.isDurationSure || facts.size > limits.measuredSize { return facts }
    return try MeasuredLength.completing(facts, reading: demuxer)
  }

  static func facts(
    of demuxer: borrowing Demuxer, _ limits: OpenLimits = OpenLimits()
  ) throws(MediaError) -> SourceFacts {
    let context = demuxer.raw.pointee
    var streams: [StreamFacts] = []
    for index in 0..<demuxer.streamCount {
      let raw = try demuxer.stream(index)
      var facts = stream(raw)
      facts.obstacle = raw.obstacle(limits)
      if facts.obstacle != nil { facts.tag = raw.tag }
      facts.duration = demuxer.declaredLength(of: raw, limits).flatMap { Milliseconds(foreign: $0) }
      streams.append(facts)
    }
    let size = max(0, context.pb.map { avio_size($0) } ?? 0)
    let length = try demuxer.declaredLength(limits)
    return SourceFacts(
      container: String(cString: context.iformat.pointee.name), size: Int(size),
      duration: length.flatMap { Milliseconds(foreign: $0) },
      start: Milliseconds(context.start_time == ferry_NOPTS ? 0 : Int(context.start_time / 1000)),
      // FFmpeg's own figure is made with its duration.
      bitRate: length.flatMap { size > 0 ? Int(bounded: min(Double(size) * 8 / $0, 1e12)) : nil }, streams: streams,
      chapters: chapters(context), durationBasis: length.map { _ in demuxer.guessesLength ? .estimated : .declared })
  }

  static func chapters(_ context: AVFormatContext) -> [SourceFacts.Chapter] {
    (0..<Int(context.nb_chapters)).compactMap { index in
      guard let chapter = context.chapters[index]?.pointee else { return nil }
      return SourceFacts.Chapter(
        start: milliseconds(chapter.start, chapter.time_base) ?? 0,
        end: milliseconds(chapter.end, chapter.time_base) ?? 0, name: tag("title", chapter.metadata))
    }
  }

  private static func stream(_ raw: UnsafeMutablePointer<AVStream>) -> StreamFacts {
    let stream = raw.pointee
    let parameters = stream.codecpar.pointee
    let kind: StreamFacts.Kind =
      switch parameters.codec_type {
      case AVMEDIA_TYPE_VIDEO: .video
      case AVMEDIA_TYPE_AUDIO: .audio
      case AVMEDIA_TYPE_SUBTITLE: .subtitle
      case AVMEDIA_TYPE_ATTACHMENT: .attachment
      case AVMEDIA_TYPE_UNKNOWN: .unknown
      default: .data
      }
    return StreamFacts(
      index: Int(stream.index), kind: kind, codec: String(cString: avcodec_get_name(parameters.codec_id)),
      codecProfile: ferry_profile_name(stream.codecpar).map { String(cString: $0) },
      level: parameters.level > 0 ? Int(parameters.level) : nil,
      language: tag("language", stream.metadata), name: tag("title", stream.metadata) ?? handler(stream.metadata),
      disposition: dispositions(stream.disposition), start: milliseconds(stream.start_time, stream.time_base),
      bitRate: parameters.bit_rate > 0 ? Foreign(Int(parameters.bit_rate)).trusted(in: 1...(1 << 50)) : nil,
      video: kind == .video ? video(raw) : nil, audio: kind == .audio ? audio(parameters) : nil)
  }

  private static func video(_ raw: UnsafeMutablePointer<AVStream>) -> VideoFacts {
    let parameters = raw.pointee.codecpar.pointee
    let format = AVPixelFormat(rawValue: parameters.format)
    let aspect = sampleAspect(raw)
    let matrix = ferry_display_matrix(raw).map { orientation($0) } ?? (rotation: 0, isMirrored: false)
    let turned = matrix.rotation % 180 != 0
    let width = Int(parameters.width) * aspect.numerator
    let height = Int(parameters.height) * aspect.denominator
    let average = rational(raw.pointee.avg_frame_rate)
    let real = rational(raw.pointee.r_frame_rate)
    let descriptor = av_pix_fmt_desc_get(format)
    return VideoFacts(
      width: Int(parameters.width), height: Int(parameters.height), sampleAspect: aspect,
      displayAspect: turned ? reduced(height, width) : reduced(width, height), rotation: matrix.rotation,
      isMirrored: matrix.isMirrored, averageFrameRate: average, realFrameRate: real,
      isVariableFrameRate: isVariable(average, real),
      pixelFormat: av_get_pix_fmt_name(format).map { String(cString: $0) } ?? "unknown",
      bitDepth: descriptor.map { Int($0.pointee.comp.0.depth) } ?? 8,
      colourRange: parameters.color_range == AVCOL_RANGE_UNSPECIFIED
        ? nil : parameters.color_range == AVCOL_RANGE_JPEG ? "full" : "limited",
      colourPrimaries: parameters.color_primaries == AVCOL_PRI_UNSPECIFIED
        ? nil : name(av_color_primaries_name(parameters.color_primaries)),
      colourTransfer: parameters.color_trc == AVCOL_TRC_UNSPECIFIED
        ? nil : name(av_color_transfer_name(parameters.color_trc)),
      colourMatrix: parameters.color_space == AVCOL_SPC_UNSPECIFIED
        ? nil : name(av_color_space_name(parameters.color_space)),
      interlacing: interlacing(parameters.field_order), mayBeInterlaced: fieldCodecs.contains(parameters.codec_id),
      keyFrameSpacing: keyFrameSpacing(raw))
  }

  /// Codecs that can code fields.
  private static let fieldCodecs: Set<AVCodecID> = [
    AV_CODEC_ID_MPEG2VIDEO, AV_CODEC_ID_H264, AV_CODEC_ID_MPEG4, AV_CODEC_ID_DVVIDEO, AV_CODEC_ID_PRORES,
    AV_CODEC_ID_MJPEG, AV_CODEC_ID_HEVC, AV_CODEC_ID_VC1,
  ]

  /// Frames from each key frame to the next by the container's index, if that is always the same.
  ///
  /// Only an index with every frame in it can say; MP4 has one.
  private static func keyFrameSpacing(_ stream: UnsafeMutablePointer<AVStream>) -> Int? {
    let count = avformat_index_get_entries_count(stream)
    guard count > 1, Int64(count) == stream.pointee.nb_frames else { return nil }
    var last = 0
    var spacing: Int?
    for index in 0..<count {
      guard let entry = avformat_index_get_entry(stream, index) else { return nil }
      if entry.pointee.flags & AVINDEX_KEYFRAME == 0 { continue }
      let step = Int(index) - last
      last = Int(index)
      if index == 0 { continue }
      if let spacing, spacing != step { return nil }
      spacing = step
    }
    guard let spacing, Int(count) - last <= spacing else { return nil }
    return spacing
  }

  private static func audio(_ parameters: AVCodecParameters) -> AudioFacts {
    var layout = parameters.ch_layout
    var buffer = [CChar](repeating: 0, count: 128)
    av_channel_layout_describe(&layout, &buffer, buffer.count)
    return AudioFacts(
      sampleRate: Int(parameters.sample_rate), channels: Int(parameters.ch_layout.nb_channels),
      layout: String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self),
      sampleFormat: name(av_get_sample_fmt_name(AVSampleFormat(rawValue: parameters.format))) ?? "unknown",
      isADTS: parameters.codec_id == AV_CODEC_ID_AAC && parameters.extradata_size == 0)
  }

  /// The container's aspect where it has one, else the codec's; absurd ones (beyond 10:1) count as square.
  private static func sampleAspect(_ raw: UnsafeMutablePointer<AVStream>) -> Rational {
    let stream = raw.pointee.sample_aspect_ratio
    let codec = raw.pointee.codecpar.pointee.sample_aspect_ratio
    let chosen = stream.num > 0 && stream.den > 0 ? stream : codec
    guard chosen.num > 0, chosen.den > 0, (0.1...10).contains(av_q2d(chosen)) else { return Rational(1, 1) }
    return reduced(Int(chosen.num), Int(chosen.den))
  }

  /// Splits a display matrix into a turn clockwise and a mirroring left to right after it; shears are ignored.
  private static func orientation(_ matrix: UnsafePointer<Int32>) -> (rotation: Int, isMirrored: Bool) {
    var turned = Array(UnsafeBufferPointer(start: matrix, count: 9))
    let determinant = Int64(turned[0]) * Int64(turned[4]) - Int64(turned[1]) * Int64(turned[3])
    let isMirrored = determinant < 0
    if isMirrored { av_display_matrix_flip(&turned, 1, 0) }
    let anticlockwise = av_display_rotation_get(turned)
    guard anticlockwise.isFinite else { return (0, isMirrored) }
    let quarter = Int(bounded: -anticlockwise / 90)
    return (((quarter % 4) + 4) % 4 * 90, isMirrored)
  }

  private static func interlacing(_ order: AVFieldOrder) -> VideoFacts.Interlacing {
    switch order {
    case AV_FIELD_PROGRESSIVE: .progressive
    case AV_FIELD_TT, AV_FIELD_TB: .topFieldFirst
    case AV_FIELD_BB, AV_FIELD_BT: .bottomFieldFirst
    default: .unknown
    }
  }

  /// Whether the average strays from the lowest rate that all timestamps fit by more than rounding does.
  ///
  /// Half the rate is a variable one too: a camera that fell from 30 to 10 pictures a second may have that average.
  /// (Where the clock counts fields, half of it comes out as the rate anyway.)
  private static func isVariable(_ average: Rational?, _ real: Rational?) -> Bool {
    guard let average, let real else { return false }
    return abs(average.value / real.value - 1) > 0.02
  }

  private static func dispositions(_ flags: Int32) -> [String] {
    let known: [(Int32, String)] = [
      (AV_DISPOSITION_DEFAULT, "default"), (AV_DISPOSITION_DUB, "dub"), (AV_DISPOSITION_ORIGINAL, "original"),
      (AV_DISPOSITION_COMMENT, "comment"), (AV_DISPOSITION_FORCED, "forced"),
      (AV_DISPOSITION_HEARING_IMPAIRED, "hearing-impaired"), (AV_DISPOSITION_VISUAL_IMPAIRED, "visual-impaired"),
      (AV_DISPOSITION_ATTACHED_PIC, "attached-pic"), (AV_DISPOSITION_CAPTIONS, "captions"),
      (AV_DISPOSITION_DESCRIPTIONS, "descriptions"),
    ]
    return known.filter { flags & $0.0 != 0 }.map(\.1)
  }

  private static func rational(_ value: AVRational) -> Rational? {
    value.num > 0 && value.den > 0 ? reduced(Int(value.num), Int(value.den)) : nil
  }

  private static func reduced(_ numerator: Int, _ denominator: Int) -> Rational {
    var (a, b) = (numerator, denominator)
    while b != 0 { (a, b) = (b, a % b) }
    return a == 0 || denominator == 0 ? Rational(1, 1) : Rational(numerator / a, denominator / a)
  }

  /// `nil` for a time that is not there, or that nothing has.
  static func milliseconds(_ value: Int64, _ timeBase: AVRational) -> Milliseconds? {
    guard value != ferry_NOPTS, timeBase.num > 0, timeBase.den > 0 else { return nil }
    return Milliseconds(Foreign(Int(av_rescale_q(value, timeBase, AVRational(num: 1, den: 1000)))))
  }

  private static func tag(_ key: String, _ metadata: OpaquePointer?) -> String? {
    av_dict_get(metadata, key, nil, 0).map { String(cString: $0.pointee.value) }
  }

  /// MP4's handler name serves as a track's name, unless it is a muxer's standing text.
  private static func handler(_ metadata: OpaquePointer?) -> String? {
    guard let name = tag("handler_name", metadata), !name.isEmpty else { return nil }
    let standing = ["VideoHandler", "SoundHandler", "SubtitleHandler", "DataHandler"]
    return standing.contains(name) ? nil : name
  }

  private static func name(_ text: UnsafePointer<CChar>?) -> String? { text.map { String(cString: $0) } }
}
