internal import FerryCore

/// Which cues of a track say what which cues of its source say, by the times at which they are shown.
struct Pairing {
  /// Cues that cannot be told apart by their times, such as two of the source that were translated as one.
  struct Group {
    var source: [Int]
    var track: [Int]
  }

  /// Groups with cues of both, in the order of the source.
  private(set) var groups: [Group] = []
  private(set) var sourceAlone: [Int] = []
  private(set) var trackAlone: [Int] = []
  /// The track's cues in the order of their starts, and where each stands in it.
  let order: [Int]
  private(set) var rank: [Int]

  init(source: [Cue], track: [Cue], alignment: Alignment?) {
    let sources = Spans(source.map { ($0.start.milliseconds, $0.end.milliseconds) })
    let spans = track.map { cue -> (Int, Int) in
      guard let alignment else { return (cue.start.milliseconds, cue.end.milliseconds) }
      return (alignment.sourceTime(of: cue.start.milliseconds), alignment.sourceTime(of: cue.end.milliseconds))
    }
    let order = track.indices.sorted { (spans[$0].0, $0) < (spans[$1].0, $1) }
    self.order = order
    rank = [Int](repeating: 0, count: track.count)
    for (place, index) in order.enumerated() { rank[index] = place }

    var sets = DisjointSets(count: source.count + track.count)
    var bestOfSource = [(overlap: Int, track: Int)?](repeating: nil, count: source.count)
    var linkedSource = [Bool](repeating: false, count: source.count)
    var linkedTrack = [Bool](repeating: false, count: track.count)
    for index in order {
      let (start, end) = spans[index]
      var best: (overlap: Int, source: Int)?
      for candidate in sources.overlapping(start, end) {
        let span = sources.spans[candidate]
        let overlap = min(end, span.end) - max(start, span.start)
        if overlap > best?.overlap ?? 0 { best = (overlap, candidate) }
        if overlap > bestOfSource[candidate]?.overlap ?? 0 { bestOfSource[candidate] = (overlap, index) }
        // A third of the shorter one is no accident of generous times.
        guard overlap * 100 >= 35 * min(end - start, span.end - span.start) else { continue }
        sets.join(candidate, source.count + index)
        (linkedSource[candidate], linkedTrack[index]) = (true, true)
      }
      if !linkedTrack[index], let best, best.overlap >= min(300, (end - start) * 15 / 100) {
        sets.join(best.source, source.count + index)
        (linkedSource[best.source], linkedTrack[index]) = (true, true)
      }
    }
    for index in source.indices where !linkedSource[index] {
      let span = sources.spans[index]
      if let best = bestOfSource[index], best.overlap >= min(300, (span.end - span.start) * 15 / 100) {
        sets.join(index, source.count + best.track)
        (linkedSource[index], linkedTrack[best.track]) = (true, true)
      }
    }
    sourceAlone = sources.order.filter { !linkedSource[$0] }
    trackAlone = order.filter { !linkedTrack[$0] }
    var groupOf: [Int: Int] = [:]
    for index in sources.order where linkedSource[index] {
      let root = sets.root(of: index)
      if let group = groupOf[root] {
        groups[group].source.append(index)
      } else {
        groupOf[root] = groups.count
        groups.append(Group(source: [index], track: []))
      }
    }
    for index in order where linkedTrack[index] {
      if let group = groupOf[sets.root(of: source.count + index)] { groups[group].track.append(index) }
    }
  }

  /// The cues of a group and their neighbours in the track.
  func withNeighbours(_ group: Group) -> [Int] {
    guard let first = group.track.first, let last = group.track.last else { return [] }
    return Array(order[max(0, rank[first] - 1)...min(order.count - 1, rank[last] + 1)])
  }
}

/// Spans of time in an order in which overlaps are found quickly.
private struct Spans {
  let spans: [(start: Int, end: Int)]
  let order: [Int]
  /// For each place of the order, the latest end up to there.
  private let latestEnds: [Int]

  init(_ spans: [(Int, Int)]) {
    self.spans = spans.map { (start: $0.0, end: $0.1) }
    order = spans.indices.sorted { (spans[$0].0, $0) < (spans[$1].0, $1) }
    var latest = Int.min
    latestEnds = order.map { index in
      latest = max(latest, spans[index].1)
      return latest
    }
  }

  /// The spans that share time with this one; of hundreds at once, the first.
  func overlapping(_ start: Int, _ end: Int) -> [Int] {
    var low = 0
    var high = order.count
    while low < high {
      let middle = (low + high) / 2
      if latestEnds[middle] <= start { low = middle + 1 } else { high = middle }
    }
    return order[low...].prefix(64).prefix { spans[$0].start < end }.filter { spans[$0].end > start }
  }
}

/// Sets that can be joined, and asked whether two members are in the same one.
private struct DisjointSets {
  private var parents: [Int]

  init(count: Int) { parents = Array(0..<count) }

  mutating func root(of member: Int) -> Int {
    var member = member
    while parents[member] != member {
      parents[member] = parents[parents[member]]
      member = parents[member]
    }
    return member
  }

  mutating func join(_ a: Int, _ b: Int) {
    let (a, b) = (root(of: a), root(of: b))
    if a != b { parents[max(a, b)] = min(a, b) }
  }
}
