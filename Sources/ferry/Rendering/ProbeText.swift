import FerryCore

/// What is in a media file, for people.
enum ProbeText {
  static func text(of facts: SourceFacts, path: String) -> String {
    var lines = [path]
    let length = facts.duration.map { (facts.isDurationSure ? "" : "about ") + $0.clock() } ?? "unknown length"
    let rate = facts.bitRate.map { ", \($0 / 1000) kbit/s" } ?? ""
    let start = facts.start.count == 0 ? "" : ", starts at \(facts.start.clock())"
    lines.append("  \(facts.container), \(length)\(start), \(readable(bytes: facts.size))\(rate)")
    lines += facts.streams.map { "  " + line(for: $0) }
    lines += facts.chapters.map { chapter in
      "  chapter \(chapter.start.clock()) – \(chapter.end.clock()) \(oneLine(chapter.name ?? ""))"
    }
    return lines.joined(separator: "\n")
  }

  private static func line(for stream: StreamFacts) -> String {
    var parts = ["#\(stream.index) \(stream.kind.rawValue) \(stream.codec)"]
    if let profile = stream.codecProfile { parts[0] += " (\(profile))" }
    if let video = stream.video { parts += describe(video) }
    if let audio = stream.audio {
      parts.append("\(audio.sampleRate) Hz")
      parts.append("\(audio.channels) channels (\(audio.layout))")
      parts.append(audio.sampleFormat)
    }
    if let rate = stream.bitRate { parts.append("\(rate / 1000) kbit/s") }
    if let duration = stream.duration { parts.append(duration.clock()) }
    if let start = stream.start, start.count != 0 { parts.append("starts at \(start.clock())") }
    if let language = stream.language { parts.append("language \(oneLine(language))") }
    if let name = stream.name { parts.append("«\(oneLine(name))»") }
    if !stream.disposition.isEmpty { parts.append(stream.disposition.joined(separator: "+")) }
    return parts.joined(separator: ", ")
  }

  /// A file's own words stay in their line.
  private static func oneLine(_ text: String) -> String {
    String(text.map { $0.isNewline ? " " : $0 })
  }

  private static func describe(_ video: VideoFacts) -> [String] {
    var parts = ["\(video.width)×\(video.height)"]
    if video.sampleAspect != Rational(1, 1) { parts.append("pixels \(video.sampleAspect)") }
    parts.append("shown \(video.displayAspect.numerator):\(video.displayAspect.denominator)")
    if video.rotation != 0 { parts.append("turned \(video.rotation)°") }
    if video.isMirrored { parts.append("mirrored") }
    if let rate = video.averageFrameRate ?? video.realFrameRate {
      let kind =
        video.isVariableFrameRate ? "variable, average \(rate.value.short(decimals: 2))" : rate.value.short(decimals: 2)
      parts.append("\(kind) frames/s")
    }
    parts.append("\(video.pixelFormat) (\(video.bitDepth) bit)")
    let colour = [video.colourMatrix, video.colourPrimaries, video.colourTransfer, video.colourRange]
    if colour.contains(where: { $0 != nil }) {
      parts.append(colour.map { $0 ?? "?" }.joined(separator: "/"))
    }
    switch video.interlacing {
    case .topFieldFirst: parts.append("interlaced, top field first")
    case .bottomFieldFirst: parts.append("interlaced, bottom field first")
    case .progressive, .unknown: break
    }
    return parts
  }
}
