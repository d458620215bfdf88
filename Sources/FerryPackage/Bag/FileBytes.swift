internal import Foundation

/// Whole small files.
enum FileBytes {
  /// Throws `POSIXError`.
  static func read(_ file: String, followingLinks: Bool = true) throws -> [UInt8] {
    var bytes: [UInt8] = []
    _ = try Digests.read(file, followingLinks: followingLinks) { bytes += $0 }
    return bytes
  }
}
