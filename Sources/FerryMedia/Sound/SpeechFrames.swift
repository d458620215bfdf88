internal import CFFmpeg

/// The frames of AMR, of which telephones store several in one sample; FFmpeg's decoders read only the first.
///
/// A frame begins with a byte that names its kind (RFC 4867, 5.3); lengths are those of 3GPP TS 26.101 and TS 26.201.
struct SpeechFrames {
  private let lengths: [Int32]

  /// Twenty milliseconds, at every rate.
  static let duration = AVRational(num: 1, den: 50)

  /// `nil` for a codec that puts one frame into a packet.
  init?(_ codec: AVCodecID) {
    switch codec {
    case AV_CODEC_ID_AMR_NB: lengths = [13, 14, 16, 18, 20, 21, 27, 32, 6]
    case AV_CODEC_ID_AMR_WB: lengths = [18, 24, 33, 37, 41, 47, 51, 59, 61, 6]
    default: return nil
    }
  }

  /// Bytes of the frame that begins here, its first byte included; one for a frame without data.
  func length(_ bytes: UnsafePointer<UInt8>) -> Int32 {
    let kind = Int(bytes[0] >> 3 & 15)
    return kind < lengths.count ? lengths[kind] : 1
  }
}
