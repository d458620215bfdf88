import Foundation
import Testing

/// Published packages that lost files, or had them changed, after they were published.
struct HoleTests {
  private let place: Place
  private let job: String
  private let whole: [String: Data]

  init() throws {
    place = try Place()
    job = try place.job([place.lesson("A"), place.lesson("B")])
    #expect(try place.run(job).code == 0)
    whole = try Place.files(below: place.package)
  }

  private func remove(_ path: String) throws { try FileManager.default.removeItem(atPath: place.package + "/" + path) }

  private func write(_ path: String, _ change: (inout Data) -> Void) throws {
    // Through the same inode: what is kept is changed with it.
    let url = URL(fileURLWithPath: place.package + "/" + path)
    var data = try Data(contentsOf: url)
    change(&data)
    let file = try FileHandle(forWritingTo: url)
    try file.truncate(atOffset: 0)
    try file.write(contentsOf: data)
    try file.close()
  }

  /// Runs again, and expects the same version as it was, and nothing encoded.
  private func expectRepair(_ path: String, _ more: String...) throws {
    let end = try runProgram(
      binary, ["run", "--settle", "0", "--home", place.home, "--out", place.out, "--json", job] + more)
    #expect(end.code == 0, "\(path): \(end.errors)")
    #expect(end.output.contains(#""event":"repaired""#), "\(path): \(end.output)")
    #expect(end.output.contains(path), "\(path): \(end.output)")
    #expect(try Place.files(below: place.package) == whole, "\(path)")
    #expect(!FileManager.default.fileExists(atPath: place.out + "/TEST-1/TEST-1_v2"))
    let again = try place.run(job)
    #expect(again.errors == "unchanged: already published\n", "\(path): \(again.errors)")
  }

  @Test func whatIsMissingIsLinkedAgain() throws {
    let lesson = "data/lessons/A/"
    for path in [lesson + "A.mp4", lesson + "hls/master.m3u8", lesson + "A.en.vtt", lesson + "A.json"] {
      try remove(path)
      try expectRepair(path)
    }
    try remove("data/lessons/B")
    try expectRepair("data/lessons/B/B.mp4")
    #expect(try ferry("verify", place.package).code == 0)
  }

  @Test func listsAndTagsComeFromTheirCopies() throws {
    for path in [
      "manifest-sha512.txt", "tagmanifest-sha256.txt", "bagit.txt", "bag-info.txt", "CHECK-ME.txt",
      "ferry-delivery.json",
      "data/ro-crate-preview.html", "data/catalogue.csv",
    ] {
      try remove(path)
      try expectRepair(path)
    }
    try write("ferry-delivery.json") { $0 = $0.prefix($0.count / 2) }
    try expectRepair("ferry-delivery.json")
    try write("manifest-sha256.txt") { $0 = Data() }
    try expectRepair("manifest-sha256.txt")
  }

  @Test func whatWasChangedInPlaceIsMadeAgain() throws {
    let film = "data/lessons/A/A.mp4"
    try write(film) { $0 = Data() }
    try expectRepair(film)
    try write("data/lessons/A/A.en.vtt") { $0.append(contentsOf: "\n".utf8) }
    try expectRepair("data/lessons/A/A.en.vtt")
  }

  @Test func oneByteIsFoundByVerifyAndRepairedWhereDigestsAreCompared() throws {
    let film = "data/lessons/A/A.mp4"
    try write(film) { $0[$0.count / 2] ^= 1 }
    #expect(try ferry("verify", "--quick", place.package).code == 1)
    #expect(try place.run(job).errors == "unchanged: already published\n", "sizes alone do not show it")
    try expectRepair(film, "--repair")
    try write("CHECK-ME.txt") { $0[0] ^= 1 }
    try expectRepair("CHECK-ME.txt", "--repair")
  }

  @Test func whatCannotBeMadeByteForByteIsRefused() throws {
    try remove("CHECK-ME.txt")
    try FileManager.default.removeItem(atPath: place.home + "/published/TEST-1_v1/files/CHECK-ME.txt")
    let end = try place.run(job)
    #expect(end.code == 1)
    #expect(end.errors.contains("CHECK-ME.txt: error: it is missing from a published package, or was changed there"))
    #expect(end.errors.contains("ferry run --remake TEST-1"))
  }

  @Test func whatWasAddedIsToldAndLeft() throws {
    let extra = place.package + "/data/notes.txt"
    try "mine".write(toFile: extra, atomically: true, encoding: .utf8)
    let end = try place.run(job)
    #expect(end.code == 0)
    #expect(end.errors.contains("a file was added to a published package: data/notes.txt"))
    #expect(FileManager.default.fileExists(atPath: extra))
  }

  @Test func aPackageThatIsGoneAsAWholeIsNoHole() throws {
    try FileManager.default.moveItem(atPath: place.out, toPath: place.path + "/moved")
    let end = try place.run(job, "--json")
    #expect(end.code == 0 && !end.output.contains("repaired") && !end.output.contains("title-started"), "\(end.errors)")
    #expect(end.output.contains(#""event":"published""#))
  }

  @Test func anotherPackageOfTheNameIsLeftAlone() throws {
    let other = try Place()
    let second = try other.job([other.lesson("C")])
    #expect(try other.run(second).code == 0)
    try FileManager.default.removeItem(atPath: place.package)
    try FileManager.default.copyItem(atPath: other.package, toPath: place.package)
    let before = try Place.files(below: place.package)
    let end = try place.run(job)
    #expect(end.code == 0, "\(end.errors)")
    #expect(try Place.files(below: place.package) == before)
  }
}
