internal import CFFmpeg
internal import Foundation

/// The best picture seen so far to stand for a title: the one with the most contrast, which no black or blank one has.
struct PosterCandidate: ~Copyable {
  private let best: Frame
  private var score = -1.0

  static func make() throws(MediaError) -> PosterCandidate {
    PosterCandidate(best: try Frame.make())
  }

  private init(best: consuming Frame) { self.best = best }

  /// Looks at a 4:2:0 picture and keeps a reference to it if it is better.
  mutating func consider(_ frame: borrowing Frame) throws(MediaError) {
    let picture = frame.raw.pointee
    guard let luma = picture.data.0 else { return }
    // Every eighth pixel of every eighth line is plenty for a mean and a spread.
    var sum = 0.0
    var squares = 0.0
    var count = 0.0
    for y in stride(from: 0, to: Int(picture.height), by: 8) {
      let line = luma + y * Int(picture.linesize.0)
      for x in stride(from: 0, to: Int(picture.width), by: 8) {
        let value = Double(line[x])
        sum += value
        squares += value * value
        count += 1
      }
    }
    let mean = sum / count
    let spread = squares / count - mean * mean
    if spread > score {
      score = spread
      try best.refer(to: frame)
    }
  }

  /// Writes the picture as a JPEG, at most 720 lines on its short side.
  consuming func write(to path: String) throws(MediaError) { try Still.write(best, to: path, shortSide: 720) }
}
