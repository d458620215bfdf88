import Foundation
import Testing

/// What surrounds a night's work: its folders, its limits, its figures, and the way back when something is damaged.
@Suite
struct NightTests {
  @Test func aDamagedDatabaseIsPutAsideAndRebuiltFromTheRecords() throws {
    let place = try Place()
    let job = try place.job([place.lesson("A"), place.lesson("B")])
    #expect(try place.run(job).code == 0)
    let copy = place.path + "/copy.db"
    #expect(try place.queue("backup", copy).output == copy + "\n")
    #expect(try place.queue("backup", copy).errors.contains("a file of that name is there already"))

    let database = place.home + "/ferry.db"
    var bytes = try Data(contentsOf: URL(fileURLWithPath: database))
    for index in bytes.indices where index % 3 == 0 { bytes[index] ^= 0x5A }
    try bytes.write(to: URL(fileURLWithPath: database))
    for command in ["run", "status", "why", "gc"] {
      let end = try place.queue(command, command == "why" ? "A" : "--json")
      #expect(end.code == 65, "\(command): \(end.errors)")
      #expect(end.errors.contains("ferry.db: error: the queue's database is damaged: "), "\(command): \(end.errors)")
      #expect(end.errors.contains("hint: run 'ferry adopt'"))
    }
    let doctor = try ferry("doctor", "--home", place.home, "--out", place.out)
    #expect(doctor.code == 1)
    #expect(doctor.output.contains("MISSING queue: \(database): the queue's database is damaged"))

    let adopt = try place.queue("adopt")
    #expect(adopt.code == 0, "\(adopt.errors)")
    #expect(adopt.output == "2 titles found done in 1 job; submit the jobs again for the rest\n")
    #expect(adopt.errors.contains("the damaged database was put aside: \(database).damaged-"))
    #expect(try place.queue("status").output.hasPrefix("TEST-1  2 done"))
    let run = try place.run("--out", place.path + "/second", "--json")
    #expect(run.code == 0, "\(run.errors)")
    #expect(!run.output.contains("title-started"), "what was made is not begun again")
  }

  @Test func garbageIsWhatNothingNeeds() throws {
    let place = try Place()
    let job = try place.job([
      place.lesson("A"), place.lesson("B"), place.lesson("LATER", later: "due: 2030-01-01"),
    ])
    #expect(try place.run(job, "--partial").code == 0)
    #expect(try place.queue("gc").output.hasPrefix("removed 0 folders, 0 bytes; "))
    // The old version is published, so it is kept.
    _ = try place.write(Place.cue("Another one."), "B.srt")
    #expect(try place.run(job, "--partial", "--out", place.path + "/second").code == 0)
    _ = try place.write(Place.cue("Yet another one."), "B.srt")
    #expect(try place.run(job, "--partial", "--out", place.path + "/third").code == 0)
    #expect(try place.queue("gc", "--dry-run").output.hasPrefix("would remove 2 folders, "))
    #expect(try place.queue("gc").output.hasPrefix("removed 2 folders, "))
    for package in [place.package, place.path + "/second/TEST-1/TEST-1_v1"] {
      #expect(try ferry("verify", package).code == 0)
    }
    let plan = try place.queue("plan", job)
    #expect(plan.output.contains("0 titles to encode"), "\(plan.output)")
    #expect(try place.queue("gc", "--size", "0").output.contains("; 0 bytes kept"))
    #expect(try ferry("verify", place.package).code == 0, "packages have names of their own for all their files")
  }

  @Test func aHomeThatCannotBeUsedIsSaidInOneError() throws {
    let place = try Place()
    let job = try place.job([place.lesson("A")])
    let file = try place.write("", "file")
    for command in [["run", job], ["submit", job], ["status"], ["retry", "X"], ["gc"], ["adopt"]] {
      let end = try runProgram(binary, command + ["--home", file])
      #expect(end.code == 65, "\(command)")
      #expect(
        end.errors == """
          \(file): error: ferry's own folder cannot be used: Not a directory
            hint: make it a folder that this user may write, or give another one with --home

          """, "\(command): \(end.errors)")
    }
    let out = try place.run(job, "--out", file)
    #expect(out.code == 65)
    #expect(out.errors.contains("error: the folder '\(file)' cannot be used: Not a directory"), "\(out.errors)")
  }

  @Test func aHomeThatIsReadOnlyIsSaid() throws {
    let place = try Place()
    let job = try place.job([place.lesson("A")])
    let small = place.path + "/small"
    try FileManager.default.createDirectory(atPath: small, withIntermediateDirectories: true)
    let command =
      "mount -t tmpfs -o ro none \(small) && exec \(binary) run \(job) --home \(small)/home --out \(small)/out"
    let run = try runProgram("/usr/bin/unshare", ["-rm", "sh", "-c", command])
    #expect(run.code == 65)
    #expect(run.errors.contains("ferry's own folder cannot be used: Read-only file system"), "\(run.errors)")
  }

  /// Every write of the run itself, from some on, finds the disk full; the next run finds room and ends well.
  @Test(arguments: [1, 4, 12, 40, 90, 140])
  func aFullDiskLosesNothing(_ number: Int) throws {
    let place = try Place()
    let job = try place.job([place.lesson("A")])
    let full = try runProgram(
      "/usr/bin/strace",
      [
        "-f", "-b", "execve", "-qq", "-o", "/dev/null", "-e", "trace=write,pwrite64,mkdir,link",
        "-e", "inject=write,pwrite64,mkdir,link:error=ENOSPC:when=\(number)+", binary, "run", job, "--settle", "0",
        "--home",
        place.home, "--out", place.out,
      ])
    #expect([0, 74].contains(full.code), "\(full.code): \(full.errors)")
    if FileManager.default.fileExists(atPath: place.package) { #expect(try ferry("verify", place.package).code == 0) }
    let run = try place.run(job)
    #expect(run.code == 0, "\(run.errors)")
    #expect(try ferry("verify", place.package).code == 0)
    #expect(try FileManager.default.contentsOfDirectory(atPath: place.out + "/TEST-1") == ["TEST-1_v1"])
  }

  /// The words are lost, which the code says; the work is not.
  @Test func aLogOnAFullDiskStopsNothing() throws {
    let place = try Place()
    let job = try place.job([place.lesson("A")])
    let command = "exec \(binary) run \(job) --settle 0 --home \(place.home) --out \(place.out) > /dev/full 2>&1"
    // The answer is lost, which the code says; the work is done.
    #expect(try runProgram("/bin/sh", ["-c", command]).code == 74)
    #expect(try ferry("verify", place.package).code == 0)
  }

  @Test func figuresAndASummaryAreGivenAtTheEnd() throws {
    let place = try Place()
    let job = try place.job([place.lesson("A"), place.lesson("LATER", later: "due: 2030-01-01")])
    let figures = place.path + "/ferry.prom"
    let summary = place.path + "/summary.json"
    let run = try place.run(job, "--metrics", figures, "--on-finish", "tee \(summary)", "--quiet")
    #expect(run.code == 0, "\(run.errors)")
    let text = try String(contentsOfFile: figures, encoding: .utf8)
    for line in [
      #"ferry_titles{state="done"} 1"#, #"ferry_titles{state="waiting-translation"} 1"#, "ferry_run_made_titles 1",
      #"ferry_failures{class="crash"} 0"#, "ferry_queue_age_seconds 0", "# TYPE ferry_run_seconds_per_minute gauge",
    ] { #expect(text.contains(line + "\n"), "\(line): \(text)") }
    let told = try String(contentsOfFile: summary, encoding: .utf8)
    #expect(told.contains(#""made":1,"prepared":1"#), "\(told)")
    #expect(told.contains(#""waiting":1"#))

    let unwritable = try place.run(job, "--metrics", place.path + "/none/ferry.prom", "--on-finish", "false")
    #expect(unwritable.code == 0, "the run itself went well")
    #expect(unwritable.errors.contains("ferry: --metrics: '\(place.path)/none/ferry.prom' cannot be written: "))
    #expect(unwritable.errors.contains("ferry: --on-finish: 'false' ended with 1"))
  }

  @Test func limitsThatMakeNoSenseAreUsageErrors() throws {
    let place = try Place()
    let job = try place.job([place.lesson("A")])
    let wrong = try place.run(job, "--until", "25:00")
    #expect(wrong.code == 64)
    #expect(wrong.errors.contains("--until: write a time of the day such as 06:00, not '25:00'"))
    #expect(try place.run(job, "--workers", "0").errors.contains("--workers: write a number from 1 to 64"))
    #expect(try place.run(job, "--executor", "slurm").errors.contains("there is only 'local' so far, not 'slurm'"))
  }

  @Test func anEmptyFolderIsAMistake() throws {
    let place = try Place()
    let folder = place.path + "/jobs"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for command in ["run", "submit"] {
      let end = try place.queue(command, folder)
      #expect(end.code == 65)
      #expect(end.errors.hasPrefix("\(folder): error: the folder has no job files\n  hint: "), "\(end.errors)")
    }
    #expect(try place.queue("status", "NOPE").code == 65)
  }

  @Test func severalWorkersMakeTheSameBytesAsOne() throws {
    let one = try Place()
    let lessons = try ["A", "B", "C"].map { try one.lesson($0) }
    let job = try one.job(lessons)
    #expect(try one.run(job, "--workers", "1").code == 0)
    let many = try one.run(job, "--workers", "3", "--home", one.path + "/many", "--out", one.path + "/many-out")
    #expect(many.code == 0, "\(many.errors)")
    let manifest = one.path + "/many-out/TEST-1/TEST-1_v1/manifest-sha512.txt"
    #expect(try String(contentsOfFile: manifest, encoding: .utf8) == one.payload)
  }

  @Test func theDoctorTriesEveryLayerOfTheSandbox() throws {
    let place = try Place()
    let doctor = try ferry("doctor", "--home", place.home, "--out", place.out)
    for layer in ["limits", "no-new-privileges", "landlock", "seccomp"] {
      #expect(doctor.output.contains("good    sandbox \(layer): "), "\(doctor.output)")
    }
    #expect(doctor.output.contains("good    queue: \(place.home)/ferry.db is not made yet"))
  }
}
