import FerryCore
import Foundation
import Testing

@testable import FerryBag
@testable import FerryFiles
@testable import FerryPackage

/// A package of ferry's, checked without opening media: all that is wrong at once, and nothing that is right.
struct PackageCheckTests {
  private let scratch: Scratch
  private let bag: String

  init() throws {
    scratch = try Scratch("check")
    bag = try SampleDelivery(titles: 2).write(scratch.path).path
  }

  private func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: bag + "/" + name) }

  private func errors() -> Set<String> {
    Set(PackageCheck(of: bag).problems.filter { $0.severity == .error }.map(\.place.file))
  }

  @Test func whatIsWholeIsValid() { #expect(PackageCheck(of: bag).problems == []) }

  @Test(arguments: [
    "data/catalogue.csv", "data/LICENSE.txt", "data/ro-crate-metadata.json", "data/lessons/AI-001/AI-001.mp4",
    "bagit.txt", "bag-info.txt", "CHECK-ME.txt", "ferry-delivery.json", "manifest-sha512.txt", "manifest-sha256.txt",
    "tagmanifest-sha512.txt", "tagmanifest-sha256.txt",
  ]) func whatIsMissingIsAllThatIsSaid(_ name: String) throws {
    try remove(name)
    #expect(errors() == [name], "\(PackageCheck(of: bag).problems)")
    #expect(BagReport.Verdict(PackageCheck(of: bag).problems) == .incomplete)
  }

  @Test func bothListsOfTagFilesAreMissed() throws {
    let lists: Set = ["tagmanifest-sha512.txt", "tagmanifest-sha256.txt"]
    for name in lists { try remove(name) }
    #expect(errors() == lists)
    #expect(BagReport.Verdict(PackageCheck(of: bag).problems) == .incomplete)
  }

  @Test func whatIsDamagedIsNotHeldAgainstTheManifest() throws {
    for name in ["data/catalogue.csv", "data/LICENSE.txt"] {
      try Data("x".utf8).write(to: URL(fileURLWithPath: bag + "/" + name))
    }
    #expect(errors() == ["data/catalogue.csv", "data/LICENSE.txt"])
    #expect(BagReport.Verdict(PackageCheck(of: bag).problems) == .invalid)
  }

  @Test func everythingIsSaidAtOnce() throws {
    try remove("bagit.txt")
    try remove("data/catalogue.csv")
    try Data("x".utf8).write(to: URL(fileURLWithPath: bag + "/data/lessons/AI-001/AI-001.en.vtt"))
    try Data("x".utf8).write(to: URL(fileURLWithPath: bag + "/.DS_Store"))
    try FileManager.default.createSymbolicLink(atPath: bag + "/data/link", withDestinationPath: "/etc/passwd")
    #expect(
      errors() == [
        "bagit.txt", "data/catalogue.csv", "data/lessons/AI-001/AI-001.en.vtt", ".DS_Store", "data/link",
      ])
  }

  @Test func aManifestThatCannotBeReadIsNamed() throws {
    try Data("{}".utf8).write(to: URL(fileURLWithPath: bag + "/ferry-delivery.json"))
    let said = PackageCheck(of: bag).problems.map(\.description)
    #expect(
      said.contains { $0.contains("ferry-delivery.json: error: it cannot be read as ferry-delivery/2") }, "\(said)")
  }
}

/// Numbers in a playlist that nobody means.
struct PlaylistNumberTests {
  @Test func numbersThatNoFileHasAreNoCrash() throws {
    let scratch = try Scratch("playlist")
    let folder = scratch.path + "/data/lessons/A/hls"
    try Files.makeFolder(folder)
    try Data(count: 100).write(to: URL(fileURLWithPath: folder + "/a.mp4"))
    let lines = [
      "#EXTM3U", "#EXT-X-MAP:URI=\"a.mp4\",BYTERANGE=\"9223372036854775807@0\"", "#EXTINF:1e300,",
      "#EXT-X-BYTERANGE:9223372036854775807@9", "a.mp4", "#EXTINF:nan,", "#EXT-X-BYTERANGE:5@-3", "a.mp4",
    ]
    try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: folder + "/a.m3u8"))
    var lesson = SampleDelivery(titles: 1).manifest().lessons[0]
    lesson.assets = [("a.m3u8", TitleOutcome.LessonFile.Role.playlist), ("a.mp4", .rendition)].map { name, role in
      DeliveryManifest.Asset(
        path: "data/lessons/A/hls/" + name, role: role, mediaType: "x", language: nil, size: 100, sha256: "",
        sha512: "")
    }
    let said = HLSCheck.problems(of: lesson, bag: scratch.path).map(\.message)
    for words in [
      "the initialisation section does not begin the file", "'#EXTINF:1e300,' is no length of a segment",
      "'#EXT-X-BYTERANGE:9223372036854775807@9' is no byte range with an offset",
      "'#EXTINF:nan,' is no length of a segment", "'#EXT-X-BYTERANGE:5@-3' is no byte range with an offset",
    ] {
      #expect(said.contains(words), "\(words): \(said)")
    }
    #expect(HLSCheck.problems(of: lesson, bag: scratch.path, unsound: ["data/lessons/A/hls/a.m3u8"]) == [])
  }
}
