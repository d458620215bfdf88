package import FerryCore

/// The few changes to a track that cannot make it worse, for `--fix`; everything else is a person's decision.
package enum SafeFix {
  /// One change, under the name of the rule that it satisfies.
  package struct Change: Hashable, Sendable, Codable {
    package var rule: String
    /// Which cue, as an index into those that were given.
    package var cue: Int
    package var before: String
    package var after: String
  }

  package struct Result: Hashable, Sendable {
    package var cues: [Cue]
    /// For each cue, its index among those that were given.
    package var origins: [Int]
    package var changes: [Change]
  }

  /// Drops exact duplicates, sorts, trims blanks, sets English ellipses, closes what is closer than two frames, and
  /// numbers anew.
  ///
  /// Two frames keep cues apart on every player. Only the end of the earlier cue moves, by two frames and the overlap
  /// at most, and only if it then still lasts `minimum`; without a frame rate, two frames are 83 milliseconds.
  package static func fixed(
    _ cues: [Cue], language: LanguageTag, frame: Duration? = nil, minimum: Duration = .seconds(1)
  ) -> Result {
    var fix = Fix(cues: cues)
    fix.dropDuplicates()
    fix.sort()
    fix.trim()
    if language.language == "en" { fix.setEllipses() }
    fix.separate(by: frame.map { ($0 * 2).wholeMilliseconds } ?? 83, minimum: minimum.wholeMilliseconds)
    fix.renumber()
    return Result(cues: fix.cues, origins: fix.origins, changes: fix.changes)
  }
}

private struct Fix {
  private(set) var cues: [Cue]
  private(set) var origins: [Int]
  private(set) var changes: [SafeFix.Change] = []

  init(cues: [Cue]) {
    self.cues = cues
    origins = Array(cues.indices)
  }

  private mutating func note(_ rule: String, _ index: Int, _ before: String, _ after: String) {
    changes.append(SafeFix.Change(rule: rule, cue: origins[index], before: before, after: after))
  }

  /// A duplicate has the times, the words, their style and the place of an earlier cue; name and layer may differ.
  mutating func dropDuplicates() {
    var seen: Set<Cue> = []
    var kept: [Int] = []
    for index in cues.indices {
      var bare = cues[index]
      bare.identifier = nil
      bare.layer = 0
      if seen.insert(bare).inserted { kept.append(index) } else { note("time.duplicate", index, cues[index].text, "") }
    }
    keep(kept)
  }

  private mutating func keep(_ kept: [Int]) {
    cues = kept.map { cues[$0] }
    origins = kept.map { origins[$0] }
  }

  mutating func sort() {
    let sorted = cues.indices.sorted { (cues[$0].start, $0) < (cues[$1].start, $1) }
    guard sorted != Array(cues.indices) else { return }
    var latest = CueTime.zero
    var places: [Int: Int] = [:]
    for (place, index) in sorted.enumerated() { places[index] = place }
    for index in cues.indices {
      if cues[index].start < latest {
        note("time.order", index, "cue \(index + 1)", "cue \((places[index] ?? index) + 1)")
      }
      latest = max(latest, cues[index].start)
    }
    keep(sorted)
  }

  /// Blanks at the ends of lines go, and of several only one stays.
  mutating func trim() {
    change("text.space") { line in
      var isBehindBlank = true
      for index in line.indices {
        var text = ""
        for character in line[index].text {
          let isBlank = character == " " || character == "\t"
          if isBlank, isBehindBlank { continue }
          text.append(isBlank ? " " : character)
          isBehindBlank = isBlank
        }
        line[index].text = text
      }
      line.removeAll(where: \.text.isEmpty)
      if let last = line.indices.last, line[last].text.hasSuffix(" ") {
        line[last].text.removeLast()
        line.removeAll(where: \.text.isEmpty)
      }
    }
  }

  /// Three full stops become the one character; more or fewer mean something else.
  mutating func setEllipses() {
    change("text.ellipsis") { line in
      for index in line.indices where line[index].text.contains("...") {
        line[index].text = line[index].text.replacing(#/\.{3,}/#) { $0.output.count == 3 ? "…" : String($0.output) }
      }
    }
  }

  private mutating func change(_ rule: String, _ edit: (inout [Run]) -> Void) {
    for index in cues.indices {
      var lines = cues[index].lines
      for line in lines.indices {
        edit(&lines[line])
        lines[line] = merged(lines[line])
      }
      guard lines.map({ $0.map(\.text).joined() }) != cues[index].lines.map({ $0.map(\.text).joined() }) else {
        continue
      }
      let before = cues[index].text
      cues[index].lines = lines
      note(rule, index, before, cues[index].text)
    }
  }

  /// Neighbours that nothing distinguishes any more become one run.
  private func merged(_ line: [Run]) -> [Run] {
    line.reduce(into: []) { merged, run in
      if let last = merged.last, last.style == run.style, last.voice == run.voice, last.ruby == nil, run.ruby == nil {
        merged[merged.count - 1].text += run.text
      } else {
        merged.append(run)
      }
    }
  }

  /// Leaves `limit` between a cue and the next at the same place, where they are closer or overlap by as much at most.
  mutating func separate(by limit: Int, minimum: Int) {
    struct Spot: Hashable {
      var layer: Int
      var settings: String
    }
    var later: [Spot: (next: Int, beyond: Int?)] = [:]
    var fixes: [(index: Int, end: Int)] = []
    for index in cues.indices.reversed() where cues[index].lines.contains(where: { !$0.isEmpty }) {
      let start = cues[index].start.milliseconds
      let spot = Spot(layer: cues[index].layer, settings: cues[index].settings)
      let known = later[spot]
      // Cues that start together are meant to be shown together.
      let next = known?.next == start ? known?.beyond : known?.next
      later[spot] = known?.next == start ? known : (start, known?.next)
      guard let next else { continue }
      let gap = next - cues[index].end.milliseconds
      // A millisecond less is the rounding of times.
      if gap >= -limit, gap < limit - 1, next - limit - start >= minimum { fixes.append((index, next - limit)) }
    }
    for (index, end) in fixes.reversed() {
      let rule = cues[index].end.milliseconds > end + limit ? "time.overlap" : "time.gap"
      let before = times(cues[index])
      cues[index].end = CueTime(milliseconds: end)
      note(rule, index, before, times(cues[index]))
    }
  }

  private func times(_ cue: Cue) -> String {
    var text: [UInt8] = []
    ClockText.append(cue.start, point: ".", to: &text)
    text += " --> ".utf8
    ClockText.append(cue.end, point: ".", to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  /// Numbers count from 1; cues with other names keep them, and so do their neighbours.
  mutating func renumber() {
    let names = cues.compactMap(\.identifier)
    guard !names.isEmpty, names.allSatisfy({ Int($0) != nil }) else { return }
    for index in cues.indices where cues[index].identifier != "\(index + 1)" {
      note("fmt.repaired", index, cues[index].identifier ?? "", "\(index + 1)")
      cues[index].identifier = "\(index + 1)"
    }
  }
}
