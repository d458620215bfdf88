/// A manifest's lines: digests by path, and what is wrong with the lines.
struct BagManifest {
  /// `md5`, `sha1`, `sha256`, …
  let algorithm: String
  let name: String
  private(set) var digests: [BagPath: String] = [:]
  private(set) var faults: [(line: Int, message: String, isError: Bool)] = []

  /// Reads `checksum path` lines (RFC 8493, 2.1.3); before 1.0 the path is not percent-encoded the same way.
  init(algorithm: String, name: String, text: String, version: BagVersion) {
    self.algorithm = algorithm
    self.name = name
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated()
    where !line.isEmpty {
      read(line, index + 1, version)
    }
  }

  private mutating func read(_ line: Substring, _ number: Int, _ version: BagVersion) {
    let digest = line.prefix { $0 != " " && $0 != "\t" }
    var rest = line[digest.endIndex...]
    let gap = rest.prefix { $0 == " " || $0 == "\t" }
    rest = rest[gap.endIndex...]
    guard !digest.isEmpty, !gap.isEmpty, !rest.isEmpty, digest.allSatisfy(\.isHexDigit) else {
      faults.append((number, "line \(number) is not '<checksum> <path>'", true))
      return
    }
    if rest.hasPrefix("*") {
      // md5sum's mark for binary mode; the specification says to warn.
      rest = rest.dropFirst()
      faults.append((number, "line \(number) has an asterisk before its path, as md5sum writes it", false))
    }
    if rest.hasPrefix("./") {
      rest = rest.dropFirst(2)
      faults.append((number, "line \(number) has a path that begins with './'", false))
    }
    let path = BagPath(decoded(rest))
    let lowered = digest.lowercased()
    if let before = digests[path] {
      let isSame = before == lowered
      // 1.0 lists every file exactly once.
      faults.append(
        (
          number, "line \(number) lists '\(path.text)' again\(isSame ? "" : " with another checksum")",
          !isSame || version >= BagVersion(1, 0)
        ))
    }
    digests[path] = lowered
  }

  /// `%0A`, `%0D` and `%25` stand for line ends and the percent sign; anything else is itself.
  private func decoded(_ path: Substring) -> String {
    var result = String(path)
    for (code, character) in [("%0A", "\n"), ("%0a", "\n"), ("%0D", "\r"), ("%0d", "\r"), ("%25", "%")] {
      result = result.replacing(code, with: character)
    }
    return result
  }
}

/// A version of the BagIt specification.
struct BagVersion: Comparable {
  let major: Int
  let minor: Int

  init(_ major: Int, _ minor: Int) { (self.major, self.minor) = (major, minor) }

  init?(_ text: Substring) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, let major = Int(parts[0]), let minor = Int(parts[1]) else { return nil }
    (self.major, self.minor) = (major, minor)
  }

  static func < (a: BagVersion, b: BagVersion) -> Bool { (a.major, a.minor) < (b.major, b.minor) }
}
