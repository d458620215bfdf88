internal import CFFmpeg
internal import Foundation

/// The best picture seen so far to stand for a title: the one with the most contrast, which no black or blank one has.
struct PosterCandidate: ~Copyable {
  private let best: Frame
  private var score = -1.0

  static func make() throws(MediaError) -> PosterCandidate {
    PosterCandidate(best: try Frame.make())
  }

  private init(best: consuming Frame) { self.best = best }

  /// Looks at a 4:2:0 picture and keeps a reference to it if it is better.
  mutating func consider(_ frame: borrowing Frame) throws(MediaError) {
    let picture = frame.raw.pointee
    guard let luma = picture.data.0 else { return }
    // Every eighth pixel of every eighth line is plenty for a mean and a spread.
    var sum = 0.0
    var squares = 0.0
    var count = 0.0
    for y in stride(from: 0, to: Int(picture.height), by: 8) {
      let line = luma + y * Int(picture.linesize.0)
      for x in stride(from: 0, to: Int(picture.width), by: 8) {
        let value = Double(line[x])
        sum += value
        squares += value * value
        count += 1
      }
    }
    let mean = sum / count
    let spread = squares / count - mean * mean
    if spread > score {
      score = spread
      try best.refer(to: frame)
    }
  }

  /// Writes the picture as a JPEG, at most 720 lines on its short side.
  consuming func write(to path: String, matrix: AVColorSpace) throws(MediaError) {
    let source = Scaler.Source(best)
    let short = min(source.width, source.height)
    let factor = min(1, 720 / Double(short))
    let width = Int((Double(source.width) * factor / 2).rounded()) * 2
    let height = Int((Double(source.height) * factor / 2).rounded()) * 2
    let scaler = try Scaler.open(
      from: source, width: width, height: height, format: AV_PIX_FMT_YUVJ420P, matrix: matrix, toFullRange: true)
    let picture = try Frame.make()
    try scaler.scale(best, into: picture)
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
