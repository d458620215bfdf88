internal import CFFmpeg

/// The FFmpeg libraries that are linked, and the encoders that they call.
package enum Libraries {
  /// Such as `libavcodec 59.37.100` and `x264 core 164 r3095 baee400`, in a fixed order: all that decides an encoding's
  /// bytes beside the recipe.
  package static let versions = ffmpeg + EncoderVersions.all

  private static var ffmpeg: [String] {
    let all: [(String, UInt32)] = [
      ("libavformat", avformat_version()), ("libavcodec", avcodec_version()), ("libavfilter", avfilter_version()),
      ("libswscale", swscale_version()), ("libswresample", swresample_version()), ("libavutil", avutil_version()),
    ]
    return all.map { name, version in "\(name) \(version >> 16).\(version >> 8 & 0xFF).\(version & 0xFF)" }
  }

  /// Release of FFmpeg as its builder names it, such as `5.1.9-0+deb12u1`.
  package static var release: String { String(cString: av_version_info()) }

  /// Whether the build has an encoder.
  package static func hasEncoder(_ name: String) -> Bool { avcodec_find_encoder_by_name(name) != nil }

  /// Whether the build has a decoder.
  package static func hasDecoder(_ name: String) -> Bool { avcodec_find_decoder_by_name(name) != nil }
}
