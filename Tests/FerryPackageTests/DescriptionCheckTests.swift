import FerryCore
import Foundation
import Testing

@testable import FerryPackage

/// A package whose parts contradict each other, with every checksum made anew, is found at the place.
struct DescriptionCheckTests {
  private let scratch: Scratch
  private let bag: String
  private let manifest: DeliveryManifest

  init() throws {
    scratch = try Scratch("description")
    (manifest, bag) = try SampleDelivery(titles: 2).write(scratch.path)
  }

  /// Changes a file, makes every list and the state digest anew as a forger would, and says what is found.
  private func found(_ name: String, _ change: (String) -> String?) throws -> [String] {
    let url = URL(fileURLWithPath: bag + "/" + name)
    let before = String(decoding: try FileBytes.read(url.path), as: UTF8.self)
    let changed = change(before)
    #expect(changed != before, "the test changes nothing in \(name)")
    if let changed {
      try Data(changed.utf8).write(to: url)
    } else {
      try FileManager.default.removeItem(at: url)
    }
    let payload = try Dictionary(
      uniqueKeysWithValues: Files.list(bag).filter { $0.hasPrefix("data/") }.map {
        ($0, try Digests.of(file: bag + "/" + $0))
      })
    var own = try DeliveryManifest.read(in: bag)
    own.totals = .init(
      files: payload.count, bytes: payload.values.reduce(0) { $0 + $1.size }, lessons: own.lessons.count)
    let information = String(decoding: try FileBytes.read(bag + "/bag-info.txt"), as: UTF8.self)
    let elements = BagInformation(name: "bag-info.txt", text: information, version: .current).elements
    let guide = try FileBytes.read(bag + "/CHECK-ME.txt")
    try BagWriter(folder: bag).write(
      payload: payload, information: elements.filter { $0.label != "Payload-Oxum" }.map { ($0.label, $0.value) }
    ) { digests in
      own.stateDigest = digests.sha256
      return [DeliveryManifest.fileName: try own.encoded(), "CHECK-ME.txt": guide]
    }
    #expect(BagReader.report(of: bag).problems == [], "as a bag it is sound")
    return ManifestCheck.problems(of: own, bag: bag).map { "\($0.place): \($0.message)" }
  }

  private let crate = "data/ro-crate-metadata.json"
  private let catalogue = "data/catalogue.csv"

  @Test func whatIsWholeContradictsNothing() throws { #expect(ManifestCheck.problems(of: manifest, bag: bag) == []) }

  @Test(arguments: [
    (
      "\"contentSize\": \"2000\"", "\"contentSize\": \"2001\"",
      "'lessons/AI-001/AI-001.mp4': 'contentSize' is \"2001\", the delivery manifest says \"2000\""
    ),
    ("\"version\": \"1\"", "\"version\": \"2\"", "'./': 'version' is \"2\", the delivery manifest says \"1\""),
    (
      "\"@id\": \"lessons/AI-001/AI-001.en.vtt\",\n      \"@type\"",
      "\"@id\": \"lessons/AI-001/AI-009.en.vtt\",\n      \"@type\"",
      "'lessons/AI-001/AI-009.en.vtt' is described, and the delivery manifest knows nothing of it"
    ),
    (
      "\"@id\": \"lessons/AI-001/AI-001.en.vtt\",\n      \"@type\"",
      "\"@id\": \"lessons/AI-001/AI-001.en.txt\",\n      \"@type\"",
      "'lessons/AI-001/AI-001.en.txt' is described 2 times"
    ),
    (
      "\"inLanguage\": \"zh-Hans\",", "",
      "'lessons/AI-001/': 'inLanguage' is missing; the delivery manifest says \"zh-Hans\""
    ),
    ("\"name\": \"AI-001\"", "\"name\": \"Other\"", "'name' is \"Other\", the delivery manifest says \"AI-001\""),
    ("\"@context\"", "\"@extra\": 1, \"@context\"", "'@extra' is 1, of which the delivery manifest knows nothing"),
    ("\"@graph\"", "\"@graf\"", "it is no JSON object with a '@graph' of objects"),
  ]) func anAlteredCrateIsFound(_ text: String, _ other: String, _ words: String) throws {
    let said = try found(crate) { $0.replacing(text, with: other, maxReplacements: 1) }
    #expect(said.contains { $0.hasPrefix(crate + ": ") && $0.contains(words) }, "\(said)")
    #expect(said.allSatisfy { $0.hasPrefix(crate) })
  }

  @Test(arguments: [
    (
      "AI-002,ai", "AI-003,ai",
      "data/catalogue.csv:3:1: 'id' of AI-002 is 'AI-003', the delivery manifest says 'AI-002'"
    ),
    (",2000,", ",2001,", "'video_bytes' of AI-001 is '2001', the delivery manifest says '2000'"),
    ("duration_s", "duration", "data/catalogue.csv:1:"),
    ("\r\nAI-002", "\r\n,x\r\nAI-002", "it has 3 lessons, the delivery manifest has 2"),
    ("CC-BY-4.0", "CC0-1.0", "'licence' of AI-001 is 'CC0-1.0', the delivery manifest says 'CC-BY-4.0'"),
    ("duration_s", "\"duration_s", "the quotation mark is never closed"),
    ("\r\nAI-002", ",more\r\nAI-002", "cells, there are"),
  ]) func anAlteredCatalogueIsFound(_ text: String, _ other: String, _ words: String) throws {
    let said = try found(catalogue) { $0.replacing(text, with: other, maxReplacements: 1) }
    #expect(said.contains { $0.contains(words) }, "\(said)")
    #expect(said.allSatisfy { $0.hasPrefix(catalogue) })
  }

  @Test func alteredLicencesAreFound() throws {
    let said = try found("data/LICENSE.txt") { $0.replacing("/by/4.0/", with: "/by-nc/4.0/") }
    #expect(said == ["data/LICENSE.txt:2: the licences are not those of the delivery manifest"])
  }

  @Test func whatIsGoneIsMissed() throws {
    #expect(try found(crate) { _ in nil }.first == "\(crate): it is missing; every package of ferry's has it")
  }

  @Test func anAlteredManifestIsFoundByWhatItSays() throws {
    var own = manifest
    own.lessons[1].assets[0].sha256 = String(repeating: "0", count: 64)
    own.lessons[0].durationMs = 11_000
    own.licence = "CC0-1.0"
    own.totals.bytes += 1
    let said = ManifestCheck.problems(of: own, bag: bag).map { "\($0.place): \($0.message)" }
    for words in [
      "data/lessons/AI-002/AI-002.en.txt: its SHA-256 in the delivery manifest is not the one in manifest-sha256.txt",
      "\(crate): 'lessons/AI-001/': 'timeRequired' is \"PT10S\", the delivery manifest says \"PT11S\"",
      "data/catalogue.csv:2:19: 'duration_s' of AI-001 is '10', the delivery manifest says '11'",
      "data/LICENSE.txt:1: the licences are not those of the delivery manifest",
    ] {
      #expect(said.contains { $0.contains(words) }, "\(words): \(said)")
    }
    own = manifest
    own.totals.bytes += 1
    let sums = ManifestCheck.problems(of: own, bag: bag).map { "\($0.place): \($0.message)" }
    #expect(sums.count == 1 && sums[0].hasPrefix("ferry-delivery.json: it counts 9 files, "), "\(sums)")
  }
}
