internal import Foundation

/// The byte strings of SSH (RFC 4251, 5): a length in four bytes, then the bytes.
struct SSHWriter {
  private(set) var bytes: [UInt8] = []

  mutating func raw(_ more: some Sequence<UInt8>) { bytes += more }

  mutating func number(_ value: UInt32) {
    for shift in stride(from: 24, through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> UInt32(shift)))
    }
  }

  mutating func string(_ more: some Collection<UInt8>) {
    number(UInt32(more.count))
    bytes += more
  }
}

/// Reads what `SSHWriter` writes; `nil` where the bytes end too early.
struct SSHScanner {
  private(set) var rest: ArraySlice<UInt8>

  init(_ bytes: some Sequence<UInt8>) { rest = Array(bytes)[...] }

  mutating func raw(_ count: Int) -> [UInt8]? {
    guard rest.count >= count else { return nil }
    defer { rest = rest.dropFirst(count) }
    return Array(rest.prefix(count))
  }

  mutating func number() -> UInt32? { raw(4).map { $0.reduce(0) { $0 << 8 | UInt32($1) } } }

  mutating func string() -> [UInt8]? {
    guard let count = number() else { return nil }
    return raw(Int(count))
  }

  mutating func text() -> String? { string().flatMap { String(validating: $0, as: UTF8.self) } }
}

/// Base64 between two marker lines, as OpenSSH keeps keys and signatures.
enum SSHArmour {
  static func text(_ bytes: [UInt8], _ name: String) -> String {
    let encoded = Array(Data(bytes).base64EncodedString())
    let lines = stride(from: 0, to: encoded.count, by: 70).map { String(encoded[$0..<min($0 + 70, encoded.count)]) }
    return (["-----BEGIN \(name)-----"] + lines + ["-----END \(name)-----"]).joined(separator: "\n") + "\n"
  }

  /// The bytes between the markers; `nil` for anything but one such block.
  static func bytes(_ text: String, _ name: String) -> [UInt8]? {
    let lines = text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
    guard lines.count >= 3, lines.first == "-----BEGIN \(name)-----", lines.last == "-----END \(name)-----" else {
      return nil
    }
    return Data(base64Encoded: lines.dropFirst().dropLast().joined()).map(Array.init)
  }
}
