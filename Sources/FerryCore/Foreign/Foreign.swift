/// A number that somebody else wrote: arithmetic that would end the process gives `nil` here.
///
/// What is in a file, a playlist or a manifest may be any number. It becomes one of ours by `trusted(in:)`, which says in
/// what range it makes sense; within such a range bare arithmetic is safe.
package struct Foreign<Value: FixedWidthInteger & Sendable>: Hashable, Sendable {
  package let value: Value

  package init(_ value: Value) { self.value = value }

  /// The nearest whole number; `nil` for what is not a number, or is too large.
  package init?(_ number: Double) {
    guard let value = Value(exactly: number.rounded()) else { return nil }
    self.value = value
  }

  package static func + (a: Foreign, b: Foreign) -> Foreign? { exact(a.value.addingReportingOverflow(b.value)) }
  package static func - (a: Foreign, b: Foreign) -> Foreign? { exact(a.value.subtractingReportingOverflow(b.value)) }
  package static func * (a: Foreign, b: Foreign) -> Foreign? { exact(a.value.multipliedReportingOverflow(by: b.value)) }
  package static func / (a: Foreign, b: Foreign) -> Foreign? { exact(a.value.dividedReportingOverflow(by: b.value)) }

  private static func exact(_ result: (partialValue: Value, overflow: Bool)) -> Foreign? {
    result.overflow ? nil : Foreign(result.partialValue)
  }

  /// The number, if it is in the range that makes sense.
  package func trusted(in range: ClosedRange<Value>) -> Value? { range.contains(value) ? value : nil }
}

extension Foreign: Comparable {
  package static func < (a: Foreign, b: Foreign) -> Bool { a.value < b.value }
}

extension FixedWidthInteger {
  /// The nearest number of this type, at most 2⁵⁰ from zero, so that sums and multiples of a thousand fit too; 0 for
  /// what is not a number.
  package init(bounded number: Double) {
    let most = Double(1 << 50)
    let near = number.isNaN ? 0 : Swift.min(Swift.max(number, -most), most)
    self = Self(clamping: Int64(near.rounded()))
  }

  /// The sum, or the number nearest to it.
  package func adding(bounded other: Self) -> Self {
    let (sum, isTooLarge) = addingReportingOverflow(other)
    return isTooLarge ? other < 0 ? .min : .max : sum
  }

  /// The difference, or the number nearest to it.
  package func subtracting(bounded other: Self) -> Self {
    let (difference, isTooLarge) = subtractingReportingOverflow(other)
    return isTooLarge ? other > 0 ? .min : .max : difference
  }
}
