internal import Foundation

/// Whole small files.
package enum FileBytes {
  /// No tag file, playlist or description is larger: a manifest of a million files is half of it.
  package static let longest = 256 << 20

  /// Throws `POSIXError`: `EFBIG` for a file that is too large to be read whole, which may be one without content.
  package static func read(_ file: String, followingLinks: Bool = true) throws -> [UInt8] {
    if let size = size(of: file, followingLinks: followingLinks), size > longest { throw POSIXError(.EFBIG) }
    var bytes: [UInt8] = []
    _ = try Digests.read(file, followingLinks: followingLinks) { bytes += $0 }
    return bytes
  }

  /// The same; `nil` for what cannot be read, where that was said already.
  package static func contents(_ file: String) -> [UInt8]? {
    do { return try read(file) } catch { return nil }
  }

  /// `nil` for what is no regular file, or is not there.
  package static func size(of file: String, followingLinks: Bool = false) -> Int? {
    var status = stat()
    guard (followingLinks ? stat(file, &status) : lstat(file, &status)) == 0, status.st_mode & S_IFMT == S_IFREG
    else { return nil }
    return Int(status.st_size)
  }
}
