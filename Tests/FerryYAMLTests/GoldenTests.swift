import FerryCore
import Foundation
import Testing

@testable import FerryYAML

/// What ferry says of broken jobs, word for word: `NAME.yaml` and the diagnostics in `NAME.txt`.
///
/// `RECORD_GOLDEN=1` writes the answers anew and fails, so that a recording is never taken for a pass.
struct GoldenTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Golden"

  static func names(_ kind: String) -> [String] {
    let all = FileManager.default.enumerator(atPath: folder + "/" + kind)?.compactMap { $0 as? String } ?? []
    return all.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
  }

  static func read(_ kind: String, _ name: String) throws -> Result<Job, Diagnostics> {
    let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(kind)/\(name).yaml")))
    do throws(Diagnostics) {
      return .success(try JobReader.read(try Document.reading(bytes: bytes, file: "jobs/\(name).yaml")))
    } catch {
      return .failure(error)
    }
  }

  @Test func thereAreManyBrokenJobs() { #expect(GoldenTests.names("broken").count >= 120) }

  @Test(arguments: names("broken")) func saysExactlyWhatIsWrong(_ name: String) throws {
    guard case .failure(let problems) = try GoldenTests.read("broken", name) else {
      Issue.record("the broken job '\(name)' was accepted")
      return
    }
    let answer = problems.description + "\n"
    let golden = GoldenTests.folder + "/broken/\(name).txt"
    if ProcessInfo.processInfo.environment["RECORD_GOLDEN"] == "1" {
      try answer.write(toFile: golden, atomically: true, encoding: .utf8)
      Issue.record("recorded anew: read it, then run without RECORD_GOLDEN")
    }
    #expect(try answer == String(contentsOfFile: golden, encoding: .utf8))
  }

  @Test(arguments: names("valid")) func readsValidJobs(_ name: String) throws {
    let job = try GoldenTests.read("valid", name).get()
    #expect(job.titles.count >= 1)
    #expect(job.language.source == LanguageTag("zh-Hans"))
  }

  @Test func readsEveryJobOfTheProject() throws {
    let jobs = URL(fileURLWithPath: GoldenTests.folder + "/../../../jobs").path
    let files = try FileManager.default.contentsOfDirectory(atPath: jobs).filter { $0.hasSuffix(".yaml") }
    #expect(files.contains("ouc-2020.yaml"))
    for file in files {
      let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: jobs + "/" + file)))
      #expect(try JobReader.read(try Document.reading(bytes: bytes, file: "jobs/" + file)).titles.isEmpty == false)
    }
  }

  @Test func keepsAsterisksAsTheyAre() throws {
    let names = try GoldenTests.read("valid", "stars").get().titles[0].name
    #expect(names[try #require(LanguageTag("zh-Hans"))] == "*科学*")
    #expect(names[try #require(LanguageTag("en"))] == "5 * 3 \u{E000} is *not* 16")
  }

  @Test func takesForTextWhatYAMLSeesAsANumber() throws {
    let job = try GoldenTests.read("valid", "loose").get()
    #expect(job.titles[0].id == "001")
    #expect(job.sender.name == "true")
    #expect(job.titles[0].subtitles[0].encoding == .gb18030)
  }

  @Test func resolvesPathsAgainstTheJobsFolder() throws {
    let job = try GoldenTests.read("valid", "waiting").get()
    #expect(job.titles[0].source.path == "videos/EPI-001.mp4")
    #expect(job.titles[0].source.written == "../videos/EPI-001.mp4")
    #expect(job.titles[0].subtitles.map(\.encoding) == [.gb18030, nil])
    let track = job.titles[1].subtitles[0]
    #expect(track.due == Day("2026-12-01"))
    #expect(track.translator == "Desk A")
    #expect(job.titles[1].licence == "CC-BY-3.0")
    #expect(job.titles[1].credit == "Somebody Else")
    #expect(track.file.place == Place("jobs/waiting.yaml", line: 21, column: 19))
    #expect(try GoldenTests.read("valid", "absolute").get().titles[0].source.path == "/srv/videos/EPI-001.mp4")
  }
}
