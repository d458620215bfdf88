/// The segment index box of a CMAF file (`sidx`, ISO/IEC 14496-12, 8.16.3), which on-demand DASH seeks by.
enum SegmentIndex {
  /// One subsegment: whole fragments that begin with a key frame.
  typealias Segment = (size: Int, duration: Int)

  /// Bytes of the box without its references, and of one reference.
  private static let head = 40
  private static let reference = 12

  /// Bytes to keep free for an index of about `segments` fragments: half as many again, and room for a `free` box.
  static func reservation(segments: Int) -> Int { head + reference * (segments + segments / 2 + 4) + 8 }

  /// The box and a `free` box after it, `reservation` bytes together; `size` is the index alone.
  ///
  /// Neighbouring fragments become one reference where there are more of them than fit. Times are in units of
  /// `timescale` a second, and begin at zero.
  static func filled(reservation: Int, segments: [Segment], timescale: Int) -> (bytes: [UInt8], size: Int) {
    var references = segments
    while head + reference * references.count + 8 > reservation { references = merged(references) }
    let size = head + reference * references.count
    let free = reservation - size
    var bytes: [UInt8] = []
    func add(_ value: Int, _ width: Int) {
      for index in (0..<width).reversed() { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
    }
    add(size, 4)
    bytes += "sidx".utf8
    add(1 << 24, 4)  // version 1: times and offsets of 64 bits
    add(1, 4)  // the track
    add(timescale, 4)
    add(0, 8)  // the earliest presentation
    add(free, 8)  // from the end of this box to the first fragment
    add(0, 2)
    add(references.count, 2)
    for segment in references {
      add(segment.size, 4)
      add(segment.duration, 4)
      // It begins with a stream access point of type 1: a closed group of pictures.
      add(0x9000_0000, 4)
    }
    add(free, 4)
    bytes += "free".utf8
    bytes += [UInt8](repeating: 0, count: free - 8)
    return (bytes, size)
  }

  private static func merged(_ segments: [Segment]) -> [Segment] {
    stride(from: 0, to: segments.count, by: 2).map { index in
      guard index + 1 < segments.count else { return segments[index] }
      let (a, b) = (segments[index], segments[index + 1])
      return (a.size + b.size, a.duration + b.duration)
    }
  }
}
