package import FerryCore
internal import FerryFiles
internal import FerryMedia
internal import FerryPackage
internal import FerryText
internal import Foundation

/// A worker's whole job: one title from an order to a lesson folder, in the order's own folder.
///
/// ```
/// FOLDER/renditions/   1080p.mp4 … audio.mp4 poster.jpg thumbs.jpg kept.json   (unless kept renditions serve)
/// FOLDER/lesson/       what the package will hold for this title, but for the renditions, which are linked later
/// ```
package struct TitleWork {
  private let order: WorkOrder
  private let lesson: String

  package init(_ order: WorkOrder) {
    self.order = order
    lesson = order.folder + "/lesson"
  }

  package func run(progress: @escaping @Sendable (Milliseconds) -> Void) throws -> TitleOutcome {
    let (renditions, kept) = try transcode(progress)
    var files = LessonFiles(lesson)
    var tracks: [AttachedTrack] = []
    var warnings: [Diagnostic] = []
    if !order.isPreparation {
      try FileManager.default.createDirectory(atPath: lesson, withIntermediateDirectories: true)
      (tracks, warnings) = try readTracks(kept.transcode.duration)
      try place(kept, in: &files)
      try writeText(tracks, in: &files)
      try writeIndexes(kept.transcode, in: &files)
      if !order.outputs.isDisjoint(with: [.hls, .dash]) {
        try writeStreaming(renditions, kept.transcode, tracks, in: &files)
      }
      let largest = kept.transcode.renditions.first
      if order.outputs.contains(.mp4) {
        try writeSingle(.mp4, largest, renditions, kept.transcode, tracks, in: &files)
        if let small = kept.transcode.forPhones {
          try writeSingle(.mp4, small, renditions, kept.transcode, tracks, in: &files)
        }
      }
      if order.outputs.contains(.mkv) {
        try writeSingle(.matroska, largest, renditions, kept.transcode, tracks, in: &files)
      }
    }
    return TitleOutcome(
      title: order.title, transcode: kept.transcode, didEncode: order.kept == nil, files: files.sorted,
      links: files.links, tracks: tracks.map(outcome(of:)), warnings: warnings)
  }

  /// Encodes, unless renditions are kept; either way says where they are.
  private func transcode(
    _ progress: @escaping @Sendable (Milliseconds) -> Void
  ) throws -> (folder: String, kept: Workspace.Kept) {
    if let folder = order.kept {
      let record = try Data(contentsOf: URL(fileURLWithPath: folder + "/kept.json"))
      return (folder, try HomeRecord.decoded(record, as: Workspace.Kept.self))
    }
    let folder = order.folder + "/renditions"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let outcome = try Transcode.run(
      order.source, by: order.recipe, language: order.sourceLanguage, into: folder, progress: progress)
    var digests: [String: FileDigests] = [:]
    let names = outcome.files.map(\.name) + [outcome.poster, outcome.thumbnails?.sheet].compactMap { $0 }
    for name in names { digests[name] = try Digests.of(file: folder + "/" + name) }
    let kept = Workspace.Kept(transcode: outcome, digests: digests)
    try JSONEncoder().encode(kept).write(to: URL(fileURLWithPath: folder + "/kept.json"), options: .atomic)
    return (folder, kept)
  }

  private typealias AttachedTrack = (order: WorkOrder.TrackOrder, track: Track, isDefault: Bool)

  private func readTracks(_ duration: Milliseconds) throws -> ([AttachedTrack], [Diagnostic]) {
    var tracks: [AttachedTrack] = []
    var warnings: [Diagnostic] = []
    let defaultLanguage = order.tracks.first(where: \.isDelivered)?.language
    for wanted in order.tracks {
      let (track, said) = try TrackSource.read(
        path: wanted.path, stream: wanted.stream, language: wanted.language, encoding: wanted.encoding,
        programme: (order.recipe.video?.sourceStream, order.recipe.audio?.sourceStream), in: .here)
      tracks.append((wanted, track, wanted.language == defaultLanguage))
      warnings += said
    }
    return (tracks, warnings)
  }

  /// Names the encoded files that belong to the lesson; one copy on disk serves the store and the package.
  private func place(_ kept: Workspace.Kept, in files: inout LessonFiles) throws {
    func link(
      _ name: String, _ path: String, _ role: TitleOutcome.LessonFile.Role, _ language: LanguageTag? = nil
    ) throws {
      guard let digests = kept.digests[name] else {
        throw Diagnostics(
          Diagnostic(
            "work.kept", at: Place(order.source), "the record of the kept renditions lacks \(name)",
            hint: "run again: what is not whole is made anew"))
      }
      files.link(name, to: path, role, digests, language: language)
    }
    if !order.outputs.isDisjoint(with: [.hls, .dash]) {
      for rendition in kept.transcode.renditions {
        try link(rendition.file.name, "hls/" + rendition.file.name, .rendition)
      }
      for sound in kept.transcode.sounds {
        try link(sound.file.name, "hls/" + sound.file.name, .rendition, order.sourceLanguage)
      }
    }
    if let poster = kept.transcode.poster { try link(poster, order.title + ".jpg", .poster) }
    if let sheet = kept.transcode.thumbnails?.sheet { try link(sheet, order.title + ".thumbs.jpg", .thumbnails) }
  }

  /// The seek bar's index of thumbnails, and the chapters, both in WebVTT.
  private func writeIndexes(_ transcode: TranscodeOutcome, in files: inout LessonFiles) throws {
    if let thumbnails = transcode.thumbnails {
      try files.write(
        thumbnails.index(of: order.title + ".thumbs.jpg", duration: transcode.duration),
        to: order.title + ".thumbs.vtt", .thumbnails, nil)
    }
    if !transcode.chapters.isEmpty {
      let cues = transcode.chapters.enumerated().map { index, chapter in
        Cue(
          start: CueTime(milliseconds: chapter.start.count), end: CueTime(milliseconds: chapter.end.count),
          lines: [[Run(chapter.name ?? "\(index + 1)")]])
      }
      try files.write(
        WebVTT.text(of: cues), to: order.title + ".chapters.vtt", .chapters, order.sourceLanguage)
    }
  }

  private func writeText(_ tracks: [AttachedTrack], in files: inout LessonFiles) throws {
    for (wanted, track, _) in tracks {
      for kind in order.text.files.sorted(by: { $0.rawValue < $1.rawValue }) {
        let role: TitleOutcome.LessonFile.Role = kind == .transcript ? .transcript : .subtitle
        try files.write(
          TextWriter.text(of: track.cues, as: kind, language: wanted.language),
          to: "\(order.title).\(wanted.language).\(kind.rawValue)", role, wanted.language)
      }
    }
  }

  /// Each track as TTML in CMAF, cut where the programme's other files are cut.
  private func writeFragmentedText(
    _ transcode: TranscodeOutcome, _ tracks: [AttachedTrack], in files: inout LessonFiles
  ) throws -> [LanguageTag: FragmentedFile] {
    guard order.text.stpp, let cuts = transcode.files.first else { return [:] }
    var made: [LanguageTag: FragmentedFile] = [:]
    for (wanted, track, _) in tracks {
      var start = 0.0
      var stretches: [(start: CueTime, end: CueTime)] = []
      for segment in cuts.segments {
        let end = start + segment.duration.value
        stretches.append((.rounded(seconds: start), .rounded(seconds: end)))
        start = end
      }
      let documents = zip(stretches, TTML.documents(of: track.cues, segments: stretches, language: wanted.language)).map
      {
        TextFragments.Document(
          duration: Milliseconds($0.end.milliseconds - $0.start.milliseconds), payload: Array($1.utf8))
      }
      let name = "text.\(wanted.language).mp4"
      try files.makeParent(of: "hls/" + name)
      made[wanted.language] = try TextFragments.write(
        documents, to: "\(lesson)/hls/\(name)", as: name, language: wanted.language)
      try files.add("hls/" + name, .fragmentedText, wanted.language)
    }
    return made
  }

  private func writeStreaming(
    _ renditions: String, _ transcode: TranscodeOutcome, _ tracks: [AttachedTrack], in files: inout LessonFiles
  ) throws {
    if order.outputs.contains(.dash) {
      let fragmented = try writeFragmentedText(transcode, tracks, in: &files)
      let texts = tracks.map { wanted, _, _ in
        DASH.Subtitle(
          language: wanted.language, file: "\(order.title).\(wanted.language).vtt",
          fragmented: fragmented[wanted.language])
      }
      try files.write(
        DASH.manifest(
          transcode, folder: "hls/", audioLanguage: order.sourceLanguage.spoken, subtitles: texts),
        to: order.title + ".mpd", .mpd, nil)
    }
    guard order.outputs.contains(.hls) else { return }
    let subtitles = tracks.map { wanted, _, isDefault in
      HLS.Subtitle(
        language: wanted.language, name: wanted.language.endonym, playlist: "\(wanted.language).m3u8",
        isDefault: isDefault)
    }
    let start = try transcode.files.first.map { try FirstPresentation.ticks(of: $0, at: renditions + "/" + $0.name) }
    for (wanted, track, _) in tracks {
      let text = WebVTT.text(of: track.cues, timestampMap: start)
      try files.write(text, to: "hls/\(wanted.language).vtt", .subtitle, wanted.language)
      try files.write(
        HLS.subtitlePlaylist(file: "\(wanted.language).vtt", duration: transcode.duration),
        to: "hls/\(wanted.language).m3u8", .playlist, wanted.language)
    }
    for file in transcode.files {
      try files.write(HLS.mediaPlaylist(file), to: "hls/" + HLS.playlistName(of: file), .playlist, nil)
    }
    try files.write(
      HLS.masterPlaylist(transcode, audioLanguage: order.sourceLanguage.spoken, subtitles: subtitles),
      to: "hls/master.m3u8", .playlist, nil)
  }

  private func writeSingle(
    _ container: SingleFile.Container, _ picture: TranscodeOutcome.VideoOutcome?, _ renditions: String,
    _ transcode: TranscodeOutcome, _ tracks: [AttachedTrack], in files: inout LessonFiles
  ) throws {
    let text = try tracks.map { wanted, track, isDefault in
      let (coding, samples) = try TextSamples.of(track.cues, for: container, until: transcode.duration)
      return TextStream(
        language: wanted.language, name: wanted.language.endonym, isDefault: isDefault, coding: coding,
        samples: samples)
    }
    let ending = container == .matroska ? ".mkv" : picture == nil ? ".m4a" : ".mp4"
    let small = picture == transcode.renditions.first ? nil : picture?.rendition
    let name = small.map { TitleOutcome.fileForPhones(of: order.title, $0) } ?? order.title + ending
    let english = LanguageTag("en").flatMap { order.name[$0] }
    try SingleFile.write(
      lesson + "/" + name, as: container,
      video: picture.map { renditions + "/" + $0.file.name },
      audio: transcode.audio.map { renditions + "/" + $0.file.name }, text: text, chapters: transcode.chapters,
      title: english ?? order.title)
    try files.add(name, picture == nil ? .audio : .video, nil)
  }

  private func outcome(of attached: AttachedTrack) -> TitleOutcome.TrackOutcome {
    let track = attached.track
    return TitleOutcome.TrackOutcome(
      language: track.language, format: track.format, encoding: track.encoding, cues: track.cues.count,
      first: track.cues.map(\.start).min() ?? .zero, last: track.cues.map(\.end).max() ?? .zero,
      isDefault: attached.isDefault)
  }
}

/// A track's cues as the samples of a single file.
enum TextSamples {
  static func of(
    _ cues: [Cue], for container: SingleFile.Container, until duration: Milliseconds
  ) throws -> (TextStream.Coding, [TextStream.Sample]) {
    switch container {
    case .matroska:
      return (
        .subRip,
        cues.map { TextStream.Sample(start: $0.start, end: $0.end, payload: SubRip.body(of: $0)) }
      )
    case .mp4:
      let samples = try TimedText3GPP.samples(of: cues, until: CueTime(milliseconds: duration.count))
      return (
        .tx3g(TimedText3GPP.sampleDescription),
        samples.map { TextStream.Sample(start: $0.start, end: $0.end, payload: $0.payload) }
      )
    }
  }
}

extension CueTime {
  fileprivate static func rounded(seconds: Double) -> CueTime { CueTime(seconds: seconds) }
}

/// The files of a lesson folder as they are made, each hashed once.
private struct LessonFiles {
  private let folder: String
  private var files: [TitleOutcome.LessonFile] = []
  private(set) var links: [String: String] = [:]

  init(_ folder: String) { self.folder = folder }

  var sorted: [TitleOutcome.LessonFile] { files.sorted { $0.path < $1.path } }

  /// Takes note of a rendition that whoever keeps it will link to `path`.
  mutating func link(
    _ rendition: String, to path: String, _ role: TitleOutcome.LessonFile.Role, _ digests: FileDigests,
    language: LanguageTag? = nil
  ) {
    links[path] = rendition
    files.append(
      TitleOutcome.LessonFile(
        path: path, role: role, language: language, size: digests.size, sha256: digests.sha256,
        sha512: digests.sha512))
  }

  mutating func write(
    _ text: String, to path: String, _ role: TitleOutcome.LessonFile.Role, _ language: LanguageTag?
  ) throws {
    try makeParent(of: path)
    let bytes = Array(text.utf8)
    try Data(bytes).write(to: URL(fileURLWithPath: folder + "/" + path))
    try add(path, role, language, Digests.of(bytes: bytes))
  }

  mutating func add(
    _ path: String, _ role: TitleOutcome.LessonFile.Role, _ language: LanguageTag?, _ known: FileDigests? = nil
  ) throws {
    let digests = try known ?? Digests.of(file: folder + "/" + path)
    files.append(
      TitleOutcome.LessonFile(
        path: path, role: role, language: language, size: digests.size, sha256: digests.sha256,
        sha512: digests.sha512))
  }

  func makeParent(of path: String) throws {
    let parent = URL(fileURLWithPath: folder + "/" + path).deletingLastPathComponent()
    try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
  }
}
