import Foundation
import Testing

/// A file that ends whatever opens it is an error of that file, in every command that opens media, and of nothing else.
///
/// Which file that is says a variable that only debug builds heed; it ends its reader by SIGSEGV.
struct KillerFileTests {
  private func with(_ killer: String, _ arguments: [String]) throws -> Finished {
    try runProgram(binary, arguments, environment: ["FERRY_TEST_KILLER": killer])
  }

  private let signal = "was killed by signal 11 (Segmentation fault)"

  @Test func probeGoesOnWithTheOtherFiles() throws {
    let place = try Place()
    let names = ["A", "B", "C"]
    for name in names { _ = try place.lesson(name) }
    let files = names.map { place.path + "/\($0).mp4" }
    let end = try with("B.mp4", ["probe", "--json"] + files)
    #expect(end.code == 65)
    #expect(end.errors == "\(files[1]): error: the process that reads it \(signal)\n")
    let answers = try #require(try JSONSerialization.jsonObject(with: Data(end.output.utf8)) as? [[String: Any]])
    #expect(answers.map { $0["facts"] != nil } == [true, false, true])
  }

  /// Three jobs, one of them with the killer: everything else is made.
  @Test func theNightGoesOn() throws {
    let place = try Place()
    var jobs: [String] = []
    for (label, ids) in [("N-1", ["A"]), ("N-2", ["KILLER", "B"]), ("N-3", ["C"])] {
      let job = try place.job(ids.map { try place.lesson($0) }, label: label)
      jobs.append(place.path + "/\(label).yaml")
      try FileManager.default.moveItem(atPath: job, toPath: jobs[jobs.count - 1])
    }
    let run = try with(
      "KILLER.mp4", ["run", "--settle", "0", "--partial", "--home", place.home, "--out", place.out] + jobs)
    #expect(run.code == 1, "\(run)")
    #expect(
      run.errors.contains("N-2.yaml:12:13: error: 'KILLER.mp4' cannot be read: the process that reads it \(signal)"),
      "\(run.errors)")
    let status = try place.queue("status").output
    #expect(
      status.contains("N-1  1 done") && status.contains("1 done, 1 held") && status.contains("N-3  1 done"), "\(status)"
    )
    for label in ["N-1", "N-2", "N-3"] {
      #expect(try ferry("verify", "--quick", place.out + "/\(label)/\(label)_v1").code == 0)
    }
    // The file was exchanged for a good one.
    let again = try place.run(["--partial"] + jobs)
    #expect(again.code == 0, "\(again.errors)")
  }

  /// No reader is started for what is remembered, and one is for a file that was touched.
  @Test func anUnchangedFileIsNotOpenedAgain() throws {
    let place = try Place()
    let job = try place.job([place.lesson("A")])
    let run = [binary, "run", "--settle", "0", "--home", place.home, "--out", place.out, job]
    func readers(age: Double) throws -> Int {
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: 1_700_000_000 + age)], ofItemAtPath: place.path + "/A.mp4")
      let trace = place.path + "/trace"
      let end = try runProgram("/usr/bin/strace", ["-f", "-qq", "-e", "trace=execve", "-o", trace] + run)
      #expect(end.code == 0, "\(end)")
      return try String(contentsOfFile: trace, encoding: .utf8).components(separatedBy: #", "read"]"#).count - 1
    }
    #expect(try readers(age: 0) > 0)
    #expect(try readers(age: 0) == 0)
    #expect(try readers(age: 1) == 1)
    #expect(try readers(age: 1) == 0)
  }

  @Test(arguments: ["check", "plan", "why", "submit"])
  func commandsOfAJobNameTheFile(command: String) throws {
    let place = try Place()
    let job = try place.job([place.lesson("A"), place.lesson("KILLER")])
    let arguments =
      [command, job] + (command == "why" ? ["KILLER"] : []) + (command == "check" ? [] : ["--home", place.home])
    let end = try with("KILLER.mp4", arguments + (command == "submit" ? ["--settle", "0"] : []))
    #expect(end.code == 65, "\(end)")
    #expect(end.errors.contains("error: 'KILLER.mp4' cannot be read: the process that reads it \(signal)"), "\(end)")
    #expect(!end.errors.contains("'A.mp4'"), "\(end)")
  }

  @Test func verifyNamesTheFile() throws {
    let place = try Place()
    #expect(try place.run(place.job([place.lesson("A")])).code == 0)
    let end = try with("A.mp4", ["verify", place.package])
    #expect(end.code == 1)
    #expect(
      end.errors.hasPrefix("data/lessons/A/A.mp4: error: it cannot be read: the process that reads it \(signal)"),
      "\(end)")
    #expect(try ferry("verify", place.package).code == 0)
  }

  @Test func subtitlesNameTheVideo() throws {
    let place = try Place()
    _ = try place.lesson("A")
    let video = place.path + "/A.mp4"
    let check = try with(
      "A.mp4", ["subtitles", "check", "--language", "en", "--video", video, place.path + "/A.srt"])
    #expect(check.code == 65 && check.errors.contains("A.mp4: error: ") && check.errors.contains(signal), "\(check)")
    let convert = try with(
      "A.mp4", ["subtitles", "convert", "--language", "en", "--stream", "2", video, "-o", place.path + "/x.srt"])
    #expect(
      convert.code == 65 && convert.errors.contains("A.mp4: error: ") && convert.errors.contains(signal), "\(convert)")
  }

  /// A real worker in the middle of its decoding.
  @Test(arguments: [SIGSEGV, SIGILL, SIGKILL])
  func aWorkerThatIsKilledSaysWhatItWasDoing(signal: Int32) throws {
    let place = try Place()
    let job = try place.job([place.lesson("LONG", seconds: 200)])
    let run = try Running(place, job)
    // It is tried twice.
    for _ in 0..<2 {
      try run.wait(for: "title-progress", "LONG")
      kill(try run.worker(), signal)
      try run.wait(for: "work.crashed", " while decoding the ", "LONG.mp4 (stream ", " at ")
    }
    #expect(try run.finish().code == 1)
    let log = try String(contentsOfFile: place.home + "/logs/TEST-1/LONG.log", encoding: .utf8)
    #expect(log.contains("ferry: the worker was killed ") && log.contains(" while decoding the "), "\(log)")
  }
}
