internal import Glibc

/// Bytes as they come, cut into lines; a line beyond all measure is dropped, not stored.
package struct Lines {
  private static let limit = 1 << 20
  private var pending: [UInt8] = []
  private var isDropping = false

  package init() {}

  package mutating func append(_ bytes: UnsafeRawBufferPointer) -> [[UInt8]] {
    var lines: [[UInt8]] = []
    var start = 0
    while let base = bytes.baseAddress, let found = memchr(base + start, Int32(UInt8(ascii: "\n")), bytes.count - start)
    {
      let end = UnsafeRawPointer(found) - base
      hold(bytes[start..<end])
      if !isDropping { lines.append(pending) }
      pending = []
      isDropping = false
      start = end + 1
    }
    hold(bytes[start...])
    return lines
  }

  /// A last line without an end.
  package var rest: [UInt8]? { pending.isEmpty ? nil : pending }

  private mutating func hold(_ bytes: Slice<UnsafeRawBufferPointer>) {
    if isDropping { return }
    if pending.count + bytes.count > Self.limit {
      pending = []
      isDropping = true
    } else {
      pending.append(contentsOf: bytes)
    }
  }
}
