internal import CFFmpeg
internal import FerryCore

/// Scales and converts pictures of one size and pixel format to another.
struct Scaler: ~Copyable {
  let raw: ferry_scaler
  private let width: Int32
  private let height: Int32
  private let format: AVPixelFormat
  private let isFullRange: Bool
  /// Where the picture lies on black; `nil` where it fills the output.
  private let window: Window?
  /// Memory of outputs that nobody holds any more: fresh memory costs more than the scaling of small pictures.
  private let pool: OpaquePointer

  private struct Window { var x, y, width, height: Int32 }

  /// What a scaler is made for; when a frame differs, it needs another scaler.
  struct Source: Equatable {
    enum Range { case limited, full }

    var width: Int32
    var height: Int32
    var format: AVPixelFormat
    /// `nil` where nothing says it.
    var range: Range?
    var matrix: AVColorSpace
    var chromaLocation: AVChromaLocation
    /// 1 where nothing says it; beyond 10 to 1 it is a fault.
    var sampleAspect: Rational

    init(_ frame: borrowing Frame) {
      let frame = frame.raw.pointee
      width = frame.width
      height = frame.height
      format = AVPixelFormat(frame.format)
      // The `yuvj` formats say full range by their name.
      let isOldFullRange = [AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUVJ422P, AV_PIX_FMT_YUVJ444P].contains(format)
      range =
        frame.color_range == AVCOL_RANGE_JPEG || isOldFullRange
        ? .full : frame.color_range == AVCOL_RANGE_MPEG ? .limited : nil
      matrix = frame.colorspace
      chromaLocation = frame.chroma_location
      let aspect = frame.sample_aspect_ratio
      let isSound = aspect.num > 0 && aspect.den > 0 && (0.1...10).contains(av_q2d(aspect))
      sampleAspect = isSound ? Rational(Int(aspect.num), Int(aspect.den)) : Rational(1, 1)
    }

    var isFullRange: Bool { range == .full }

    /// Whether a picture is as encoders take it.
    func isReady(width: Int, height: Int) -> Bool {
      self.width == width && self.height == height && format == AV_PIX_FMT_YUV420P && !isFullRange
        && sampleAspect.value == 1 && [AVCHROMA_LOC_UNSPECIFIED, AVCHROMA_LOC_LEFT].contains(chromaLocation)
    }

    /// The largest even size in which a screen of `size` shows the whole picture in its shape, within 2 % the whole
    /// screen.
    func fitted(_ size: (width: Int, height: Int), sampleAspect: Rational) -> (width: Int, height: Int) {
      let shape = Double(width) * sampleAspect.value / Double(max(1, height))
      let screen = Double(size.width) / Double(max(1, size.height))
      func even(_ side: Double) -> Int { max(2, Int(bounded: side / 2) * 2) }
      if shape > screen * 1.02 { return (size.width, even(Double(size.width) / shape)) }
      if shape < screen / 1.02 { return (even(Double(size.height) * shape), size.height) }
      return size
    }

    /// The size at which no pixel is made that `size` does not show; never larger than the picture itself.
    func shown(within size: (width: Int, height: Int)) -> (width: Int, height: Int) {
      let fitted = fitted(size, sampleAspect: sampleAspect)
      return (min(Int(width), fitted.width), min(Int(height), fitted.height))
    }
  }

  /// Opens a scaler to `format`, in limited range unless `toFullRange`; the matrix is kept, except that RGB becomes
  /// `matrix`.
  ///
  /// With the `sampleAspect` of the source, a picture of another shape is laid on black; without, it fills the output.
  static func open(
    from source: Source, width: Int, height: Int, format: AVPixelFormat = AV_PIX_FMT_YUV420P,
    matrix: AVColorSpace = AVCOL_SPC_BT709, toFullRange: Bool = false, sampleAspect: Rational? = nil
  ) throws(MediaError) -> Scaler {
    let name = "\(source.width)x\(source.height) to \(width)x\(height)"
    let whole = (width: width, height: height)
    let size = sampleAspect.map { source.fitted(whole, sampleAspect: $0) } ?? whole
    guard let raw = sws_alloc_context() else { throw MediaError(.scale, name, code: ferry_ENOMEM) }
    let room = padded(Int32(width), Int32(height))
    let bytes = try check(av_image_get_buffer_size(format, room.width, room.height, 1), .scale, name)
    guard let pool = av_buffer_pool_init(Int(bytes) + Int(AV_INPUT_BUFFER_PADDING_SIZE), nil) else {
      sws_freeContext(raw)
      throw MediaError(.scale, name, code: ferry_ENOMEM)
    }
    let scaler = Scaler(
      raw: raw, width: Int32(width), height: Int32(height), format: format, isFullRange: toFullRange,
      window: size == whole
        ? nil
        : Window(
          x: Int32((width - size.width) / 4 * 2), y: Int32((height - size.height) / 4 * 2), width: Int32(size.width),
          height: Int32(size.height)), pool: pool)
    let (from, to) = (try PixelFormat(source.format), try PixelFormat(format))
    // The ranges must be known before the context is initialised, or equal formats are copied without conversion.
    var options: [(String, Int64)] = [
      ("srcw", Int64(source.width)), ("srch", Int64(source.height)), ("src_format", Int64(source.format.rawValue)),
      ("dstw", Int64(size.width)), ("dsth", Int64(size.height)), ("dst_format", Int64(format.rawValue)),
      ("src_range", source.isFullRange ? 1 : 0), ("dst_range", toFullRange ? 1 : 0),
      // Rounded as C does it, the same on every processor.
      (
        "sws_flags",
        ferry_SWS_BICUBIC | ferry_SWS_ACCURATE_RND | ferry_SWS_BITEXACT | (from.isRGB ? ferry_SWS_FULL_CHR_H_INP : 0)
      ),
    ]
    // Where chroma lies in the source, and in the output at the left, which is what players take it for.
    if !from.isRGB && !from.isGrey {
      options += position("src", from.chromaShift, source.chromaLocation)
    }
    options += position("dst", to.chromaShift, AVCHROMA_LOC_LEFT)
    for (key, value) in options { try check(av_opt_set_int(UnsafeMutableRawPointer(raw), key, value, 0), .scale, name) }
    try check(sws_init_context(raw, nil, nil), .scale, name)
    // Equal tables on both sides: YUV stays in its matrix, and RGB goes to the one that the output is tagged with.
    // (The call refuses pairs that need no table, such as grey to grey; the ranges are set already.)
    let table = sws_getCoefficients(Int32(matrix.rawValue))
    _ = sws_setColorspaceDetails(
      raw, table, source.isFullRange ? 1 : 0, table, toFullRange ? 1 : 0, 0, 1 << 16, 1 << 16)
    return scaler
  }

  /// swscale's options for where chroma lies, in 256ths of a luma pixel.
  private static func position(
    _ side: String, _ shift: (x: Int, y: Int), _ location: AVChromaLocation
  ) -> [(String, Int64)] {
    let isCentred = [AVCHROMA_LOC_CENTER, AVCHROMA_LOC_TOP, AVCHROMA_LOC_BOTTOM].contains(location)
    let isTop = [AVCHROMA_LOC_TOPLEFT, AVCHROMA_LOC_TOP].contains(location)
    let isBottom = [AVCHROMA_LOC_BOTTOMLEFT, AVCHROMA_LOC_BOTTOM].contains(location)
    var options: [(String, Int64)] = []
    if shift.x > 0 { options.append((side + "_h_chr_pos", isCentred ? 128 : 0)) }
    if shift.y > 0 { options.append((side + "_v_chr_pos", isTop ? 0 : isBottom ? 256 : 128)) }
    return options
  }

  /// The size that is allocated: what SIMD reads and writes past a line's end stays within the line.
  private static func padded(_ width: Int32, _ height: Int32) -> (width: Int32, height: Int32) {
    // Half of 128 is what chroma has: 64 is the widest register.
    ((width + 127) & ~127, (height + 31) & ~31)
  }

  /// Makes `output` a new picture, in memory that is used again once nobody holds it.
  private func renew(_ output: borrowing Frame) throws(MediaError) {
    output.clear()
    guard let buffer = av_buffer_pool_get(pool) else { throw MediaError(.scale, "a picture", code: ferry_ENOMEM) }
    let frame = output.raw
    frame.pointee.buf.0 = buffer
    (frame.pointee.width, frame.pointee.height, frame.pointee.format) = (width, height, format.rawValue)
    let size = Self.padded(width, height)
    try check(
      av_image_fill_arrays(
        &frame.pointee.data.0, &frame.pointee.linesize.0, buffer.pointee.data, format, size.width, size.height, 1),
      .scale, "a picture")
  }

  /// Fills `output` with a new picture.
  func scale(_ input: borrowing Frame, into output: borrowing Frame) throws(MediaError) {
    try renew(output)
    guard let window else {
      try check(sws_scale_frame(raw, output.raw, input.raw), .scale, "a picture")
      return
    }
    let picture = try Frame.make()
    try picture.refer(to: output)
    try move(picture, to: window)
    try check(sws_scale_frame(raw, picture.raw, input.raw), .scale, "a picture")
    // After the picture, because swscale writes some pixels beyond its right edge.
    let right = window.x + window.width
    let bottom = window.y + window.height
    for border in [
      Window(x: 0, y: 0, width: width, height: window.y),
      Window(x: 0, y: bottom, width: width, height: height - bottom),
      Window(x: 0, y: window.y, width: window.x, height: window.height),
      Window(x: right, y: window.y, width: width - right, height: window.height),
    ] where border.width > 0 && border.height > 0 {
      try picture.refer(to: output)
      try move(picture, to: border)
      try blacken(picture)
    }
  }

  /// Makes a frame show only a part of its picture.
  private func move(_ frame: borrowing Frame, to window: Window) throws(MediaError) {
    frame.raw.pointee.width = window.width
    frame.raw.pointee.height = window.height
    let pixels = try PixelFormat(format)
    let chroma = pixels.chromaShift
    let (y, x) = (Int(window.y), Int(window.x) * ((pixels.depth + 7) / 8))
    let lines = frame.raw.pointee.linesize
    frame.raw.pointee.data.0 = frame.raw.pointee.data.0.map { $0 + y * Int(lines.0) + x }
    frame.raw.pointee.data.1 =
      frame.raw.pointee.data.1.map { $0 + (y >> chroma.y) * Int(lines.1) + x >> chroma.x }
    frame.raw.pointee.data.2 =
      frame.raw.pointee.data.2.map { $0 + (y >> chroma.y) * Int(lines.2) + x >> chroma.x }
  }

  private func blacken(_ frame: borrowing Frame) throws(MediaError) {
    let picture = frame.raw.pointee
    var planes = [picture.data.0, picture.data.1, picture.data.2, nil]
    let lines = [picture.linesize.0, picture.linesize.1, picture.linesize.2, 0].map { Int($0) }
    let range = isFullRange ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG
    try check(
      av_image_fill_black(&planes, lines, format, range, picture.width, picture.height), .scale, "a picture")
  }

  deinit {
    sws_freeContext(raw)
    // Pictures that others still hold keep their memory until they let it go.
    var pool: OpaquePointer? = pool
    av_buffer_pool_uninit(&pool)
  }
}

extension AVPixelFormat {
  init(_ raw: Int32) { self.init(rawValue: raw) }
}
