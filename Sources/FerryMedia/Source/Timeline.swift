internal import CFFmpeg
internal import FerryCore

/// Takes jumps out of the times of packets, as broadcasts and joined recordings have them.
///
/// Only transport and program streams may jump ahead (FFmpeg's `AVFMT_TS_DISCONT`); in other files a long gap is meant.
/// Times that go back are a recorder that began again, or files that were joined, in any container. All streams share one clock: what one of them jumps, the others jump a moment later, by the same span.
struct Clock {
  private let mayJump: Bool
  /// Each stream's last time, on its own clock.
  private var last: [Int: Double] = [:]
  /// Seconds that each stream's times are ahead of the timeline, and when its next packet is due.
  private var offsets: [Int: Double] = [:]
  private var due: [Int: Double] = [:]
  /// What the last jump made of the offset, whichever stream saw it first.
  private var latest = 0.0

  /// Where lengths are not to be relied on, times that go back by less are out of order, in seconds.
  private static let disorder = 0.5

  init(mayJump: Bool) { self.mayJump = mayJump }

  /// Seconds to take off a packet's times; `time` and `duration` are the packet's own, in seconds.
  mutating func offset(of stream: Int, time: Double, duration: Double) -> Double {
    var offset = offsets[stream] ?? 0
    let step = last[stream].map { time - $0 } ?? 0
    last[stream] = time
    if let due = due[stream] {
      let distance = time - offset - due
      let isJump =
        mayJump
        ? distance < -0.3 || distance > 5 && !others(than: stream, reached: time - offset) : step < -Clock.disorder
      if isJump {
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
  /// How long a picture lasts.
  private(set) var usual = 1.0 / 30
  private var last: Double?

  init() {}

  /// Begins with the rate that the file declares, where it declares a sane one.
  init(rate: AVRational) {
    let length = rate.num > 0 ? Double(rate.den) / Double(rate.num) : 0
    if (0.001...1).contains(length) { usual = length }
  }

  mutating func time(of frame: borrowing Frame, timeBase: AVRational, origin: Double) -> Double {
    let stamp = frame.raw.pointee.best_effort_timestamp
    let time = stamp == ferry_NOPTS ? end : Double(stamp) * av_q2d(timeBase) - origin
    let declared = Double(ferry_frame_duration(frame.raw)) * av_q2d(timeBase)
    let step = last.map { time - $0 } ?? 0
    last = time
    if declared > 0 && declared < 10 {
      usual = declared
    } else if (0.001...1).contains(step) {
      // In containers without lengths a picture lasts as long as the one before it.
      usual = step
    }
    previousEnd = end
    end = max(end, time + usual)
    return time
  }
}

/// Seconds as a person reads them, `83.4 s`.
func seconds(_ value: Double) -> String { "\(value.tenths) s" }
