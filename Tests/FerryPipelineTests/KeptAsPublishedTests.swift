import FerryCore
import FerryFiles
import FerryMedia
import FerryPackage
import FerryYAML
import Foundation
import Testing

@testable import FerryPipeline

/// A version that ferry 0.1 published, looked at by a ferry with other libraries and defaults: only what people change is
/// made anew.
struct KeptAsPublishedTests {
  private static let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path
  private let folder = FileManager.default.temporaryDirectory.path + "/ferry-old-" + UUID().uuidString
  private let workspace: Workspace

  init() throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let tar = try Process.run(
      URL(fileURLWithPath: "/usr/bin/env"),
      arguments: ["tar", "-xzf", Self.project + "/fixtures/ferry-0.1/home-and-package.tar.gz", "-C", folder])
    tar.waitUntilExit()
    try #require(tar.terminationStatus == 0)
    workspace = Workspace(home: folder + "/home", mayRepair: true)
    // The record names the package where it was made.
    let record = folder + "/home/published/OLD-1_v1.json"
    let text = try String(contentsOfFile: record, encoding: .utf8).replacing("\\/", with: "/")
    try text.replacing("/var/tmp/ferry-0.1", with: folder).write(toFile: record, atomically: true, encoding: .utf8)
  }

  private func job() throws -> Job {
    let file = folder + "/jobs/OLD-1.yaml"
    let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: file)))
    return try JobReader.read(try Document.reading(bytes: bytes, file: file))
  }

  private func prepare(_ job: Job, tools: [String] = ["libavcodec 99.0.100"]) throws -> Preparation {
    try Preparation.of(job, workspace: workspace, tools: tools, reading: { _ in .here })
  }

  private func published() throws -> Workspace.Published {
    try #require(try workspace.published("OLD-1_v1"))
  }

  private func encodes(_ preparation: Preparation) -> [String] {
    preparation.titles.filter { !$0.kept && $0.made == nil }.map(\.inspection.title.id)
  }

  @Test func otherLibrariesChangeNothing() throws {
    let preparation = try prepare(job())
    #expect(preparation.key == (try published().key))
    #expect(encodes(preparation).isEmpty)
    #expect(preparation.titles.allSatisfy { $0.made != nil })
    for title in preparation.plan.titles {
      #expect(title.steps.allSatisfy { !$0.runs })
      let reason = try #require(title.steps.first?.reason)
      #expect(reason.contains("made with ferry 0.1.0, libavformat 59.27.100, libavcodec 59.37.100"), "\(reason)")
      #expect(reason.contains("another library version") && reason.hasSuffix("; kept as published"), "\(reason)")
    }
  }

  @Test func otherDefaultsChangeNothing() throws {
    var job = try job()
    job.profile.outputs = [.hls]
    job.profile.text.files = [.ttml]
    job.profile.audio.bitRate = 96_000
    job.profile.stills.thumbnails = false
    let preparation = try prepare(job)
    #expect(preparation.key == (try published().key))
    #expect(encodes(preparation).isEmpty)
    // What was asked for is recorded now, and holds in the next run.
    #expect(try published().asked == preparation.asked)
    #expect(try prepare(job).key == preparation.key)
  }

  @Test func remakingIsAPersonsWord() throws {
    let preparation = try Preparation.of(
      job(), workspace: workspace, isRemade: true, tools: ["libavcodec 99.0.100"], reading: { _ in .here })
    #expect(preparation.key != (try published().key))
    #expect(encodes(preparation) == ["O-1", "O-2"])
  }

  @Test func aTitleThatIsAddedIsEncodedAlone() throws {
    var job = try job()
    var added = job.titles[0]
    added.id = "O-3"
    job.titles.append(added)
    let preparation = try prepare(job)
    #expect(preparation.key != (try published().key))
    #expect(encodes(preparation) == ["O-3"])
  }

  @Test func lessonsThatAreGoneAreTakenFromThePackage() throws {
    // A run looks at the package first, and keeps what repairs it.
    let delivery = Delivery(
      workspace: workspace, out: folder + "/out", version: "0.2", day: try #require(Day("2026-12-01")),
      reading: { _ in .here }, report: { _ in })
    let condition = try delivery.tend("OLD-1")
    #expect(condition.problems.isEmpty && condition.repaired.isEmpty && condition.titles.isEmpty)
    #expect(try prepare(job()).key == published().key)
    for kind in ["lessons", "renditions"] { try FileManager.default.removeItem(atPath: "\(folder)/home/\(kind)") }
    var job = try job()
    job.titles[0].credit = "Somebody"
    let preparation = try prepare(job)
    #expect(preparation.key != (try published().key), "a credit is something that people say")
    #expect(encodes(preparation).isEmpty)
    let lesson = try #require(preparation.titles[0].lessonKey)
    let outcome = try #require(try workspace.made(lesson))
    let film = try #require(outcome.files.first { $0.path == "O-1.mp4" })
    #expect(try Digests.sha512(file: workspace.lesson(lesson) + "/lesson/O-1.mp4") == film.sha512)
  }

  enum Change: CaseIterable { case cue, name, source, profile, language, licence }

  @Test(arguments: Change.allCases) func whatPeopleChangeIsMadeAnew(_ change: Change) throws {
    var job = try job()
    var expected: [String] = []
    switch change {
    case .cue:
      try "1\n00:00:00,300 --> 00:00:01,700\nDry them very well.\n".write(
        toFile: folder + "/jobs/two.en.srt", atomically: true, encoding: .utf8)
    case .name:
      job.titles[0].name = try ["zh-Hans": "洗手", "en": "Wash"].reduce(into: [:]) { $0[try tag($1.key)] = $1.value }
    case .source:
      job.titles[0].source = job.titles[1].source
      expected = ["O-1"]
    case .profile:
      job.profile.name = "web"
      expected = ["O-1", "O-2"]
    case .language:
      job.language.deliver.append(try tag("fr"))
      expected = ["O-1", "O-2"]
    case .licence: job.licence = "CC-BY-SA-4.0"
    }
    let preparation = try prepare(job)
    #expect(preparation.key != (try published().key))
    #expect(encodes(preparation) == expected, "kept renditions serve where only text or names changed")
  }

  private func tag(_ text: String) throws -> LanguageTag { try #require(LanguageTag(text)) }

  @Test func aNoteOfALaterAttemptProvesNothing() throws {
    // Made of another text since, and not published: what the note says is not what the package holds.
    let lessons = folder + "/home/lessons"
    for name in try FileManager.default.contentsOfDirectory(atPath: lessons) {
      let path = "\(lessons)/\(name)/record.json"
      var record = try JSONDecoder().decode(AttemptRecord.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
      guard record.title == "O-1" else { continue }
      let later = lessons + "/" + String(repeating: "a", count: 64)
      try FileManager.default.copyItem(atPath: lessons + "/" + name, toPath: later)
      record.titleDigest = String(repeating: "a", count: 64)
      record.token = try #require(LeaseToken(String(repeating: "a", count: 32)))
      record.ended = record.ended + .seconds(60)
      try JSONEncoder().encode(record).write(to: URL(fileURLWithPath: later + "/record.json"))
      var outcome = try #require(try workspace.made(StepKey(digest: name)))
      outcome.files[0].sha512 = String(repeating: "0", count: 128)
      try JSONEncoder().encode(outcome).write(to: URL(fileURLWithPath: later + "/outcome.json"))
    }
    let preparation = try prepare(job())
    #expect(preparation.key != (try published().key))
  }
}
