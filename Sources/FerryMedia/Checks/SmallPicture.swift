internal import CFFmpeg

/// A picture's brightness at about 160 pixels on its long side: enough for every check, and cheap for every frame.
///
/// Each pixel is the mean of four of a square block, not of all: noise stays noise, so a live camera on an empty room
/// does not look like a frozen picture.
struct SmallPicture: Sendable {
  let width: Int
  let height: Int
  /// Luma in limited range, row by row.
  let pixels: [UInt8]

  /// Makes it of a picture in 4:2:0, 8 bit and limited range.
  init(_ frame: borrowing Frame) {
    let frame = frame.raw.pointee
    guard let luma = frame.data.0 else {
      self.init(width: 0, height: 0, pixels: [])
      return
    }
    let block = max(1, (Int(max(frame.width, frame.height)) + 159) / 160)
    // A picture narrower than a block is not divided that way.
    let width = max(1, Int(frame.width) / block)
    let height = max(1, Int(frame.height) / block)
    let lineSize = Int(frame.linesize.0)
    let near = min(block / 4, Int(min(frame.width, frame.height)) - 1)
    let far = min(block * 3 / 4, Int(min(frame.width, frame.height)) - 1)
    let pixels = [UInt8](unsafeUninitializedCapacity: width * height) { buffer, count in
      guard let start = buffer.baseAddress else { return }
      for y in 0..<height {
        let upper = luma + (y * block + near) * lineSize
        let lower = luma + (y * block + far) * lineSize
        let row = start + y * width
        for x in 0..<width {
          let left = x * block + near
          let right = x * block + far
          let sum = UInt32(upper[left]) + UInt32(upper[right]) + UInt32(lower[left]) + UInt32(lower[right])
          row[x] = UInt8(truncatingIfNeeded: (sum + 2) / 4)
        }
      }
      count = width * height
    }
    self.init(width: width, height: height, pixels: pixels)
  }

  private init(width: Int, height: Int, pixels: [UInt8]) {
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// The share of pixels (0…1) that are as dark as `level` or darker.
  func share(upTo level: UInt8) -> Double {
    var dark = 0
    pixels.withUnsafeBufferPointer { for pixel in $0 where pixel <= level { dark += 1 } }
    return Double(dark) / Double(max(1, pixels.count))
  }

  /// The mean difference of luma (0…1) from another picture; 1 when the sizes differ.
  func meanDifference(from other: SmallPicture) -> Double {
    guard width == other.width && height == other.height else { return 1 }
    var sum: Int32 = 0
    pixels.withUnsafeBufferPointer { a in
      other.pixels.withUnsafeBufferPointer { b in
        for index in a.indices { sum &+= abs(Int32(a[index]) - Int32(b[index])) }
      }
    }
    return Double(sum) / 255 / Double(max(1, pixels.count))
  }

  /// The standard deviation of luma, in its own steps: what the eye takes for contrast.
  var contrast: Double {
    var sum = 0
    var squares = 0
    for pixel in pixels {
      sum += Int(pixel)
      squares += Int(pixel) * Int(pixel)
    }
    let count = Double(max(1, pixels.count))
    let mean = Double(sum) / count
    return max(0, Double(squares) / count - mean * mean).squareRoot()
  }

  /// Whether this is `before` and `after` laid over each other, as in a cross-fade or a fade from or to black.
  ///
  /// The best share of `after` is found by least squares. A picture that moved on is no mixture of its neighbours:
  /// what is left over is then half of their difference or more.
  func isBlend(of before: SmallPicture, and after: SmallPicture) -> Bool {
    guard before.pixels.count == pixels.count && after.pixels.count == pixels.count else { return false }
    if before.meanDifference(from: after) < 0.03 { return false }
    var product = 0
    var square = 0
    for index in pixels.indices {
      let whole = Int(after.pixels[index]) - Int(before.pixels[index])
      product += (Int(pixels[index]) - Int(before.pixels[index])) * whole
      square += whole * whole
    }
    let share = Double(product) / Double(max(1, square))
    guard (0.1...0.9).contains(share) else { return false }
    var left = 0.0
    var difference = 0.0
    for index in pixels.indices {
      let from = Double(before.pixels[index])
      let whole = Double(after.pixels[index]) - from
      left += abs(Double(pixels[index]) - from - share * whole)
      difference += abs(whole)
    }
    return left < 0.25 * difference
  }
}
