internal import Foundation

/// A path within a bag, compared byte by byte: two names that look alike are still two files.
package struct BagPath: Hashable, Sendable, Comparable {
  package let text: String

  package init(_ text: String) { self.text = text }

  package static func == (a: BagPath, b: BagPath) -> Bool { a.text.utf8.elementsEqual(b.text.utf8) }
  package static func < (a: BagPath, b: BagPath) -> Bool { a.text.utf8.lexicographicallyPrecedes(b.text.utf8) }
  package func hash(into hasher: inout Hasher) {
    for byte in text.utf8 { hasher.combine(byte) }
  }

  package var isPayload: Bool { text.utf8.starts(with: "data/".utf8) }

  /// Why the path must not be followed: it leads out of the bag, or would on some system.
  package var danger: String? {
    if text.hasPrefix("/") || text.hasPrefix("\\") { return "is absolute" }
    if text.hasPrefix("~") { return "begins with a home folder's shortcut" }
    if text.split(whereSeparator: { $0 == "/" || $0 == "\\" }).contains("..") { return "leads out of its folder" }
    let head = text.prefix(2)
    if head.count == 2, head.last == ":", head.first?.isLetter == true { return "begins with a drive letter" }
    if text.contains("%USERPROFILE%") || text.contains("%HOMEPATH%") { return "begins with a home folder's shortcut" }
    if text.utf8.contains(0) { return "holds a zero byte" }
    return nil
  }

  /// Why it is no path that a manifest may list, though it leads nowhere else.
  package var flaw: String? {
    if text.hasSuffix("/") { return "names a folder; a manifest lists files only" }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    if parts.contains("") { return "has two slashes in a row" }
    if parts.contains(".") { return "has a part '.', so it is another file's name written differently" }
    return nil
  }

  /// Why another system would refuse the name or change it.
  package var unportable: String? {
    for part in text.split(separator: "/") {
      if let reason = BagPath.unportable(part) { return reason }
    }
    return nil
  }

  private static let reserved: Set<String> = Set(
    ["con", "prn", "aux", "nul"] + (1...9).flatMap { ["com\($0)", "lpt\($0)"] })

  private static func unportable(_ part: Substring) -> String? {
    if part.hasSuffix(".") { return "ends with a dot, which Windows drops" }
    if part.hasSuffix(" ") { return "ends with a blank, which Windows drops" }
    if part.contains("\\") { return "holds a backslash, which Windows takes for a folder" }
    if let bad = part.unicodeScalars.first(where: {
      $0.value < 0x20 || $0.value == 0x7F || "<>:\"|?*".contains(Character($0))
    }) {
      let shown = bad.value < 0x20 || bad.value == 0x7F ? "a control character" : "'\(bad)'"
      return "holds \(shown), which Windows refuses"
    }
    let stem = part.prefix { $0 != "." }.lowercased()
    if reserved.contains(stem) { return "is the name of a device on Windows" }
    if part.utf8.count > 255 { return "has a part of more than 255 bytes, which most systems refuse" }
    return nil
  }

  /// What two names have in common that some systems take for the same.
  package var folded: String { text.precomposedStringWithCanonicalMapping.lowercased() }
}

/// The names that ferry itself gives: safe on every system, in every shell and in every manifest.
package enum PortableName {
  /// Why `path` is none, or `nil`: parts of `[A-Za-z0-9._-]` that begin with a letter or digit, each at most 100 long
  /// and all together 200.
  package static func flaw(of path: String) -> String? {
    if path.utf8.count > 200 { return "is longer than 200 characters" }
    for part in path.split(separator: "/", omittingEmptySubsequences: false) {
      if part.utf8.count > 100 { return "has a part longer than 100 characters" }
      guard let first = part.utf8.first, isAlphanumeric(first) else {
        return "has a part that begins with no letter or digit"
      }
      if !part.utf8.allSatisfy({ isAlphanumeric($0) || $0 == 0x2E || $0 == 0x5F || $0 == 0x2D }) {
        return "has a character other than A-Z, a-z, 0-9, '.', '_' and '-'"
      }
      if let reason = BagPath(String(part)).unportable { return reason }
    }
    return nil
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
  }
}
