internal import FerryCore

/// Finds black and frozen stretches in the pictures of a title as they go to the encoder.
struct PictureChecks {
  private let rules: CheckRules
  private let rate: Rational
  /// The brightest luma that is black, in limited range.
  private let blackLevel: UInt8
  private var blackStart: Int?
  private var black: [Range<Int>] = []
  /// The picture that a frozen stretch begins with; all others are compared with it, so a slow fade is not frozen.
  private var reference: (picture: SmallPicture, frame: Int)?
  private var frozen: [Range<Int>] = []

  /// A picture is black when this share of its pixels is.
  private static let blackShare = 0.98

  init(_ rules: CheckRules, frameRate: Rational) {
    self.rules = rules
    rate = frameRate
    blackLevel = UInt8(min(255, max(0, 16 + rules.black.threshold * 219)))
  }

  /// Looks at the picture that is shown from `frame` on; called for every frame in order.
  mutating func add(_ picture: SmallPicture, frame: Int) {
    if rules.black.severity != .off {
      if picture.share(upTo: blackLevel) >= PictureChecks.blackShare {
        if blackStart == nil { blackStart = frame }
      } else {
        endBlack(at: frame)
      }
    }
    if rules.frozen.severity != .off {
      if let reference, picture.meanDifference(from: reference.picture) <= rules.frozen.threshold { return }
      endFrozen(at: frame)
      reference = (picture, frame)
    }
  }

  /// What was found in a title of `frames` frames, in the order of their times.
  consuming func finish(frames: Int) -> [Quality.Finding] {
    endBlack(at: frames)
    endFrozen(at: frames)
    // A black picture stands still too; it is told once.
    let onlyFrozen = frozen.flatMap { subtract(black, from: $0) }.filter { isLong($0, rules.frozen) }
    let found =
      findings(.black, rules.black, black.map { stretch("black", $0) })
      + findings(.frozen, rules.frozen, onlyFrozen.map { stretch("frozen", $0) })
    return found.sorted { $0.startMs < $1.startMs }
  }

  private mutating func endBlack(at frame: Int) {
    if let start = blackStart, isLong(start..<frame, rules.black) { black.append(start..<frame) }
    blackStart = nil
  }

  private mutating func endFrozen(at frame: Int) {
    if let reference, isLong(reference.frame..<frame, rules.frozen) { frozen.append(reference.frame..<frame) }
  }

  private func isLong(_ frames: Range<Int>, _ rule: CheckRules.Rule) -> Bool {
    frames.count * 1000 * rate.denominator >= rule.longerThan.count * rate.numerator
  }

  private func stretch(_ what: String, _ frames: Range<Int>) -> Stretch {
    Stretch(what, time(frames.lowerBound), time(frames.upperBound))
  }

  private func time(_ frame: Int) -> Milliseconds {
    Milliseconds((frame * 1000 * rate.denominator + rate.numerator / 2) / rate.numerator)
  }
}

/// The parts of `whole` that lie in none of `parts`, which are in order.
private func subtract(_ parts: [Range<Int>], from whole: Range<Int>) -> [Range<Int>] {
  var result: [Range<Int>] = []
  var start = whole.lowerBound
  for part in parts where part.overlaps(whole) {
    if part.lowerBound > start { result.append(start..<part.lowerBound) }
    start = min(whole.upperBound, max(start, part.upperBound))
  }
  if start < whole.upperBound { result.append(start..<whole.upperBound) }
  return result
}
