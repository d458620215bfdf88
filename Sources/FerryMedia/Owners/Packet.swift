internal import CFFmpeg
internal import FerryCore

/// A compressed packet's owner; empty until something fills it.
struct Packet: ~Copyable {
  let raw: UnsafeMutablePointer<AVPacket>

  static func make() throws(MediaError) -> Packet {
    Packet(raw: try unwrap(av_packet_alloc(), .open, "a packet"))
  }

  /// Lets the data go, ready for the next.
  func clear() { av_packet_unref(raw) }

  /// Leaves what follows the first `count` of `whole` bytes, which is `time` later.
  func advance(by count: Int32, of whole: Int32, time: AVRational, unit: AVRational) {
    raw.pointee.data += Int(count)
    raw.pointee.size = whole - count
    let later = av_rescale_q(1, time, unit)
    if raw.pointee.pts != ferry_NOPTS { raw.pointee.pts = raw.pointee.pts.adding(bounded: later) }
    if raw.pointee.dts != ferry_NOPTS { raw.pointee.dts = raw.pointee.dts.adding(bounded: later) }
  }

  deinit {
    var raw: UnsafeMutablePointer<AVPacket>? = raw
    av_packet_free(&raw)
  }
}

extension UnsafeMutablePointer<AVPacket> {
  /// Whether decoders would refuse it, or take it for the end.
  var isEmpty: Bool { pointee.size == 0 && (pointee.data != nil || pointee.side_data_elems == 0) }
}

/// A copy of what FFmpeg lends; empty where there is nothing.
func bytes(_ start: UnsafePointer<UInt8>?, _ count: Int) -> [UInt8] {
  start.map { Array(UnsafeBufferPointer(start: $0, count: max(0, count))) } ?? []
}
