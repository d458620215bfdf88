internal import CFFmpeg
internal import FerryCore

/// Chooses the picture that stands for a title: one with contrast and sharp edges, not black, blank or a transition.
///
/// One picture in each key-frame interval is a candidate. It waits a moment until it is known what follows it, since a
/// transition is only seen by its neighbours.
struct PosterChoice: ~Copyable {
  private let interval: Int
  /// Frames in a second, and the last frame of the first two thirds: posters from between are preferred.
  private let firstSecond: Int
  private let twoThirds: Int
  /// How many frames before and after a candidate its transition would show.
  private let reach: Int

  private let waiting: Frame
  private var candidate: Candidate?
  private var recent: [SmallPicture] = []

  /// The best picture, and the best of those that were refused, in case nothing else is there.
  private let good: Frame
  private let refused: Frame
  private var goodScore = -1.0
  private var refusedScore = -1.0

  private struct Candidate {
    var number: Int
    var picture: SmallPicture
    /// The frame before, and the earliest within reach.
    var before: SmallPicture?
    var earlier: SmallPicture?
    var after: SmallPicture?
  }

  /// `expectedFrames` is how long the title is by its source's word; 0 when that is unknown.
  static func make(
    frameRate: Rational, keyFrameInterval: Int, expectedFrames: Int
  ) throws(MediaError) -> PosterChoice {
    let second = max(1, Int(bounded: frameRate.value))
    return PosterChoice(
      interval: max(1, keyFrameInterval), second: second,
      twoThirds: expectedFrames > 0 ? expectedFrames * 2 / 3 : .max, waiting: try Frame.make(), good: try Frame.make(),
      refused: try Frame.make())
  }

  private init(
    interval: Int, second: Int, twoThirds: Int, waiting: consuming Frame, good: consuming Frame,
    refused: consuming Frame
  ) {
    self.interval = interval
    firstSecond = second
    self.twoThirds = twoThirds
    reach = max(1, second / 4)
    self.waiting = waiting
    self.good = good
    self.refused = refused
  }

  /// Looks at every frame in order; keeps a reference to the 4:2:0 pictures that may become the poster.
  mutating func consider(
    _ frame: borrowing Frame, _ picture: SmallPicture, number: Int
  ) throws(MediaError) {
    if let waited = candidate {
      if number == waited.number + 1 { candidate?.after = picture }
      if number >= waited.number + reach { try judge(later: picture) }
    }
    // The first picture is one too, for titles that are shorter than half an interval.
    if candidate == nil && (number == 0 || number % interval == interval / 2) {
      try waiting.refer(to: frame)
      candidate = Candidate(number: number, picture: picture, before: recent.last, earlier: recent.first)
    }
    if recent.count == reach { recent.removeFirst() }
    recent.append(picture)
  }

  /// Writes the best picture as a JPEG, at most 720 lines on its short side.
  consuming func write(to path: String, matrix: AVColorSpace) throws(MediaError) {
    try judge(later: recent.last)
    if goodScore >= 0 {
      try PosterChoice.write(good, to: path, matrix: matrix)
    } else if refusedScore >= 0 {
      try PosterChoice.write(refused, to: path, matrix: matrix)
    } else {
      throw MediaError(.encode, path, code: ferry_INVALIDDATA, detail: "there was no picture")
    }
  }

  private static func write(_ frame: borrowing Frame, to path: String, matrix: AVColorSpace) throws(MediaError) {
    let source = Scaler.Source(frame)
    let size = StillPicture.size(
      source.width, source.height, by: min(1, 720 / Double(min(source.width, source.height))))
    let scaler = try StillPicture.openScaler(from: source, width: size.width, height: size.height, matrix: matrix)
    let picture = try Frame.make()
    try scaler.scale(frame, into: picture)
    try StillPicture.write(picture, quality: 3, to: path)
  }

  /// Scores the candidate that waits, now that the pictures after it are known.
  private mutating func judge(later: SmallPicture?) throws(MediaError) {
    guard let candidate else { return }
    self.candidate = nil
    let isPreferred = candidate.number >= firstSecond && candidate.number < twoThirds
    let score = candidate.picture.contrast * sharpness(waiting) * (isPreferred ? 1 : 0.5)
    if isGood(candidate, later: later) {
      if score > goodScore {
        goodScore = score
        try good.refer(to: waiting)
      }
    } else if score > refusedScore {
      refusedScore = score
      try refused.refer(to: waiting)
    }
    waiting.clear()
  }

  private func isGood(_ candidate: Candidate, later: SmallPicture?) -> Bool {
    let picture = candidate.picture
    // Blank is less contrast than a faint title on paper has; black is nine tenths of it.
    if picture.contrast < 6 || picture.share(upTo: 38) > 0.9 { return false }
    if let before = candidate.before, let after = candidate.after {
      let isFlash = picture.meanDifference(from: before) > 0.06 && picture.meanDifference(from: after) > 0.06
      if isFlash { return false }
    }
    if let earlier = candidate.earlier, let later, picture.isBlend(of: earlier, and: later) { return false }
    return true
  }
}

/// The standard deviation of the Laplacian of luma, sampled: sharp edges make it large, blur makes it small.
private func sharpness(_ frame: borrowing Frame) -> Double {
  let picture = frame.raw.pointee
  guard let luma = picture.data.0 else { return 0 }
  let lineSize = Int(picture.linesize.0)
  var sum = 0
  var squares = 0
  var count = 0
  // Odd steps, so that no regular pattern is missed.
  for y in stride(from: 1, to: Int(picture.height) - 1, by: 5) {
    let line = luma + y * lineSize
    for x in stride(from: 1, to: Int(picture.width) - 1, by: 3) {
      let around = Int(line[x - 1]) + Int(line[x + 1]) + Int(line[x - lineSize]) + Int(line[x + lineSize])
      let value = around - 4 * Int(line[x])
      sum += value
      squares += value * value
      count += 1
    }
  }
  let mean = Double(sum) / Double(max(1, count))
  return max(0, Double(squares) / Double(max(1, count)) - mean * mean).squareRoot()
}
