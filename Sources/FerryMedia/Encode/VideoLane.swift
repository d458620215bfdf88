internal import CFFmpeg
internal import FerryCore
internal import Foundation

/// Makes one rendition, and hands each picture on to the next smaller one, which scales from it.
///
/// The pictures go to encoders in chunks. While one encoder still works off the end of its chunk, the next begins with
/// the following one; which of them is ready first decides nothing.
struct VideoLane: Sendable {
  let rendition: Rendition
  let recipe: VideoRecipe
  let cap: BitRateCap
  let path: String
  /// Fragments that are expected.
  let segments: Int
  /// Encoders side by side.
  let encoders: Int
  let next: FrameQueue?

  /// Encoders that work side by side on the largest size. This decides nothing about the bytes.
  ///
  /// On few cores the other sizes keep them busy, and a second encoder would only take memory: unless the largest is
  /// more than half of all pixels and its preset a slow one, for which the others would wait.
  static func sideBySide(
    on largest: Rendition, among sizes: [Rendition], cores: Int = ProcessInfo.processInfo.activeProcessorCount
  ) -> Int {
    // SVT-AV1 is several threads by itself, and takes the memory of many others.
    if largest.codec == .av1 || cores < 2 { return 1 }
    if cores >= 4 { return 2 }
    let all = sizes.map { $0.width * $0.height }.reduce(0, +)
    let isMost = largest.width * largest.height * 2 > all
    return isMost && !VideoEncoder.fastest.contains(largest.preset) ? 2 : 1
  }

  /// Pictures that wait before each encoder: with two of them, the share of a chunk in which both work; with one, how
  /// far the smaller sizes may be ahead (docs/encoding.md).
  private static let waiting = 12

  struct Outcome {
    var video: TranscodeOutcome.VideoOutcome
    /// Whether the stream keeps to the rendition's cap.
    var keepsToCap: Bool
  }

  func run(_ queue: FrameQueue) throws(MediaError) -> Outcome {
    let join = ChunkJoin(path, rendition, recipe, segments: segments)
    let chunks = ChunkEncoder(rendition: rendition, recipe: recipe, cap: cap, path: path)
    let lanes = Lanes()
    var queues: [FrameQueue] = []
    for _ in 0..<encoders { queues.append(try lanes.queue(capacity: Self.waiting)) }
    for (place, queue) in queues.enumerated() {
      let step = encoders
      lanes.start("chunks of \(rendition.name)") { () throws(MediaError) in
        var chunk = place
        while try chunks.encode(chunk, from: queue, to: join) { chunk += step }
      }
    }
    var frames = 0
    do throws(MediaError) {
      frames = try scale(queue, into: queues)
    } catch {
      lanes.fail(error)
    }
    next?.end()
    for queue in queues { queue.end() }
    try lanes.join()
    if frames == 0 { throw MediaError(.encode, path, code: ferry_INVALIDDATA, detail: "there was no picture") }
    let file = try join.finish(as: rendition.name + ".mp4", pictures: frames)
    return Outcome(
      video: try TranscodeOutcome.VideoOutcome(
        file, of: path, rendition, frameRate: recipe.frameRate, frames: frames, isCopied: false),
      keepsToCap: join.keepsToCap)
  }

  /// Brings each picture to the rendition's size and gives it to its chunk's encoder; returns how many there were.
  private func scale(_ queue: FrameQueue, into chunks: [FrameQueue]) throws(MediaError) -> Int {
    let input = try Frame.make()
    let scaled = try Frame.make()
    let shared = try Frame.make()
    var scaler: Scaler?
    var scalerSource: Scaler.Source?
    var frames = 0
    while true {
      switch queue.take(into: input) {
      case .cancelled: throw MediaError(.encode, path, code: ferry_EXIT)
      case .ended: return frames
      case .frame: break
      }
      let number = input.raw.pointee.pts
      let source = Scaler.Source(input)
      if source != scalerSource {
        scaler =
          source.isReady(width: rendition.width, height: rendition.height)
          ? nil : try Scaler.open(from: source, width: rendition.width, height: rendition.height)
        scalerSource = source
      }
      switch scaler {
      case .none: try scaled.refer(to: input)
      case .some(let scaler): try scaler.scale(input, into: scaled)
      }
      scaled.raw.pointee.pts = number
      if let next {
        try shared.refer(to: scaled)
        if !next.push(shared) { throw MediaError(.encode, path, code: ferry_EXIT) }
      }
      let place = recipe.chunk(of: Int(number)) % chunks.count
      if !chunks[place].push(scaled) { throw MediaError(.encode, path, code: ferry_EXIT) }
      frames += 1
    }
  }
}

extension TranscodeOutcome.VideoOutcome {
  /// Reads the codec string from the finished file.
  init(
    _ file: FragmentedFile, of path: String, _ rendition: Rendition, frameRate: Rational, frames: Int, isCopied: Bool
  ) throws(MediaError) {
    guard let codec = CodecString.of(path, initialisation: file.initialisation, codec: rendition.codec) else {
      throw MediaError(.encode, path, code: ferry_INVALIDDATA, detail: "its header has no decoder configuration")
    }
    self.init(
      file: file, rendition: rendition, frameRate: frameRate, codec: codec, frames: frames, isCopied: isCopied)
  }
}
