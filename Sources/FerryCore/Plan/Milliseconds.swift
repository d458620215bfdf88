/// A signed span of time in whole milliseconds, as reports and manifests write it.
package struct Milliseconds: Hashable, Sendable, ExpressibleByIntegerLiteral {
  package var count: Int

  package init(_ count: Int) { self.count = count }
  package init(integerLiteral count: Int) { self.count = count }
  package init(_ duration: Duration) { count = duration.wholeMilliseconds }

  package var duration: Duration { .milliseconds(count) }
}

extension Milliseconds: Comparable {
  package static func < (a: Milliseconds, b: Milliseconds) -> Bool { a.count < b.count }
}

extension Milliseconds: Codable {
  package init(from decoder: any Decoder) throws { count = try decoder.singleValueContainer().decode(Int.self) }
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(count)
  }
}
