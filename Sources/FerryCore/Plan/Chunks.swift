extension VideoRecipe {
  /// The least time of one chunk. A shorter one costs quality, since its encoder begins without knowing what came
  /// before; a longer one needs more waiting pictures for the same use of the cores (docs/encoding.md).
  private static let shortestChunk: Milliseconds = 4000

  /// Pictures of one chunk: whole key-frame groups.
  static func chunkLength(keyFrames: Milliseconds, interval: Int) -> Int {
    interval * max(1, (shortestChunk.count + keyFrames.count - 1) / max(1, keyFrames.count))
  }

  /// The chunk that a picture belongs to.
  package func chunk(of picture: Int) -> Int { chunkLength.map { picture / $0 } ?? 0 }

  /// The pictures of a chunk, the last of which the title may not reach.
  package func pictures(ofChunk number: Int) -> Range<Int> {
    chunkLength.map { number * $0..<(number + 1) * $0 } ?? 0..<Int.max
  }
}
