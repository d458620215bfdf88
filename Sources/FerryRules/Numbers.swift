internal import FerryCore

/// A number as its digits and where its point is, so that 1.2万 and 12,000 are the same.
struct ExactNumber: Hashable {
  /// Without zeros at either end; empty for 0.
  private let digits: String
  /// The power of ten of the last digit.
  private let exponent: Int

  /// `fraction` is what stands behind the point; the number is multiplied by ten so many times.
  init(_ whole: String, fraction: String = "", timesTen: Int = 0) {
    let all = (whole + fraction).drop { $0 == "0" }
    let trailing = all.reversed().prefix { $0 == "0" }.count
    digits = String(all.dropLast(trailing))
    exponent = digits.isEmpty ? 0 : timesTen - fraction.count + trailing
  }

  init(_ value: Int) { self.init(String(value)) }
}

/// A number in a text.
struct FoundNumber: Hashable {
  /// What it may mean; a translation needs to have one of them.
  var values: [ExactNumber]
  /// As it is written.
  var text: String
  /// Whether a translation must have it: 三十七 is a number in any language, 一 in 一起 is not.
  var isFirm: Bool
}

/// The numbers of a text in Chinese or English.
enum Numbers {
  static func all(in text: String) -> [FoundNumber] {
    let scalars = text.unicodeScalars.map(plain)
    var found: [FoundNumber] = []
    var index = 0
    while index < scalars.count {
      let scalar = scalars[index]
      if scalar.isPlainDigit {
        index = arabic(scalars, index, &found)
      } else if let end = ChineseNumerals.read(scalars, index, &found) {
        index = end
      } else {
        index += 1
      }
    }
    EnglishNumerals.read(scalars, &found)
    return found
  }

  /// The half-width form of a full-width digit or mark.
  private static func plain(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    guard (0xFF01...0xFF5E).contains(scalar.value) else { return scalar }
    return Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar
  }

  /// Digits with their commas, point and unit: `1,000`, `3.5 million`, `1.2万`, `20世纪90年代`.
  private static func arabic(_ text: [Unicode.Scalar], _ start: Int, _ found: inout [FoundNumber]) -> Int {
    var (whole, end) = digits(text, start)
    // A comma groups digits only where three and no more follow it.
    while whole.count <= 15, end < text.count, text[end] == "," {
      let (group, next) = digits(text, end + 1)
      guard group.count == 3 else { break }
      whole += group
      end = next
    }
    var fraction = ""
    if end + 1 < text.count, text[end] == ".", text[end + 1].isPlainDigit {
      (fraction, end) = digits(text, end + 1)
    }
    let written = String(String.UnicodeScalarView(text[start..<end]))
    let unit = ChineseNumerals.unit(text, end) ?? EnglishNumerals.scale(text, end)
    let value = ExactNumber(whole, fraction: fraction, timesTen: unit?.zeros ?? 0)
    var number = FoundNumber(values: [value], text: written, isFirm: true)
    if let unit {
      number.values.append(ExactNumber(whole, fraction: fraction))
      number.text += String(String.UnicodeScalarView(text[end..<unit.end]))
      end = unit.end
    } else if fraction.isEmpty, let plainValue = Int(whole) {
      if let decade = century(plainValue, text, end) {
        found.append(decade.number)
        return decade.end
      }
      number.values += alternatives(of: plainValue, before: text[end...])
    }
    found.append(number)
    return end
  }

  private static func digits(_ text: [Unicode.Scalar], _ start: Int) -> (String, end: Int) {
    let run = start < text.count ? text[start...].prefix(while: \.isPlainDigit) : []
    return (String(String.UnicodeScalarView(run)), start + run.count)
  }

  /// `20世纪90年代` is one number, the 1990s.
  private static func century(
    _ century: Int, _ text: [Unicode.Scalar], _ end: Int
  ) -> (number: FoundNumber, end: Int)? {
    guard text[end...].starts(with: "世纪".unicodeScalars) else { return nil }
    let (years, behind) = digits(text, end + 2)
    guard years.count == 2, let decade = Int(years), text[behind...].starts(with: "年代".unicodeScalars),
      (1...30).contains(century)
    else { return nil }
    let value = ExactNumber((century - 1) * 100 + decade)
    return (FoundNumber(values: [value], text: "\(century)世纪\(years)年代", isFirm: true), behind)
  }

  /// Other values that a translation may say: 3 p.m. for 15点, the 1990s for 90年代.
  static func alternatives(of value: Int, before rest: ArraySlice<Unicode.Scalar>) -> [ExactNumber] {
    guard let next = rest.first else { return [] }
    if (13...24).contains(value), "点时:".unicodeScalars.contains(next) { return [ExactNumber(value - 12)] }
    if value < 100, rest.starts(with: "年代".unicodeScalars) {
      return [ExactNumber(1900 + value), ExactNumber(2000 + value)]
    }
    return []
  }
}

extension Unicode.Scalar {
  var isASCIILetter: Bool { (0x41...0x5A).contains(value & ~0x20) }
  var isPlainDigit: Bool { (0x30...0x39).contains(value) }
}
