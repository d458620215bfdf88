/// What may be opened at all, and how much of it: the defence against files that are not what they are called.
///
/// FFmpeg probes by content, so a playlist called `lesson.mp4` would make it open other files; only an allow-list of
/// demuxers stops that. The decoder list keeps rarely tested decoders away from untrusted bytes.
package struct OpenLimits: Sendable {
  /// Containers, by FFmpeg's demuxer names.
  package var containers = [
    "mov", "mp4", "m4a", "3gp", "3g2", "mj2", "matroska", "webm", "mpegts", "mpeg", "avi", "flv", "asf", "wav",
    "mp3", "aac", "flac", "ogg", "dv", "mxf", "rm", "aiff", "caf", "w64", "ac3", "amr",
  ]
  /// Decoders, by FFmpeg's names.
  package var decoders = [
    "h264", "hevc", "mpeg4", "mpeg2video", "mpeg1video", "vp8", "vp9", "libdav1d", "mjpeg", "prores", "theora",
    "h263", "flv", "flashsv", "flashsv2", "qtrle", "dvvideo", "png", "libvpx", "libvpx-vp9",
    // What cameras, editors and screen recorders wrote in the last twenty years.
    "wmv1", "wmv2", "wmv3", "vc1", "msmpeg4v2", "msmpeg4", "msvideo1", "mss1", "mss2", "cinepak", "svq1", "svq3",
    "rv10", "rv20", "rv30", "rv40", "dnxhd", "aic", "ffv1", "huffyuv", "ffvhuff", "utvideo", "rawvideo",
    "aac", "aac_latm", "mp3float", "mp3", "mp2float", "mp2", "ac3", "eac3", "dca", "opus", "libopus", "vorbis", "flac",
    "alac", "wmav1", "wmav2", "wmapro", "amrnb", "amrwb", "cook", "sipr", "speex", "libspeex", "gsm_ms", "nellymoser",
    "adpcm_ima_qt", "adpcm_ms", "adpcm_ima_wav", "adpcm_swf", "adpcm_yamaha",
    "pcm_s8", "pcm_u8", "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be", "pcm_s32le", "pcm_s32be", "pcm_f32le",
    "pcm_f32be", "pcm_f64le", "pcm_f64be", "pcm_alaw", "pcm_mulaw", "pcm_bluray", "pcm_dvd", "mov_text",
  ]
  /// Pixels of one picture: 8192 × 4352.
  package var maximumPixels = 35_651_584
  package var maximumStreams = 32
  /// Bytes read to find out what is in a file.
  package var probeSize = 20_000_000
  /// Files up to this size are read to their end for a length that their header does not tell: a third of a second.
  package var measuredSize = 64 << 20
  /// Bytes and time read where that did not tell the size of a picture or the channels of a sound.
  package var furtherProbeSize = 100_000_000
  package var furtherProbeLength = Duration.seconds(600)
  /// The longest programme.
  package var maximumDuration = Duration.seconds(12 * 3600)
  /// The longest time from one picture or sound to the next; a still slide may stand for a while.
  package var maximumGap = Duration.seconds(45 * 60)
  /// Packets in a row that do not decode before the first one that does.
  package var maximumFailures = 300
  /// Bytes of one allocation by FFmpeg, for the whole process: a 4:2:0 picture of the most pixels in 10 bits fits.
  package var maximumAllocation = 128 << 20
  /// How long opening may take before it is given up.
  package var openDeadline = Duration.seconds(30)

  package init() {}
}
