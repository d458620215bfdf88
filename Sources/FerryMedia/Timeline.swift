internal import CFFmpeg
internal import FerryCore

/// Takes jumps out of the times of packets, as broadcasts and joined recordings have them.
///
/// Only transport and program streams may jump (FFmpeg's `AVFMT_TS_DISCONT`); in files with an index a long gap is
/// meant. All streams share one clock: what one of them jumps, the others jump a moment later, by the same span.
struct Clock {
  private let mayJump: Bool
  /// Seconds that each stream's times are ahead of the timeline, and when its next packet is due.
  private var offsets: [Int: Double] = [:]
  private var due: [Int: Double] = [:]
  /// What the last jump made of the offset, whichever stream saw it first.
  private var latest = 0.0

  init(mayJump: Bool) { self.mayJump = mayJump }

  /// Seconds to take off a packet's times; `time` and `duration` are the packet's own, in seconds.
  mutating func offset(of stream: Int, time: Double, duration: Double) -> Double {
    guard mayJump else { return 0 }
    var offset = offsets[stream] ?? 0
    if let due = due[stream] {
      let distance = time - offset - due
      if distance < -0.3 || distance > 5 && !others(than: stream, reached: time - offset) {
        let own = time - due
        offset = abs(own - latest) < 1 ? latest : own
        latest = offset
        offsets[stream] = offset
      }
    }
    due[stream] = time - offset + max(0, duration)
    return offset
  }

  /// Whether another stream went on on the old clock, so that this one has a hole and the clock did not jump.
  private func others(than stream: Int, reached time: Double) -> Bool {
    due.contains { $0.key != stream && $0.value > time - 2.5 }
  }
}

/// Gives every decoded picture a time, also where the file does not.
struct PictureTimeline {
  /// When the last picture ends, in seconds on the timeline.
  private(set) var end = 0.0
  /// When the one before it ended.
  private(set) var previousEnd = 0.0
  private var usual = 1.0 / 30

  mutating func time(of frame: borrowing Frame, timeBase: AVRational, origin: Double) -> Double {
    let stamp = frame.raw.pointee.best_effort_timestamp
    let time = stamp == ferry_NOPTS ? end : Double(stamp) * av_q2d(timeBase) - origin
    let declared = Double(ferry_frame_duration(frame.raw)) * av_q2d(timeBase)
    if declared > 0 && declared < 10 { usual = declared }
    previousEnd = end
    end = max(end, time + usual)
    return time
  }
}

/// Seconds as a person reads them, `83.4 s`.
func seconds(_ value: Double) -> String {
  let tenths = Int(bounded: value * 10)
  return "\(tenths / 10).\((tenths % 10).magnitude) s"
}
