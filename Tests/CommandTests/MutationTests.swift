import Foundation
import Testing

/// Two hundred damaged clips in one job: each is made and proven, or refused with a reason; none is lost, none hangs.
///
/// `FERRY_MUTANTS=1000` makes more of them, and `FERRY_SEED=7` others.
struct MutationTests {
  @Test func everyDamagedClipIsMadeOrRefused() throws {
    let place = try Place()
    let clips = try damagedClips(in: place)
    let ids = clips.indices.map { "M-\($0 + 1)" }
    let job = try place.job(
      try zip(ids, clips).map { id, clip in
        let track = try place.write("1\n00:00:00,000 --> 00:00:00,600\nA line of text.\n", "\(id).srt")
        return title(id, source: place.path + "/clips/" + clip.name, english: track)
      }, waive: ["time.min", "read.cps"])
    // Five minutes for two hundred.
    let limit = max(300, clips.count * 3 / 2)
    let command = [ferryPath, "run", job, "--home", place.home, "--out", place.out, "--partial", "--json"]
    let run = try runProgram("/usr/bin/timeout", ["--signal=KILL", "\(limit)"] + command)
    try #require(run.code == 1, "some clips are beyond repair: \(run.code) \(run.errors.suffix(2000))")

    let answers = try TitleAnswer.all(in: run.output)
    var made: Set<String> = []
    var crashes: [String] = []
    for (id, clip) in zip(ids, clips) {
      let given = answers[id] ?? []
      #expect(given.count == 1, "\(clip): one answer for every title")
      guard let answer = given.first else { continue }
      if answer.isMade {
        made.insert(id)
        continue
      }
      let said = answer.errors.map(\.message)
      // A film that ends before its track begins is an error of the track as well.
      let ofSource = answer.errors.filter { $0.place.file == job }
      #expect(!said.isEmpty && ofSource.count <= 1, "\(clip): one error says why: \(said)")
      #expect(said.allSatisfy { $0.count > 20 && !$0.contains("\n") }, "\(clip): \(said)")
      if answer.errors.contains(where: { $0.code == "work.crashed" }) { crashes.append(clip.description) }
    }
    // A crash loses its own title only; each one is worth a look all the same.
    if !crashes.isEmpty { print("crashed workers: \(crashes.joined(separator: ", "))") }
    #expect(made.count > clips.count / 5, "some damage is harmless")
    #expect(made.count < clips.count * 4 / 5, "most damage is not")

    try expectSoundPackage(of: made, ids, place)
    #expect(try place.leftovers() == [])
    let left = try FileManager.default.contentsOfDirectory(atPath: place.path + "/clips")
    #expect(left.sorted() == clips.map(\.name).sorted(), "nothing is left beside the sources")
  }

  /// The package verifies, has exactly the titles that were made, and says which it lacks.
  private func expectSoundPackage(of made: Set<String>, _ ids: [String], _ place: Place) throws {
    struct Manifest: Decodable {
      struct Missing: Decodable { var id: String }

      var missing: [Missing]
    }
    let package = place.out + "/TEST-1/TEST-1_v1"
    let verdict = try runProgram(ferryPath, ["verify", package])
    #expect(verdict.code == 0, "\(verdict.errors.suffix(2000))")
    let lessons = try FileManager.default.contentsOfDirectory(atPath: package + "/data/lessons")
    #expect(Set(lessons) == made)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: package + "/ferry-delivery.json"))
    let manifest = try JSONDecoder().decode(Manifest.self, from: bytes)
    #expect(Set(manifest.missing.map(\.id)) == Set(ids).subtracting(made))
  }

  private struct Clip: Decodable, CustomStringConvertible {
    var name: String
    var what: String

    var description: String { "\(name) (\(what))" }
  }

  private func damagedClips(in place: Place) throws -> [Clip] {
    let environment = ProcessInfo.processInfo.environment
    let count = environment["FERRY_MUTANTS"] ?? "200"
    let seed = environment["FERRY_SEED"] ?? "3"
    let maker = Fixture.folder + "/make/mutate.py"
    let made = try runProgram("/usr/bin/env", ["python3", maker, place.path + "/clips", count, seed])
    try #require(made.code == 0, "\(made.errors)")
    return try made.output.split(separator: "\n").map { try JSONDecoder().decode(Clip.self, from: Data($0.utf8)) }
  }
}

/// What `ferry run --json` says became of one title.
struct TitleAnswer: Decodable {
  struct Problem: Decodable {
    struct Where: Decodable {
      var file: String
      var line: Int?
    }

    var code: String
    var severity: String
    var message: String
    var place: Where
  }

  var event: String
  var title: String?
  var problems: [Problem]?

  var isMade: Bool { event == "title-finished" }
  var errors: [Problem] { (problems ?? []).filter { $0.severity == "error" } }

  /// The answers of a run by title; a sound run has one for each.
  static func all(in output: String) throws -> [String: [TitleAnswer]] {
    var result: [String: [TitleAnswer]] = [:]
    for line in output.split(separator: "\n") {
      let answer = try JSONDecoder().decode(TitleAnswer.self, from: Data(line.utf8))
      guard let title = answer.title, ["title-finished", "title-failed"].contains(answer.event) else { continue }
      result[title, default: []].append(answer)
    }
    return result
  }
}

extension Place {
  /// What a run has left beside the packages and what it keeps on purpose.
  func leftovers() throws -> [String] {
    let kept = try FileManager.default.subpathsOfDirectory(atPath: home).filter { name in
      ["attempts/", "scratch/"].contains { name.hasPrefix($0) }
    }
    let isThere = FileManager.default.fileExists(atPath: out + "/TEST-1")
    let labels = isThere ? try FileManager.default.contentsOfDirectory(atPath: out + "/TEST-1") : []
    return kept + labels.filter { $0 != "TEST-1_v1" }
  }
}

/// The built binary, which lies beside the test runner.
let ferryPath = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
  .appendingPathComponent("ferry").path
