internal import CFFmpeg
internal import FerryCore

/// Makes pictures progressive, upright, opaque and BT.709; size, bit depth, chroma and range are left to a `Scaler`.
///
/// Pictures must carry their real sample aspect. What is right already passes through the whole filter untouched.
struct PictureFilter: ~Copyable {
  /// FFmpeg's part; `nil` where only the colours change.
  private let graph: FilterGraph?
  /// `nil` where the colours are not HDR.
  private let toneMap: ToneMap?
  /// A picture on its way to the tone map.
  private let waiting: Frame
  private let inputTimeBase: AVRational
  private var hasEnded = false

  private init(
    graph: consuming FilterGraph?, toneMap: consuming ToneMap?, waiting: consuming Frame, inputTimeBase: AVRational
  ) {
    self.graph = graph
    self.toneMap = toneMap
    self.waiting = waiting
    self.inputTimeBase = inputTimeBase
  }

  /// `nil` when there is nothing to do.
  ///
  /// `fields` is the order of fields that are to become whole pictures. `colour` says what all codes mean; a picture's
  /// own tags decide only their range. No colour is converted for more pixels than `largest` shows.
  static func open(
    like frame: borrowing Frame, timeBase: AVRational, rotation: Int, isMirrored: Bool, fields: FieldOrder?,
    colour: VideoRecipe.Colour, largest: (width: Int, height: Int)
  ) throws(MediaError) -> PictureFilter? {
    let source = Scaler.Source(frame)
    let format = try PixelFormat(source.format)
    var steps: [FilterGraph.Step] = []
    if let fields {
      let parity = fields == .topFirst ? "tff" : "bff"
      steps.append(.init("bwdif", [("mode", "send_frame"), ("parity", parity), ("deint", "all")]))
    }
    if format.hasAlpha { steps += overBlack(format) }
    let isChanged = try changes(colour, format)
    var toneMap: ToneMap?
    if isChanged {
      var codes = colour
      codes.isFullRange = source.range.map { $0 == .full } ?? colour.isFullRange
      let turned = rotation % 180 == 0 ? largest : (width: largest.height, height: largest.width)
      let size = source.shown(within: turned)
      let isSmaller = size.width < source.width || size.height < source.height
      if colour.isHDR {
        // Red, green and blue get a matrix here that loses none of them.
        if format.isRGB { (codes.matrix, codes.isFullRange) = ("bt2020nc", false) }
        if isSmaller || source.format != AV_PIX_FMT_YUV420P10LE { steps += toned(size, format, codes) }
        toneMap = ToneMap.make(ToneCurve(codes, peak: ToneCurve.peak(of: frame)))
      } else {
        if isSmaller { steps.append(.init("scale", scaling(size, codes))) }
        steps.append(converted(codes))
      }
    }
    steps += upright(rotation, isMirrored)

    if steps.isEmpty && !colour.isHDR { return nil }
    // (No ternary: an owner cannot be moved out of one.)
    var graph: FilterGraph?
    if !steps.isEmpty { graph = try FilterGraph.open(steps, like: frame, timeBase: timeBase) }
    return PictureFilter(graph: graph, toneMap: toneMap, waiting: try Frame.make(), inputTimeBase: timeBase)
  }

  /// Whether the codes mean something else than BT.709's.
  ///
  /// All curves of standard range count as one, because screens show them all by one.
  private static func changes(_ colour: VideoRecipe.Colour, _ format: PixelFormat) throws(MediaError) -> Bool {
    if format.isRGB || format.isGrey { return colour.isHDR }
    if !convertible.contains(colour.matrix) {
      throw MediaError(
        .filter, "a picture", code: ferry_INVALIDDATA,
        detail: "its colours are coded as \(colour.matrix), which cannot be converted; export it again as BT.709")
    }
    return colour.isHDR || colour.matrix != "bt709" || colour.primaries != "bt709"
  }

  /// Matrices that FFmpeg's `colorspace` knows, and constant luminance, which is close enough to the usual kind.
  private static let convertible: Set = [
    "bt709", "fcc", "bt470bg", "smpte170m", "smpte240m", "ycgco", "bt2020nc", "bt2020c",
  ]

  /// Takes the alpha away, and with it what it hides.
  private static func overBlack(_ format: PixelFormat) -> [FilterGraph.Step] {
    // The only formats that `premultiply` works on; swscale's own blending takes limited range's black for zero.
    let isDeep = format.depth > 8
    let (mixed, opaque) =
      format.isRGB || format.isGrey
      ? (isDeep ? "gbrap16le" : "gbrap", isDeep ? "gbrp16le" : "gbrp")
      : (isDeep ? "yuva444p10le" : "yuva444p", isDeep ? "yuv444p10le" : "yuv444p")
    return [
      .init("format", [("pix_fmts", mixed)]), .init("premultiply", [("inplace", "1")]),
      .init("format", [("pix_fmts", opaque)]),
    ]
  }

  private static func scaling(
    _ size: (width: Int, height: Int), _ codes: VideoRecipe.Colour
  ) -> [(String, String)] {
    // Both ranges, so that they stay what they are.
    let range = codes.isFullRange ? "full" : "limited"
    return [
      ("w", String(size.width)), ("h", String(size.height)), ("flags", "bicubic+accurate_rnd+full_chroma_inp"),
      ("in_range", range), ("out_range", range),
    ]
  }

  /// Brings HDR pictures to the format that the tone map takes, in the matrix that they have.
  private static func toned(
    _ size: (width: Int, height: Int), _ format: PixelFormat, _ codes: VideoRecipe.Colour
  ) -> [FilterGraph.Step] {
    var options = scaling(size, codes)
    if format.isRGB {
      options.removeAll { $0.0 == "in_range" }
      options.append(("out_color_matrix", "bt2020"))
    }
    return [.init("scale", options), .init("format", [("pix_fmts", "yuv420p10le")])]
  }

  /// Changes matrix and primaries to BT.709's in the range that the codes have.
  private static func converted(_ codes: VideoRecipe.Colour) -> FilterGraph.Step {
    // Numbers, because FFmpeg has two sets of names for the same things.
    let matrix = av_color_space_from_name(codes.matrix == "bt2020c" ? "bt2020nc" : codes.matrix)
    let primaries = av_color_primaries_from_name(codes.primaries)
    let range = codes.isFullRange ? "pc" : "tv"
    // Light as screens show it; BT.709's own curve is a camera's, and would darken what is saturated.
    let curve = "gamma22"
    return .init(
      "colorspace",
      [
        ("ispace", String(matrix)), ("iprimaries", String(primaries)), ("itrc", curve), ("irange", range),
        ("space", "bt709"), ("primaries", "bt709"), ("trc", curve), ("range", range),
      ])
  }

  private static func upright(_ rotation: Int, _ isMirrored: Bool) -> [FilterGraph.Step] {
    let mirror = isMirrored ? [FilterGraph.Step("hflip")] : []
    switch rotation {
    case 90: return [.init("transpose", [("dir", "clock")])] + mirror
    case 180: return [.init("hflip"), .init("vflip")] + mirror
    case 270: return [.init("transpose", [("dir", "cclock")])] + mirror
    default: return mirror
    }
  }

  /// The unit of the pictures that come out; bwdif halves it.
  var timeBase: AVRational {
    switch graph {
    case .none: inputTimeBase
    case .some(let graph): graph.timeBase
    }
  }

  /// Takes a picture's reference, leaving `frame` empty.
  func send(_ frame: borrowing Frame) throws(MediaError) {
    switch graph {
    case .none:
      waiting.clear()
      av_frame_move_ref(waiting.raw, frame.raw)
    case .some(let graph): try graph.send(frame)
    }
  }

  /// Lets what the filter still holds come out.
  mutating func sendEnd() throws(MediaError) {
    hasEnded = true
    switch graph {
    case .none: break
    case .some(let graph): try graph.sendEnd()
    }
  }

  func receive(into frame: borrowing Frame) throws(MediaError) -> Pull {
    switch toneMap {
    case .none:
      let pulled = try pull(into: frame)
      // The curve that a conversion went through is not the one that its codes are for.
      if pulled == .ready { frame.raw.pointee.color_trc = AVCOL_TRC_BT709 }
      return pulled
    case .some(let toneMap):
      let pulled = try pull(into: waiting)
      if pulled == .ready {
        try toneMap.apply(waiting, into: frame)
        waiting.clear()
      }
      return pulled
    }
  }

  /// The next picture out of the graph; where there is none, the one that was sent.
  private func pull(into frame: borrowing Frame) throws(MediaError) -> Pull {
    switch graph {
    case .none: return waiting.isEmpty ? (hasEnded ? .ended : .needsInput) : .ready
    case .some(let graph): return try graph.receive(into: frame)
    }
  }
}

/// What a pixel format's codes stand for.
struct PixelFormat {
  let isRGB: Bool
  let isGrey: Bool
  let hasAlpha: Bool
  let depth: Int
  /// Shifts from luma's to chroma's size.
  let chromaShift: (x: Int, y: Int)
  /// Whether luma is a plane of its own, in this machine's byte order.
  let hasOwnLuma: Bool

  init(_ format: AVPixelFormat) throws(MediaError) {
    guard let descriptor = av_pix_fmt_desc_get(format)?.pointee else {
      throw MediaError(.filter, "a picture", code: ferry_INVALIDDATA, detail: "its pixel format is not known")
    }
    func has(_ flag: Int32) -> Bool { descriptor.flags & UInt64(flag) != 0 }
    // A palette's colours are RGB too.
    isRGB = has(AV_PIX_FMT_FLAG_RGB) || has(AV_PIX_FMT_FLAG_PAL)
    isGrey = !isRGB && descriptor.nb_components < 3
    hasAlpha = has(AV_PIX_FMT_FLAG_ALPHA)
    depth = Int(descriptor.comp.0.depth)
    chromaShift = (Int(descriptor.log2_chroma_w), Int(descriptor.log2_chroma_h))
    hasOwnLuma = !isRGB && !hasAlpha && (isGrey || has(AV_PIX_FMT_FLAG_PLANAR)) && !has(AV_PIX_FMT_FLAG_BE)
  }
}
