internal import CFFmpeg
internal import Foundation

/// A bounded queue of frames from one thread to another; frames move by reference.
///
/// The reader waits when it is empty, the writer when it is full, so that memory does not grow with a slow encoder.
/// `cancel` wakes both, for when another lane has failed.
final class FrameQueue: @unchecked Sendable {
  enum Taken { case frame, ended, cancelled }

  private let condition = NSCondition()
  private let slots: [UnsafeMutablePointer<AVFrame>]
  private var first = 0
  private var count = 0
  private var isEnded = false
  private var end = 0.0
  private var isCancelled = false

  init(capacity: Int) throws(MediaError) {
    var slots: [UnsafeMutablePointer<AVFrame>] = []
    for _ in 0..<capacity { slots.append(try unwrap(av_frame_alloc(), .decode, "a frame queue")) }
    self.slots = slots
  }

  deinit {
    for slot in slots {
      var slot: UnsafeMutablePointer<AVFrame>? = slot
      av_frame_free(&slot)
    }
  }

  /// Moves the frame's reference in, leaving `frame` empty; `false` when the queue is cancelled.
  func push(_ frame: borrowing Frame) -> Bool {
    condition.lock()
    defer { condition.unlock() }
    while count == slots.count && !isCancelled { condition.wait() }
    if isCancelled { return false }
    av_frame_move_ref(slots[(first + count) % slots.count], frame.raw)
    count += 1
    condition.signal()
    return true
  }

  /// Moves the oldest frame out into `frame`.
  func take(into frame: borrowing Frame) -> Taken {
    condition.lock()
    defer { condition.unlock() }
    while count == 0 && !isEnded && !isCancelled { condition.wait() }
    if isCancelled { return .cancelled }
    if count == 0 { return .ended }
    frame.clear()
    av_frame_move_ref(frame.raw, slots[first])
    first = (first + 1) % slots.count
    count -= 1
    condition.signal()
    return .frame
  }

  /// What a frame that waits says of itself.
  struct Glimpse {
    var time: Int64
    var samples: Int32
    var sampleRate: Int32

    init(_ frame: AVFrame) {
      time = frame.pts
      samples = frame.nb_samples
      sampleRate = frame.sample_rate
    }
  }

  /// Looks at the next frames without taking them; waits until there are `count`, or no more will come.
  ///
  /// `count` must be less than the capacity.
  func following(_ count: Int) -> [Glimpse] {
    condition.lock()
    defer { condition.unlock() }
    while self.count < count && !isEnded && !isCancelled { condition.wait() }
    return (0..<min(count, self.count)).map { Glimpse(slots[(first + $0) % slots.count].pointee) }
  }

  /// No more frames will come; what was last shown ends at `seconds` on the timeline.
  func end(at seconds: Double = 0) {
    condition.withLock {
      isEnded = true
      end = seconds
      condition.broadcast()
    }
  }

  /// When the programme ends, once the queue has ended.
  var endTime: Double { condition.withLock { end } }

  func cancel() {
    condition.withLock {
      isCancelled = true
      condition.broadcast()
    }
  }
}
