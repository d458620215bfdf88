internal import CFFmpeg

/// A compressed packet's owner; empty until something fills it.
struct Packet: ~Copyable {
  let raw: UnsafeMutablePointer<AVPacket>

  static func make() throws(MediaError) -> Packet {
    Packet(raw: try unwrap(av_packet_alloc(), .open, "a packet"))
  }

  /// Lets the data go, ready for the next.
  func clear() { av_packet_unref(raw) }

  deinit {
    var raw: UnsafeMutablePointer<AVPacket>? = raw
    av_packet_free(&raw)
  }
}
