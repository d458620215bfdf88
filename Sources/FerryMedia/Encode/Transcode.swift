internal import CFFmpeg
package import FerryCore
internal import Foundation
internal import Synchronization

// One demuxer and one decoder per stream feed everything that is made of a title:
//
//   demux ─► decode ─► queue ─► turn, deinterlace, BT.709, constant rate, scale, look ─► queue ─► x264 ─► 1080p.mp4
//                                (poster, thumbnails, picture checks)                              │ scale
//                                                                                         queue ─► x264 ─► 720p.mp4
//                                                                                                  │ scale
//                                                                                         queue ─► x264 ─► 480p.mp4
//              decode ─► queue ─► resample, measure, look ─► spool ─► gain ─► AAC ─► audio.mp4
//
// Each column after a queue is a thread (a lane). The queues are short: memory does not grow with the title.

/// Makes the renditions of one title.
package enum Transcode {
  /// Frames that wait before each lane.
  private static let queueCapacity = 6

  /// Encodes `source` by `recipe` into fragmented MP4 files and stills in `folder`, which must exist and be empty.
  ///
  /// `progress` is called from a lane's thread with the position reached on the timeline.
  package static func run(
    _ source: String, by recipe: Recipe, language: LanguageTag, into folder: String, limits: OpenLimits = OpenLimits(),
    encoders: Int? = nil, progress: @escaping @Sendable (Milliseconds) -> Void
  ) throws(MediaError) -> TranscodeOutcome {
    ferry_use_common_processor()
    var recipe = recipe
    var strict: Set<String> = []
    var givenUp: [TranscodeOutcome.GivenUpCopy] = []
    // Either reason for another attempt can come once.
    while true {
      switch try attempt(source, recipe, strict, language, folder, limits, encoders, progress) {
      case .made(var outcome):
        if !givenUp.isEmpty { outcome.givenUp = givenUp + (outcome.givenUp ?? []) }
        return outcome
      case .notCopied(let reason):
        // The packets did not lie as the container's index promised: what cannot be copied is encoded.
        recipe.video?.isCopied = false
        givenUp = [.init(kind: .video, reason: reason)]
      case .overCap(let names):
        // Its chunks were too large for each other's neighbours: all of them are made again, held to less.
        strict.formUnion(names)
      }
    }
  }

  private enum Attempt {
    case made(TranscodeOutcome)
    /// The picture's packets could not be taken over, and why.
    case notCopied(String)
    /// Renditions whose joined chunks break their cap.
    case overCap(Set<String>)
  }

  /// Makes everything, unless the picture's packets cannot be copied as the recipe says.
  private static func attempt(
    _ source: String, _ recipe: Recipe, _ strict: Set<String>, _ language: LanguageTag, _ folder: String,
    _ limits: OpenLimits, _ encoders: Int?,
    _ progress: @escaping @Sendable (Milliseconds) -> Void
  ) throws(MediaError) -> Attempt {
    let scan = try measureFields(source, recipe, limits)
    let pictureCopy = try pictureCopy(recipe, folder)
    let soundCopy = try soundCopy(recipe, folder, language)
    var reader = try SourceReader.open(source, recipe, limits, pictureCopy: pictureCopy, soundCopy: soundCopy)
    let seconds = min(reader.declared ?? 600, limits.maximumDuration.inSeconds)
    let expected = Milliseconds(Int(bounded: (seconds * 1000).rounded(.down)))
    let lanes = Lanes()
    let results = Results()
    let pictures = try startPictures(recipe, strict, scan, expected, folder, encoders, lanes, results, progress)
    let sound = try startSound(recipe, expected, folder, language, soundCopy, lanes, results, progress)
    var reading: SourceReader.Reading?
    do throws(MediaError) {
      reading = try reader.run(pictures: pictures, sound: sound)
    } catch {
      lanes.fail(error)
    }
    pictures?.end(at: reading?.end ?? 0)
    sound?.end(at: reading?.end ?? 0)
    do throws(MediaError) {
      try lanes.join()
    } catch {
      // What was made beside the copy would have to be made anew anyway.
      if let reason = pictureCopy?.refusal { return .notCopied(reason) }
      throw error
    }
    guard let reading else { throw MediaError(.encode, source, code: ferry_EXIT) }
    // What cannot keep to its cap when it is held to less is as its encoder left it.
    let overCap = results.overCap.subtracting(strict)
    if recipe.video?.chunkLength != nil, !overCap.isEmpty { return .overCap(overCap) }
    if let pictureCopy, let rendition = recipe.video?.renditions.first, let rate = recipe.video?.frameRate {
      if (pictureCopy.count - results.frames).magnitude > 1 {
        pictureCopy.giveUp("it has \(pictureCopy.count) pictures, and \(results.frames) at the constant rate")
      }
      guard let file = try pictureCopy.finish() else { return .notCopied(pictureCopy.refusal ?? "it has no picture") }
      results.add(
        try TranscodeOutcome.VideoOutcome(
          file, of: folder + "/" + file.name, rendition, frameRate: rate, frames: pictureCopy.count, isCopied: true),
        at: 0)
    }
    var outcome = results.outcome(reading, recipe)
    if recipe.video == nil, recipe.stills.poster {
      let still = try SoundPoster.picture(of: source, results.waveform, limits)
      try Still.write(still, to: folder + "/poster.jpg", shortSide: 720)
      outcome.poster = "poster.jpg"
    }
    if let reason = soundCopy?.refusal { outcome.givenUp = [.init(kind: .audio, reason: reason)] }
    return .made(outcome)
  }

  private static func measureFields(
    _ source: String, _ recipe: Recipe, _ limits: OpenLimits
  ) throws(MediaError) -> ScanMeasure? {
    guard let video = recipe.video, video.scan != .progressive else { return nil }
    return try ScanMeasure.of(
      source, stream: video.sourceStream, flagged: FieldOrder(flaggedBy: video.scan), limits: limits)
  }

  private static func pictureCopy(_ recipe: Recipe, _ folder: String) throws(MediaError) -> PacketCopy? {
    guard let video = recipe.video, video.isCopied, let first = video.renditions.first else { return nil }
    return try PacketCopy(
      folder + "/" + first.name + ".mp4", name: first.name + ".mp4", language: "und",
      grid: .frames(video.frameRate, segment: video.segmentLength))
  }

  private static func soundCopy(
    _ recipe: Recipe, _ folder: String, _ language: LanguageTag
  ) throws(MediaError) -> PacketCopy? {
    guard let audio = recipe.audio, audio.mayCopy else { return nil }
    return try PacketCopy(
      folder + "/audio.copy.mp4", name: AudioRecipe.fileName(.aac), language: language.terminologyCode,
      grid: .samples(audio.sampleRate, segment: audio.segmentLength))
  }

  /// Starts the picture lanes, each size after the next larger one; returns the queue of the first.
  private static func startPictures(
    _ recipe: Recipe, _ strict: Set<String>, _ scan: ScanMeasure?, _ expected: Milliseconds, _ folder: String,
    _ encoders: Int?, _ lanes: Lanes, _ results: Results, _ progress: @escaping @Sendable (Milliseconds) -> Void
  ) throws(MediaError) -> FrameQueue? {
    guard let video = recipe.video else { return nil }
    let segments = FragmentedFile.expectedSegments(expected, each: video.segmentDuration)
    let sizes = video.renditions.enumerated().filter { !video.isCopied || $0.offset > 0 }
      // Equal sizes stay in the recipe's order: sorting by both makes the order certain.
      .sorted { ($1.element.width * $1.element.height, $0.offset) < ($0.element.width * $0.element.height, $1.offset) }
    var next: FrameQueue?
    // The largest takes longest: it goes first, and the smaller ones fill the time in which it waits for itself.
    for (ahead, (index, rendition)) in sizes.enumerated().reversed() {
      let queue = try lanes.queue(capacity: queueCapacity)
      let lane = VideoLane(
        rendition: rendition, recipe: video,
        cap: BitRateCap(rendition, video, isStrict: strict.contains(rendition.name)),
        path: folder + "/" + rendition.name + ".mp4", segments: segments,
        encoders: ahead > 0 ? 1 : encoders ?? VideoLane.sideBySide(on: rendition, among: sizes.map(\.element)),
        next: next)
      lanes.start("encode \(rendition.name)", ahead: ahead) { () throws(MediaError) in
        let outcome = try lane.run(queue)
        results.add(outcome.video, at: index)
        if !outcome.keepsToCap { results.addOverCap(rendition.name) }
      }
      next = queue
    }
    let queue = try lanes.queue(capacity: queueCapacity)
    let first = next
    lanes.start("pictures") { () throws(MediaError) in
      let stage = try PictureStage.open(
        recipe, video, scan: scan, expected: expected, next: first, progress: progress)
      let outcome = try stage.run(queue, folder: folder)
      first?.end()
      results.add(outcome)
    }
    return queue
  }

  private static func startSound(
    _ recipe: Recipe, _ expected: Milliseconds, _ folder: String, _ language: LanguageTag, _ copy: PacketCopy?,
    _ lanes: Lanes, _ results: Results, _ progress: @escaping @Sendable (Milliseconds) -> Void
  ) throws(MediaError) -> FrameQueue? {
    guard let audio = recipe.audio else { return nil }
    let queue = try lanes.queue(capacity: 64)
    let reports = recipe.video == nil
    lanes.start("sound") { () throws(MediaError) in
      let lane = AudioLane(
        recipe: audio, checks: recipe.checks, folder: folder, language: language,
        segments: FragmentedFile.expectedSegments(expected, each: audio.segmentLength), copy: copy,
        drawsWaveform: reports && recipe.stills.poster)
      results.add(try lane.run(queue, progress: reports ? progress : { _ in }))
    }
    return queue
  }
}

extension VideoRecipe {
  /// The time of one fragment.
  var segmentDuration: Milliseconds {
    Milliseconds(Int(bounded: (Double(segmentLength) * 1000 / frameRate.value).rounded(.down)))
  }
}

extension FragmentedFile {
  static func expectedSegments(_ duration: Milliseconds, each segment: Milliseconds) -> Int {
    duration.count / max(1, segment.count) + 1
  }
}

/// What the lanes report as they end.
private final class Results: Sendable {
  private struct State {
    var renditions: [Int: TranscodeOutcome.VideoOutcome] = [:]
    var sound: AudioLane.Outcome?
    var pictures: PictureStage.Outcome?
    var names: Set<String> = []
  }

  private let state = Mutex(State())

  func add(_ outcome: TranscodeOutcome.VideoOutcome, at index: Int) {
    state.withLock { $0.renditions[index] = outcome }
  }
  func add(_ outcome: AudioLane.Outcome) { state.withLock { $0.sound = outcome } }
  func add(_ outcome: PictureStage.Outcome) { state.withLock { $0.pictures = outcome } }

  func addOverCap(_ name: String) { state.withLock { _ = $0.names.insert(name) } }

  var overCap: Set<String> { state.withLock { $0.names } }

  var waveform: Waveform { state.withLock { $0.sound?.waveform ?? Waveform() } }

  /// Pictures of the constant rate.
  var frames: Int { state.withLock { $0.pictures?.frames ?? 0 } }

  func outcome(_ reading: SourceReader.Reading, _ recipe: Recipe) -> TranscodeOutcome {
    let (renditions, sound, pictures) = state.withLock { ($0.renditions, $0.sound, $0.pictures) }
    let ordered = renditions.sorted { $0.key < $1.key }.map(\.value)
    let sounds = sound?.sounds ?? []
    let durations = ordered.map(\.file.duration) + sounds.map(\.file.duration)
    let findings = reading.findings + (pictures?.findings ?? []) + (sound?.findings ?? [])
    return TranscodeOutcome(
      renditions: ordered, sounds: sounds, poster: pictures?.poster, thumbnails: pictures?.thumbnails,
      quality: Quality(
        findings: findings.sorted { ($0.startMs, $0.kind.rawValue) < ($1.startMs, $1.kind.rawValue) },
        loudness: sound?.loudness),
      duration: durations.max() ?? 0, chapters: reading.chapters, tools: Libraries.versions,
      accounts: reading.accounts, speech: sound?.speech)
  }
}
