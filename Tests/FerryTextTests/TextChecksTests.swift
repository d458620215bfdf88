import FerryCore
import Foundation
import Testing

@testable import FerryRules
@testable import FerryText

@Suite struct TextChecksTests {
  private static let cases =
    characterCases + timeCases + mediaCases + lineCases + readingCases + languageCases + pairCases

  @Test func eachRuleFindsWhatBreaksItAndNothingElse() throws {
    var golden = ""
    for one in Self.cases {
      let found = TextChecks.run(one.broken).filter { $0.rule == one.rule }
      #expect(!found.isEmpty, "\(one.rule), \(one.name): not found")
      let kept = TextChecks.run(one.kept).filter { $0.rule == one.rule }
      let isMilder = !kept.isEmpty && kept.allSatisfy { $0.severity < (found.map(\.severity).max() ?? .info) }
      #expect(
        kept.isEmpty || isMilder && one.name == "error", "\(one.rule), \(one.name): \(kept.map(\.description))")
      golden += "== \(one.rule): \(one.name)\n" + found.map { "\($0)\n" }.joined() + "\n"
    }
    try expectGolden(golden, "checks.txt")
  }

  @Test func everyRuleOfTheTracksIsTried() {
    let tried = Set(Self.cases.map(\.rule))
    let elsewhere: Set = [
      "enc.undetermined", "enc.nonutf8", "enc.mixed", "enc.mojibake", "fmt.parse", "fmt.repaired", "fmt.markup",
      "time.speech",
    ]
    #expect(Set(TextRule.all.map(\.id)).subtracting(elsewhere) == tried)
    #expect(tried.count >= 40)
    for profile in TextProfile.all {
      for rule in tried where profile[rule] == .off {
        #expect(!["time.negative", "lang.han_in_en", "tr.missing"].contains(rule), "\(profile.name) \(rule)")
      }
    }
  }

  /// A track that obeys every limit has nothing to say about it, in both languages and over many tries.
  @Test func aCleanTrackHasNoFindings() {
    let words = "wash your hands with soap dry them put new masks check each room open windows let fresh air inside"
      .split(separator: " ")
    let han = Array("洗手戴好口罩开窗通风保持距离勤消毒早发现")
    for seed in 0..<40 as Range<UInt64> {
      var chance = Seeded(state: seed)
      var english: [Cue] = []
      var chinese: [Cue] = []
      var time = 400
      for number in 0..<60 {
        var text = "Step"
        while text.count < 36, let word = words.randomElement(using: &chance), text.count + word.count < 40 {
          text += " " + word
        }
        let duration = max(2800, text.split(separator: " ").count * 380) + Int.random(in: 0...400, using: &chance)
        english.append(cue(time, time + duration, text + "."))
        let length = Int.random(in: 5...14, using: &chance)
        chinese.append(
          cue(time, time + duration, String((0..<length).compactMap { _ in han.randomElement(using: &chance) })))
        time += duration + [83, 84, 500, 1200][number % 4]
      }
      let media = TextChecks.MediaFacts(duration: .milliseconds(time), frameRate: Rational(24, 1))
      let source = track(chinese, "zh-Hans")
      let found =
        TextChecks.run(.init(track: track(english), file: "e.srt", media: media, source: source))
        .filter { $0.rule != "tr.inconsistent" } + TextChecks.run(.init(track: source, file: "c.srt", media: media))
      #expect(found.isEmpty, "\(seed): \(found.prefix(3))")
    }
  }

  /// Whatever a track says, checks end and have a place within it.
  @Test func anyTrackIsChecked() {
    let pieces = [
      "a", " ", "\n", "百分之", "十", "万亿", "第", "点", "“", "「", ")", "-->", "\u{202E}", "\u{0}", "😀", "1", ",", ".",
      "999999999999999999999", "million", "half", "ａ", "的", "學", "\u{301}", "…", "N95",
    ]
    for seed in 0..<150 as Range<UInt64> {
      var chance = Seeded(state: seed)
      func random(_ count: Int) -> [Cue] {
        (0..<count).map { _ in
          let start = Int.random(in: -2000...90_000, using: &chance)
          let text = (0..<Int.random(in: 0...9, using: &chance)).compactMap { _ in pieces.randomElement(using: &chance)
          }
          return cue(start, start + Int.random(in: -500...9000, using: &chance), text.joined())
        }
      }
      let cues = random(Int.random(in: 0...40, using: &chance))
      let language = ["en", "zh-Hans", "zh", "ja", "fr", "eng"].randomElement(using: &chance) ?? "en"
      let profile = TextProfile.all.randomElement(using: &chance)
      let found = TextChecks.run(
        input(
          cues, language, profile,
          media: minute(Int.random(in: 0...90, using: &chance), rate: ntsc, aspect: Rational(4, 3)),
          source: random(30), from: "ko", glossary: [.init(term: "的", translation: "a", rule: .must)]))
      for finding in found {
        #expect((0...cues.count).contains(finding.cue?.number ?? 0))
        #expect(finding.cue?.excerpt.count ?? 0 <= 40)
        #expect(!finding.message.isEmpty)
      }
    }
  }

  /// Many bad cues must neither take long nor fill the memory with findings.
  @Test func hugeTracksAreListedUpToALimit() {
    let same = [Cue](repeating: cue(1000, 1500, "口罩 mask ( 37 三十七"), count: 3000)
    let found = TextChecks.run(
      input(same, source: same.map { cue($0.start.milliseconds, $0.end.milliseconds, "戴37口罩") }))
    let duplicates = found.filter { $0.rule == "time.duplicate" }
    #expect(duplicates.count == CheckReport.listLimit + 1)
    #expect(duplicates.last?.message == "1999 more findings of this rule are not listed")
    #expect(found.diagnostics().count < 40)
  }

  @Test func tellsManyFindingsOfARuleOnce() {
    let cues = (0..<7).map { cue(20_000 + $0 * 3000, 22_000 + $0 * 3000, "Wash 用肥皂") }
    let said = TextChecks.run(input(cues, media: minute(10))).diagnostics().map(\.description)
    #expect(
      said == [
        "t.srt: warning: the track ends at 00:00:40.000 and the video at 00:00:10.000 [time.coverage]\n"
          + "  hint: check that the track belongs to this video",
        "t.srt:2: error: the cue of the 'en' track has Chinese characters: 'Wash 用肥皂' (and 6 more: lines 6, 10, 14, 18, …) "
          + "[lang.han_in_en]\n  hint: translate what is left; a Chinese word that is meant goes in 「」 or in the glossary",
        "t.srt:2: error: the video ends at 00:00:10.000, before the cue starts: 'Wash 用肥皂' (and 6 more: lines 6, 10, 14, 18, …) "
          + "[time.pastend]\n  hint: check that the track belongs to this video",
      ])
    let two = TextChecks.run(
      TextChecks.Input(track: track(Array(cues.prefix(2)), lines: false), file: "t.srt")
    ).diagnostics().map(\.message)
    #expect(
      two == ["the cue of the 'en' track has Chinese characters: 'Wash 用肥皂' (and 1 more: cue 2) [lang.han_in_en]"])
  }

  @Test func findingsAreJSON() throws {
    let found = TextChecks.run(input([cue(0, 500, "Twenty-two characters.")]))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let data = try encoder.encode(found)
    #expect(try JSONDecoder().decode([TextFinding].self, from: data) == found)
    #expect(
      String(decoding: data, as: UTF8.self).contains(
        #""measure":{"limit":21,"unit":"characters per second","value":44}"#))
  }

  /// What the checks say of the lessons that ferry is shipped with.
  @Test func theLessonsOfTheFoundingBatch() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(
      path: "../../fixtures/lessons")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    var tracks: [String: Track] = [:]
    for file in files where Track.Format(fileName: file) != nil {
      let bytes = [UInt8](try Data(contentsOf: folder.appending(path: file)))
      let language = file.contains(".zh.") ? "zh-Hans" : "en"
      tracks[file] = try TrackFile.read(bytes: bytes, file: file, language: tag(language)).track
    }
    #expect(tracks.count > 30)
    var golden = ""
    for (file, track) in tracks.sorted(by: { $0.key < $1.key }) {
      let stem = file.prefix { $0 != "." }
      let source = track.language == english ? tracks.first { $0.key.hasPrefix("\(stem).zh.") }?.value : nil
      let found = TextChecks.run(TextChecks.Input(track: track, file: file, source: source))
      #expect(!found.contains { $0.severity == .error }, "\(file): \(found)")
      for finding in found where finding.severity != .info { golden += "\(finding)\n" }
    }
    try expectGolden(golden, "lessons.txt")
  }
}
