internal import Crypto
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
}

/// SHA-256 and SHA-512 in one reading.
package enum Digests {
  /// Reads `file` once; throws `POSIXError` when it cannot be opened or read.
  package static func of(file: String) throws -> FileDigests {
    var short = SHA256()
    var long = SHA512()
    let size = try read(file) { bytes in
      short.update(bufferPointer: bytes)
      long.update(bufferPointer: bytes)
    }
    return FileDigests(size: size, sha256: hex(short.finalize()), sha512: hex(long.finalize()))
  }

  package static func of(bytes: [UInt8]) -> FileDigests {
    FileDigests(size: bytes.count, sha256: hex(SHA256.hash(data: bytes)), sha512: hex(SHA512.hash(data: bytes)))
  }

  /// Hands a file's bytes over, block by block, and returns how many there were; throws `POSIXError`.
  package static func read(
    _ file: String, followingLinks: Bool = true, _ take: (UnsafeRawBufferPointer) -> Void
  ) throws -> Int {
    let descriptor = open(file, O_RDONLY | O_CLOEXEC | (followingLinks ? 0 : O_NOFOLLOW))
    guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    defer { close(descriptor) }
    let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
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
