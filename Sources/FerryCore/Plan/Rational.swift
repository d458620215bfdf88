/// An exact fraction, for frame rates and aspect ratios.
package struct Rational: Hashable, Sendable {
  package var numerator: Int
  package var denominator: Int

  package init(_ numerator: Int, _ denominator: Int) {
    self.numerator = numerator
    self.denominator = denominator
  }

  /// Of numbers that were read: products of two of them fit.
  private static let possible = 0...(1 << 31)

  package var value: Double { Double(numerator) / Double(denominator) }
}

extension Rational: CustomStringConvertible {
  package var description: String { denominator == 1 ? "\(numerator)" : "\(numerator)/\(denominator)" }
}

extension Rational: Comparable {
  package static func < (a: Rational, b: Rational) -> Bool {
    a.numerator * b.denominator < b.numerator * a.denominator
  }
}

/// Written as text, `30000/1001`.
extension Rational: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), let numerator = Int(parts[0]),
      let denominator = parts.count == 2 ? Int(parts[1]) : 1, Rational.possible.contains(numerator),
      Rational.possible.contains(denominator), denominator > 0
    else { throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is no fraction") }
    self.init(numerator, denominator)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
