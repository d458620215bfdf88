extension Profile {
  /// Streams and downloads for any browser: H.264 High and AAC-LC, 1080 to 480 lines.
  package static let web = Profile(
    name: "web", outputs: [.mp4, .hls, .dash],
    video: VideoRules(
      codecs: [.h264],
      ladder: [
        Rung(shortSide: 1080, rateFactor: 21, maximumRate: 6_000_000, bufferSize: 12_000_000, preset: "veryfast"),
        Rung(shortSide: 720, rateFactor: 21, maximumRate: 3_500_000, bufferSize: 7_000_000, preset: "veryfast"),
        Rung(shortSide: 480, rateFactor: 21, maximumRate: 1_600_000, bufferSize: 3_200_000, preset: "veryfast"),
      ],
      maximumFrameRate: 30, keyFrameInterval: 2000, keyFramesPerSegment: 2, copiesWhenRight: true),
    audio: AudioRules(
      codec: .aac, sampleRate: 48_000, channels: 2, mono: .dual, bitRate: 128_000, whenMissing: .none,
      loudness: LoudnessTarget(integrated: -16, truePeak: -1.5, mayLimit: false)),
    stills: StillRules(poster: true, thumbnails: true), checks: .usual)

  /// Thin lines and small screens: 480 and 240 lines, sound in one channel where there is only one.
  package static let webSmall = Profile(
    name: "web-small", outputs: [.mp4, .hls, .dash],
    video: VideoRules(
      codecs: [.h264],
      ladder: [
        Rung(shortSide: 480, rateFactor: 24, maximumRate: 900_000, bufferSize: 1_800_000, preset: "medium"),
        Rung(shortSide: 240, rateFactor: 25, maximumRate: 300_000, bufferSize: 600_000, preset: "medium"),
      ],
      maximumFrameRate: 30, keyFrameInterval: 2000, keyFramesPerSegment: 2, copiesWhenRight: true),
    audio: AudioRules(
      codec: .aac, sampleRate: 44_100, channels: 2, mono: .keep, bitRate: 64_000, whenMissing: .none,
      loudness: LoudnessTarget(integrated: -16, truePeak: -1.5, mayLimit: false)),
    stills: StillRules(poster: true, thumbnails: true), checks: .usual)

  /// To keep: visually lossless H.264 at the source's size and rate and FLAC, unchanged in loudness, in Matroska.
  package static let archive = Profile(
    name: "archive", outputs: [.mkv],
    video: VideoRules(
      codecs: [.h264],
      // Larger than any source, which is never scaled up: one rendition of its own size.
      ladder: [
        Rung(shortSide: 8192, rateFactor: 16, maximumRate: 80_000_000, bufferSize: 160_000_000, preset: "medium")
      ],
      maximumFrameRate: 120, keyFrameInterval: 2000, keyFramesPerSegment: 2, copiesWhenRight: false),
    audio: AudioRules(
      codec: .flac, sampleRate: 48_000, channels: 2, mono: .keep, bitRate: 0, whenMissing: .none, loudness: nil),
    text: TextRules(files: [.webVTT, .subRip, .ass, .transcript]),
    stills: StillRules(poster: true, thumbnails: false), checks: .usual)

  /// Podcasts and radio lessons: AAC with text tracks and HLS.
  package static let audio = Profile(
    name: "audio", outputs: [.mp4, .hls, .dash], video: nil,
    audio: AudioRules(
      codec: .aac, sampleRate: 48_000, channels: 2, mono: .keep, bitRate: 96_000, whenMissing: .none,
      loudness: LoudnessTarget(integrated: -16, truePeak: -1.5, mayLimit: false)),
    stills: StillRules(poster: true, thumbnails: false), checks: .usual)

  /// The profiles that a job can name, by name.
  package static let builtIn = Dictionary(
    uniqueKeysWithValues: [web, webSmall, archive, audio].map { ($0.name, $0) })
}

extension CheckRules {
  /// What lessons usually should not have: warnings only, since a teacher may pause and a slide may stand.
  package static let usual = CheckRules(
    black: Rule(longerThan: 2000, threshold: 0.1, severity: .warning),
    frozen: Rule(longerThan: 60_000, threshold: 0.001, severity: .warning),
    silent: Rule(longerThan: 5000, threshold: -60, severity: .warning),
    clipped: Rule(longerThan: 2, threshold: -0.05, severity: .warning), fieldOrder: .warning, pictureSize: .warning)
}
