import FerryCore
import FerryExchange
import Foundation
import Testing

@testable import FerryBag
@testable import FerryFiles
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
    (
      "\"inLanguage\": \"zh-Hans\",", "\"inLanguage\": \"fr\",",
      "'inLanguage' is \"fr\", the delivery manifest says \"zh-Hans\""
    ),
    (
      "\"termCode\": \"ai\"", "\"termCode\": \"law\"",
      "'about': 'termCode' is \"law\", the delivery manifest says \"ai\""
    ),
    ("\"PT10S\"", "\"PT12S\"", "'timeRequired' is \"PT12S\", the delivery manifest says \"PT10S\""),
    (
      "\"name\": \"Partner\"", "\"name\": \"Nobody\"",
      "'audience': 'name' is \"Nobody\", the delivery manifest says \"Partner\""
    ),
    (
      "\"identifier\": \"CC-BY-4.0\"", "\"identifier\": \"CC0-1.0\"",
      "'identifier' is \"CC0-1.0\", the delivery manifest says"
    ),
    ("\"@graph\"", "\"@graf\"", "it has no '@graph' of objects"),
    ("{", "[{", "it is not a JSON object"),
  ]) func anAlteredCrateIsFound(_ text: String, _ other: String, _ words: String) throws {
    let said = try found(crate) { $0.replacing(text, with: other, maxReplacements: 1) }
    #expect(said.contains { $0.hasPrefix(crate + ": ") && $0.contains(words) }, "\(said)")
    #expect(said.allSatisfy { $0.hasPrefix(crate) })
  }

  @Test(arguments: [
    (
      "AI-002,ai", "AI-003,ai",
      "data/catalogue.csv:3:1: it lists 'AI-003', of which the delivery manifest knows nothing"
    ),
    (",2000,", ",2001,", "'video_bytes' of AI-001 is '2001', the delivery manifest says '2000'"),
    ("AI-002,ai", "AI-001,ai", "it lists AI-002 0 times; the delivery manifest has it once"),
    ("duration_s", "duration", "the column 'duration_s' is missing"),
    ("field,", "id,", "the column 'id' is there twice"),
    ("AI-002,ai,", "AI-002,law,", "'field' of AI-002 is 'law', the delivery manifest says 'ai'"),
    (",10,", ",12,", "'duration_s' of AI-001 is '12', the delivery manifest says '10'"),
    ("AI-001.mp4,en,", "AI-001.mp4,fr,", "'subtitles' of AI-001 is 'fr', the delivery manifest says 'en'"),
    ("\r\nAI-002", "\r\n,x\r\nAI-002", "it lists '', of which the delivery manifest knows nothing"),
    ("CC-BY-4.0", "CC0-1.0", "'licence' of AI-001 is 'CC0-1.0', the delivery manifest says 'CC-BY-4.0'"),
    ("duration_s", "\"duration_s", "the quotation mark is never closed"),
    ("\r\nAI-002", ",more\r\nAI-002", "cells, there are"),
  ]) func anAlteredCatalogueIsFound(_ text: String, _ other: String, _ words: String) throws {
    let said = try found(catalogue) { $0.replacing(text, with: other, maxReplacements: 1) }
    #expect(said.contains { $0.contains(words) }, "\(said)")
    #expect(said.allSatisfy { $0.hasPrefix(catalogue) })
  }

  @Test(arguments: [
    ("/by/4.0/", "/by-nc/4.0/", "data/LICENSE.txt:2: the licences are not those of the delivery manifest: https://"),
    (
      "CC-BY-4.0", "CC-BY-NC-4.0",
      "data/LICENSE.txt:1: the licences are not those of the delivery manifest: 'CC-BY-4.0' is"
    ),
    ("Open University", "Somebody", "data/LICENSE.txt:1: it does not name 'Open University'"),
    (
      "/4.0/\n", "/4.0/\n\nAI-002: CC0-1.0\n", "data/LICENSE.txt:4: the licences are not those of the delivery manifest"
    ),
  ]) func alteredLicencesAreFound(_ text: String, _ other: String, _ words: String) throws {
    let said = try found("data/LICENSE.txt") { $0.replacing(text, with: other) }
    #expect(said.contains { $0.hasPrefix(words) }, "\(said)")
    #expect(said.allSatisfy { $0.hasPrefix("data/LICENSE.txt") })
  }

  /// Other versions of ferry may word, order and add what they like.
  @Test(arguments: [
    ("data/ro-crate-metadata.json", "\"@context\"", "\"@extra\": 1, \"@context\""),
    ("data/ro-crate-metadata.json", "2 lessons on video for", "Two lessons, filmed for"),
    ("data/ro-crate-metadata.json", "\"PT10S\"", "\"PT0M10.0S\""),
    ("data/ro-crate-metadata.json", "Catalogue of the lessons", "All lessons"),
    ("data/catalogue.csv", "id,field,", "id,field,"),
    ("data/LICENSE.txt", "under the licence", "and may be used by the terms of"),
  ]) func otherWordsContradictNothing(_ file: String, _ text: String, _ other: String) throws {
    let said = try found(file) { other == text ? columnAdded($0) : $0.replacing(text, with: other) }
    #expect(said == [])
  }

  /// A column more in front of all others.
  private func columnAdded(_ catalogue: String) -> String {
    let rows = catalogue.trimmingPrefix("\u{FEFF}").split(separator: "\r\n")
    return rows.enumerated().map { ($0 == 0 ? "note," : "new,") + $1 }.joined(separator: "\r\n")
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
      "data/LICENSE.txt:1: the licences are not those of the delivery manifest: 'CC0-1.0' is missing",
    ] {
      #expect(said.contains { $0.contains(words) }, "\(words): \(said)")
    }
    own = manifest
    own.totals.bytes += 1
    let sums = ManifestCheck.problems(of: own, bag: bag).map { "\($0.place): \($0.message)" }
    #expect(sums.count == 1 && sums[0].hasPrefix("ferry-delivery.json: it counts 9 files, "), "\(sums)")
  }
}
