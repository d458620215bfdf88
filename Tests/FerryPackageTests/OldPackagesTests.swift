import FerryCore
import FerryExchange
import FerryFiles
import Foundation
import Testing

@testable import FerryBag
@testable import FerryPackage

/// What ferry 0.1 published stays valid under every later ferry, and forgeries in it are still found.
struct OldPackagesTests {
  private let scratch: Scratch

  init() throws {
    scratch = try Scratch("old-packages")
    let archive = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../fixtures/ferry-0.1/packages.tar.gz").standardizedFileURL
    let tar = Process()
    tar.executableURL = URL(fileURLWithPath: "/bin/tar")
    tar.arguments = ["-xzf", archive.path, "-C", scratch.path]
    try tar.run()
    tar.waitUntilExit()
    try #require(tar.terminationStatus == 0)
  }

  private func folder(_ version: Int) -> String { scratch.path + "/OUC-2026-0001_v\(version)" }

  @Test(arguments: [1, 2]) func aPublishedVersionStaysValid(_ version: Int) throws {
    #expect(BagReader.report(of: folder(version)).problems == [])
    let manifest = try DeliveryManifest.read(in: folder(version))
    #expect(manifest.version == version && manifest.lessons.count == 2)
    #expect(ManifestCheck.problems(of: manifest, bag: folder(version)) == [])
  }

  @Test(arguments: [
    ("data/catalogue.csv", "Washing hands", "Waving hands!", "'name_en' of EP-1 is 'Waving hands!'"),
    ("data/catalogue.csv", "勤洗手", "不洗手", "'name_zh-Hans' of EP-1 is '不洗手'"),
    ("data/catalogue.csv", "EP-1,epi", "EP-9,epi", "it lists 'EP-9', of which the delivery manifest knows nothing"),
    ("data/catalogue.csv", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "'licence' of AI-1 is 'CC-BY-NC-4.0'"),
    ("data/catalogue.csv", "Li Na", "Li Mo", "'credit' of AI-1 is 'Li Mo & friends'"),
    ("data/catalogue.csv", ",2,", ",9,", "'duration_s' of EP-1 is '9', the delivery manifest says '2'"),
    ("data/LICENSE.txt", "by-sa", "by-nc", "the licences are not those of the delivery manifest"),
    ("data/LICENSE.txt", "Li Na", "Li Mo", "'Li Na & friends' is missing"),
    ("data/LICENSE.txt", "AI-1: ", "AI-9: ", "it says nothing of AI-1, whose licence or credit is its own"),
    ("data/ro-crate-metadata.json", "urn:uuid:", "urn:uuld:", "'identifier' is"),
    ("data/ro-crate-metadata.json", "Partner Institute\"", "Partner Academies\"", "'audience': 'name' is"),
    ("data/ro-crate-metadata.json", "\"video/mp4\"", "\"video/mp3\"", "'encodingFormat' is \"video/mp3\""),
    ("data/ro-crate-metadata.json", "\"PT2.1S\"", "\"PT2.9S\"", "is \"PT2.9S\", the delivery manifest says \"PT2.1S\""),
    ("data/ro-crate-metadata.json", "\"width\": 96", "\"width\": 98", "'width' is \"98\""),
    ("data/ro-crate-metadata.json", "Washing hands", "Waving hands!", "'name' is \"Waving hands!\""),
    ("data/lessons/EP-1/EP-1.json", "Washing hands", "Waving hands!", "'name' is [\"Waving hands!\""),
    ("data/lessons/EP-1/EP-1.json", "\"duration\": \"PT2", "\"duration\": \"PT9", "'duration' is \"PT9"),
    ("data/lessons/EP-1/EP-1.json", "/licenses/by/", "/licenses/nd/", "'license' is"),
    ("data/lessons/EP-1/EP-1.json", "EP-1.mp4", "EP-9.mp4", "of which the delivery manifest knows nothing"),
    ("data/lessons/EP-1/EP-1.json", "\"inLanguage\": \"en\"", "\"inLanguage\": \"fr\"", "'inLanguage' is \"fr\""),
    ("data/lessons/EP-1/EP-1.json", "ni:///sha-256;", "ni:///sha-257;", "'isBasedOn' is"),
  ]) func aForgedFactIsFound(_ file: String, _ text: String, _ other: String, _ words: String) throws {
    for version in 1...2 {
      let url = URL(fileURLWithPath: folder(version) + "/" + file)
      let before = String(decoding: try FileBytes.read(url.path), as: UTF8.self)
      let after = before.replacing(text, with: other)
      #expect(after != before && after.utf8.count == before.utf8.count, "the test changes \(file) in place")
      try Data(after.utf8).write(to: url)
      let problems = ManifestCheck.problems(of: try .read(in: folder(version)), bag: folder(version))
      #expect(problems.contains { $0.place.file == file && $0.message.contains(words) }, "\(problems.map(\.message))")
    }
  }
}
