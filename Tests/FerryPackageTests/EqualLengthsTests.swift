import FerryCore
import Foundation
import Testing

@testable import FerryFiles
@testable import FerryPackage

/// Tracks of a lesson that end before it does: an error where the manifest promises equal lengths, else a warning.
struct EqualLengthsTests {
  private let place = Place("data/lessons/A/hls/audio.m3u8")

  /// A lesson of ten seconds, made by `engine`.
  private func lesson(engine: Int?) -> DeliveryManifest.Lesson {
    var lesson = SampleDelivery(titles: 1).manifest().lessons[0]
    for index in lesson.assets.indices where lesson.assets[index].role == .video {
      lesson.assets[index].madeBy?.engine = engine
      lesson.assets[index].video = .init(
        codec: "avc1", width: 160, height: 90, frameRate: Rational(25, 1), frames: 250)
    }
    return lesson
  }

  @Test(arguments: [(nil, .warning), (3, .warning), (4, .error)] as [(Int?, Diagnostic.Severity)])
  func aPackageIsHeldToWhatItsManifestPromises(_ engine: Int?, _ severity: Diagnostic.Severity) throws {
    let found = try #require(EqualLengths(of: lesson(engine: engine)).problem("its sound", to: 2000, at: place))
    #expect(found.severity == severity && found.code == "media.lengths" && found.place == place)
    #expect(found.message.hasPrefix("its sound ends at 2.000 s, and the lesson at 10.000 s"), "\(found.message)")
  }

  @Test(arguments: [(0, 10_000, true), (0, 9_861, true), (0, 9_859, false), (0, 10_139, true), (0, 10_141, false)])
  func aTenthOfASecondAndAFrameAreNoDifference(_ start: Int, _ end: Int, _ isRight: Bool) {
    #expect((EqualLengths(of: lesson(engine: 4)).problem("it", from: start, to: end, at: place) == nil) == isRight)
  }

  @Test(arguments: [(140, true), (141, false), (-140, true), (3000, false), (Int.max, false), (Int.min, false)])
  func aTrackBeginsWithItsLesson(_ start: Int, _ isRight: Bool) {
    let lengths = EqualLengths(of: lesson(engine: 4))
    #expect((lengths.problem("it", from: start, to: 10_000, at: place) == nil) == isRight)
    #expect(
      lengths.problem("it", to: Int.max, at: place) != nil && lengths.problem("it", to: Int.min, at: place) != nil)
  }

  @Test func aCueBehindTheEndIsNamed() throws {
    func cue(_ start: Int, _ text: String) -> Cue {
      Cue(start: CueTime(milliseconds: start), end: CueTime(milliseconds: start + 500), lines: [[Run(text)]])
    }
    let lengths = EqualLengths(of: lesson(engine: 4))
    #expect(lengths.problems(ofCuesBehindTheEndOf: "a.vtt", [cue(0, "a"), cue(9_999, "b")], at: place) == [])
    #expect(lengths.problems(ofCuesBehindTheEndOf: "a.vtt", [cue(10_000, " ")], at: place) == [])
    let found = lengths.problems(
      ofCuesBehindTheEndOf: "a.vtt", [cue(0, "a"), cue(10_000, "b"), cue(20_000, "c")], at: place)
    #expect(found.map(\.severity) == [.error])
    #expect(try #require(found.first).message.hasPrefix("cue 2 of a.vtt (and 1 more) starts at 00:00:10.000"))
  }

  @Test(arguments: [("10.000", 0), ("10.100", 0), ("9.500", 1), ("240.000", 1), ("1e300", 1), ("", 1)])
  func theDASHManifestDeclaresTheLessonsLength(_ seconds: String, _ count: Int) throws {
    let scratch = try Scratch("lengths")
    var lesson = lesson(engine: 4)
    lesson.assets.append(
      DeliveryManifest.Asset(
        path: "data/lessons/A/A.mpd", role: .mpd, mediaType: "application/dash+xml", language: nil, size: 1,
        sha256: "", sha512: ""))
    try Files.makeFolder(scratch.path + "/data/lessons/A")
    try Data("<MPD mediaPresentationDuration=\"PT\(seconds)S\">".utf8).write(
      to: URL(fileURLWithPath: scratch.path + "/data/lessons/A/A.mpd"))
    let found = EqualLengths.problems(ofDASH: lesson, bag: scratch.path, unsound: [])
    #expect(found.count == count && found.allSatisfy { $0.severity == .error }, "\(found)")
    #expect(EqualLengths.problems(ofDASH: lesson, bag: scratch.path, unsound: ["data/lessons/A/A.mpd"]) == [])
  }

  @Test(arguments: [("10.0", 0), ("5.0", 1)])
  func everyPlaylistIsAsLongAsTheLesson(_ seconds: String, _ count: Int) throws {
    let scratch = try Scratch("lengths")
    var lesson = lesson(engine: 4)
    lesson.assets.append(
      DeliveryManifest.Asset(
        path: "data/lessons/A/hls/en.m3u8", role: .playlist, mediaType: "x", language: nil, size: 1, sha256: "",
        sha512: ""))
    try Files.makeFolder(scratch.path + "/data/lessons/A/hls")
    try Data("#EXTM3U\n#EXTINF:\(seconds),\n#EXT-X-ENDLIST\n".utf8).write(
      to: URL(fileURLWithPath: scratch.path + "/data/lessons/A/hls/en.m3u8"))
    let found = HLSCheck.problems(of: lesson, bag: scratch.path)
    #expect(found.map(\.code) == Array(repeating: "media.lengths", count: count), "\(found)")
  }
}
