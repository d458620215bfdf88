/// How people read times, spans, sizes and numbers. What a file format prescribes stays with the format's writer.
extension Milliseconds {
  /// The smallest part of a second that is shown.
  package enum Precision: Int, Sendable {
    case milliseconds = 1
    case tenths = 100
    case seconds = 1000

    /// How many digits stand behind the point.
    fileprivate var digits: Int {
      switch self {
      case .milliseconds: 3
      case .tenths: 1
      case .seconds: 0
      }
    }
  }

  /// `1:02:03.456`, as players show it; without hours where there are none.
  package func clock(_ precision: Precision = .milliseconds) -> String {
    let (sign, whole, fraction) = rounded(to: precision)
    let (hours, minutes, seconds) = (whole / 3600, whole / 60 % 60, padded(whole % 60, 2))
    return sign + (hours > 0 ? "\(hours):\(padded(minutes, 2))" : "\(minutes)") + ":\(seconds)\(fraction)"
  }

  /// `01:02:03.456`, always with hours.
  package var fullClock: String {
    let (sign, whole, fraction) = rounded(to: .milliseconds)
    let parts = [whole / 3600, whole / 60 % 60, whole % 60].map { padded($0, 2) }
    return sign + parts.joined(separator: ":") + fraction
  }

  /// `83.400 s`.
  package func seconds(_ precision: Precision = .milliseconds) -> String {
    let (sign, whole, fraction) = rounded(to: precision)
    return "\(sign)\(whole)\(fraction) s"
  }

  private func rounded(to precision: Precision) -> (sign: String, whole: Int, fraction: String) {
    let unit = precision.rawValue
    let units = (Int(count.magnitude) + unit / 2) / unit
    let perSecond = 1000 / unit
    let fraction = precision.digits == 0 ? "" : "." + padded(units % perSecond, precision.digits)
    return (count < 0 && units > 0 ? "-" : "", units / perSecond, fraction)
  }
}

extension CueTime {
  /// `hh:mm:ss.mmm`, with a sign where it is needed.
  package var clock: String { Milliseconds(milliseconds).fullClock }
}

/// A span in the largest unit that says something: `45 s`, `3 min`, `5 h`, `2 d`.
package func readable(seconds: Int) -> String {
  switch seconds {
  case ..<120: "\(seconds) s"
  case ..<7200: "\((seconds + 30) / 60) min"
  case ..<172_800: "\((seconds + 1800) / 3600) h"
  default: "\(seconds / 86_400) d"
  }
}

/// `739 kB`, `36.9 MB`, `5.3 GB`; what is smaller is counted in `unit`.
package func readable(bytes: Int, unit: String = "bytes") -> String {
  if bytes < 1000 { return "\(bytes) \(unit)" }
  if bytes < 999_500 { return "\((bytes + 500) / 1000) kB" }
  let isLarge = bytes >= 999_950_000
  let tenths = bytes.adding(bounded: isLarge ? 50_000_000 : 50_000) / (isLarge ? 100_000_000 : 100_000)
  return "\(tenths / 10).\(tenths % 10) \(isLarge ? "GB" : "MB")"
}

extension Double {
  /// With one decimal, `83.0`.
  package var tenths: String { fixed(1) }

  /// With at most one decimal, and none where it is whole.
  package var short: String { short(decimals: 1) }

  /// With at most so many decimals, and none where it is whole.
  package func short(decimals: Int) -> String {
    var text = fixed(decimals)
    while text.hasSuffix("0") { text.removeLast() }
    return text.hasSuffix(".") ? String(text.dropLast()) : text
  }

  /// With so many decimals, rounded; a minus only where a digit shows it.
  package func fixed(_ decimals: Int) -> String {
    let parts = (0..<decimals).reduce(1) { parts, _ in parts * 10 }
    let units = Int(bounded: self * Double(parts))
    let (whole, rest) = Int(units.magnitude).quotientAndRemainder(dividingBy: parts)
    return "\(units < 0 ? "-" : "")\(whole).\(padded(rest, decimals))"
  }
}

/// A number with leading zeros up to a width.
package func padded(_ number: Int, _ width: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
}
