internal import CFFmpeg
internal import FerryCore

/// Opens the encoder of a rendition: constant quality under a cap, closed groups of pictures of equal length, and
/// nothing that depends on the machine.
enum VideoEncoder {
  /// x264's presets that leave out trellis quantisation.
  static let fastest: Set = ["ultrafast", "superfast", "veryfast"]

  /// x264 and x265 give a group's first picture a better quality than the others (`ipratio`, 1.4), but not an encoder's
  /// own first: this zone does.
  private static let firstPicture = "0,0,b=1.4"

  static func open(
    _ rendition: Rendition, _ recipe: VideoRecipe, _ cap: BitRateCap, for path: String
  ) throws(MediaError) -> Encoder {
    let rate = AVRational(num: Int32(recipe.frameRate.numerator), den: Int32(recipe.frameRate.denominator))
    return try Encoder.open(rendition.codec.encoder, for: path, options: settings(rendition, recipe, cap)) { context in
      context.pointee.width = Int32(rendition.width)
      context.pointee.height = Int32(rendition.height)
      context.pointee.pix_fmt = AV_PIX_FMT_YUV420P
      context.pointee.sample_aspect_ratio = AVRational(num: 1, den: 1)
      context.pointee.time_base = AVRational(num: rate.den, den: rate.num)
      context.pointee.framerate = rate
      context.pointee.gop_size = Int32(recipe.keyFrameInterval)
      context.pointee.keyint_min = Int32(recipe.keyFrameInterval)
      context.pointee.flags |= Int32(bitPattern: UInt32(AV_CODEC_FLAG_CLOSED_GOP)) | AV_CODEC_FLAG_GLOBAL_HEADER
      switch rendition.codec {
      case .h264:
        context.pointee.rc_max_rate = Int64(cap.rate)
        context.pointee.rc_buffer_size = Int32(cap.buffer)
      // libvpx takes the cap of its constrained quality as the bit rate.
      case .vp9: context.pointee.bit_rate = Int64(rendition.maximumRate)
      case .hevc, .av1: break
      }
      // With more threads and a cap the bytes depend on which thread is sooner.
      context.pointee.thread_count = 1
      context.pointee.color_range = AVCOL_RANGE_MPEG
      context.pointee.colorspace = AVCOL_SPC_BT709
      context.pointee.color_primaries = AVCOL_PRI_BT709
      context.pointee.color_trc = AVCOL_TRC_BT709
      context.pointee.chroma_sample_location = AVCHROMA_LOC_LEFT
    }
  }

  private static func settings(
    _ rendition: Rendition, _ recipe: VideoRecipe, _ cap: BitRateCap
  ) -> KeyValuePairs<String, String> {
    let interval = recipe.keyFrameInterval
    let factor = String(rendition.rateFactor)
    return switch rendition.codec {
    case .h264:
      [
        "preset": rendition.preset, "crf": factor, "profile": "high",
        // Bits go to the quiet parts of a picture, as far as it has them, and no preset rounds blindly: more for the
        // eye from fewer bits at nearly no cost (docs/encoding.md).
        "aq-mode": "2", "trellis": fastest.contains(rendition.preset) ? "1" : "-1",
        // One step of sub-pixel search less than the preset saves a fifth of the time and costs nobody a look.
        "x264-params": """
        cpu-independent=1:vbv-init=\(cap.fill):zones=\(firstPicture)\(rendition.preset == "veryfast" ? ":subme=1" : "")
        """,
        // Key frames where the interval says and nowhere else, so that all renditions can be switched between.
        "sc_threshold": "0",
      ]
    case .hevc:
      [
        "preset": rendition.preset, "crf": factor, "forced-idr": "1",
        "x265-params": """
        keyint=\(interval):min-keyint=\(interval):scenecut=0:open-gop=0:frame-threads=1:pools=none:\
        vbv-maxrate=\(cap.rate / 1000):vbv-bufsize=\(cap.buffer / 1000):vbv-init=\(cap.fill):\
        zones=\(firstPicture):info=0:log-level=none
        """,
      ]
    case .av1:
      [
        "preset": "10", "crf": factor, "svtav1-params": "scd=0:lp=1",
      ]
    case .vp9:
      [
        "crf": factor, "deadline": "good", "cpu-used": "4", "row-mt": "1", "tile-columns": "1",
        "lag-in-frames": "16", "auto-alt-ref": "1",
      ]
    }
  }
}

extension VideoCodec {
  /// FFmpeg's name of the encoder that is used.
  package var encoder: String {
    switch self {
    case .h264: "libx264"
    case .hevc: "libx265"
    case .av1: "libsvtav1"
    case .vp9: "libvpx-vp9"
    }
  }
}

extension VideoCodec {
  /// Whether the encoder keeps to a buffer as well as to a rate.
  var isCapped: Bool { self == .h264 || self == .hevc }
}

extension AudioCodec {
  /// FFmpeg's name of the encoder that is used.
  package var encoder: String {
    switch self {
    case .aac: "aac"
    case .opus: "libopus"
    case .flac: "flac"
    }
  }
}
