internal import CFFmpeg

/// The tags of MP3 files that were joined, which lie between their sounds and come as sound.
struct TagBytes {
  /// How much of a tag is still to come; at the end of the file, of one that said it were longer than the rest.
  private(set) var left = 0
  /// A tag that says it is longer is not believed: its bytes go to the decoder, which refuses them.
  private static let longest = 16 << 20

  /// Takes tags off the beginning of a packet, which may leave it empty.
  mutating func drop(from packet: borrowing Packet) {
    while packet.raw.pointee.size > 0 {
      if left == 0 { left = TagBytes.tag(bytes(packet.raw.pointee.data, min(Int(packet.raw.pointee.size), 10))) }
      if left == 0 { return }
      let count = min(left, Int(packet.raw.pointee.size))
      packet.raw.pointee.data += count
      packet.raw.pointee.size -= Int32(count)
      left -= count
    }
  }

  /// The length of the tag that begins with `head`, ten bytes; 0 where none does.
  private static func tag(_ head: [UInt8]) -> Int {
    // The old one at a file's end.
    if head.starts(with: Array("TAG".utf8)) { return 128 }
    // The new one at its beginning: four bytes of seven bits say how much follows them.
    guard head.count == 10, head.starts(with: Array("ID3".utf8)), head[6...].allSatisfy({ $0 < 0x80 }) else { return 0 }
    let length = 10 + head[6...].reduce(0) { $0 << 7 | Int($1) }
    return length > longest ? 0 : length
  }
}
