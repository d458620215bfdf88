import Foundation
import Testing

/// The commands that make nothing, and the exit codes that scripts rely on.
struct CommandTests {
  @Test func theFoundingBatchIsClean() throws {
    let check = try ferry("check", projectFolder + "/jobs/ouc-2020.yaml")
    #expect(check.code == 0, "\(check.errors)")
    #expect(check.output.contains("20 titles"))
    #expect(check.output.contains("0 errors"))
  }

  @Test func checkNamesEveryProblemAtOnce() throws {
    let place = try Place()
    let job = try place.job([
      title("A", source: "nowhere.mp4", english: "nowhere.srt"),
      title("B", source: Fixture.odd("empty.mp4"), english: Fixture.silentEnglish),
    ])
    let check = try ferry("check", job)
    #expect(check.code == 65)
    #expect(check.errors.contains("the source 'nowhere.mp4' does not exist"))
    #expect(check.errors.contains("the en subtitle file 'nowhere.srt' does not exist"))
    #expect(check.errors.contains("is empty"))
    #expect(check.output.contains("3 errors"))
  }

  @Test func checkFindsChineseLeftInTheEnglishTrack() throws {
    let place = try Place()
    let track = try place.write("1\n00:00:00,200 --> 00:00:02,000\nHello 你好\n", "left.srt")
    let check = try ferry("check", try place.job([title("A", source: Fixture.silent, english: track)]))
    #expect(check.code == 65)
    #expect(check.errors.contains("left.srt:2"), "\(check.errors)")
  }

  @Test func aJobThatIsNotThereIsSaidInOneSentence() throws {
    let check = try ferry("check", "/nowhere/job.yaml")
    #expect(check.code == 65)
    #expect(check.errors.hasPrefix("/nowhere/job.yaml: error: the job file does not exist"))
  }

  @Test func answersInJSON() throws {
    let check = try ferry("check", "--json", projectFolder + "/jobs/ouc-2020.yaml")
    let answer = try #require(try JSONSerialization.jsonObject(with: Data(check.output.utf8)) as? [[String: Any]])
    #expect(answer.first?["titles"] as? Int == 20)
    let plan = try ferry("plan", "--json", projectFolder + "/jobs/ouc-2020.yaml", "--home", try Place().home)
    let plans = try #require(try JSONSerialization.jsonObject(with: Data(plan.output.utf8)) as? [[String: Any]])
    #expect((plans.first?["titles"] as? [Any])?.count == 20)
  }

  @Test func probeTellsPeopleAndScripts() throws {
    let text = try ferry("probe", Fixture.odd("rotated.mp4"))
    #expect(text.code == 0)
    #expect(text.output.contains("turned 90°") || text.output.contains("turned 270°"))
    let json = try ferry("probe", "--json", Fixture.odd("ten-bit-422.mkv"), Fixture.odd("empty.mp4"))
    #expect(json.code == 65, "one of the two cannot be read")
    let answer = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]])
    let streams = (answer[0]["facts"] as? [String: Any])?["streams"] as? [[String: Any]]
    let video = streams?.first?["video"] as? [String: Any]
    #expect(video?["bit_depth"] as? Int == 10)
    #expect(answer[1]["error"] as? String != nil)
  }

  @Test func doctorIsContentWhereTheTestsRun() throws {
    let place = try Place()
    let doctor = try ferry("doctor", "--home", place.home, "--out", place.out)
    #expect(doctor.code == 0, "\(doctor.output)")
    #expect(doctor.output.contains("good    encoder libx264"))
    #expect(doctor.output.contains("good    text encoding GB18030"))
  }

  @Test func verifyReadsAnyBag() throws {
    let place = try Place()
    try FileManager.default.createDirectory(atPath: place.path + "/bag/data", withIntermediateDirectories: true)
    _ = try place.write("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n", "bag/bagit.txt")
    _ = try place.write("hello\n", "bag/data/hello.txt")
    _ = try place.write("b1946ac92492d2347c6235b4d2611184  data/hello.txt\n", "bag/manifest-md5.txt")
    #expect(try ferry("verify", place.path + "/bag").code == 0)
    let nothing = try ferry("verify", place.path + "/nothing")
    #expect(nothing.code == 1)
    #expect(nothing.errors.contains("there is no such folder"))
  }

  @Test(arguments: [["run", "--workers", "0"], ["submit"], ["check"], ["fly"], ["verify"], ["probe", "--jsn", "x"]])
  func wrongUsageIs64(_ arguments: [String]) throws {
    let folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    let run = try runProgram(folder.appendingPathComponent("ferry").path, arguments)
    #expect(run.code == 64)
    #expect(run.errors.contains("Usage:"))
  }

  @Test func theSchemaInDocsIsTheReaders() throws {
    let committed = try String(contentsOfFile: projectFolder + "/docs/job.schema.json", encoding: .utf8)
    let printed = try ferry("schema").output
    #expect(printed.trimmingCharacters(in: .newlines) == committed.trimmingCharacters(in: .newlines))
  }
}
