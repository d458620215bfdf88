import FerryCore
import Foundation
import Testing

@testable import FerryRules
@testable import FerryText

private struct Spoken {
  var name: String
  /// Real talks, lessons spoken by a program, and sounds without a voice.
  var kind: String
  var levels: SpeechLevels
  /// What is said, in seconds.
  var times: [(start: Double, end: Double)]

  static let all: [Spoken] = {
    let text = (try? fixture("speech/levels.txt")).map { String(decoding: $0, as: UTF8.self) } ?? ""
    return text.split(separator: "\n").map { line in
      let (head, times) = (line[..<(line.lastIndex(of: "|") ?? line.endIndex)], line.split(separator: "|").last ?? "")
      let parts = head.split(separator: " ", maxSplits: 2)
      return Spoken(
        name: String(parts[0]), kind: String(parts[1]), levels: SpeechLevels(parts[2].utf8.map { $0 - 35 }),
        times: times.split(separator: " ").map { pair in
          let ends = pair.split(separator: ",").compactMap { Double($0) }
          return (ends[0], ends[1])
        })
    }
  }()

  static let real = all.filter { $0.kind == "real" }
  static let made = all.filter { $0.kind == "made" }
  static let voices = real + made
  static let silent = all.filter { $0.kind == "none" }

  var duration: Double { Double(levels.levels.count) / 25 }

  func match(_ times: [(start: Double, end: Double)]) -> SpeechMatch {
    SpeechMatch(times.map { (Int($0.start * 1000), Int($0.end * 1000)) }, against: levels)
  }
}

/// Text held against the speech in the sound: levels of real talks, of lessons spoken by a program, and of other sounds.
@Suite struct SpeechTests {
  private func isHeld(_ match: SpeechMatch) -> Bool {
    switch match.verdict {
    case .shifted, .otherLesson: true
    case .fits, .notJudged: false
    }
  }

  @Test func theFixturesAreThere() {
    #expect(Spoken.real.count == 9 && Spoken.made.count == 10 && Spoken.silent.count == 6)
  }

  @Test func noTrueTrackIsHeld() {
    var random = FixedNumbers()
    var fitting = 0
    for spoken in Spoken.voices {
      let exact = spoken.match(spoken.times)
      #expect(!isHeld(exact), "\(spoken.name): \(exact)")
      if case .fits(let late) = exact.verdict, abs(late.count) <= 400 { fitting += 1 }
      // As people write them: up to half a second ahead, longer than what is said, some joined, some left out.
      var written: [(start: Double, end: Double)] = []
      for (index, time) in spoken.times.enumerated() {
        let next = index + 1 < spoken.times.count ? spoken.times[index + 1].start - 0.6 : time.end + 2
        let end = max(time.end - 0.1, min(next, time.end + random.next(0, 1)))
        let cue = (start: max(0, time.start - random.next(0, 0.5)), end: end)
        if let last = written.last, cue.end - last.start < 6, random.next(0, 1) < 0.3 {
          written[written.count - 1].end = cue.end
        } else if random.next(0, 1) < 0.9 {
          written.append(cue)
        }
      }
      let match = spoken.match(written)
      #expect(!isHeld(match), "\(spoken.name), as written: \(match)")
      let half = spoken.match(Array(spoken.times.prefix(max(6, spoken.times.count / 2))))
      #expect(!isHeld(half), "\(spoken.name), half of it: \(half)")
    }
    #expect(fitting >= Spoken.voices.count - 2)
  }

  @Test func shiftsAndRatesAreNamed() {
    let changes: [(rate: Double, offset: Double)] = [
      (1, 1.3), (1, -1.5), (1, 2), (1, -3), (1, 4), (1, 6.5), (1, 10), (0.9, 2), (0.937, 1), (24.0 / 25, 0.5),
      (24000.0 / 1001 / 25, 3), (25.0 / 24, 0), (25 / (24000.0 / 1001), 1), (1.063, 0.2), (1.1, 0),
    ]
    var (judged, named) = (0, 0)
    for (index, spoken) in Spoken.voices.enumerated() {
      for step in 0..<3 {
        let change = changes[(index * 3 + step) % changes.count]
        let times = spoken.times.map { ($0.start * change.rate + change.offset, $0.end * change.rate + change.offset) }
          .filter { $0.0 >= 0 }
        let match = spoken.match(times)
        guard isHeld(match) else { continue }
        judged += 1
        guard case .shifted(let offset, let rate) = match.verdict else {
          Issue.record("\(spoken.name) \(change): \(match)")
          continue
        }
        let errors = [times[0].0, times[times.count - 1].1].map { time in
          abs((time - change.offset) / change.rate - (time - Double(offset.count) / 1000) / rate)
        }
        if errors.allSatisfy({ $0 <= 0.2 }) { named += 1 } else { print("\(spoken.name) \(change): \(match)") }
      }
    }
    #expect(judged >= 40, "\(judged)")
    #expect(named * 100 >= judged * 95, "\(named) of \(judged)")
  }

  @Test func tracksOfOtherLessonsNeverFit() {
    var (named, fitting) = (0, 0)
    for (index, spoken) in Spoken.voices.enumerated() {
      for step in [5, 11] {
        let other = Spoken.voices[(index + step) % Spoken.voices.count]
        // Parts of one talk, and talks made of the same ones, are no strangers.
        if spoken.kind == "real", other.kind == "real" { continue }
        let match = spoken.match(other.times.filter { $0.end < spoken.duration + 5 })
        switch match.verdict {
        case .otherLesson: named += 1
        case .fits, .shifted:
          fitting += 1
          print("\(spoken.name) with \(other.name): \(match)")
        case .notJudged: break
        }
      }
    }
    #expect(named >= 10, "\(named)")
    #expect(fitting * 10 <= named + fitting, "\(fitting) beside \(named)")
  }

  @Test func soundsWithoutAVoiceAreNotJudged() {
    for (index, sound) in Spoken.silent.enumerated() {
      for times in [sound.times, Spoken.voices[index * 2].times.filter { $0.end < sound.duration }] {
        let match = sound.match(times)
        guard case .notJudged = match.verdict else {
          Issue.record("\(sound.name): \(match)")
          continue
        }
      }
    }
  }

  @Test func fewerThanFiveCuesAreNotJudged() {
    for spoken in Spoken.voices.prefix(4) {
      let times = spoken.times.prefix(4).map { ($0.start + 5, $0.end + 5) }
      #expect(spoken.match(times).verdict == .notJudged(.fewCues))
    }
  }

  @Test func foreignNumbersAndLevelsDoNoHarm() throws {
    let spoken = Spoken.voices[0]
    for extreme in [Int.max, Int.min, 0, -1, 86_400_000_000] {
      let times = [(extreme, Int.max), (Int.min, extreme)] + (0..<6).map { ($0 * 5000, $0 * 5000 + 2000) }
      _ = SpeechMatch(times, against: spoken.levels)
    }
    _ = SpeechMatch((0..<6).map { ($0 * 5000, $0 * 5000 + 2000) }, against: SpeechLevels([]))
    let damaged = try JSONDecoder().decode(SpeechLevels.self, from: Data(#"{"signs":"\u0001é~#["}"#.utf8))
    #expect(damaged.levels.allSatisfy { $0 <= 56 })
    let again = try JSONDecoder().decode(SpeechLevels.self, from: JSONEncoder().encode(spoken.levels))
    #expect(again == spoken.levels)
  }

  @Test func theRuleSaysWhatToDo() throws {
    let spoken = try #require(Spoken.all.first { $0.name == "apollo" })
    func found(_ rate: Double, _ offset: Double, _ texts: (Int) -> String = { "Line \($0)" }) -> [TextFinding] {
      let cues = spoken.times.enumerated().map { index, time in
        cue(Int((time.start * rate + offset) * 1000), Int((time.end * rate + offset) * 1000), texts(index))
      }
      return TextChecks.speech(input(cues), spoken.levels)
    }
    #expect(found(1, 0).isEmpty)
    let late = try #require(found(1, 4).first)
    #expect(late.severity == .error && late.rule == "time.speech" && late.line == 2)
    #expect(late.message.hasPrefix("the track is 4."), "\(late)")
    #expect(late.hint?.hasPrefix("shift the track by −4.") == true, "\(late)")
    let fast = try #require(found(24.0 / 25, 0).first)
    #expect(fast.message.contains("0.9600 times the length") && fast.severity == .error, "\(fast)")
    #expect(fast.hint?.contains("exported for 25 pictures a second, and the video has 24") == true, "\(fast)")
    let slightly = try #require(found(1, 0.8).first)
    #expect(slightly.severity == .warning && slightly.measure?.unit == "ms", "\(slightly)")
    // Sounds and music are no words.
    let sounds = try #require(found(1, 4) { _ in "[music]" }.first)
    #expect(sounds.severity == .info && sounds.message.contains("not judged"), "\(sounds)")
    let unheard = TextChecks.speech(input([cue(0, 1000, "One.")]), nil)
    #expect(unheard.map(\.severity) == [.info])
    let waiver = Waiver(rule: "time.speech", reason: "the lesson is told by its pictures", place: Place("job.yaml"))
    #expect(found(1, 4).waived(by: [waiver]).held.isEmpty)
    #expect([TextFinding]().waived(by: [waiver]).problems.isEmpty, "nobody knows before the sound was heard")
  }
}

/// The same numbers every time.
private struct FixedNumbers {
  private var state: UInt64 = 88_172_645_463_325_252

  mutating func next(_ low: Double, _ high: Double) -> Double {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return low + (high - low) * Double(state >> 11) / Double(UInt64(1) << 53)
  }
}
