internal import FerryCore

/// Looks for the offset and the rate at which a track's cues lie where something is said.
///
/// A place is scored by two things: how many cues start where speech sets in, and how much better speech lies within the
/// cues than between them. Both are held against what the same track scores at all other places of the same sound, so
/// that a score says how far beyond chance it is: an even talk without pauses, or music, gives low scores everywhere.
struct SpeechSearch {
  /// A cue's time is the lesson's time multiplied by the rate, and the offset added.
  struct Place: Hashable {
    var rate: Double
    /// In frames.
    var offset: Double
  }

  struct Found {
    var place: Place
    /// In standard deviations beyond chance.
    var score: Double
  }

  private struct Span {
    var start: Double
    var end: Double
  }

  /// What the scores are at places of chance.
  private struct Chance {
    var starts = (middle: 0.0, spread: 1.0)
    var cover = (middle: 0.0, spread: 1.0)
    var both = (middle: 0.0, spread: 1.0)

    func joined(_ raw: (starts: Double, cover: Double)) -> Double {
      (raw.starts - starts.middle) / starts.spread + (raw.cover - cover.middle) / cover.spread
    }
  }

  private let activity: SpeechActivity
  private let cues: [Span]
  private let chance: Chance
  /// The part of speech in the sound.
  private let share: Double

  /// Farther than this nobody looks, in frames: 60 seconds.
  static let farthest = Int(60 * SpeechActivity.rate)

  /// `cues` are in frames, in order and apart from one another.
  init(_ activity: SpeechActivity, _ cues: [(start: Double, end: Double)]) {
    self.activity = activity
    self.cues = cues.map { Span(start: $0.start, end: $0.end) }
    share = activity.share
    chance = SpeechSearch.chance(activity, self.cues, share)
  }

  // MARK: Scores

  private static func raw(
    _ activity: SpeechActivity, _ cues: ArraySlice<Span>, _ share: Double, rate: Double, offset: Double, wrap: Int?
  ) -> (starts: Double, cover: Double) {
    var (starts, cover) = (0.0, 0.0)
    let scale = 1 / rate
    var previous: Int?
    func frames(_ from: Int, _ to: Int) -> Double {
      guard let wrap, wrap > 0 else { return Double(activity.frames(from: from, to: to)) }
      let first = ((from % wrap) + wrap) % wrap
      let last = first + min(to - from, wrap)
      return Double(
        activity.frames(from: first, to: min(last, wrap))
          + (last > wrap ? activity.frames(from: 0, to: last - wrap) : 0))
    }
    for cue in cues {
      let start = Int(((cue.start - offset) * scale).rounded())
      let end = max(start + 1, Int(((cue.end - offset) * scale).rounded()))
      let at = wrap.map { $0 > 0 ? ((start % $0) + $0) % $0 : start } ?? start
      starts += Double(activity.startScore(at: at))
      cover += frames(start, end) - share * Double(end - start)
      if let previous, start > previous {
        // A long hole says no more than a pause.
        let gap = min(start - previous, 50)
        cover -= frames(start - gap, start) - share * Double(gap)
      }
      previous = end
    }
    return (starts, cover)
  }

  private static func chance(_ activity: SpeechActivity, _ cues: [Span], _ share: Double) -> Chance {
    var chance = Chance()
    guard activity.count > 0 else { return chance }
    let step = max(1, activity.count / 1200)
    let tries = stride(from: 0, to: activity.count, by: step).map { offset in
      raw(activity, cues[...], share, rate: 1, offset: Double(offset), wrap: activity.count)
    }
    func middle(_ values: [Double]) -> (Double, Double) {
      let sorted = values.sorted()
      let middle = sorted[sorted.count / 2]
      let spread = (sorted[sorted.count * 84 / 100] - sorted[sorted.count * 16 / 100]) / 2
      return (middle, max(spread, 1e-6))
    }
    chance.starts = middle(tries.map(\.starts))
    chance.cover = middle(tries.map(\.cover))
    chance.starts.spread = max(chance.starts.spread, 0.3)
    chance.cover.spread = max(chance.cover.spread, 5)
    chance.both = middle(tries.map { chance.joined($0) })
    chance.both.spread = max(chance.both.spread, 0.5)
    return chance
  }

  /// How far beyond chance the whole track lies at a place.
  func score(_ place: Place) -> Double {
    let raw = SpeechSearch.raw(activity, cues[...], share, rate: place.rate, offset: place.offset, wrap: nil)
    return (chance.joined(raw) - chance.both.middle) / chance.both.spread
  }
}

extension SpeechSearch {
  /// The best place at this rate among offsets from `first` to `last`, every `step` frames.
  func best(rate: Double, offsets first: Int, _ last: Int, step: Int = 1) -> Found {
    var best = Found(place: Place(rate: rate, offset: Double(first)), score: -.infinity)
    for offset in stride(from: first, through: last, by: step) {
      let place = Place(rate: rate, offset: Double(offset))
      let score = score(place)
      if score > best.score { best = Found(place: place, score: score) }
    }
    return best
  }

  /// The best place at any rate from 0.88 to 1.12, anywhere within a minute.
  ///
  /// A rate must be the finer the longer the track is: some cues are tried at all rates, and the best of these places
  /// with ever more of them. `whole` is the best place at rate 1, which was looked for with all cues.
  func bestAnywhere(beside whole: Found) -> Found {
    var found: Found? = whole
    for first in [0, cues.count / 2] {
      let part = Array(cues[first...].prefix(SpeechSearch.mostTried))
      var search = part.count == cues.count ? self : SpeechSearch(activity, part.map { ($0.start, $0.end) })
      var candidates = search.candidates()
      var (low, high) = (first, first + part.count)
      while true {
        candidates = candidates.map { search.refined($0) }
        if high - low == cues.count { break }
        (low, high) = (max(0, low - (high - low) / 2), min(cues.count, high + (high - low) / 2))
        search = high - low == cues.count ? self : SpeechSearch(activity, cues[low..<high].map { ($0.start, $0.end) })
      }
      if let best = candidates.max(by: { $0.score < $1.score }), best.score > found?.score ?? -.infinity {
        found = best
      }
      if part.count == cues.count { break }
    }
    return found ?? whole
  }

  /// More cues than this are not tried at every rate.
  private static let mostTried = 36

  private var span: Double { max(1, (cues.last?.end ?? 0) - (cues.first?.start ?? 0)) }

  /// The steps in which rates are tried: a quarter of a second over the whole track.
  private var rateStep: Double { min(0.01, 6 / span) }

  private func candidates() -> [Found] {
    var found: [Found] = []
    let steps = Int(bounded: 0.12 / rateStep)
    for step in -steps...steps {
      let rate = 1 + Double(step) * rateStep
      found.append(best(rate: rate, offsets: -SpeechSearch.farthest, SpeechSearch.farthest, step: 3))
    }
    return Array(found.sorted { $0.score > $1.score }.prefix(12))
  }

  /// The best place around one that was found in larger steps.
  private func refined(_ found: Found) -> Found {
    let middle = ((cues.first?.start ?? 0) + (cues.last?.end ?? 0)) / 2
    var best = Found(place: found.place, score: score(found.place))
    for step in -4...4 {
      let rate = found.place.rate + Double(step) * rateStep / 2
      // Turned about the track's middle, where it is, not about its beginning.
      let offset = middle - (middle - found.place.offset) / found.place.rate * rate
      for shift in -4...4 {
        let place = Place(rate: rate, offset: (offset + Double(shift)).rounded())
        let score = score(place)
        if score > best.score { best = Found(place: place, score: score) }
      }
    }
    return best
  }

  /// How cues at a place differ from the moments at which speech sets in near to them.
  func matches(at place: Place, within limit: Double) -> [(cue: Double, onset: Double)] {
    cues.compactMap { cue in
      let start = (cue.start - place.offset) / place.rate
      let onset = activity.onsets.min { abs(Double($0) - start) < abs(Double($1) - start) }
      guard let onset, abs(Double(onset) - start) <= limit else { return nil }
      return (cue.start, Double(onset))
    }
  }

  /// The place at which cues start with the speech itself, by all that start near it: at the first of the `known`
  /// rates that those cues allow, or at a rate of its own.
  func settled(_ place: Place, among known: [Double]) -> Place {
    var place = place
    for limit in [12.0, 10, 10] {
      guard let line = line(at: place, within: limit) else { break }
      let rate = known.first { abs($0 - line.rate) <= line.error } ?? (known == [1] ? 1 : line.rate)
      place = turned(place, to: rate, within: limit)
    }
    return place
  }

  /// The rate at which cues follow the onsets near them, and how far the right one may lie from it.
  private func line(at place: Place, within limit: Double) -> (rate: Double, error: Double)? {
    let pairs = matches(at: place, within: limit)
    guard pairs.count >= 5 else { return nil }
    let count = Double(pairs.count)
    let (x, y) = (pairs.map(\.onset).reduce(0, +) / count, pairs.map(\.cue).reduce(0, +) / count)
    var (both, along) = (0.0, 0.0)
    for pair in pairs {
      both += (pair.onset - x) * (pair.cue - y)
      along += (pair.onset - x) * (pair.onset - x)
    }
    guard along > 0 else { return nil }
    let rate = both / along
    let rest = pairs.map { $0.cue - y - ($0.onset - x) * rate }.map { $0 * $0 }.reduce(0, +)
    // Two standard errors, or a tenth of a second at the ends.
    return (rate, max(2 * (rest / max(1, count - 2) / along).squareRoot(), 2.5 / span))
  }

  /// The same place at another rate, with the middle of what its cues are off by.
  private func turned(_ place: Place, to rate: Double, within limit: Double) -> Place {
    let offsets = matches(at: place, within: limit).map { $0.cue - $0.onset * rate }.sorted()
    return offsets.isEmpty ? place : Place(rate: rate, offset: offsets[offsets.count / 2])
  }

  /// How far cues stand ahead of the speech at a settled place, in frames: who leads it does so unevenly, by up to half
  /// a second, and who does not is even.
  func lead(at place: Place) -> Double {
    let rests = matches(at: place, within: 8).map { $0.cue - $0.onset * place.rate - place.offset }.sorted()
    guard rests.count >= 3 else { return 1 }
    let spread = (rests[rests.count * 84 / 100] - rests[rests.count * 16 / 100]) / 2
    return 0.5 + min(1.5 * spread, 6)
  }
}
