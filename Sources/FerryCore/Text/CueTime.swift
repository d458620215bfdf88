/// A moment on a title's timeline in milliseconds; 0 is the first picture shown (or the first sound, without picture).
package struct CueTime: Hashable, Sendable {
  package var milliseconds: Int

  package init(milliseconds: Int) { self.milliseconds = milliseconds }

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
  package init(from decoder: any Decoder) throws { milliseconds = try decoder.singleValueContainer().decode(Int.self) }
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(milliseconds)
  }
}

extension Duration {
  /// This duration in milliseconds, rounded towards zero.
  package var wholeMilliseconds: Int {
    let (seconds, attoseconds) = components
    return Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
  }

  /// This duration in seconds, for arithmetic that needs no more than a double's precision.
  package var inSeconds: Double {
    let (seconds, attoseconds) = components
    return Double(seconds) + Double(attoseconds) * 1e-18
  }
}
