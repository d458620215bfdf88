/// A moment on a title's timeline in milliseconds; 0 is the first picture shown (or the first sound, without picture).
package struct CueTime: Hashable, Sendable {
  package private(set) var milliseconds: Int

  /// At most as far from zero as `Milliseconds` is.
  package init(milliseconds: Int) { self.milliseconds = Milliseconds(milliseconds).count }

  /// The nearest time; zero for what is not a number.
  package init(seconds: Double) { milliseconds = Milliseconds(seconds: seconds).count }

  package static let zero = CueTime(milliseconds: 0)
}

extension CueTime: Comparable {
  package static func < (a: CueTime, b: CueTime) -> Bool { a.milliseconds < b.milliseconds }
  package static func + (a: CueTime, b: Duration) -> CueTime {
    CueTime(milliseconds: a.milliseconds + b.wholeMilliseconds)
  }
  package static func - (a: CueTime, b: CueTime) -> Duration { .milliseconds(a.milliseconds - b.milliseconds) }
}

extension CueTime: Codable {
  package init(from decoder: any Decoder) throws { milliseconds = try Milliseconds(from: decoder).count }
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(milliseconds)
  }
}

extension Duration {
  /// This duration in milliseconds, rounded towards zero; at most as many as `Milliseconds` takes.
  package var wholeMilliseconds: Int {
    let (seconds, attoseconds) = components
    let possible = Int64(Milliseconds.possible.upperBound / 1000)
    return Int(min(max(seconds, -possible), possible)) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
  }

  /// This duration in seconds, for arithmetic that needs no more than a double's precision.
  package var inSeconds: Double {
    let (seconds, attoseconds) = components
    return Double(seconds) + Double(attoseconds) * 1e-18
  }
}
