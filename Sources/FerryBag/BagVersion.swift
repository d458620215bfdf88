/// A version of the BagIt specification.
package struct BagVersion: Comparable {
  let major: Int
  let minor: Int

  package static let current = BagVersion(1, 0)
  /// All that were ever published.
  static let known = (93...97).map { BagVersion(0, $0) } + [current]

  init(_ major: Int, _ minor: Int) { (self.major, self.minor) = (major, minor) }

  /// Reads `M.N`, digits only.
  init?(_ text: some StringProtocol) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
      let major = Int(parts[0]), let minor = Int(parts[1])
    else { return nil }
    (self.major, self.minor) = (major, minor)
  }

  /// Whether every payload manifest must list every file once, and the other rules that 1.0 made strict hold.
  var isStrict: Bool { self >= BagVersion.current }
  /// The file of metadata: its name changed with 0.96.
  var informationFile: String { self < BagVersion(0, 96) ? "package-info.txt" : "bag-info.txt" }

  package static func < (a: BagVersion, b: BagVersion) -> Bool { (a.major, a.minor) < (b.major, b.minor) }
}
