package import FerryCore

/// What the screen shows from `start` until `end`; no lines while nothing is shown.
package struct ScreenState: Hashable, Sendable {
  package var start: CueTime
  package var end: CueTime
  package var lines: [[Run]]

  package init(start: CueTime, end: CueTime, lines: [[Run]]) {
    self.start = start
    self.end = end
    self.lines = lines
  }
}

/// Overlapping cues as a sequence of states, for formats that show one text at a time.
package enum Flatten {
  /// Contiguous states that cover everything from 0 to `end` and show at any moment what the cues show.
  ///
  /// Cues shown together are stacked: lower layers first, then earlier starts, then in the order of the track. A cue is
  /// cut at `end`; one that shows nothing makes no state of its own.
  package static func states(of cues: [Cue], until end: CueTime) -> [ScreenState] {
    let shown = cues.indices.filter { index in
      let cue = cues[index]
      return max(cue.start, .zero) < min(cue.end, end) && cue.lines.contains { $0.contains { !$0.text.isEmpty } }
    }
    .sorted { (cues[$0].start, $0) < (cues[$1].start, $1) }

    var boundaries = [CueTime.zero, end]
    for index in shown {
      boundaries.append(max(cues[index].start, .zero))
      boundaries.append(min(cues[index].end, end))
    }
    boundaries.sort()

    var states: [ScreenState] = []
    var active: [Int] = []
    var next = 0
    for (start, end) in zip(boundaries, boundaries.dropFirst()) where start < end {
      active.removeAll { cues[$0].end <= start }
      while next < shown.count, cues[shown[next]].start <= start {
        // Starts come in order, so a cue goes behind all others of its layer.
        let layer = cues[shown[next]].layer
        let place = active.lastIndex { cues[$0].layer <= layer }.map { $0 + 1 } ?? 0
        active.insert(shown[next], at: place)
        next += 1
      }
      states.append(ScreenState(start: start, end: end, lines: active.flatMap { cues[$0].lines }))
    }
    return states
  }
}
