package import FerryCore

/// HTTP Live Streaming playlists (RFC 8216) over one file a rendition, cut by byte ranges.
package enum HLS {
  /// One track of the subtitle group.
  package struct Subtitle: Sendable {
    package var language: LanguageTag
    package var name: String
    package var playlist: String
    package var isDefault: Bool

    package init(language: LanguageTag, name: String, playlist: String, isDefault: Bool) {
      self.language = language
      self.name = name
      self.playlist = playlist
      self.isDefault = isDefault
    }
  }

  /// `1080p.mp4` has the playlist `1080p.m3u8`.
  package static func playlistName(of file: FragmentedFile) -> String {
    (file.name.hasSuffix(".mp4") ? String(file.name.dropLast(4)) : file.name) + ".m3u8"
  }

  /// The master playlist: every rendition with its rates, one sound, all subtitles (RFC 8216, 4.3.4).
  package static func masterPlaylist(
    _ transcode: TranscodeOutcome, audioLanguage: LanguageTag, subtitles: [Subtitle]
  ) -> String {
    var lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    if let audio = transcode.audio {
      lines.append(
        """
        #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME=\(quoted(audioLanguage.endonym)),LANGUAGE="\(audioLanguage)",\
        DEFAULT=YES,AUTOSELECT=YES,CHANNELS="\(audio.channels)",URI="\(playlistName(of: audio.file))"
        """)
    }
    for subtitle in subtitles {
      lines.append(
        """
        #EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="subtitles",NAME=\(quoted(subtitle.name)),LANGUAGE="\(subtitle.language)",\
        DEFAULT=\(subtitle.isDefault ? "YES" : "NO"),AUTOSELECT=YES,FORCED=NO,URI="\(subtitle.playlist)"
        """)
    }
    for rendition in transcode.renditions {
      lines.append(streamInformation(rendition, transcode.audio, hasSubtitles: !subtitles.isEmpty))
      lines.append(playlistName(of: rendition.file))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func streamInformation(
    _ rendition: TranscodeOutcome.VideoOutcome, _ audio: TranscodeOutcome.AudioOutcome?, hasSubtitles: Bool
  ) -> String {
    let codecs = [rendition.codec, audio?.codec].compactMap { $0 }.joined(separator: ",")
    // The sum of each part's own peak is never below the true peak of both together.
    let peak = peakRate(rendition.file) + (audio.map { peakRate($0.file) } ?? 0)
    let average = averageRate(rendition.file) + (audio.map { averageRate($0.file) } ?? 0)
    var attributes = [
      "BANDWIDTH=\(max(peak, average))", "AVERAGE-BANDWIDTH=\(average)", "CODECS=\"\(codecs)\"",
      "RESOLUTION=\(rendition.rendition.width)x\(rendition.rendition.height)",
      "FRAME-RATE=\(decimal(rendition.frameRate.value, places: 3))",
    ]
    if audio != nil { attributes.append("AUDIO=\"audio\"") }
    if hasSubtitles { attributes.append("SUBTITLES=\"subtitles\"") }
    attributes.append("CLOSED-CAPTIONS=NONE")
    return "#EXT-X-STREAM-INF:" + attributes.joined(separator: ",")
  }

  /// The largest bit rate of any segment at least half the target duration long (RFC 8216, 4.3.4.2).
  private static func peakRate(_ file: FragmentedFile) -> Int {
    let half = Double(targetDuration(file)) / 2
    let counted = file.segments.filter { $0.duration.value >= half }
    return (counted.isEmpty ? file.segments : counted).map { segment in
      segment.duration.value > 0 ? Int((Double(segment.size) * 8 / segment.duration.value).rounded(.up)) : 0
    }.max() ?? 0
  }

  private static func averageRate(_ file: FragmentedFile) -> Int {
    let bytes = file.segments.reduce(0) { $0 + $1.size }
    let seconds = file.segments.reduce(0) { $0 + $1.duration.value }
    return seconds > 0 ? Int((Double(bytes) * 8 / seconds).rounded(.up)) : 0
  }

  private static func targetDuration(_ file: FragmentedFile) -> Int {
    max(1, Int((file.segments.map(\.duration.value).max() ?? 0).rounded()))
  }

  /// The playlist of one encoded file.
  package static func mediaPlaylist(_ file: FragmentedFile) -> String {
    var lines = [
      "#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-TARGETDURATION:\(targetDuration(file))", "#EXT-X-MEDIA-SEQUENCE:0",
      "#EXT-X-PLAYLIST-TYPE:VOD", "#EXT-X-INDEPENDENT-SEGMENTS",
      "#EXT-X-MAP:URI=\"\(file.name)\",BYTERANGE=\"\(file.initialisation)@0\"",
    ]
    for segment in file.segments {
      lines.append("#EXTINF:\(decimal(segment.duration.value, places: 6)),")
      lines.append("#EXT-X-BYTERANGE:\(segment.size)@\(segment.offset)")
      lines.append(file.name)
    }
    return (lines + ["#EXT-X-ENDLIST"]).joined(separator: "\n") + "\n"
  }

  /// The playlist of a subtitle file: one segment of the programme's length, so that it holds every cue whole.
  package static func subtitlePlaylist(file: String, duration: Milliseconds) -> String {
    let seconds = duration.duration.inSeconds
    return """
      #EXTM3U
      #EXT-X-VERSION:7
      #EXT-X-TARGETDURATION:\(max(1, Int(seconds.rounded(.up))))
      #EXT-X-MEDIA-SEQUENCE:0
      #EXT-X-PLAYLIST-TYPE:VOD
      #EXTINF:\(decimal(seconds, places: 3)),
      \(file)
      #EXT-X-ENDLIST

      """
  }

  /// A quoted string may hold anything but quotes and line ends.
  private static func quoted(_ text: String) -> String {
    "\"" + text.filter { $0 != "\"" && !$0.isNewline } + "\""
  }

  private static func decimal(_ value: Double, places: Int) -> String {
    var scale = 1
    for _ in 0..<places { scale *= 10 }
    let scaled = Int((value * Double(scale)).rounded())
    let fraction = String(scaled % scale)
    return "\(scaled / scale)." + String(repeating: "0", count: places - fraction.count) + fraction
  }
}
