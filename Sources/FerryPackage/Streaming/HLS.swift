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
    for sound in transcode.sounds {
      lines.append(
        """
        #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="\(group(of: sound))",NAME=\(quoted(audioLanguage.endonym)),\
        LANGUAGE="\(audioLanguage)",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="\(sound.channels)",\
        URI="\(playlistName(of: sound.file))"
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
      lines.append(
        streamInformation(rendition, sound(with: rendition, transcode), hasSubtitles: !subtitles.isEmpty))
      lines.append(playlistName(of: rendition.file))
    }
    if transcode.renditions.isEmpty {
      // A title without a picture: its sound is the stream.
      for sound in transcode.sounds {
        lines.append(streamInformation(nil, sound, hasSubtitles: !subtitles.isEmpty))
        lines.append(playlistName(of: sound.file))
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func group(of sound: TranscodeOutcome.AudioOutcome) -> String {
    sound.kind == .aac ? "audio" : "audio-\(sound.kind.rawValue)"
  }

  /// VP9 goes with Opus where there is any; everything else with the first sound.
  private static func sound(
    with rendition: TranscodeOutcome.VideoOutcome, _ transcode: TranscodeOutcome
  ) -> TranscodeOutcome.AudioOutcome? {
    let opus = transcode.sounds.first { $0.kind == .opus }
    return rendition.rendition.codec == .vp9 ? opus ?? transcode.audio : transcode.audio
  }

  private static func streamInformation(
    _ rendition: TranscodeOutcome.VideoOutcome?, _ audio: TranscodeOutcome.AudioOutcome?, hasSubtitles: Bool
  ) -> String {
    let codecs = [rendition?.codec, audio?.codec].compactMap { $0 }.joined(separator: ",")
    // The sum of each part's own peak is never below the true peak of both together.
    let files = [rendition?.file, audio?.file].compactMap { $0 }
    let peak = files.map(StreamRates.peak).saturatedSum
    let average = files.map(StreamRates.average).saturatedSum
    var attributes = [
      "BANDWIDTH=\(max(peak, average))", "AVERAGE-BANDWIDTH=\(average)", "CODECS=\"\(codecs)\"",
    ]
    if let rendition {
      attributes.append("RESOLUTION=\(rendition.rendition.width)x\(rendition.rendition.height)")
      attributes.append("FRAME-RATE=\(rendition.frameRate.value.fixed(3))")
    }
    if let audio { attributes.append("AUDIO=\"\(group(of: audio))\"") }
    if hasSubtitles { attributes.append("SUBTITLES=\"subtitles\"") }
    if rendition != nil { attributes.append("CLOSED-CAPTIONS=NONE") }
    return "#EXT-X-STREAM-INF:" + attributes.joined(separator: ",")
  }

  /// The playlist of one encoded file.
  package static func mediaPlaylist(_ file: FragmentedFile) -> String {
    var lines = [
      "#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-TARGETDURATION:\(StreamRates.targetDuration(of: file))",
      "#EXT-X-MEDIA-SEQUENCE:0",
      "#EXT-X-PLAYLIST-TYPE:VOD", "#EXT-X-INDEPENDENT-SEGMENTS",
      "#EXT-X-MAP:URI=\"\(file.name)\",BYTERANGE=\"\(file.initialisation)@0\"",
    ]
    for segment in file.segments {
      lines.append("#EXTINF:\(segment.duration.value.fixed(6)),")
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
      #EXT-X-TARGETDURATION:\(max(1, Int(bounded: seconds.rounded(.up))))
      #EXT-X-MEDIA-SEQUENCE:0
      #EXT-X-PLAYLIST-TYPE:VOD
      #EXTINF:\(seconds.fixed(3)),
      \(file)
      #EXT-X-ENDLIST

      """
  }

  /// A quoted string may hold anything but quotes and line ends.
  private static func quoted(_ text: String) -> String {
    "\"" + text.filter { $0 != "\"" && !$0.isNewline } + "\""
  }
}
