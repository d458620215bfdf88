internal import Foundation

/// Reads a few bytes of a file at a place, for what FFmpeg does not tell of a container.
///
/// Offsets come from the file itself: whatever they are, reading gives what is there, and nothing where there is none.
struct FileBytes: ~Copyable {
  private let descriptor: Int32
  let size: Int

  /// `nil` where the file cannot be opened: opening it as media says why.
  static func open(_ path: String) -> FileBytes? {
    let descriptor = Foundation.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      return nil
    }
    return FileBytes(descriptor: descriptor, size: Int(status.st_size))
  }

  /// Up to `count` bytes from `offset` on.
  func read(at offset: Int, _ count: Int) -> [UInt8] {
    guard offset >= 0, offset < size, count > 0 else { return [] }
    let wanted = min(count, size - offset)
    return [UInt8](unsafeUninitializedCapacity: wanted) { buffer, filled in
      while filled < wanted, let base = buffer.baseAddress {
        let got = pread(descriptor, base + filled, wanted - filled, off_t(offset + filled))
        if got <= 0 { break }
        filled += got
      }
    }
  }

  /// Where `pattern` first stands from `start` on; all of the file is read for it.
  func first(_ pattern: [UInt8], from start: Int) -> Int? {
    var position = start
    while position < size {
      let window = read(at: position, 1 << 20)
      let found = Data(window).range(of: Data(pattern))?.lowerBound
      if let found { return position + found }
      // What stands across the end of this window stands in the next one.
      let step = window.count - pattern.count + 1
      if step <= 0 { return nil }
      position += step
    }
    return nil
  }

  deinit { close(descriptor) }
}

extension Collection<UInt8> {
  /// The first `count` bytes as a number, the highest first; `nil` where there are fewer, or it is beyond `Int`.
  func bigEndian(_ count: Int) -> Int? {
    let bytes = prefix(count)
    guard bytes.count == count else { return nil }
    return Int(exactly: bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
  }

  /// The same, the lowest byte first.
  func littleEndian(_ count: Int) -> Int? {
    let bytes = prefix(count)
    guard bytes.count == count else { return nil }
    return Int(exactly: bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
  }

  /// As text, where all of it can be printed.
  var printable: String? {
    allSatisfy { (0x20..<0x7F).contains($0) } && !isEmpty ? String(decoding: self, as: UTF8.self) : nil
  }

  var hexadecimal: String {
    map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
  }
}
