internal import CFFmpeg

/// Whether what moved in a picture shows as a comb, the mark of two fields filmed one after the other.
///
/// `idet` compares the fields of neighbouring pictures, and text that is scrolled by whole lines fits so well that it
/// takes each picture for fields. A comb is seen in one picture alone: where something moved, a line differs from those
/// beside it more than from those two away, which are of its own field. Measured as the ratio of both second differences:
/// 0.4 to 0.9 in whole pictures of cameras, films, slides and scrolled text, 1.2 to 3 in fields.
struct Combing: ~Copyable {
  enum Look { case whole, combed, unclear }

  private let previous: Frame

  init() throws(MediaError) { previous = try Frame.make() }

  /// Every column would say the same.
  private static let columnStep = 3

  /// Looks at a picture after the one before it, which is kept.
  func look(at frame: borrowing Frame) throws(MediaError) -> Look {
    let ratio = ratio(frame)
    try previous.refer(to: frame)
    guard let ratio else { return .unclear }
    return ratio < 1 ? .whole : ratio > 1.2 ? .combed : .unclear
  }

  /// `nil` where too little moved, or luma is no plane of its own.
  private func ratio(_ frame: borrowing Frame) -> Double? {
    let (one, other) = (frame.raw.pointee, previous.raw.pointee)
    guard one.format == other.format, one.width == other.width, one.height == other.height,
      let descriptor = av_pix_fmt_desc_get(AVPixelFormat(one.format))?.pointee, descriptor.comp.0.plane == 0,
      descriptor.comp.0.offset == 0, let now = one.data.0, let before = other.data.0
    else { return nil }
    let area = (Int(one.width), Int(one.height))
    let lines = (Int(one.linesize.0), Int(other.linesize.0))
    switch (descriptor.comp.0.depth, descriptor.comp.0.step) {
    case (8, 1): return Self.ratio(now, before, lines, area, leastMove: 12)
    case (let depth, 2) where (9...16).contains(depth) && descriptor.flags & UInt64(AV_PIX_FMT_FLAG_BE) == 0:
      return now.withMemoryRebound(to: UInt16.self, capacity: 1) { now in
        before.withMemoryRebound(to: UInt16.self, capacity: 1) { before in
          Self.ratio(now, before, (lines.0 / 2, lines.1 / 2), area, leastMove: 12 << (depth - 8))
        }
      }
    default: return nil
    }
  }

  private static func ratio<Sample: FixedWidthInteger>(
    _ now: UnsafeMutablePointer<Sample>, _ before: UnsafeMutablePointer<Sample>, _ lines: (now: Int, before: Int),
    _ area: (width: Int, height: Int), leastMove: Int32
  ) -> Double? {
    guard area.height > 8 else { return nil }
    var (near, far, moved) = (0, 0, 0)
    for y in 2..<area.height - 2 {
      let row = now + y * lines.now
      let old = before + y * lines.before
      for x in stride(from: 0, to: area.width, by: columnStep) {
        let here = Int(row[x])
        if abs(here - Int(old[x])) <= Int(leastMove) { continue }
        moved += 1
        near += abs(Int(row[x - lines.now]) - 2 * here + Int(row[x + lines.now]))
        far += abs(Int(row[x - 2 * lines.now]) - 2 * here + Int(row[x + 2 * lines.now]))
      }
    }
    // A thousandth of the picture.
    guard moved * 1000 > area.height * area.width / columnStep else { return nil }
    return Double(near) / Double(max(far, 1))
  }
}
