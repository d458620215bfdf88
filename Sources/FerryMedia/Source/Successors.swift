internal import CFFmpeg

/// Streams of the same kind beside the ones that are used, to notice when one of them takes the place of ours.
///
/// A recorder that changes its programme goes on in new streams of the same file: what is in the old ones ends in the
/// middle, and nothing else would tell. A stream that runs beside ours, as a second language does, is none of these.
struct Successors {
  /// One that is not used.
  private struct Other {
    let kind: AVMediaType
    /// How far ours was read when it began, and its own first time.
    let begin: Double
    let first: Double
    var last: Double
    /// How much of it came after the last packet of ours.
    var after = 0.0
  }

  /// A stream that ends, and the one that goes on in its place.
  struct Succession {
    var stream: Int
    var successor: Int
    var start: Double
    var end: Double

    var words: String {
      "stream \(stream) ends at \(seconds(start)), and stream \(successor) goes on in its place to \(seconds(end))"
    }
  }

  /// What follows ours for longer than this was meant to be seen or heard, in seconds.
  private static let shortestLoss = 1.0
  /// One that begins sooner before the end of ours than this begins at its end, in seconds.
  private static let slack = 2.0

  /// Whether times may jump, so that only the order of packets tells which came first.
  private let mayJump: Bool
  private var ours: [Int: (kind: AVMediaType, end: Double)] = [:]
  private var others: [Int: Other] = [:]

  init(mayJump: Bool) { self.mayJump = mayJump }

  /// Takes note of a packet of a stream that is used; its times are seconds on the timeline.
  mutating func use(_ stream: Int, kind: AVMediaType, until end: Double) {
    ours[stream] = (kind, max(ours[stream]?.end ?? 0, end))
    for (index, other) in others where other.kind == kind { others[index]?.after = 0 }
  }

  /// Takes note of a packet of another stream.
  mutating func pass(_ stream: Int, kind: AVMediaType, at time: Double, duration: Double) {
    guard let other = others[stream] else {
      let reached = ours.values.first { $0.kind == kind }?.end ?? 0
      others[stream] = Other(kind: kind, begin: reached, first: time, last: time, after: duration)
      return
    }
    let step = time - other.last
    // Where the clock jumps, a packet lasts as long as it says.
    others[stream]?.after += (0...Successors.slack).contains(step) ? step : duration
    others[stream]?.last = time
  }

  /// The longest that went on where one of ours had ended; `nil` as a rule.
  var longest: Succession? {
    let found = others.flatMap { index, other in
      ours.compactMap { stream, own -> Succession? in
        let earliest = own.end - min(Successors.slack, own.end / 2)
        guard other.kind == own.kind, other.after > Successors.shortestLoss, other.begin >= earliest,
          mayJump || other.first >= earliest
        else { return nil }
        return Succession(stream: stream, successor: index, start: own.end, end: own.end + other.after)
      }
    }
    return found.max { ($0.end - $0.start, $1.stream) < ($1.end - $1.start, $0.stream) }
  }
}
