package import Foundation

/// Writes every byte, however often the kernel takes only a part; 0 or an errno.
package func writeAll(_ data: Data, to descriptor: Int32) -> Int32 {
  data.withUnsafeBytes { bytes in
    var left = bytes[...]
    while !left.isEmpty {
      let count = write(descriptor, UnsafeRawBufferPointer(rebasing: left).baseAddress, left.count)
      if count >= 0 {
        left = left.dropFirst(count)
      } else if errno != EINTR {
        return errno
      }
    }
    return 0
  }
}
