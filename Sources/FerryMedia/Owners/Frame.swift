internal import CFFmpeg

/// A decoded picture's or sound's owner; empty until something fills it.
struct Frame: ~Copyable {
  let raw: UnsafeMutablePointer<AVFrame>

  static func make() throws(MediaError) -> Frame {
    Frame(raw: try unwrap(av_frame_alloc(), .open, "a frame"))
  }

  var isEmpty: Bool { raw.pointee.buf.0 == nil }

  /// Whether the decoder had to guess at parts of it.
  var isDamaged: Bool { raw.pointee.decode_error_flags != 0 || raw.pointee.flags & AV_FRAME_FLAG_CORRUPT != 0 }

  /// Lets the data go, ready for the next.
  func clear() { av_frame_unref(raw) }

  /// Makes this frame a second reference to the other's data; nothing is copied.
  func refer(to other: borrowing Frame) throws(MediaError) {
    clear()
    try check(av_frame_ref(raw, other.raw), .decode, "a frame")
  }

  deinit {
    var raw: UnsafeMutablePointer<AVFrame>? = raw
    av_frame_free(&raw)
  }
}
