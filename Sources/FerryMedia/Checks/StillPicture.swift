internal import CFFmpeg
internal import Foundation

/// Pictures for JPEG files, which players and browsers take for BT.601 in full range whatever the video is in.
enum StillPicture {
  /// Opens a scaler from pictures of `source` in `matrix` to what JPEG files hold.
  static func openScaler(
    from source: Scaler.Source, width: Int, height: Int, matrix: AVColorSpace
  ) throws(MediaError) -> Scaler {
    let scaler = try Scaler.open(
      from: source, width: width, height: height, format: AV_PIX_FMT_YUVJ420P, matrix: matrix, toFullRange: true)
    // The call refuses equal tables, which need no conversion.
    if let own = sws_getCoefficients(Int32(matrix.rawValue)), let still = sws_getCoefficients(SWS_CS_ITU601),
      memcmp(own, still, 4 * MemoryLayout<Int32>.size) != 0
    {
      // The conversion goes through RGB, in two scalers that are opened now; their usual rounding darkens colours.
      try check(
        av_opt_set_int(
          UnsafeMutableRawPointer(scaler.raw), "sws_flags",
          ferry_SWS_BICUBIC | ferry_SWS_ACCURATE_RND | ferry_SWS_FULL_CHR_H_INT | ferry_SWS_FULL_CHR_H_INP, 0), .scale,
        "a still picture")
      try check(
        sws_setColorspaceDetails(scaler.raw, own, source.isFullRange ? 1 : 0, still, 1, 0, 1 << 16, 1 << 16), .scale,
        "a still picture")
    }
    return scaler
  }

  /// Writes a picture that such a scaler made; `quality` is the quantiser, 2 the best.
  static func write(_ picture: borrowing Frame, quality: Int32, to path: String) throws(MediaError) {
    let scaled = quality * FF_QP2LAMBDA
    picture.raw.pointee.color_range = AVCOL_RANGE_JPEG
    picture.raw.pointee.pts = 0
    picture.raw.pointee.quality = scaled
    let encoder = try Encoder.open("mjpeg", for: path) { context in
      context.pointee.width = picture.raw.pointee.width
      context.pointee.height = picture.raw.pointee.height
      context.pointee.pix_fmt = AV_PIX_FMT_YUVJ420P
      context.pointee.color_range = AVCOL_RANGE_JPEG
      context.pointee.time_base = AVRational(num: 1, den: 25)
      context.pointee.flags |= AV_CODEC_FLAG_QSCALE | Int32(bitPattern: UInt32(AV_CODEC_FLAG_BITEXACT))
      context.pointee.global_quality = scaled
      context.pointee.thread_count = 1
    }
    try encoder.send(picture)
    try encoder.sendEnd()
    let packet = try Packet.make()
    guard try encoder.receive(into: packet) == .ready, let bytes = packet.raw.pointee.data else {
      throw MediaError(.encode, path, code: ferry_INVALIDDATA, detail: "no picture came out")
    }
    do {
      try Data(bytes: bytes, count: Int(packet.raw.pointee.size)).write(to: URL(fileURLWithPath: path))
    } catch let error as CocoaError where error.code == .fileWriteOutOfSpace {
      throw MediaError(.write, path, code: ferry_ENOSPC)
    } catch {
      throw MediaError(.write, path, code: ferry_INVALIDDATA, detail: error.localizedDescription)
    }
  }

  /// `width` × `height` made smaller by `factor`, with even sides.
  static func size(_ width: Int32, _ height: Int32, by factor: Double) -> (width: Int, height: Int) {
    let even = { (side: Int32) in max(2, Int((Double(side) * factor / 2).rounded()) * 2) }
    return (even(width), even(height))
  }
}
