package import FerryCore
internal import FerryFiles

/// A manifest's lines: digests by path, and what is wrong with the lines.
package struct BagManifest {
  /// `md5`, `sha1`, `sha256`, …
  package let algorithm: String
  package let name: String
  private(set) var digests: [BagPath: String] = [:]
  private(set) var faults: [Diagnostic] = []
  /// Lines by path, for messages.
  private(set) var lines: [BagPath: Int] = [:]

  /// Reads `checksum path` lines (RFC 8493, 2.1.3).
  ///
  /// Before 1.0 nobody agreed whether a percent sign was encoded: there a path is taken as written when `exists` knows
  /// such a file.
  package init(algorithm: String, name: String, text: String, version: BagVersion, exists: (BagPath) -> Bool) {
    self.algorithm = algorithm
    self.name = name
    for line in TagLine.all(of: text) { read(line, version, exists) }
  }

  private mutating func fault(_ severity: Diagnostic.Severity, _ line: TagLine, _ message: String) {
    faults.append(
      Diagnostic(severity, "bag.manifest-line", at: Place(name, line: line.number), message, fault: .mismatched))
  }

  private mutating func read(_ line: TagLine, _ version: BagVersion, _ exists: (BagPath) -> Bool) {
    if line.bytes.isEmpty { return fault(.warning, line, "the line is empty") }
    let words = line.words(2)
    let digest = words[0]
    guard words.count == 2, !digest.isEmpty, digest.allSatisfy(BagManifest.isHexDigit) else {
      return fault(.error, line, "it is not '<checksum> <path>'")
    }
    if let length = Checksums.length(algorithm), digest.count != length {
      fault(.error, line, "the checksum has \(digest.count) hex digits, \(algorithm) has \(length)")
    }
    var rest = words[1]
    if rest.first == UInt8(ascii: "*") {
      // md5sum's mark for binary mode; the specification says to warn.
      rest = rest.dropFirst()
      fault(.warning, line, "there is an asterisk before the path, as md5sum writes it")
    }
    if rest.starts(with: "./".utf8) {
      rest = rest.dropFirst(2)
      fault(.warning, line, "the path begins with './'")
    }
    let decoded = PathEncoding.decoded(rest)
    let verbatim = BagPath(String(decoding: rest, as: UTF8.self))
    if decoded.hasStrayPercent && version.isStrict {
      fault(.error, line, "'\(verbatim.text)' has a percent sign that is not %25, %0A or %0D")
    }
    let path = !version.isStrict && exists(verbatim) ? verbatim : BagPath(decoded.path)
    let lowered = String(decoding: digest, as: UTF8.self).lowercased()
    if let before = digests[path] {
      let isSame = before == lowered
      // 1.0 lists every file exactly once.
      fault(
        !isSame || version.isStrict ? .error : .warning, line,
        "it lists '\(path.text)' again\(isSame ? "" : " with another checksum")")
    }
    digests[path] = lowered
    lines[path] = line.number
  }

  private static func isHexDigit(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
  }

  /// Where `path` is listed.
  package func place(_ path: BagPath) -> Place { Place(name, line: lines[path] ?? 0) }

  /// The plain way to read one of ferry's own manifests: digests by path, or `nil` where a line is wrong or two names
  /// look alike, which ferry's never do.
  package static func digests(of text: String, algorithm: String) -> [String: String]? {
    let manifest = BagManifest(algorithm: algorithm, name: "", text: text, version: .current) { _ in false }
    let digests = Dictionary(
      manifest.digests.map { ($0.key.text, $0.value) }, uniquingKeysWith: { first, _ in first })
    return manifest.faults.isEmpty && digests.count == manifest.digests.count ? digests : nil
  }
}
