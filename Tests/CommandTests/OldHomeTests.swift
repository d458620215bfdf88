import Foundation
import Testing

/// A home and a package of ferry 0.1 under the ferry of today, whatever it and its libraries would make of the job now.
struct OldHomeTests {
  private let place: Place
  private let job: String
  private let package: String

  init() throws {
    place = try Place()
    let unpacked = try judge("old_home.py", place.path)
    try #require(unpacked.code == 0, "\(unpacked.errors)")
    job = place.path + "/jobs/OLD-1.yaml"
    package = place.out + "/OLD-1/OLD-1_v1"
  }

  private func versions() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: place.out + "/OLD-1").sorted()
  }

  @Test func aPublishedVersionStaysAsItIs() throws {
    let before = try Place.files(below: package)
    let plan = try place.queue("plan", job)
    #expect(plan.output.contains("0 titles to encode"), "\(plan.output)")
    for _ in 1...2 {
      let end = try place.run(job)
      #expect(end.code == 0 && end.errors == "unchanged: already published\n", "\(end.errors)")
    }
    #expect(try versions() == ["OLD-1_v1"])
    #expect(try Place.files(below: package) == before)
    #expect(try ferry("verify", package).code == 0)
  }

  @Test func aTitleThatIsAddedEncodesOnlyItself() throws {
    let before = try Place.files(below: package + "/data/lessons")
    try place.addTitle(to: job)
    let end = try place.run(job, "--json")
    #expect(end.code == 0, "\(end.errors)")
    #expect(end.output.components(separatedBy: "title-started").count == 2, "\(end.output)")
    #expect(try versions() == ["OLD-1_v1", "OLD-1_v2"])
    let after = try Place.files(below: place.out + "/OLD-1/OLD-1_v2/data/lessons")
    for (path, data) in before where !path.hasSuffix(".json") { #expect(after[path] == data, "\(path)") }
    #expect(try ferry("verify", place.out + "/OLD-1/OLD-1_v2").code == 0)
    #expect(try place.run(job).errors == "unchanged: already published\n")
  }

  @Test func aHoleInAnOldPackageIsRepaired() throws {
    let before = try Place.files(below: package)
    try FileManager.default.removeItem(atPath: package + "/data/lessons/O-2/O-2.mp4")
    let end = try place.run(job)
    #expect(end.code == 0 && end.errors.contains("repaired: 1 file of "), "\(end.errors)")
    #expect(try Place.files(below: package) == before)
    try FileManager.default.removeItem(atPath: package + "/manifest-sha256.txt")
    #expect(try place.run(job).code == 0)
    #expect(try Place.files(below: package) == before)
  }

  @Test(arguments: [["lessons"], ["renditions"], ["lessons", "renditions"]])
  func whatWasKeptIsGoneAndTheVersionStays(_ gone: [String]) throws {
    for folder in gone { try FileManager.default.removeItem(atPath: place.home + "/" + folder) }
    for _ in 1...2 {
      let end = try place.run(job)
      #expect(end.code == 0 && end.errors == "unchanged: already published\n", "\(end.errors)")
    }
    #expect(try versions() == ["OLD-1_v1"])
  }

  @Test func aCorrectedCueOfALostLessonTakesTheOldRenditions() throws {
    try FileManager.default.removeItem(atPath: place.home + "/lessons")
    let track = URL(fileURLWithPath: place.path + "/jobs/two.en.srt")
    let text = try String(contentsOf: track, encoding: .utf8)
    try (text.trimmingCharacters(in: .whitespacesAndNewlines) + " Corrected.\n").write(
      to: track, atomically: true, encoding: .utf8)
    let end = try place.run(job)
    #expect(end.code == 0 && end.errors.contains("0 encoded"), "\(end.errors)")
    #expect(try versions() == ["OLD-1_v1", "OLD-1_v2"])
    #expect(try ferry("verify", place.out + "/OLD-1/OLD-1_v2").code == 0)
  }

  @Test func aLostRecordOfAnOldPackageIsRebuiltFromIt() throws {
    try Data().write(to: URL(fileURLWithPath: place.home + "/published/OLD-1_v1.json"))
    let end = try place.run(job)
    #expect(end.code == 0, "\(end.errors)")
    #expect(end.errors.contains("unchanged: already published\n"), "\(end.errors)")
    #expect(end.errors.contains("OLD-1_v1.json: warning: the record is empty"), "\(end.errors)")
    #expect(try versions() == ["OLD-1_v1"])
  }
}

extension Place {
  /// A third title of the first one's film.
  fileprivate func addTitle(to job: String) throws {
    let text = try String(contentsOfFile: job, encoding: .utf8)
    let more = """
        - id: O-3
          field: epidemic-prevention
          name: { zh-Hans: 再洗手, en: Washing hands again }
          source: three.mp4
          subtitles: { en: two.en.srt }

      """
    try FileManager.default.copyItem(atPath: path + "/jobs/two.mp4", toPath: path + "/jobs/three.mp4")
    try FileManager.default.copyItem(atPath: path + "/jobs/two.en.srt", toPath: path + "/jobs/three.en.srt")
    try (text + more.replacing("two.en.srt", with: "three.en.srt")).write(
      toFile: job, atomically: true, encoding: .utf8)
  }
}
