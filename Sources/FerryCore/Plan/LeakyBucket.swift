/// A decoder's buffer: it fills at a constant rate, never above its size, and each coded picture is taken out at once.
///
/// This is the judge of a rendition's cap over the whole stream, after its chunks are joined; each chunk's encoder
/// knows its own pictures only.
package struct LeakyBucket: Equatable, Sendable {
  private let size: Double
  private let refill: Double
  private var fill: Double
  /// The least that was ever in it, in bits; below zero a decoder would have waited.
  package private(set) var lowest: Double

  /// An empty decoder waits until nine tenths of its buffer are full, as x264 assumes too.
  package init(size: Int, rate: Int, frameRate: Rational) {
    self.size = Double(size)
    refill = Double(rate) / frameRate.value
    fill = 0.9 * Double(size)
    lowest = fill
  }

  package init(_ rendition: Rendition, frameRate: Rational) {
    self.init(size: rendition.bufferSize, rate: rendition.maximumRate, frameRate: frameRate)
  }

  /// Takes a picture out, then fills for the time of one.
  package mutating func take(bits: Int) {
    fill -= Double(bits)
    lowest = min(lowest, fill)
    // A decoder that had to wait goes on with what has come.
    fill = min(max(fill, 0) + refill, size)
  }

  /// Whether every picture was there in time.
  package var isKept: Bool { lowest >= 0 }
}

/// What an encoder of one chunk is held to, so that the joined stream keeps to the rendition's cap.
package struct BitRateCap: Hashable, Sendable {
  /// Bits a second.
  package var rate: Int
  /// Bits of the buffer.
  package var buffer: Int
  /// The share of the buffer that is assumed to be full when a chunk begins.
  package var fill: Double

  package init(rate: Int, buffer: Int, fill: Double) {
    self.rate = rate
    self.buffer = buffer
    self.fill = fill
  }

  /// A chunk begins with what is usually left of the buffer at its neighbour's end. The strict cap holds whatever the
  /// neighbours leave.
  ///
  /// With it a chunk may take `credit` bits more than come in during its time at the lower rate, and the difference of
  /// the rates is `credit` over that time: each begins with as much as the one before did.
  package init(_ rendition: Rendition, _ recipe: VideoRecipe, isStrict: Bool) {
    let (most, buffer) = (Double(rendition.maximumRate), Double(rendition.bufferSize))
    guard let length = recipe.chunkLength, recipe.frameRate.value > 0 else {
      self.init(rate: rendition.maximumRate, buffer: rendition.bufferSize, fill: 0.9)
      return
    }
    if !isStrict {
      self.init(rate: rendition.maximumRate, buffer: rendition.bufferSize, fill: 0.5)
      return
    }
    let time = Double(length) / recipe.frameRate.value
    let credit = min(buffer / 5, most * time / 8)
    self.init(
      rate: Int(most - credit / time), buffer: Int(buffer - credit),
      fill: (credit / (buffer - credit) * 1000).rounded(.down) / 1000)
  }
}
