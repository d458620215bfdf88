internal import CFFmpeg
internal import Synchronization

/// An open encoder.
struct Encoder: ~Copyable {
  let raw: UnsafeMutablePointer<AVCodecContext>
  let name: String
  /// SVT-AV1 keeps what it knows of the processor in one place for all encoders of a process, which each one sets when
  /// it is opened and frees when it is closed: only one at a time may do either.
  private static let svt = Mutex(())
  private let isSVT: Bool

  /// Allocates FFmpeg's encoder called `codec`; `configure` sets its fields before it is opened with `options`.
  static func open(
    _ codec: String, for name: String, options: KeyValuePairs<String, String> = [:],
    configure: (UnsafeMutablePointer<AVCodecContext>) -> Void
  ) throws(MediaError) -> Encoder {
    _ = LibraryLog.install
    guard let found = avcodec_find_encoder_by_name(codec) else {
      throw MediaError(
        .encode, name, code: ferry_ENCODER_NOT_FOUND,
        detail: "this build of FFmpeg has no \(codec); `ferry doctor` tells how to get one that has")
    }
    let encoder = Encoder(
      raw: try unwrap(avcodec_alloc_context3(found), .encode, name), name: name, isSVT: codec == "libsvtav1")
    configure(encoder.raw)
    var dictionary: OpaquePointer?
    defer { av_dict_free(&dictionary) }
    for (key, value) in options { av_dict_set(&dictionary, key, value, 0) }
    let raw = encoder.raw
    let code =
      encoder.isSVT
      ? svt.withLock { _ in avcodec_open2(raw, found, &dictionary) } : avcodec_open2(raw, found, &dictionary)
    try check(code, .encode, name)
    if let unused = av_dict_get(dictionary, "", nil, AV_DICT_IGNORE_SUFFIX) {
      throw MediaError(
        .encode, name, code: ferry_INVALIDDATA,
        detail: "\(codec) does not know the option \(String(cString: unused.pointee.key))")
    }
    return encoder
  }

  func send(_ frame: borrowing Frame) throws(MediaError) {
    try check(avcodec_send_frame(raw, frame.raw), .encode, name)
  }

  func sendEnd() throws(MediaError) {
    try check(avcodec_send_frame(raw, nil), .encode, name)
  }

  func receive(into packet: borrowing Packet) throws(MediaError) -> Pull {
    switch avcodec_receive_packet(raw, packet.raw) {
    case ferry_EAGAIN: return .needsInput
    case ferry_EOF: return .ended
    case let code:
      try check(code, .encode, name)
      return .ready
    }
  }

  deinit {
    var raw: UnsafeMutablePointer<AVCodecContext>? = raw
    if isSVT { Encoder.svt.withLock { _ in avcodec_free_context(&raw) } } else { avcodec_free_context(&raw) }
  }
}
