internal import CFFmpeg
internal import FerryCore
internal import Foundation
internal import Glibc

/// Versions of the encoders behind FFmpeg as they are at run time: a distribution updates each by itself.
///
/// An encoder that is not there has no version.
enum EncoderVersions {
  static var all: [String] {
    [
      x264, variable("x265_version_str").map { "x265 " + $0 }, function("svt_av1_get_version").map { "SVT-AV1 " + $0 },
      function("vpx_codec_version_str").map { "libvpx " + $0 }, function("opus_get_version_string"),
    ].compactMap { $0 }
  }

  private typealias Version = @convention(c) () -> UnsafePointer<CChar>?

  private static func function(_ name: String) -> String? {
    guard let symbol = dlsym(nil, name) else { return nil }
    return unsafeBitCast(symbol, to: Version.self)().map { String(cString: $0) }
  }

  private static func variable(_ name: String) -> String? {
    guard let symbol = dlsym(nil, name) else { return nil }
    return symbol.load(as: UnsafePointer<CChar>?.self).map { String(cString: $0) }
  }

  /// x264 tells its version in the note before its first picture only.
  private static var x264: String? {
    guard Libraries.hasEncoder(VideoCodec.h264.encoder) else { return nil }
    do throws(MediaError) {
      return note(in: try onePicture()).map { "x264 " + $0 }
    } catch {
      // An encoder that cannot be opened makes nothing either, and says so there.
      return nil
    }
  }

  private static func onePicture() throws(MediaError) -> [UInt8] {
    let name = "x264's version"
    let encoder = try Encoder.open(VideoCodec.h264.encoder, for: name, options: ["preset": "ultrafast"]) { context in
      context.pointee.width = 16
      context.pointee.height = 16
      context.pointee.pix_fmt = AV_PIX_FMT_YUV420P
      context.pointee.time_base = AVRational(num: 1, den: 25)
      context.pointee.thread_count = 1
    }
    let frame = try Frame.make()
    frame.raw.pointee.width = 16
    frame.raw.pointee.height = 16
    frame.raw.pointee.format = AV_PIX_FMT_YUV420P.rawValue
    try check(av_frame_get_buffer(frame.raw, 0), .encode, name)
    frame.raw.pointee.pts = 0
    let packet = try Packet.make()
    try encoder.send(frame)
    try encoder.sendEnd()
    guard try encoder.receive(into: packet) == .ready else { return [] }
    return bytes(packet.raw.pointee.data, Int(packet.raw.pointee.size))
  }

  /// `core 164 r3095 baee400` of `x264 - core 164 r3095 baee400 - H.264/MPEG-4 AVC codec - …`.
  static func note(in packet: [UInt8]) -> String? {
    let head = Array("x264 - ".utf8)
    guard let start = packet.indices.first(where: { packet[$0...].starts(with: head) }) else { return nil }
    let words = String(decoding: packet[(start + head.count)...].prefix { $0 >= 0x20 && $0 < 0x7F }, as: UTF8.self)
    return words.components(separatedBy: " - ").first
  }
}
