/// A signed span of time in whole milliseconds, as reports and manifests write it.
///
/// It is at most 139 years either way, so that sums of several and multiples by a rate always fit.
package struct Milliseconds: Hashable, Sendable, ExpressibleByIntegerLiteral {
  package private(set) var count: Int

  package static let possible = -(1 << 42)...(1 << 42)

  package init(_ count: Int) { self.count = min(max(count, Self.possible.lowerBound), Self.possible.upperBound) }
  package init(integerLiteral count: Int) { self.init(count) }
  package init(_ duration: Duration) { self.init(duration.wholeMilliseconds) }

  /// The nearest time; zero for what is not a number.
  package init(seconds: Double) { self.init(Int(bounded: seconds * 1000)) }

  /// `nil` for a time that nothing has.
  package init?(_ foreign: Foreign<Int>) {
    guard let count = foreign.trusted(in: Self.possible) else { return nil }
    self.count = count
  }

  /// `nil` for what is not a number, and for a time that nothing has.
  package init?(foreign seconds: Double) {
    guard let foreign = Foreign<Int>(seconds * 1000) else { return nil }
    self.init(foreign)
  }

  package var duration: Duration { .milliseconds(count) }
}

extension Milliseconds: Comparable {
  package static func < (a: Milliseconds, b: Milliseconds) -> Bool { a.count < b.count }
}

extension Milliseconds: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let time = Milliseconds(Foreign(try container.decode(Int.self))) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "the time is out of range")
    }
    self = time
  }
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(count)
  }
}
