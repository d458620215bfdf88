/// Several digests of one file in one reading, by the names that BagIt manifests use.
package enum Checksums {
  package static let known = Set(Hashing.Algorithm.allCases.filter(\.isAvailable).map(\.rawValue))

  /// How many hex digits a checksum has; `nil` for one that ferry does not know.
  package static func length(_ algorithm: String) -> Int? { Hashing.Algorithm(rawValue: algorithm)?.hexDigits }

  /// The digests in lower-case hex of the algorithms that are known; throws `POSIXError` when the file cannot be read.
  package static func of(file: String, _ algorithms: Set<String>) throws -> [String: String] {
    let hashing = Hashing(algorithms.intersection(known).compactMap(Hashing.Algorithm.init))
    _ = try Digests.read(file, followingLinks: false) { hashing.update($0) }
    let digests = hashing.finish().map { ($0.rawValue, Digests.hex($1)) }
    return Dictionary(uniqueKeysWithValues: digests)
  }
}
