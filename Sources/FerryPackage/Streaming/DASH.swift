package import FerryCore

/// A DASH manifest for on-demand use (ISO/IEC 23009-1, 8.3) over the same CMAF files that HLS plays.
package enum DASH {
  /// A track: a side-car text file, and the same text in CMAF where the profile wants it.
  package struct Subtitle: Sendable {
    package var language: LanguageTag
    package var file: String
    /// TTML in fragments.
    package var fragmented: FragmentedFile?

    package init(language: LanguageTag, file: String, fragmented: FragmentedFile? = nil) {
      self.language = language
      self.file = file
      self.fragmented = fragmented
    }
  }

  /// The manifest; `folder` is where the media lies, relative to it.
  package static func manifest(
    _ transcode: TranscodeOutcome, folder: String, audioLanguage: LanguageTag, subtitles: [Subtitle]
  ) -> String {
    let sets =
      pictureSets(transcode, folder) + soundSets(transcode, folder, audioLanguage) + subtitles.map(textSet)
      + subtitles.compactMap { fragmentedTextSet($0, folder) }
    let body = sets.enumerated().map { index, set in set.text(id: index + 1) }.joined(separator: "\n")
    let length = seconds(transcode.duration.duration.inSeconds)
    return """
      <?xml version="1.0" encoding="UTF-8"?>
      <MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-on-demand:2011" type="static" \
      mediaPresentationDuration="\(length)" minBufferTime="\(seconds(bufferTime(transcode)))">
        <Period id="1" duration="\(length)">
      \(body)
        </Period>
      </MPD>

      """
  }

  /// The longest fragment: with that much loaded, its representation plays on at its `bandwidth`.
  private static func bufferTime(_ transcode: TranscodeOutcome) -> Double {
    transcode.files.flatMap(\.segments).map(\.duration.value).max() ?? 0
  }

  /// An adaptation set and its representations, with their XML attributes.
  private struct AdaptationSet {
    var attributes: [(String, String)]
    var inside: [String] = []
    var representations: [[String]]

    func text(id: Int) -> String {
      let lines =
        ["<AdaptationSet id=\"\(id)\"\(DASH.attributes(attributes))>"] + inside.map { "  " + $0 }
        + representations.flatMap { $0.map { "  " + $0 } } + ["</AdaptationSet>"]
      return lines.map { "    " + $0 }.joined(separator: "\n")
    }
  }

  private static func pictureSets(_ transcode: TranscodeOutcome, _ folder: String) -> [AdaptationSet] {
    var codecs: [VideoCodec] = []
    for rendition in transcode.renditions where !codecs.contains(rendition.rendition.codec) {
      codecs.append(rendition.rendition.codec)
    }
    return codecs.map { codec in
      let renditions = transcode.renditions.filter { $0.rendition.codec == codec }
      let attributes = [
        ("contentType", "video"), ("mimeType", "video/mp4"), ("segmentAlignment", "true"),
        ("subsegmentAlignment", "true"), ("subsegmentStartsWithSAP", "1"),
        ("maxWidth", "\(renditions.map(\.rendition.width).max() ?? 0)"),
        ("maxHeight", "\(renditions.map(\.rendition.height).max() ?? 0)"),
        ("maxFrameRate", renditions.first?.frameRate.description ?? ""),
      ]
      return AdaptationSet(
        attributes: attributes, inside: [role("main")],
        representations: renditions.map { rendition in
          representation(
            rendition.file, folder,
            [
              ("codecs", rendition.codec), ("width", "\(rendition.rendition.width)"),
              ("height", "\(rendition.rendition.height)"), ("frameRate", rendition.frameRate.description),
              ("sar", "1:1"),
            ])
        })
    }
  }

  private static func soundSets(
    _ transcode: TranscodeOutcome, _ folder: String, _ language: LanguageTag
  ) -> [AdaptationSet] {
    transcode.sounds.map { sound in
      AdaptationSet(
        attributes: [
          ("contentType", "audio"), ("mimeType", "audio/mp4"), ("lang", language.text), ("segmentAlignment", "true"),
          ("subsegmentAlignment", "true"), ("subsegmentStartsWithSAP", "1"),
        ],
        inside: [role("main")],
        representations: [
          representation(
            sound.file, folder, [("codecs", sound.codec), ("audioSamplingRate", "\(sound.sampleRate)")],
            inside: [
              """
              <AudioChannelConfiguration schemeIdUri="urn:mpeg:mpegB:cicp:ChannelConfiguration" \
              value="\(sound.channels)"/>
              """
            ])
        ])
    }
  }

  /// A whole file for the whole programme, which players load at once.
  private static func textSet(_ subtitle: Subtitle) -> AdaptationSet {
    AdaptationSet(
      attributes: [("contentType", "text"), ("mimeType", "text/vtt"), ("lang", subtitle.language.text)],
      inside: [role("subtitle")],
      representations: [
        [
          "<Representation id=\"text-\(escaped(subtitle.language.text))\" bandwidth=\"1000\">",
          "  <BaseURL>\(escaped(subtitle.file))</BaseURL>", "</Representation>",
        ]
      ])
  }

  /// TTML documents, one a fragment (ISO/IEC 14496-30; the codec's name is the W3C's for IMSC 1 text).
  private static func fragmentedTextSet(_ subtitle: Subtitle, _ folder: String) -> AdaptationSet? {
    subtitle.fragmented.map { file in
      AdaptationSet(
        attributes: [
          ("contentType", "text"), ("mimeType", "application/mp4"), ("lang", subtitle.language.text),
          ("segmentAlignment", "true"), ("subsegmentAlignment", "true"), ("subsegmentStartsWithSAP", "1"),
        ], inside: [role("subtitle")],
        representations: [representation(file, folder, [("codecs", "stpp.ttml.im1t")])])
    }
  }

  private static func role(_ value: String) -> String {
    "<Role schemeIdUri=\"urn:mpeg:dash:role:2011\" value=\"\(value)\"/>"
  }

  private static func representation(
    _ file: FragmentedFile, _ folder: String, _ more: [(String, String)], inside: [String] = []
  ) -> [String] {
    let id = file.name.hasSuffix(".mp4") ? String(file.name.dropLast(4)) : file.name
    let rate = max(StreamRates.peak(of: file), StreamRates.average(of: file))
    return ["<Representation\(attributes([("id", id), ("bandwidth", "\(rate)")] + more))>"] + inside.map { "  " + $0 }
      + [
        "  <BaseURL>\(escaped(folder + file.name))</BaseURL>",
        "  <SegmentBase indexRange=\"\(file.index.lowerBound)-\(file.index.upperBound - 1)\">",
        "    <Initialization range=\"0-\(file.initialisation - 1)\"/>", "  </SegmentBase>", "</Representation>",
      ]
  }

  fileprivate static func attributes(_ pairs: [(String, String)]) -> String {
    pairs.map { " \($0.0)=\"\(escaped($0.1))\"" }.joined()
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing("\"", with: "&quot;")
  }

  /// An `xs:duration` with milliseconds, `PT83.400S`.
  private static func seconds(_ value: Double) -> String { "PT\(value.fixed(3))S" }
}

/// Bit rates of fragmented files, as HLS and DASH declare them.
enum StreamRates {
  /// The largest bit rate of any segment at least half the target duration long (RFC 8216, 4.3.4.2).
  static func peak(of file: FragmentedFile) -> Int {
    let half = Double(targetDuration(of: file)) / 2
    let counted = file.segments.filter { $0.duration.value >= half }
    return (counted.isEmpty ? file.segments : counted).map { segment in
      segment.duration.value > 0 ? Int(bounded: (Double(segment.size) * 8 / segment.duration.value).rounded(.up)) : 0
    }.max() ?? 0
  }

  static func average(of file: FragmentedFile) -> Int {
    let bytes = file.segments.map(\.size).saturatedSum
    let seconds = file.segments.reduce(0) { $0 + $1.duration.value }
    return seconds > 0 ? Int(bounded: (Double(bytes) * 8 / seconds).rounded(.up)) : 0
  }

  static func targetDuration(of file: FragmentedFile) -> Int {
    max(1, Int(bounded: file.segments.map(\.duration.value).max() ?? 0))
  }
}
