internal import CFFmpeg
package import FerryCore
internal import Foundation

// One demuxer and one decoder per stream feed everything that is made of a title:
//
//   demux ─► decode ─► turn, deinterlace ─► constant rate ─┬─► queue ─► scale ─► x264 ─► 1080p.mp4 (and the poster)
//                                                          ├─► queue ─► scale ─► x264 ─► 720p.mp4
//                                                          └─► queue ─► scale ─► x264 ─► 480p.mp4
//              decode ──────────────────────────────────────► queue ─► resample ─► AAC ─► audio.mp4
//
// Each column after a queue is a thread (a lane). The queues are short: memory does not grow with the title.

/// Makes the renditions of one title.
package enum Transcode {
  /// Frames that wait before each encoder.
  private static let queueCapacity = 6

  /// Encodes `source` by `recipe` into fragmented MP4 files and a poster in `folder`, which must exist and be empty.
  ///
  /// `progress` is called from an encoder's thread with the position reached on the timeline.
  package static func run(
    _ source: String, by recipe: Recipe, language: LanguageTag, into folder: String, limits: OpenLimits = OpenLimits(),
    progress: @escaping @Sendable (Milliseconds) -> Void
  ) throws(MediaError) -> TranscodeOutcome {
    let lanes = Lanes()
    let results = Results()
    var pictureQueues: [FrameQueue] = []
    if let video = recipe.video {
      for (index, rendition) in video.renditions.enumerated() {
        let queue = try FrameQueue(capacity: queueCapacity)
        pictureQueues.append(queue)
        lanes.watch(queue)
        lanes.start("encode \(rendition.name)") { () throws(MediaError) in
          let lane = VideoLane(
            rendition: rendition, recipe: video, path: folder + "/" + rendition.name + ".mp4",
            poster: index == 0 ? folder + "/poster.jpg" : nil)
          let outcome = try lane.run(queue, progress: index == 0 ? progress : { _ in })
          results.add(outcome, at: index)
        }
      }
    }
    var soundQueue: FrameQueue?
    if let audio = recipe.audio {
      let queue = try FrameQueue(capacity: 64)
      soundQueue = queue
      lanes.watch(queue)
      let reports = recipe.video == nil
      lanes.start("encode audio") { () throws(MediaError) in
        let lane = AudioLane(recipe: audio, path: folder + "/audio.mp4", language: language)
        results.add(try lane.run(queue, progress: reports ? progress : { _ in }))
      }
    }
    do throws(MediaError) {
      var reader = try SourceReader.open(source, recipe, limits)
      try reader.run(pictures: pictureQueues, sound: soundQueue)
    } catch {
      lanes.fail(error)
    }
    for queue in pictureQueues { queue.end() }
    soundQueue?.end()
    try lanes.join()
    return results.outcome
  }
}

/// What the lanes report as they end.
private final class Results: @unchecked Sendable {
  private let lock = NSLock()
  private var renditions: [Int: VideoLane.Outcome] = [:]
  private var audio: TranscodeOutcome.AudioOutcome?

  func add(_ outcome: VideoLane.Outcome, at index: Int) { lock.withLock { renditions[index] = outcome } }
  func add(_ outcome: TranscodeOutcome.AudioOutcome?) { lock.withLock { audio = outcome } }

  var outcome: TranscodeOutcome {
    lock.withLock {
      let ordered = renditions.sorted { $0.key < $1.key }.map(\.value)
      let durations = ordered.map(\.video.file.duration) + [audio?.file.duration].compactMap { $0 }
      return TranscodeOutcome(
        renditions: ordered.map(\.video), audio: audio, poster: ordered.first?.poster,
        duration: durations.max() ?? 0, tools: Libraries.versions)
    }
  }
}
