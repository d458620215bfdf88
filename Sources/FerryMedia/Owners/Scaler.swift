internal import CFFmpeg

/// Scales and converts pictures of one size and pixel format to another.
struct Scaler: ~Copyable {
  let raw: OpaquePointer
  let width: Int32
  let height: Int32
  let format: AVPixelFormat

  /// What a scaler is made for; when a frame differs, it needs another scaler.
  struct Source: Equatable {
    var width: Int32
    var height: Int32
    var format: AVPixelFormat
    var isFullRange: Bool
    var matrix: AVColorSpace

    init(_ frame: borrowing Frame) {
      let frame = frame.raw.pointee
      width = frame.width
      height = frame.height
      format = AVPixelFormat(frame.format)
      // The `yuvj` formats say full range by their name.
      let isOldFullRange = [AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUVJ422P, AV_PIX_FMT_YUVJ444P].contains(format)
      isFullRange = frame.color_range == AVCOL_RANGE_JPEG || isOldFullRange
      matrix = frame.colorspace
    }

    /// Whether a picture is as encoders take it.
    func isReady(width: Int, height: Int) -> Bool {
      self.width == width && self.height == height && format == AV_PIX_FMT_YUV420P && !isFullRange
    }
  }

  /// Opens a scaler to `format`, in limited range unless `toFullRange`; the matrix is kept, except that RGB becomes
  /// `matrix`.
  static func open(
    from source: Source, width: Int, height: Int, format: AVPixelFormat = AV_PIX_FMT_YUV420P,
    matrix: AVColorSpace = AVCOL_SPC_BT709, toFullRange: Bool = false
  ) throws(MediaError) -> Scaler {
    let name = "\(source.width)x\(source.height) to \(width)x\(height)"
    guard let raw = sws_alloc_context() else { throw MediaError(.scale, name, code: ferry_ENOMEM) }
    let scaler = Scaler(raw: raw, width: Int32(width), height: Int32(height), format: format)
    let isRGB = av_pix_fmt_desc_get(source.format).map { $0.pointee.flags & UInt64(AV_PIX_FMT_FLAG_RGB) != 0 } ?? false
    // The ranges must be known before the context is initialised, or equal formats are copied without conversion.
    let options: KeyValuePairs<String, Int64> = [
      "srcw": Int64(source.width), "srch": Int64(source.height), "src_format": Int64(source.format.rawValue),
      "dstw": Int64(width), "dsth": Int64(height), "dst_format": Int64(format.rawValue),
      "src_range": source.isFullRange ? 1 : 0, "dst_range": toFullRange ? 1 : 0,
      "sws_flags": Int64(isRGB ? SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INP : SWS_BICUBIC),
    ]
    for (key, value) in options { try check(av_opt_set_int(UnsafeMutableRawPointer(raw), key, value, 0), .scale, name) }
    try check(sws_init_context(raw, nil, nil), .scale, name)
    // Equal tables on both sides: YUV stays in its matrix, and RGB goes to the one that the output is tagged with.
    // (The call refuses pairs that need no table, such as grey to grey; the ranges are set already.)
    let table = sws_getCoefficients(Int32(matrix.rawValue))
    _ = sws_setColorspaceDetails(
      raw, table, source.isFullRange ? 1 : 0, table, toFullRange ? 1 : 0, 0, 1 << 16, 1 << 16)
    return scaler
  }

  /// Fills `output` with a new picture.
  func scale(_ input: borrowing Frame, into output: borrowing Frame) throws(MediaError) {
    output.clear()
    output.raw.pointee.width = width
    output.raw.pointee.height = height
    output.raw.pointee.format = format.rawValue
    try check(sws_scale_frame(raw, output.raw, input.raw), .scale, "a picture")
  }

  deinit { sws_freeContext(raw) }
}

extension AVPixelFormat {
  init(_ raw: Int32) { self.init(rawValue: raw) }
}
