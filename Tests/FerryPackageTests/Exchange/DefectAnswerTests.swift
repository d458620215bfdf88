import FerryCore
import Foundation
import Testing

@testable import FerryExchange
@testable import FerryPackage

/// What a later version answers by what it holds.
struct DefectAnswerTests {
  private let subtitle = "data/lessons/AI-001/AI-001.en.vtt"
  private let film = "data/lessons/AI-001/AI-001.mp4"

  /// Four cues: one, two, yes, yes.
  private let cues: [(start: Int, end: Int, words: String)] = [
    (0, 900, "one"), (1000, 1900, "two"), (2000, 2900, "yes"), (3000, 3900, "yes"),
  ]

  private func version(
    _ number: Int, _ cues: [(start: Int, end: Int, words: String)]?, packets: String? = "same",
    libraries: String = "x264 core 164", source: String = "ee"
  ) -> VersionContent {
    var delivery = SampleDelivery(titles: 2)
    delivery.files["AI-001/AI-001.jpg"] = [UInt8(number)]
    // What surrounds text and packets is another file each time.
    delivery.files["AI-001/AI-001.mp4"] = [UInt8(number)]
    delivery.files["AI-001/AI-001.en.vtt"] = [UInt8(number)]
    var manifest = delivery.manifest()
    manifest.version = number
    manifest.lessons[0].source.sha256 = source
    manifest.lessons[0].cues = cues.map { cues in
      ["en": CueMarks(cues.map { .init(start: $0.start, end: $0.end, words: $0.words) })]
    }
    for index in manifest.lessons[0].assets.indices where manifest.lessons[0].assets[index].path == film {
      manifest.lessons[0].assets[index].madeBy?.packetsDigest = packets
      manifest.lessons[0].assets[index].madeBy?.libraries = [libraries]
    }
    for index in manifest.lessons[0].assets.indices where manifest.lessons[0].assets[index].path.hasSuffix(".jpg") {
      manifest.lessons[0].assets[index].role = .poster
    }
    return VersionContent(
      manifest: manifest, common: ["data/catalogue.csv": "c\(number)", "data/LICENSE.txt": "l\(number)"])
  }

  private func isAnswered(
    _ path: String, _ category: Defect.Category, cue: Int? = nil, within span: ClosedRange<Double>? = nil,
    from old: VersionContent, by new: VersionContent, lesson: String = "AI-001"
  ) throws -> Bool {
    let defect = Defect(
      id: "1", lesson: lesson, path: path, assetSha512: try #require(old.digest(of: path)), cue: cue,
      tStart: span?.lowerBound, tEnd: span?.upperBound, category: category, severity: .major)
    return defect.isAnswered(by: new, seenIn: old)
  }

  @Test func aCueIsAnsweredByItsOwnChangeAlone() throws {
    let one = version(1, cues)
    var words = cues
    words[0].words = "first"
    var times = cues
    times[1].end = 1800
    let shifted = cues.map { (start: $0.start + 500, end: $0.end + 500, words: $0.words) }
    let table: [(cue: Int, Defect.Category, [(start: Int, end: Int, words: String)], Bool)] = [
      (1, .translation, words, true), (2, .translation, words, false), (1, .timing, words, false),
      (2, .timing, times, true), (2, .translation, times, false), (1, .timing, times, false),
      (2, .readingSpeed, times, true), (1, .accessibility, words, true), (2, .accessibility, words, false),
      // A new cue before it, or one that is gone, moves its number only.
      (2, .translation, [(0, 400, "new")] + cues, false), (2, .timing, Array(cues.dropFirst()), false),
      (1, .timing, Array(cues.dropFirst()), true),
      // Moving all of a text mends its times, not its words.
      (2, .translation, shifted, false), (2, .terminology, shifted, false), (2, .readingSpeed, shifted, false),
      (2, .timing, shifted, true),
      // Of two cues with the same words it cannot be told which was changed.
      (3, .translation, Array(cues.dropLast()), false), (9, .translation, words, false),
    ]
    for (cue, category, changed, isMended) in table {
      for path in [subtitle, film] {
        let found = try isAnswered(path, category, cue: cue, from: one, by: version(2, changed))
        #expect(found == isMended, "\(path) \(cue) \(category) \(changed)")
      }
    }
  }

  @Test func aStretchOfTimeIsAnsweredByWhatIsShownInIt() throws {
    let one = version(1, cues)
    var words = cues
    words[0].words = "first"
    let table: [(ClosedRange<Double>, Defect.Category, [(start: Int, end: Int, words: String)], Bool)] = [
      (0.2...0.4, .translation, words, true), (0...1.5, .translation, words, true),
      (1.2...1.2, .translation, words, false), (0.95...0.95, .translation, words, false),
      // Nothing was shown there, and now something is.
      (5...6, .timing, words, false), (5...6, .timing, cues + [(5000, 5500, "new")], true),
      (1...1.5, .translation, cues + [(1000, 1500, "new")], false),
    ]
    for (span, category, changed, isMended) in table {
      for path in [subtitle, film] {
        let found = try isAnswered(path, category, within: span, from: one, by: version(2, changed))
        #expect(found == isMended, "\(path) \(span) \(category)")
      }
    }
    let more = version(2, cues + [(1000, 1500, "new")])
    #expect(try isAnswered(subtitle, .missing, within: 1...1.5, from: one, by: more))
  }

  @Test func aPictureIsNotAnsweredByWords() throws {
    let one = version(1, cues)
    var words = cues
    words[0].words = "first"
    #expect(try !isAnswered(film, .technical, from: one, by: version(2, words)))
    #expect(try !isAnswered(film, .technical, within: 0...1, from: one, by: version(2, words)))
    #expect(try isAnswered(film, .technical, from: one, by: version(2, words, packets: "other")))
    #expect(try isAnswered(film, .missing, from: one, by: version(2, cues, packets: "other")))
    // A newer encoder makes other bytes of the same picture; where the source is another, it is another picture.
    let upgraded = version(2, cues, packets: "other", libraries: "x264 core 165")
    #expect(try !isAnswered(film, .technical, from: one, by: upgraded))
    let replaced = version(2, cues, packets: "other", libraries: "x264 core 165", source: "ff")
    #expect(try isAnswered(film, .technical, from: one, by: replaced))
    // Words in a film are not answered by its picture, and a package of ferry 0.1 tells nothing.
    #expect(try !isAnswered(film, .translation, cue: 1, from: one, by: version(2, cues, packets: "other")))
    #expect(try !isAnswered(film, .technical, from: version(1, cues, packets: nil), by: version(2, cues)))
    #expect(try !isAnswered(subtitle, .translation, cue: 1, from: version(1, nil), by: version(2, words)))
  }

  @Test func everyTrackThatItMayBeAboutHasToChange() throws {
    var (one, two) = (version(1, cues), version(2, cues))
    var words = cues
    words[0].words = "first"
    for (index, changed) in [(0, cues), (1, words)] {
      var version = index == 0 ? one : two
      let english = CueMarks(changed.map { .init(start: $0.start, end: $0.end, words: $0.words) })
      version.manifest.lessons[0].cues = [
        "en": english, "zh-Hans": CueMarks([.init(start: 0, end: 900, words: "z")]),
      ]
      for asset in version.manifest.lessons[0].assets.indices
      where version.manifest.lessons[0].assets[asset].path == film {
        version.manifest.lessons[0].assets[asset].textTracks = ["zh-Hans", "en"]
      }
      if index == 0 { one = version } else { two = version }
    }
    #expect(try isAnswered(film, .translation, cue: 1, from: one, by: two), "it is no translation into Chinese")
    #expect(try !isAnswered(film, .accessibility, cue: 1, from: one, by: two), "it may be about the Chinese text")
  }

  @Test func whatCannotBeToldWaitsForPeople() throws {
    var words = cues
    words[0].words = "first"
    let (one, two) = (version(1, cues), version(2, words))
    #expect(try !isAnswered(subtitle, .terminology, from: one, by: two), "a text without a place")
    #expect(try !isAnswered(film, .terminology, from: one, by: two))
    #expect(try !isAnswered("data/catalogue.csv", .metadata, from: one, by: two, lesson: ""))
    #expect(try isAnswered("data/LICENSE.txt", .rights, from: one, by: two, lesson: ""))
    #expect(try isAnswered("data/lessons/AI-001/AI-001.jpg", .technical, from: one, by: two))
    #expect(try !isAnswered("data/lessons/AI-002/AI-002.mp4", .technical, from: one, by: two, lesson: "AI-002"))
  }

  @Test func whatIsGoneHasNoDefects() throws {
    let one = version(1, cues)
    var two = version(2, cues)
    two.manifest.lessons.removeFirst()
    #expect(try isAnswered(film, .technical, from: one, by: two))
    #expect(try isAnswered(subtitle, .terminology, from: one, by: two))
    var book = DefectBook()
    let defect = Defect(
      id: "V-1", lesson: "AI-001", path: film, assetSha512: try #require(one.digest(of: film)), category: .technical,
      severity: .blocker)
    try book.take([PlacedDefect(defect: defect, place: Place("d"))], delivered: [one])
    book.noteDelivery(two, delivered: [one, two])
    book.noteAcceptance(of: 2)
    #expect(book.entries.map(\.state) == [.closed(version: 2)])
    // A title that only waits is not gone.
    two.manifest.missing = [.init(id: "AI-001", reason: "failed", detail: "")]
    #expect(try !isAnswered(film, .technical, from: one, by: two))
  }

  @Test func cuesAreMarkedInOneString() throws {
    let cue = Cue(start: CueTime(milliseconds: 100), end: CueTime(milliseconds: 2000), lines: [[Run("abc")]])
    let marks = CueMarks(of: [cue, cue])
    let json = try JSONEncoder().encode([marks])
    #expect(String(decoding: json, as: UTF8.self) == "[\"100-2000-ba7816bf8f01 100-2000-ba7816bf8f01\"]")
    #expect(try JSONDecoder().decode([CueMarks].self, from: json) == [marks])
    #expect {
      try JSONDecoder().decode([CueMarks].self, from: Data("[\"100-2000\"]".utf8))
    } throws: { "\($0)".contains("'100-2000' marks no cue") }
    #expect(try JSONDecoder().decode([CueMarks].self, from: Data("[\"\"]".utf8)) == [CueMarks([])])
  }
}
