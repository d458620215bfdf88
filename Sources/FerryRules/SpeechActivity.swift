internal import FerryCore

/// Where somebody seems to speak, by the levels of the sound: each frame, and the moments at which speech sets in.
struct SpeechActivity {
  /// Whether each frame is speech.
  let speech: [Bool]
  /// Speech in all frames before each one.
  private let sums: [Int32]
  /// How well a cue would start at each frame: 1 where speech sets in after a pause, falling to 0 around it.
  private let starts: [Float]
  /// Frames at which speech sets in after a pause, in order.
  let onsets: [Int]
  /// Between the voices and what is behind them, in steps of a level.
  let contrast: Int
  /// The part of speech in all frames.
  let share: Double
  /// How much of the speech has the dips of syllables, 0…1; music and machines are steadier.
  let liveliness: Double

  /// Frames a second.
  static let rate = 1000 / Double(SpeechLevels.frame.count)

  init(_ levels: SpeechLevels) {
    let levels = levels.levels
    let (speech, contrast) = SpeechActivity.speech(in: levels)
    self.speech = speech
    self.contrast = contrast
    var sums: [Int32] = [0]
    sums.reserveCapacity(speech.count + 1)
    for isSpeech in speech { sums.append((sums.last ?? 0) + (isSpeech ? 1 : 0)) }
    self.sums = sums
    share = speech.isEmpty ? 0 : Double(sums.last ?? 0) / Double(speech.count)
    let found = SpeechActivity.onsets(of: speech)
    onsets = found.map(\.frame)
    starts = SpeechActivity.starts(found, count: speech.count)
    liveliness = SpeechActivity.liveliness(levels, speech)
  }

  var count: Int { speech.count }

  /// Frames of speech in a stretch, which may lie outside the sound.
  func frames(from start: Int, to end: Int) -> Int {
    let (from, to) = (min(max(0, start), count), min(max(0, end), count))
    return from < to ? Int(sums[to] - sums[from]) : 0
  }

  func startScore(at frame: Int) -> Float { starts.indices.contains(frame) ? starts[frame] : 0 }

  // MARK: How it is found

  /// A pause within a phrase is shorter than this, and a word longer than that.
  private static let (shortestPause, shortestWord) = (7, 4)

  /// Frames that stand out of what is around them, without the dips between syllables and without clicks.
  private static func speech(in levels: [UInt8]) -> ([Bool], contrast: Int) {
    let second = Int(rate)
    var seconds: [[Int]] = []
    for start in stride(from: 0, to: levels.count, by: second) {
      var counts = [Int](repeating: 0, count: SpeechLevels.highest + 1)
      for level in levels[start..<min(levels.count, start + second)] { counts[Int(level)] += 1 }
      seconds.append(counts)
    }
    guard !seconds.isEmpty else { return ([], 0) }
    let whole = spread(seconds[...])
    var speech = [Bool](repeating: false, count: levels.count)
    for index in seconds.indices {
      let near = spread(seconds[max(0, index - 10)...min(seconds.count - 1, index + 10)])
      let high = max(near.high, whole.high - 14)
      let low = min(near.low, high)
      // Nobody hears what lies 24 dB below the voices.
      let threshold = max(low + (high - low) * 9 / 20, high - 16)
      guard high - low >= 5 else { continue }
      for frame in index * second..<min(levels.count, (index + 1) * second) {
        speech[frame] = Int(levels[frame]) > threshold
      }
    }
    fill(&speech, with: true, shorterThan: shortestPause)
    fill(&speech, with: false, shorterThan: shortestWord)
    return (speech, whole.high - whole.low)
  }

  /// The levels that a tenth and nineteen twentieths of the frames do not pass.
  private static func spread(_ seconds: ArraySlice<[Int]>) -> (low: Int, high: Int) {
    var counts = [Int](repeating: 0, count: SpeechLevels.highest + 1)
    for second in seconds { for (level, count) in second.enumerated() { counts[level] += count } }
    let total = counts.reduce(0, +)
    func level(_ share: Int) -> Int {
      var seen = 0
      for (level, count) in counts.enumerated() {
        seen += count
        if seen * 20 >= total * share { return level }
      }
      return SpeechLevels.highest
    }
    return (level(2), level(19))
  }

  /// Turns inner runs of the other kind that are too short into `value`.
  private static func fill(_ speech: inout [Bool], with value: Bool, shorterThan limit: Int) {
    var start: Int?
    for frame in speech.indices {
      if speech[frame] != value {
        if start == nil { start = frame }
      } else if let first = start {
        if frame - first < limit, first > 0 { for index in first..<frame { speech[index] = value } }
        start = nil
      }
    }
  }

  private static func onsets(of speech: [Bool]) -> [(frame: Int, strength: Float)] {
    var found: [(Int, Float)] = []
    // Whoever speaks at the very beginning may have begun before it.
    var pause = 15
    for frame in speech.indices {
      if speech[frame] {
        if pause >= shortestPause { found.append((frame, min(1, Float(pause) / 15))) }
        pause = 0
      } else {
        pause += 1
      }
    }
    return found
  }

  /// Cues start with speech or up to half a second before it, seldom behind.
  private static func starts(_ onsets: [(frame: Int, strength: Float)], count: Int) -> [Float] {
    var scores = [Float](repeating: 0, count: count)
    for (frame, strength) in onsets {
      for lead in -8...15 {
        guard scores.indices.contains(frame - lead) else { continue }
        let fit: Float = lead < 0 ? 1 + Float(lead) / 9 : lead <= 4 ? 1 : 1 - Float(lead - 4) / 12
        scores[frame - lead] = max(scores[frame - lead], fit * strength)
      }
    }
    return scores
  }

  /// The part of the seconds of speech in which a fifth of the frames lies 9 dB below the loudest ones.
  private static func liveliness(_ levels: [UInt8], _ speech: [Bool]) -> Double {
    var (lively, all) = (0, 0)
    let second = Int(rate)
    for start in stride(from: 0, to: levels.count - second + 1, by: second / 2) {
      guard speech[start..<start + second].count(where: { $0 }) >= second * 4 / 5 else { continue }
      let sorted = levels[start..<start + second].sorted()
      all += 1
      if sorted[second * 9 / 10] >= sorted[second / 5] + 6 { lively += 1 }
    }
    return all == 0 ? 0 : Double(lively) / Double(all)
  }
}
