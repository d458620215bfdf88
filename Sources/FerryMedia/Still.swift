internal import CFFmpeg
internal import Foundation

/// A JPEG made of one picture.
enum Still {
  /// Writes a BT.709 picture, scaled down to at most `shortSide` lines on its short side.
  static func write(_ frame: borrowing Frame, to path: String, shortSide: Int) throws(MediaError) {
    let source = Scaler.Source(frame)
    let short = min(source.width, source.height)
    let factor = min(1, Double(shortSide) / Double(short))
    let width = Int((Double(source.width) * factor / 2).rounded()) * 2
    let height = Int((Double(source.height) * factor / 2).rounded()) * 2
    let scaler = try Scaler.open(
      from: source, width: width, height: height, format: AV_PIX_FMT_YUVJ420P, toFullRange: true)
    let picture = try Frame.make()
    try scaler.scale(frame, into: picture)
    picture.raw.pointee.color_range = AVCOL_RANGE_JPEG
    picture.raw.pointee.pts = 0
    let quality = 3 * FF_QP2LAMBDA
    picture.raw.pointee.quality = quality
    let encoder = try Encoder.open("mjpeg", for: path) { context in
      context.pointee.width = Int32(width)
      context.pointee.height = Int32(height)
      context.pointee.pix_fmt = AV_PIX_FMT_YUVJ420P
      context.pointee.color_range = AVCOL_RANGE_JPEG
      context.pointee.time_base = AVRational(num: 1, den: 25)
      context.pointee.flags |= AV_CODEC_FLAG_QSCALE | Int32(bitPattern: UInt32(AV_CODEC_FLAG_BITEXACT))
      context.pointee.global_quality = quality
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
}
