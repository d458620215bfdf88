package import FerryCore

/// Whether a track's cues lie where something is said in the sound of its video, as far as that can be told.
///
/// Only what is far beyond chance counts: a lesson is held on a strong finding, and everything else is 'not judged'.
package struct SpeechMatch: Hashable, Sendable {
  package enum Verdict: Hashable, Sendable {
    /// The cues start by this much later than the speech (earlier where it is negative), which is less than a second.
    case fits(late: Milliseconds)
    /// The track's times are those of the lesson multiplied by `rate`, and `offset` added.
    case shifted(offset: Milliseconds, rate: Double)
    case otherLesson
    case notJudged(Reason)
  }

  package enum Reason: String, Hashable, Sendable {
    case fewCues
    case silence
    /// What is heard is steadier than voices are: music, a machine.
    case noSpeech
    /// Nobody pauses, or voices do not stand out: every track would fit as well.
    case noPauses
    case noEvidence
  }

  package var verdict: Verdict
  /// Cues that start where speech sets in, at the place where the track fits best.
  package var matched = 0
  package var cues: Int
  /// How far beyond chance the track as it stands is, and its best place, in standard deviations.
  package var own = 0.0
  package var best = 0.0

  /// What the verdict rests on, chosen so that none of the measured true tracks is held (docs/performance.md).
  private enum Limit {
    static let cues = 5
    static let cuesOfOtherLesson = 12
    /// Beyond chance, a track fits as it stands.
    static let (fitting, certain) = (4.0, 12.0)
    /// Beyond chance, and ahead of the track as it stands, another place is the right one.
    static let (elsewhere, ahead) = (6.5, 3.0)
    /// Ahead of the track as it stands by less, another place says nothing.
    static let close = 1.2
    /// A track of another lesson scores no more than this, and a right one would score that much.
    static let (foreign, foreignBest, expected) = (1.8, 4.6, 6.5)
    static let (lively, veryLively) = (0.4, 0.6)
    static let (contrast, share) = (12, 0.87)
  }

  /// Holds cues, in milliseconds, in any order, against the levels of the sound.
  package init(_ times: [(start: Int, end: Int)], against levels: SpeechLevels) {
    let spans = SpeechMatch.spans(times)
    cues = spans.count
    verdict = .notJudged(.fewCues)
    guard spans.count >= Limit.cues else { return }
    let activity = SpeechActivity(levels)
    guard activity.share > 0.02, activity.onsets.count >= 3 else {
      verdict = .notJudged(.silence)
      return
    }
    judge(SpeechSearch(activity, spans), activity, spans)
  }

  private mutating func judge(
    _ search: SpeechSearch, _ activity: SpeechActivity, _ spans: [(start: Double, end: Double)]
  ) {
    // Less than a second to either side is the track as it stands.
    let standing = search.best(rate: 1, offsets: -24, 24)
    own = standing.score
    let whole = search.best(rate: 1, offsets: -SpeechSearch.farthest, SpeechSearch.farthest)
    // So good a fit is not a chance at another rate.
    let isSure = own >= Limit.certain && whole.score < own + 1
    let found = isSure ? standing : search.bestAnywhere(beside: whole)
    best = max(own, found.score)
    matched = search.matches(at: best > own + 0.5 ? found.place : standing.place, within: 10).count
    if best >= Limit.elsewhere, best - own >= max(Limit.ahead, own / 2) {
      judge(elsewhere: found, search, activity, spans)
    } else if own >= Limit.fitting {
      judge(standing: standing.place, beside: found.place, search, spans)
    } else if activity.liveliness < Limit.lively {
      verdict = .notJudged(.noSpeech)
    } else if isForeign(activity, spans) {
      verdict = .otherLesson
    } else {
      verdict = .notJudged(activity.share > Limit.share || activity.contrast < Limit.contrast ? .noPauses : .noEvidence)
    }
  }

  /// Whether the track is nowhere better than chance, and a right one would surely be: clear voices that pause.
  private func isForeign(_ activity: SpeechActivity, _ spans: [(start: Double, end: Double)]) -> Bool {
    guard spans.count >= Limit.cuesOfOtherLesson, activity.contrast >= Limit.contrast, activity.share <= Limit.share,
      activity.liveliness >= Limit.veryLively, activity.onsets.count * 2 >= spans.count
    else { return false }
    let expected = SpeechMatch.expected(activity, spans.count)
    return expected >= Limit.expected && own < max(Limit.foreign, min(3, expected * 0.22))
      && best < max(Limit.foreignBest, min(5.5, expected * 0.42)) && SpeechMatch.isAuthored(spans)
  }

  /// Whether cues were cut where something is said: they have gaps or are of different lengths, unlike those that a
  /// program cut by the clock.
  private static func isAuthored(_ spans: [(start: Double, end: Double)]) -> Bool {
    let gaps = zip(spans, spans.dropFirst()).count { $1.start - $0.end >= 5 }
    if gaps * 3 >= spans.count { return true }
    let lengths = spans.map { $0.end - $0.start }
    let mean = lengths.reduce(0, +) / Double(lengths.count)
    let spread = lengths.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(lengths.count)
    return spread.squareRoot() >= mean * 0.3
  }

  private mutating func judge(
    elsewhere found: SpeechSearch.Found, _ search: SpeechSearch, _ activity: SpeechActivity,
    _ spans: [(start: Double, end: Double)]
  ) {
    guard activity.liveliness >= Limit.lively else {
      verdict = .notJudged(.noSpeech)
      return
    }
    guard matched * 10 >= spans.count * 6 else {
      verdict = .notJudged(.noEvidence)
      return
    }
    let place = search.settled(found.place, among: SpeechMatch.knownRates)
    let offset = SpeechMatch.offset(place, search)
    verdict =
      place.rate == 1 && offset.count.magnitude < 1000
      ? .fits(late: offset) : .shifted(offset: offset, rate: place.rate)
  }

  /// Fits as it stands, unless another place, farther away than a second, is nearly as good or better.
  private mutating func judge(
    standing place: SpeechSearch.Place, beside other: SpeechSearch.Place, _ search: SpeechSearch,
    _ spans: [(start: Double, end: Double)]
  ) {
    let isSame = [spans.first?.start ?? 0, spans.last?.end ?? 0].allSatisfy { time in
      abs((time - other.offset) / other.rate - (time - place.offset)) < SpeechActivity.rate
    }
    guard isSame || best - own < max(Limit.close, own / 5), matched * 5 >= spans.count * 2 else {
      verdict = .notJudged(.noEvidence)
      return
    }
    let late = SpeechMatch.offset(search.settled(place, among: [1]), search)
    let isFar = late.count.magnitude >= 1000 && best >= Limit.elsewhere
    verdict = isFar ? .shifted(offset: late, rate: 1) : .fits(late: late)
  }

  /// Rates that exports are made at, the commonest first.
  static let knownRates: [Double] = [
    1, 24.0 / 25, 25.0 / 24, 24000.0 / 1001 / 25, 25 / (24000.0 / 1001), 1.001, 1 / 1.001, 0.9, 1.1,
  ]

  private static func offset(_ place: SpeechSearch.Place, _ search: SpeechSearch) -> Milliseconds {
    Milliseconds(Int(bounded: (place.offset + search.lead(at: place)) * Double(SpeechLevels.frame.count)))
  }

  /// In frames, in order, and those that overlap as one.
  private static func spans(_ times: [(start: Int, end: Int)]) -> [(start: Double, end: Double)] {
    // Nobody speaks for longer than a day.
    let day = 86_400_000
    var spans: [(start: Double, end: Double)] = []
    for time in times.sorted(by: { ($0.start, $0.end) < ($1.start, $1.end) })
    where time.start >= 0 && time.end > time.start && time.end < day {
      let frame = Double(SpeechLevels.frame.count)
      let (start, end) = (Double(time.start) / frame, Double(time.end) / frame)
      if let last = spans.last, start < last.end - 3 {
        spans[spans.count - 1].end = max(last.end, end)
      } else {
        spans.append((start, end))
      }
    }
    return spans
  }

  /// What a track of so many cues scores that was made from this speech itself.
  private static func expected(_ activity: SpeechActivity, _ count: Int) -> Double {
    var spans: [(start: Double, end: Double)] = []
    for (index, onset) in activity.onsets.enumerated() {
      let next = index + 1 < activity.onsets.count ? activity.onsets[index + 1] : activity.count
      let speech = activity.frames(from: onset, to: next)
      spans.append((Double(onset), Double(min(next, onset + speech))))
    }
    return SpeechSearch(activity, Array(spans.prefix(count))).score(.init(rate: 1, offset: 0))
  }
}
