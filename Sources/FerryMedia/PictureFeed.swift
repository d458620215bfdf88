internal import CFFmpeg
internal import FerryCore

/// Turns decoded pictures into a constant rate of upright ones and gives each to every encoder.
final class PictureFeed {
  private let recipe: VideoRecipe?
  private let queues: [FrameQueue]
  private let held: Frame
  private let filtered: Frame
  private let shared: Frame
  private var filter: PictureFilter?
  private var filterSource: Scaler.Source?
  private var rate = ConstantRate()

  /// Whether any picture came out of the decoder yet.
  private(set) var hasPictures = false

  static func open(_ recipe: VideoRecipe?, _ queues: [FrameQueue]) throws(MediaError) -> PictureFeed {
    PictureFeed(
      recipe: recipe, queues: queues, held: try Frame.make(), filtered: try Frame.make(), shared: try Frame.make())
  }

  private init(
    recipe: VideoRecipe?, queues: [FrameQueue], held: consuming Frame, filtered: consuming Frame,
    shared: consuming Frame
  ) {
    self.recipe = recipe
    self.queues = queues
    self.held = held
    self.filtered = filtered
    self.shared = shared
    filter = nil
  }

  /// Takes a decoded picture that begins at `time` seconds, leaving it empty; `false` when the encoders are gone.
  func take(_ frame: borrowing Frame, at time: Double, timeBase: AVRational) throws(MediaError) -> Bool {
    guard let recipe else { return true }
    hasPictures = true
    let source = Scaler.Source(frame)
    if source != filterSource {
      // Pictures that change size mid-stream: what the old filter holds goes out first.
      if try !drainFilter() { return false }
      filter = try PictureFilter.open(
        like: frame, timeBase: AVRational(num: 1, den: 1_000_000), rotation: recipe.rotation,
        isMirrored: recipe.isMirrored, deinterlaces: recipe.deinterlaces)
      filterSource = source
    }
    frame.raw.pointee.pts = Int64((time * 1_000_000).rounded())
    switch filter {
    case .none: return try place(frame, at: time)
    case .some(let filter): try filter.send(frame)
    }
    return try receive()
  }

  /// Ends the last picture at `end` seconds.
  func finish(at end: Double) throws(MediaError) -> Bool {
    guard let recipe else { return true }
    if try !drainFilter() { return false }
    return try write(times: rate.repeats(toEnd: end, rate: recipe.frameRate.value))
  }

  private func drainFilter() throws(MediaError) -> Bool {
    switch filter {
    case .none: return true
    case .some(let filter): try filter.sendEnd()
    }
    return try receive()
  }

  private func receive() throws(MediaError) -> Bool {
    while true {
      let time: Double
      switch filter {
      case .none: return true
      case .some(let filter):
        if try filter.receive(into: filtered) != .ready { return true }
        time = Double(filtered.raw.pointee.pts) * av_q2d(filter.timeBase)
      }
      if try !place(filtered, at: time) { return false }
    }
  }

  /// Writes the picture before this one as often as the constant rate asks, and holds this one.
  private func place(_ frame: borrowing Frame, at time: Double) throws(MediaError) -> Bool {
    guard let recipe else { return true }
    if !held.isEmpty, try !write(times: rate.repeats(until: time, rate: recipe.frameRate.value)) { return false }
    held.clear()
    av_frame_move_ref(held.raw, frame.raw)
    return true
  }

  private func write(times: Int) throws(MediaError) -> Bool {
    for index in 0..<times {
      for queue in queues {
        try shared.refer(to: held)
        shared.raw.pointee.pts = Int64(rate.next - times + index)
        if !queue.push(shared) { return false }
      }
    }
    return true
  }
}
