internal import CFFmpeg
internal import FerryCore

/// Scales and encodes one rendition, and takes the poster where it is asked to.
struct VideoLane: Sendable {
  let rendition: Rendition
  let recipe: VideoRecipe
  let path: String
  /// Where the poster goes, for one of the lanes.
  let poster: String?

  struct Outcome: Sendable {
    var video: TranscodeOutcome.VideoOutcome
    var poster: String?
  }

  func run(_ queue: FrameQueue, progress: (Milliseconds) -> Void) throws(MediaError) -> Outcome {
    let encoder = try openEncoder()
    var writer = try FragmentWriter.open(path, for: encoder, language: "und")
    let packet = try Packet.make()
    let input = try Frame.make()
    let scaled = try Frame.make()
    var scaler: Scaler?
    var scalerSource: Scaler.Source?
    var candidate = try PosterCandidate.make()
    var frames = 0

    taking: while true {
      switch queue.take(into: input) {
      case .cancelled: throw MediaError(.encode, path, code: ferry_EXIT)
      case .ended: break taking
      case .frame: break
      }
      let number = Int(input.raw.pointee.pts)
      let source = Scaler.Source(input)
      if source != scalerSource {
        scaler = isReady(source) ? nil : try openScaler(from: source)
        scalerSource = source
      }
      switch scaler {
      case .none: try scaled.refer(to: input)
      case .some(let scaler): try scaler.scale(input, into: scaled)
      }
      tag(scaled, number)
      try encoder.send(scaled)
      if poster != nil, number % recipe.keyFrameInterval == recipe.keyFrameInterval / 2 || number == 0 {
        try candidate.consider(scaled)
      }
      frames += 1
      try drain(encoder, packet, into: &writer)
      if frames % 10 == 0 { progress(position(frames)) }
    }
    if frames == 0 { throw MediaError(.encode, path, code: ferry_INVALIDDATA, detail: "there was no picture") }
    try encoder.sendEnd()
    try drain(encoder, packet, into: &writer)
    let codec = try codecString(encoder)
    let file = try writer.finish(as: rendition.name + ".mp4")
    progress(position(frames))
    if let poster { try candidate.write(to: poster, matrix: matrix) }
    return Outcome(
      video: TranscodeOutcome.VideoOutcome(
        file: file, rendition: rendition, frameRate: recipe.frameRate, codec: codec, frames: frames),
      poster: poster == nil ? nil : "poster.jpg")
  }

  private func position(_ frames: Int) -> Milliseconds {
    Milliseconds(Int(Double(frames) * 1000 / recipe.frameRate.value))
  }

  private var matrix: AVColorSpace {
    AVColorSpace(rawValue: numericCast(max(0, av_color_space_from_name(recipe.colour.matrix))))
  }

  private func openEncoder() throws(MediaError) -> Encoder {
    let rate = AVRational(num: Int32(recipe.frameRate.numerator), den: Int32(recipe.frameRate.denominator))
    let interval = Int32(recipe.keyFrameInterval)
    return try Encoder.open(
      "libx264", for: path,
      options: [
        "preset": rendition.preset, "crf": String(rendition.rateFactor), "profile": "high",
        // Key frames where the interval says and nowhere else, so that all renditions can be switched between.
        "sc_threshold": "0",
      ]
    ) { context in
      context.pointee.width = Int32(rendition.width)
      context.pointee.height = Int32(rendition.height)
      context.pointee.pix_fmt = AV_PIX_FMT_YUV420P
      context.pointee.sample_aspect_ratio = AVRational(num: 1, den: 1)
      context.pointee.time_base = AVRational(num: rate.den, den: rate.num)
      context.pointee.framerate = rate
      context.pointee.gop_size = interval
      context.pointee.keyint_min = interval
      context.pointee.flags |= Int32(bitPattern: UInt32(AV_CODEC_FLAG_CLOSED_GOP)) | AV_CODEC_FLAG_GLOBAL_HEADER
      context.pointee.rc_max_rate = Int64(rendition.maximumRate)
      context.pointee.rc_buffer_size = Int32(rendition.bufferSize)
      context.pointee.thread_count = Int32(rendition.encoderThreads)
      context.pointee.color_range = AVCOL_RANGE_MPEG
      context.pointee.colorspace = matrix
      context.pointee.color_primaries =
        AVColorPrimaries(rawValue: numericCast(max(0, av_color_primaries_from_name(recipe.colour.primaries))))
      context.pointee.color_trc =
        AVColorTransferCharacteristic(
          rawValue: numericCast(max(0, av_color_transfer_from_name(recipe.colour.transfer))))
    }
  }

  /// Whether a picture can be encoded as it is.
  private func isReady(_ source: Scaler.Source) -> Bool {
    source.width == rendition.width && source.height == rendition.height && source.format == AV_PIX_FMT_YUV420P
      && !source.isFullRange
  }

  private func openScaler(from source: Scaler.Source) throws(MediaError) -> Scaler {
    try Scaler.open(
      from: source, width: rendition.width, height: rendition.height, format: AV_PIX_FMT_YUV420P, matrix: matrix)
  }

  /// Clears what a decoder left in a picture that would steer the encoder, and numbers it.
  private func tag(_ frame: borrowing Frame, _ number: Int) {
    frame.raw.pointee.pts = Int64(number)
    frame.raw.pointee.pict_type = AV_PICTURE_TYPE_NONE
    frame.raw.pointee.sample_aspect_ratio = AVRational(num: 1, den: 1)
    while frame.raw.pointee.nb_side_data > 0, let side = frame.raw.pointee.side_data[0] {
      av_frame_remove_side_data(frame.raw, side.pointee.type)
    }
  }

  private func drain(
    _ encoder: borrowing Encoder, _ packet: borrowing Packet, into writer: inout FragmentWriter
  ) throws(MediaError) {
    while try encoder.receive(into: packet) == .ready {
      packet.raw.pointee.duration = 1
      let isKey = packet.raw.pointee.flags & AV_PKT_FLAG_KEY != 0
      let number = Int(packet.raw.pointee.pts)
      if isKey && number > 0 && number % recipe.segmentLength == 0 { try writer.cut() }
      try writer.write(packet)
    }
  }

  /// `avc1.` and profile, constraints and level, which are bytes 1 to 3 of the decoder configuration (RFC 6381, 3.3).
  private func codecString(_ encoder: borrowing Encoder) throws(MediaError) -> String {
    // x264's global header is Annex B: the sequence parameter set follows the first start code and a type byte.
    let count = Int(encoder.raw.pointee.extradata_size)
    guard let data = encoder.raw.pointee.extradata, count >= 9 else {
      throw MediaError(.encode, path, code: ferry_INVALIDDATA, detail: "the encoder gave no header")
    }
    let bytes = UnsafeBufferPointer(start: data, count: count)
    for index in 0..<(count - 6)
    where bytes[index] == 0 && bytes[index + 1] == 0 && bytes[index + 2] == 1 && bytes[index + 3] & 0x1F == 7 {
      return "avc1." + bytes[(index + 4)...(index + 6)].map { hexadecimal($0) }.joined()
    }
    throw MediaError(.encode, path, code: ferry_INVALIDDATA, detail: "the encoder's header has no parameter set")
  }
}

/// Two lower-case hexadecimal digits.
private func hexadecimal(_ byte: UInt8) -> String {
  let digits = String(byte, radix: 16)
  return digits.count == 1 ? "0" + digits : digits
}
