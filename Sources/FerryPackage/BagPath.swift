/// A path within a bag, compared byte by byte: two names that look alike are still two files.
struct BagPath: Hashable, Sendable, Comparable {
  let text: String

  init(_ text: String) { self.text = text }

  static func == (a: BagPath, b: BagPath) -> Bool { a.text.utf8.elementsEqual(b.text.utf8) }
  static func < (a: BagPath, b: BagPath) -> Bool { a.text.utf8.lexicographicallyPrecedes(b.text.utf8) }
  func hash(into hasher: inout Hasher) { for byte in text.utf8 { hasher.combine(byte) } }

  /// Why the path must not be followed: it leads out of the bag, or would on some system.
  var danger: String? {
    if text.hasPrefix("/") || text.hasPrefix("\\") { return "is absolute" }
    if text.hasPrefix("~") { return "begins with a home folder's shortcut" }
    if text.split(whereSeparator: { $0 == "/" || $0 == "\\" }).contains("..") { return "leads out of its folder" }
    let head = text.prefix(2)
    if head.count == 2, head.last == ":", head.first?.isLetter == true { return "begins with a drive letter" }
    if text.contains("%USERPROFILE%") || text.contains("%HOMEPATH%") { return "begins with a home folder's shortcut" }
    return nil
  }
}
