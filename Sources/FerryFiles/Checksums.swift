internal import Crypto
internal import Foundation

/// Several digests of one file in one reading, by the names that BagIt manifests use.
package enum Checksums {
  /// Hex digits by name.
  private static let lengths = ["md5": 32, "sha1": 40, "sha224": 56, "sha256": 64, "sha384": 96, "sha512": 128]

  package static let known = Set(lengths.keys)

  /// How many hex digits a checksum has; `nil` for one that ferry does not know.
  package static func length(_ algorithm: String) -> Int? { lengths[algorithm] }

  /// The digests in lower-case hex; throws `POSIXError` when the file cannot be read.
  package static func of(file: String, _ algorithms: Set<String>) throws -> [String: String] {
    var hashes = algorithms.compactMap { name in hash(name).map { (name, $0) } }
    var short = algorithms.contains("sha224") ? SHA224() : nil
    _ = try Digests.read(file, followingLinks: false) { bytes in
      for index in hashes.indices { hashes[index].1.update(bufferPointer: bytes) }
      short?.update(bufferPointer: bytes)
    }
    var digests = Dictionary(
      uniqueKeysWithValues: hashes.map { name, hash in (name, Digests.hex(finalized(hash))) })
    if let short { digests["sha224"] = Digests.hex(short.finalize()) }
    return digests
  }

  private static func hash(_ name: String) -> (any HashFunction)? {
    switch name {
    case "md5": Insecure.MD5()
    case "sha1": Insecure.SHA1()
    case "sha256": SHA256()
    case "sha384": SHA384()
    case "sha512": SHA512()
    default: nil
    }
  }

  private static func finalized(_ hash: any HashFunction) -> [UInt8] { Array(hash.finalize()) }
}
