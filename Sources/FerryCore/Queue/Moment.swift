/// A point on the wall clock: whole milliseconds since 1970 began in UTC.
package struct Timestamp: Hashable, Sendable {
  package var milliseconds: Int

  package init(milliseconds: Int) { self.milliseconds = milliseconds }
}

extension Timestamp: Comparable {
  package static func < (a: Timestamp, b: Timestamp) -> Bool { a.milliseconds < b.milliseconds }
  package static func + (a: Timestamp, b: Duration) -> Timestamp {
    Timestamp(milliseconds: a.milliseconds + b.wholeMilliseconds)
  }
  package static func - (a: Timestamp, b: Duration) -> Timestamp { a + (.zero - b) }
  package static func - (a: Timestamp, b: Timestamp) -> Duration { .milliseconds(a.milliseconds - b.milliseconds) }
}

extension Timestamp: Codable {
  package init(from decoder: any Decoder) throws { milliseconds = try decoder.singleValueContainer().decode(Int.self) }
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(milliseconds)
  }
}

/// A reading of two clocks: the wall's for people and due times, the machine's for leases, since people set the wall's.
package struct Moment: Hashable, Sendable {
  package var wall: Timestamp
  /// Since this boot, time asleep included.
  package var uptime: Milliseconds
  /// Names the boot; an uptime of another boot says only that whoever took it is gone.
  package var boot: String

  package init(wall: Timestamp, uptime: Milliseconds, boot: String) {
    self.wall = wall
    self.uptime = uptime
    self.boot = boot
  }
}
