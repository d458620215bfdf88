internal import CFFmpeg

/// Makes 10-bit 4:2:0 pictures in HDR into 8-bit ones in BT.709 and limited range, by a table over all codes.
///
/// The table lies in luma and chroma, not in red, green and blue as those of `lut3d` do: no picture is converted to RGB
/// and back, the chroma of four pixels is found once, and greys lie exactly on its points. Measured, a picture
/// costs about a quarter of what swscale, `lut3d` and swscale take.
struct ToneMap: ~Copyable {
  /// 8-bit luma, for the four chroma points around a cell, at each point of luma.
  private let luma: UnsafeMutablePointer<SIMD4<Float>>
  /// Blue chroma likewise, and then red.
  private let chroma: UnsafeMutablePointer<SIMD8<Float>>

  /// A cell is 32 codes wide in both chromas and 16 high in luma, so a code's upper bits are its cell.
  private static let (side, height) = (33, 65)

  static func make(_ curve: ToneCurve) -> ToneMap {
    var points = [SIMD3<Float>]()
    points.reserveCapacity(side * side * height)
    for blue in 0..<side {
      for red in 0..<side {
        // The table's values have the sixteenths and 1024ths of a place in a cell taken out already.
        for y in 0..<height { points.append(SIMD3(curve.codes(y * 16, blue * 32, red * 32)) / 16384) }
      }
    }
    let count = (side - 1) * (side - 1) * height
    let map = ToneMap(luma: .allocate(capacity: count), chroma: .allocate(capacity: count))
    var place = 0
    for blue in 0..<(side - 1) {
      for red in 0..<(side - 1) {
        for y in 0..<height {
          let first = (blue * side + red) * height + y
          let (a, b) = (points[first], points[first + height])
          let (c, d) = (points[first + side * height], points[first + (side + 1) * height])
          (map.luma + place).initialize(to: SIMD4(a.x, b.x, c.x, d.x))
          (map.chroma + place).initialize(to: SIMD8(a.y, b.y, c.y, d.y, a.z, b.z, c.z, d.z))
          place += 1
        }
      }
    }
    return map
  }

  /// Fills `output` with the picture as a standard screen shows it.
  func apply(_ input: borrowing Frame, into output: borrowing Frame) throws(MediaError) {
    output.clear()
    try check(av_frame_copy_props(output.raw, input.raw), .filter, "a picture")
    output.raw.pointee.width = input.raw.pointee.width
    output.raw.pointee.height = input.raw.pointee.height
    output.raw.pointee.format = AV_PIX_FMT_YUV420P.rawValue
    output.raw.pointee.color_range = AVCOL_RANGE_MPEG
    output.raw.pointee.colorspace = AVCOL_SPC_BT709
    output.raw.pointee.color_primaries = AVCOL_PRI_BT709
    output.raw.pointee.color_trc = AVCOL_TRC_BT709
    try check(av_frame_get_buffer(output.raw, 0), .filter, "a picture")
    convert(input.raw.pointee, into: output.raw.pointee)
  }

  private func convert(_ input: AVFrame, into output: AVFrame) {
    let width = Int(input.width)
    let height = Int(input.height)
    guard let y = input.data.0, let cb = input.data.1, let cr = input.data.2, let outY = output.data.0,
      let outCb = output.data.1, let outCr = output.data.2
    else { return }
    for row in 0..<((height + 1) / 2) {
      // An odd last line or column is its own neighbour.
      let (top, bottom) = (row * 2, min(row * 2 + 1, height - 1))
      let inTop = codes(y, top, input.linesize.0)
      let inBottom = codes(y, bottom, input.linesize.0)
      let inCb = codes(cb, row, input.linesize.1)
      let inCr = codes(cr, row, input.linesize.2)
      let toTop = outY + top * Int(output.linesize.0)
      let toBottom = outY + bottom * Int(output.linesize.0)
      let toCb = outCb + row * Int(output.linesize.1)
      let toCr = outCr + row * Int(output.linesize.2)
      for column in 0..<((width + 1) / 2) {
        let left = column &* 2
        let right = min(left &+ 1, width &- 1)
        let blue = Int(inCb[column]) & 1023
        let red = Int(inCr[column]) & 1023
        let (b, r) = (Float(blue & 31), Float(red & 31))
        let share = SIMD4<Float>((32 - b) * (32 - r), (32 - b) * r, b * (32 - r), b * r)
        let cell = ((blue >> 5) &* 32 &+ (red >> 5)) &* 65
        let (c0, c1) = (Int(inTop[left]) & 1023, Int(inTop[right]) & 1023)
        let (c2, c3) = (Int(inBottom[left]) & 1023, Int(inBottom[right]) & 1023)
        let at = luma + cell
        // Each pixel's four edges side by side, and then twice the sums of neighbours.
        let edges = SIMD16(
          lowHalf: SIMD8(lowHalf: between(at, c0) * share, highHalf: between(at, c1) * share),
          highHalf: SIMD8(lowHalf: between(at, c2) * share, highHalf: between(at, c3) * share))
        let pairs = edges.evenHalf + edges.oddHalf
        // Sixteen thresholds over four by four pixels, so that slow gradients get no steps in 8 bits.
        let place = (row & 1) &* 2 &+ (column & 1)
        let threshold = ToneMap.thresholds(place)
        let lumas = codes(pairs.evenHalf + pairs.oddHalf + threshold)
        toTop[left] = UInt8(truncatingIfNeeded: lumas[0])
        toTop[right] = UInt8(truncatingIfNeeded: lumas[1])
        toBottom[left] = UInt8(truncatingIfNeeded: lumas[2])
        toBottom[right] = UInt8(truncatingIfNeeded: lumas[3])
        let mean = (c0 &+ c1 &+ c2 &+ c3 &+ 2) >> 2
        let near = chroma + (cell &+ (mean >> 4))
        let f = Float(mean & 15)
        let both = (near[0] * (16 - f) + near[1] * f) * SIMD8(lowHalf: share, highHalf: share)
        let halves = both.evenHalf + both.oddHalf
        let sums = SIMD4(lowHalf: halves.evenHalf + halves.oddHalf, highHalf: .zero)
        let chromas = codes(sums + threshold)
        toCb[column] = UInt8(truncatingIfNeeded: chromas[0])
        toCr[column] = UInt8(truncatingIfNeeded: chromas[1])
      }
    }
  }

  @inline(__always)
  private func codes(_ plane: UnsafeMutablePointer<UInt8>, _ row: Int, _ stride: Int32) -> UnsafePointer<UInt16> {
    UnsafeRawPointer(plane + row * Int(stride)).assumingMemoryBound(to: UInt16.self)
  }

  /// The values of a cell's four edges at the height of a luma code.
  @inline(__always)
  private func between(_ cell: UnsafePointer<SIMD4<Float>>, _ code: Int) -> SIMD4<Float> {
    let near = cell + code >> 4
    let f = Float(code & 15)
    return near[0] * (16 - f) + near[1] * f
  }

  /// Rounds: beside 2²³ a `Float` has no fraction, and its low bits are the code.
  @inline(__always)
  private func codes(_ values: SIMD4<Float>) -> SIMD4<UInt32> {
    unsafeBitCast(values + 8_388_608, to: SIMD4<UInt32>.self)
  }

  @inline(__always)
  private static func thresholds(_ place: Int) -> SIMD4<Float> {
    switch place {
    case 0: SIMD4(-0.46875, 0.03125, 0.28125, -0.21875)
    case 1: SIMD4(-0.34375, 0.15625, 0.40625, -0.09375)
    case 2: SIMD4(-0.28125, 0.21875, 0.46875, -0.03125)
    default: SIMD4(-0.40625, 0.09375, 0.34375, -0.15625)
    }
  }

  deinit {
    luma.deallocate()
    chroma.deallocate()
  }
}
