/// Keeps sound where its timestamps say, counted in samples of the output.
///
/// Sound lies end to end, and its timestamps say where that should be; but containers round them, some to a millisecond
/// and some to a whole frame. So only the mean of a second is believed, and what it is off by is made up for slowly, by
/// a stretch that nobody hears. Where a frame and those that follow it all lie elsewhere, and by more than containers
/// round, a new piece has begun: it is put exactly in its place.
struct SoundPlacement {
  /// A decoded frame: where it says that it begins, and how long it is.
  struct Piece: Equatable {
    var start: Int
    var length: Double
  }

  enum Step: Equatable {
    /// It continues what is there, longer by this share of its length.
    case follow(stretch: Double)
    /// It begins where it says: after silence, or less what is there already.
    case place
  }

  /// Samples a second.
  private let rate: Double
  /// All of the last frame was cut.
  private var isCutting = false
  /// Where the next frame would begin had nothing been stretched since the last one that was placed.
  private var nominal = 0.0
  /// By how much each frame of the last second says that it lies after `nominal`.
  private var recent: [(deviation: Double, length: Double)] = []
  private var held = 0.0
  /// How far single timestamps lie from the mean before them; what is long past counts less.
  private var jitter = 0.0
  private var stretch = 0.0

  /// Frames to look at after the one to be put.
  static let lookahead = 3

  /// Sound that is off by less than this is left as it is, in seconds.
  private static let tolerance = 0.008
  /// Sound that is off by less than this is right, once it is being stretched.
  private static let aim = 0.001
  /// What a frame must be off by, at least and at most, for a new piece to have begun.
  private static let nearestPiece = 0.02
  private static let farthestPiece = 0.05
  /// The time in which a stretch would make up for everything, in seconds, and the largest share that it may be.
  private static let patience = 2.0
  private static let largestStretch = 0.005

  init(sampleRate: Int) { rate = Double(sampleRate) }

  /// What to do with `piece`, when what came before it ends at `position`; the first is always placed.
  mutating func next(
    _ piece: Piece, at position: Int, before following: [Piece], isFirst: Bool
  ) -> Step {
    if isFirst || isCutting || begins(piece, at: position, before: following) {
      begin(piece, at: position)
      return .place
    }
    let deviation = Double(piece.start) - nominal
    // A single frame that lies far off is a false timestamp.
    if (piece.start - position).magnitude <= limit(piece) { observe(deviation, piece.length) }
    stretch = nextStretch(off: mean - (Double(position) - nominal))
    nominal += piece.length
    return .follow(stretch: stretch)
  }

  /// Whether `piece` and all that follow it lie to one side of where they would go, and far off.
  private func begins(_ piece: Piece, at position: Int, before following: [Piece]) -> Bool {
    let gap = piece.start - position
    let limit = limit(piece)
    if gap.magnitude <= limit { return false }
    var end = Double(position) + piece.length
    for one in following {
      let distance = Double(one.start) - end
      if distance.magnitude <= Double(limit) || (distance > 0) != (gap > 0) { return false }
      end += one.length
    }
    return true
  }

  /// Samples that a container may be off by: it may give a frame the time of the one before, but no more.
  private func limit(_ piece: Piece) -> Int {
    let frame = piece.length - SoundPlacement.aim * rate
    return Int(min(max(frame, SoundPlacement.nearestPiece * rate), SoundPlacement.farthestPiece * rate))
  }

  private mutating func begin(_ piece: Piece, at position: Int) {
    isCutting = Double(position - piece.start) >= piece.length
    nominal = Double(piece.start) + piece.length
    recent = []
    held = 0
    stretch = 0
  }

  private mutating func observe(_ deviation: Double, _ length: Double) {
    jitter *= max(0, 1 - length / (30 * rate))
    if held > 0 { jitter = max(jitter, abs(deviation - mean)) }
    recent.append((deviation, length))
    held += length
    while let first = recent.first, held - first.length >= rate {
      held -= first.length
      recent.removeFirst()
    }
  }

  /// Of the last second.
  private var mean: Double {
    held > 0 ? recent.reduce(0) { $0 + $1.deviation * $1.length } / held : 0
  }

  /// What begins when the sound is off by more than its timestamps jitter goes on until it is right.
  private func nextStretch(off: Double) -> Double {
    let isWanted =
      stretch == 0
      ? held >= rate && abs(off) > max(SoundPlacement.tolerance * rate, 0.6 * jitter)
      : stretch * off > 0 && abs(off) >= SoundPlacement.aim * rate
    if !isWanted { return 0 }
    let share = off / (SoundPlacement.patience * rate)
    return min(max(share, -SoundPlacement.largestStretch), SoundPlacement.largestStretch)
  }
}
