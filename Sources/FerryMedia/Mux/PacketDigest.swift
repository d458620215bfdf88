internal import CFFmpeg

/// A digest of what a stream's decoder is given: its configuration and the bytes of each packet, in order (MurmurHash3,
/// 128 bits, of libavutil: against work done twice, not against forgers).
package final class PacketDigest {
  package typealias Value = [UInt8]

  private let state: OpaquePointer

  init(_ stream: UnsafeMutablePointer<AVStream>) throws(MediaError) {
    guard let state = av_murmur3_alloc() else { throw MediaError(.decode, "a digest", code: ferry_ENOMEM) }
    self.state = state
    av_murmur3_init(state)
    guard let parameters = stream.pointee.codecpar?.pointee else { return }
    add(parameters.extradata, parameters.extradata_size)
  }

  func add(_ packet: UnsafeMutablePointer<AVPacket>) {
    add(packet.pointee.data, packet.pointee.size)
  }

  private func add(_ bytes: UnsafeMutablePointer<UInt8>?, _ count: Int32) {
    withUnsafeBytes(of: count) { av_murmur3_update(state, $0.baseAddress?.assumingMemoryBound(to: UInt8.self), 4) }
    if let bytes, count > 0 { av_murmur3_update(state, bytes, Int(count)) }
  }

  /// 16 bytes; ends the digest.
  package private(set) lazy var value: Value = {
    var value = Value(repeating: 0, count: 16)
    av_murmur3_final(state, &value)
    return value
  }()

  deinit { av_free(UnsafeMutableRawPointer(state)) }
}
