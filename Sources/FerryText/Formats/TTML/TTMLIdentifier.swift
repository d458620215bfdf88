internal import FerryCore

/// A cue's identifier as an `xml:id`, which cannot be any text and cannot be left out.
///
/// What is a name already stays as it is. Anything else is written behind `_.`, with each byte that a name cannot have as
/// `.` and two digits; a cue without identifier is `_-` and its number. Reading undoes both.
enum TTMLIdentifier {
  static func written(_ identifier: String?, number: Int) -> String {
    guard let identifier, !identifier.isEmpty else { return "_-\(number)" }
    let bytes = Array(identifier.utf8)
    if isPlain(bytes) { return identifier }
    var text = "_."
    for byte in bytes {
      if byte.isASCIIAlphanumeric || byte == 0x2D || byte == 0x5F {
        text.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        let digits = String(byte, radix: 16)
        text += "." + (digits.count == 1 ? "0" : "") + digits
      }
    }
    return text
  }

  static func read(_ text: String) -> String? {
    if text.isEmpty || text.hasPrefix("_-") { return nil }
    guard text.hasPrefix("_.") else { return text }
    let bytes = Array(text.utf8.dropFirst(2))
    var result: [UInt8] = []
    var index = 0
    while index < bytes.count {
      if bytes[index] == 0x2E {
        guard index + 2 < bytes.count,
          let byte = UInt8(String(decoding: bytes[(index + 1)...(index + 2)], as: UTF8.self), radix: 16)
        else { return text }
        result.append(byte)
        index += 3
      } else {
        result.append(bytes[index])
        index += 1
      }
    }
    return String(validating: result, as: UTF8.self) ?? text
  }

  /// Whether it is a name in XML's sense, in ASCII alone, and does not read as one of ours.
  private static func isPlain(_ bytes: [UInt8]) -> Bool {
    guard let first = bytes.first, first.isASCIILetter || first == 0x5F else { return false }
    if first == 0x5F, bytes.count > 1, bytes[1] == 0x2D || bytes[1] == 0x2E { return false }
    // The writer's own names.
    for own in ["style.", "region.", "agent."] where bytes.starts(with: own.utf8) { return false }
    return bytes.allSatisfy { $0.isASCIIAlphanumeric || $0 == 0x2D || $0 == 0x5F || $0 == 0x2E }
  }
}
