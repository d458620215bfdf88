internal import FerryCore

/// How the times of a track relate to those of its source: `track = slope × source + offset`.
struct Alignment: Equatable {
  var slope: Double
  /// In milliseconds.
  var offset: Double
  /// The share of the track's cues that start with one of the source's, once aligned.
  var share: Double
  /// How sure the slope is, as one standard error.
  var error: Double
  /// From the first to the last start that was paired, in milliseconds of the source.
  var span: Double

  /// Speeds that video is converted between.
  static let ratios: [(name: String, value: Double)] = [
    ("25/24", 25.0 / 24), ("24/25", 24.0 / 25), ("25/23.976", 25.0 * 1001 / 24_000), ("23.976/25", 24_000.0 / 25_025),
    ("1001/1000", 1.001), ("1000/1001", 1 / 1.001),
  ]

  /// The nearest of the known ratios, if the slope is one of them for certain.
  var ratio: String? {
    let change = abs(slope - 1)
    guard change >= 0.0005, change * span >= 200, change > 4 * error else { return nil }
    return Alignment.ratios.min { abs($0.value - slope) < abs($1.value - slope) }
      .flatMap { abs($0.value - slope) < max(0.0003, 2 * error) ? $0.name : nil }
  }

  /// The track's time on the source's timeline.
  func sourceTime(of time: Int) -> Int { Int(bounded: (Double(time) - offset) / slope) }

  /// How far apart two starts may be that belong together.
  private static let reach = 150.0

  /// Finds the relation that pairs the most starts, or `nil` when there are too few, or hardly any belong together.
  ///
  /// Every known speed is tried with the offsets that the first and the last cue suggest and with the one that most
  /// pairs of starts agree on; the best is then fitted to the pairs by least squares.
  static func between(_ source: [Int], _ track: [Int]) -> Alignment? {
    let source = source.sorted()
    let track = track.sorted()
    guard track.count >= 8, source.count >= 8, let firstSource = source.first, let lastSource = source.last,
      let first = track.first, let last = track.last
    else { return nil }
    var best = (slope: 1.0, offset: 0.0, count: pairs(source, track, 1, 0).count)
    let plain = best.count
    for slope in [1.0] + ratios.map(\.value) {
      let offsets = [
        0, Double(first) - slope * Double(firstSource), Double(last) - slope * Double(lastSource),
      ]
      for offset in offsets + (slope == 1 ? [vote(source, track)] : []) {
        let count = pairs(source, track, slope, offset).count
        // The plain relation is the usual one: another must explain clearly more.
        let advantage = best.slope == 1 && best.offset == 0 ? max(1, track.count / 5) : 1
        if count >= best.count + advantage { best = (slope, offset, count) }
      }
    }
    guard best.count * 10 >= min(track.count, source.count) * 6 || best.count > plain && best.count * 2 >= track.count
    else { return nil }
    return fit(pairs(source, track, best.slope, best.offset), of: track.count)
  }

  private static func pairs(_ source: [Int], _ track: [Int], _ slope: Double, _ offset: Double) -> [(Double, Double)] {
    var pairs: [(Double, Double)] = []
    var index = 0
    for time in track {
      let wanted = (Double(time) - offset) / slope
      while index + 1 < source.count, abs(Double(source[index + 1]) - wanted) <= abs(Double(source[index]) - wanted) {
        index += 1
      }
      if abs(Double(source[index]) - wanted) <= reach { pairs.append((Double(source[index]), Double(time))) }
    }
    return pairs
  }

  /// The offset up to 15 seconds that most of some cues' neighbours agree on.
  private static func vote(_ source: [Int], _ track: [Int]) -> Double {
    var votes: [Int: Int] = [:]
    var low = 0
    for time in stride(from: 0, to: track.count, by: max(1, track.count / 300)).map({ track[$0] }) {
      while low < source.count, source[low] < time - 15_000 { low += 1 }
      for start in source[low...].prefix(100) {
        guard start <= time + 15_000 else { break }
        votes[Int(bounded: Double(time - start) / 100), default: 0] += 1
      }
    }
    let best = votes.max { ($0.value, -abs($0.key), $0.key) < ($1.value, -abs($1.key), $1.key) }
    return Double(best?.key ?? 0) * 100
  }

  private static func fit(_ pairs: [(Double, Double)], of count: Int) -> Alignment? {
    guard pairs.count >= 6 else { return nil }
    let number = Double(pairs.count)
    let meanX = pairs.reduce(0) { $0 + $1.0 } / number
    let meanY = pairs.reduce(0) { $0 + $1.1 } / number
    let squares = pairs.reduce(0) { $0 + ($1.0 - meanX) * ($1.0 - meanX) }
    guard squares > 0 else { return nil }
    let slope = pairs.reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) } / squares
    let offset = meanY - slope * meanX
    let residue = pairs.reduce(0) { sum, pair in
      let miss = pair.1 - slope * pair.0 - offset
      return sum + miss * miss
    }
    let span = (pairs.last?.0 ?? 0) - (pairs.first?.0 ?? 0)
    return Alignment(
      slope: slope, offset: offset, share: number / Double(count),
      error: (residue / (number - 2) / squares).squareRoot(),
      span: span)
  }
}
