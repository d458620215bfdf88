internal import Foundation

/// The size of a file and its two digests, in lower-case hex.
package struct FileDigests: Hashable, Sendable, Codable {
  package var size: Int
  package var sha256: String
  package var sha512: String

  package init(size: Int, sha256: String, sha512: String) {
    self.size = size
    self.sha256 = sha256
    self.sha512 = sha512
  }

  fileprivate init(_ size: Int, _ digests: [Hashing.Algorithm: [UInt8]]) {
    self.init(size: size, sha256: Digests.hex(digests[.sha256] ?? []), sha512: Digests.hex(digests[.sha512] ?? []))
  }
}

/// SHA-256 and SHA-512, both in one reading or one alone.
package enum Digests {
  /// Reads `file` once; throws `POSIXError` when it cannot be opened or read.
  package static func of(file: String) throws -> FileDigests {
    let hashing = Hashing([.sha256, .sha512])
    let size = try read(file) { hashing.update($0) }
    return FileDigests(size, hashing.finish())
  }

  package static func of(bytes: [UInt8]) -> FileDigests {
    let hashing = Hashing([.sha256, .sha512])
    bytes.withUnsafeBytes { hashing.update($0) }
    return FileDigests(bytes.count, hashing.finish())
  }

  /// One digest alone, in lower-case hex: a second one would take as long again.
  package static func sha256(file: String) throws -> String { try hex(of: file, .sha256) }
  package static func sha512(file: String) throws -> String { try hex(of: file, .sha512) }

  package static func sha256(_ bytes: [UInt8]) -> String { hex(raw(.sha256, bytes)) }
  package static func sha512(_ bytes: [UInt8]) -> String { hex(raw(.sha512, bytes)) }

  /// The bytes of a digest.
  package static func raw(_ algorithm: Hashing.Algorithm, _ bytes: [UInt8]) -> [UInt8] {
    let hashing = Hashing([algorithm])
    bytes.withUnsafeBytes { hashing.update($0) }
    return hashing.finish()[algorithm] ?? []
  }

  private static func hex(of file: String, _ algorithm: Hashing.Algorithm) throws -> String {
    let hashing = Hashing([algorithm])
    _ = try read(file) { hashing.update($0) }
    return hex(hashing.finish()[algorithm] ?? [])
  }

  /// Hands a file's bytes over, block by block, and returns how many there were; throws `POSIXError`.
  package static func read(
    _ file: String, followingLinks: Bool = true, _ take: (UnsafeRawBufferPointer) -> Void
  ) throws -> Int {
    let descriptor = open(file, O_RDONLY | O_CLOEXEC | (followingLinks ? 0 : O_NOFOLLOW))
    guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    defer { close(descriptor) }
    // What was read is still in the processor's cache when it is hashed.
    let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 64)
    defer { block.deallocate() }
    var size = 0
    while true {
      let count = Foundation.read(descriptor, block.baseAddress, block.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
      }
      if count == 0 { return size }
      take(UnsafeRawBufferPointer(rebasing: block[..<count]))
      size += count
    }
  }

  package static func hex(_ digest: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
