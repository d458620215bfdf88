internal import FerryCore

/// Undoes a wrong decoding that was saved as UTF-8, where not a byte of it was lost.
package enum MojibakeRepair {
  /// The text as it was before the damage, and what was done; `nil` where nothing can be restored.
  ///
  /// Only lines are changed that give exactly the same damage again; others stay as they are.
  package static func repaired(_ text: [UInt8]) -> (text: [UInt8], description: String)? {
    var text = text
    var descriptions: [String] = []
    // Text that was damaged twice is restored in two steps.
    for _ in 0..<3 {
      let mojibakes = Mojibake.all(in: text).filter { $0.exactLines > 0 }
      guard let worst = mojibakes.max(by: { $0.exactLines < $1.exactLines }) else { break }
      text = restored(text, from: worst.damage)
      let lines = worst.exactLines == 1 ? "1 line" : "\(worst.exactLines) lines"
      descriptions.append("\(lines) of \(worst.damage) restored")
    }
    return descriptions.isEmpty ? nil : (text, descriptions.joined(separator: "; "))
  }

  /// The same for a string.
  package static func repaired(_ text: String) -> (text: String, description: String)? {
    repaired(Array(text.utf8)).map { (String(decoding: $0.text, as: UTF8.self), $0.description) }
  }

  private static func restored(_ text: [UInt8], from damage: Damage) -> [UInt8] {
    guard let undoing = Undoing.open(damage) else { return text }
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    forEachLine(of: text) { line, _ in
      let mended = Mojibake.isSuspicious(text[line]) ? undoing.exact(text[line]) : nil
      result += mended ?? Array(text[line])
      // The line's end.
      result += text[line.upperBound..<min(text.count, line.upperBound + 1)]
    }
    return result
  }
}

/// One way in which text is damaged: bytes of one encoding that were decoded as another.
struct Damage: Hashable, CustomStringConvertible {
  enum Misreading: String {
    case gbk
    case western = "windows-1252"
  }

  let was: TextEncoding
  let readAs: Misreading

  var description: String { "\(was.rawValue) read as \(readAs.rawValue)" }

  /// What happens in the field, the commonest first.
  static let known = [
    Damage(was: .utf8, readAs: .western), Damage(was: .utf8, readAs: .gbk), Damage(was: .gb18030, readAs: .western),
    Damage(was: .big5, readAs: .western), Damage(was: .eucKR, readAs: .western),
    Damage(was: .shiftJIS, readAs: .western), Damage(was: .eucJP, readAs: .western),
  ]
}

/// The conversions that take one damage back, and make it again to prove it.
struct Undoing: ~Copyable {
  let damage: Damage
  private let toBytes: Iconv
  private let fromBytes: Iconv
  private let decoding: Iconv

  static func open(_ damage: Damage) -> Undoing? {
    // Windows' name for GBK; `Western` does the work of its other code page, free bytes included.
    let name = damage.readAs == .gbk ? "CP936" : "CP1252"
    guard let to = Iconv.open(from: "UTF-8", to: name), let from = Iconv.open(from: name, to: "UTF-8"),
      let decoding = Iconv.open(from: damage.was)
    else { return nil }
    return Undoing(damage: damage, toBytes: to, fromBytes: from, decoding: decoding)
  }

  /// The bytes that the line's characters were read from.
  func bytes(_ line: ArraySlice<UInt8>) -> [UInt8]? {
    if damage.readAs == .western { return Western.bytes(line) }
    var bytes: [UInt8] = []
    return toBytes.append(Array(line), from: 0, to: &bytes) == nil ? bytes : nil
  }

  /// The line as it was, if it was whole and gives the same damage again.
  func exact(_ line: ArraySlice<UInt8>) -> [UInt8]? {
    guard let bytes = bytes(line), bytes.count != line.count, damages(bytes, to: line) else { return nil }
    if damage.was == .utf8 { return firstByteThatIsNotUTF8(bytes[...]) == nil ? bytes : nil }
    var text: [UInt8] = []
    return decoding.append(bytes, from: 0, to: &text) == nil ? text : nil
  }

  private func damages(_ bytes: [UInt8], to line: ArraySlice<UInt8>) -> Bool {
    if damage.readAs == .western { return Western.texts(bytes).contains { $0.elementsEqual(line) } }
    var text: [UInt8] = []
    return fromBytes.append(bytes, from: 0, to: &text) == nil && text.elementsEqual(line)
  }
}

/// Windows' code page 1252 as systems decode it: its five free bytes are control characters, as in ISO 8859-1.
enum Western {
  private static let upper: [Unicode.Scalar] = Array(
    """
    €\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8D}Ž\u{8F}\u{90}‘’“”•–—˜™š›œ\u{9D}žŸ
    """.unicodeScalars)
  private static let bytes: [Unicode.Scalar: UInt8] = Dictionary(
    uniqueKeysWithValues: upper.enumerated().map { ($0.element, UInt8(0x80 + $0.offset)) })

  /// One byte for each character; `nil` when one is in neither code page.
  static func bytes(_ line: ArraySlice<UInt8>) -> [UInt8]? {
    var result: [UInt8] = []
    result.reserveCapacity(line.count)
    for scalar in String(decoding: line, as: UTF8.self).unicodeScalars {
      if scalar.value < 0x100 {
        result.append(UInt8(scalar.value))
      } else if let byte = bytes[scalar] {
        result.append(byte)
      } else {
        return nil
      }
    }
    return result
  }

  /// The bytes decoded as windows-1252, and as ISO 8859-1.
  static func texts(_ bytes: [UInt8]) -> [[UInt8]] {
    [true, false].map { isWindows in
      var text: [UInt8] = []
      for byte in bytes {
        let scalar = isWindows && (0x80...0x9F).contains(byte) ? upper[Int(byte) - 0x80] : Unicode.Scalar(byte)
        text += Character(scalar).utf8
      }
      return text
    }
  }
}

/// Calls `body` with each line's range, without its line feed, and its number.
func forEachLine(of text: [UInt8], _ body: (Range<Int>, Int) -> Void) {
  var start = 0
  var number = 1
  while start < text.count {
    let end = text[start...].firstIndex(of: 0x0A) ?? text.count
    body(start..<end, number)
    (start, number) = (end + 1, number + 1)
  }
}
