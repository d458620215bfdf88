import Foundation
import Testing

/// The queue from outside: what is submitted, what waits, what is done again and what never is.
@Suite
struct QueueTests {
  @Test func theSameJobTwiceIsOneJobAndAnEditedOneANewPlan() throws {
    let place = try Place()
    let (a, b) = (try place.lesson("A"), try place.lesson("B"))
    let job = try place.job([a])
    #expect(try place.queue("submit", job, "--settle", "0").output == "TEST-1: plan 1, 1 title added\n")
    #expect(try place.queue("submit", job, "--settle", "0").output == "TEST-1: plan 1, 1 unchanged\n")
    #expect(try place.run().code == 0, "the queue knows the job")
    _ = try place.job([a, b])
    #expect(try place.queue("submit", job, "--settle", "0").output == "TEST-1: plan 2, 1 title added; 1 unchanged\n")
    let run = try place.run("--json", "--out", place.path + "/second")
    #expect(run.code == 0, "\(run.errors)")
    #expect(run.output.contains(#"{"encoded":true,"event":"title-started","number":2,"of":2,"title":"B"}"#))
    #expect(!run.output.contains(#""title":"A""#), "what is made is not begun again")
    let other = try place.write(String(contentsOfFile: job, encoding: .utf8) + "# other\n", "other.yaml")
    let taken = try place.queue("submit", other, "--settle", "0")
    #expect(taken.code == 65)
    #expect(taken.errors.contains("the job 'TEST-1' in the queue comes from this other file"))
    #expect(try place.queue("submit", other, "--settle", "0", "--replace").code == 0)
  }

  @Test func aTitleWaitsForItsTranslationAndIsThenFinishedWithoutEncoding() throws {
    let place = try Place()
    let job = try place.job([
      place.lesson("A"), place.lesson("LATER", later: "due: 2020-01-31, translator: Desk A"),
    ])
    let run = try place.run(job)
    #expect(run.code == 0, "\(run.errors)")
    #expect(run.errors.contains("LATER: encoding"), "what needs no text is made meanwhile")
    #expect(run.errors.contains("1 title made, 1 made ready for a translation, 2 encoded"))
    let status = try place.queue("status")
    #expect(status.output.contains("TEST-1 LATER "))
    #expect(status.output.contains("waits for en from Desk A, due 2020-01-31, OVERDUE"))
    #expect(try place.queue("status", "--json").output.contains(#""is_overdue" : true"#))
    #expect(try place.run(job).errors.contains("LATER: waits for en"), "and nothing more is said or done")

    let partial = try place.run(job, "--partial", "--out", place.path + "/part")
    #expect(partial.code == 0, "\(partial.errors)")
    let again = try place.run(job, "--partial", "--out", place.path + "/part")
    #expect(again.code == 0)
    #expect(again.errors.contains("unchanged: already published"))

    _ = try place.write(Place.cue("It came late."), "LATER.srt")
    let plan = try place.queue("plan", job)
    #expect(
      plan.output.contains(
        """
          LATER (0:01.000)
            skip transcode: unchanged: skipped, its renditions are kept
            run  text: en subtitle new
            run  mux: en subtitle new
        """), "\(plan.output)")
    let finish = try place.run(job, "--json")
    #expect(finish.code == 0, "\(finish.errors)")
    #expect(finish.output.contains(#"{"encoded":false,"event":"title-finished""#))
    #expect(!finish.output.contains(#""encoded":true"#))
    #expect(try ferry("verify", place.package).code == 0)
  }

  @Test func onlyWhatChangedIsDoneAgain() throws {
    let place = try Place()
    let job = try place.job([place.lesson("A"), place.lesson("B")])
    #expect(try place.run(job).code == 0)
    let payload = try place.payload

    // Neither another name nor another time is other content.
    try FileManager.default.moveItem(atPath: place.path + "/A.mp4", toPath: place.path + "/C.mp4")
    let renamed = try String(contentsOfFile: job, encoding: .utf8).replacing("A.mp4", with: "C.mp4")
    _ = try place.write(renamed, "job.yaml")
    try FileManager.default.setAttributes([.modificationDate: Date()], ofItemAtPath: place.path + "/B.mp4")
    let touched = try place.run(job)
    #expect(touched.code == 0)
    #expect(touched.errors == "unchanged: already published\n")

    _ = try place.write(Place.cue("This is B, corrected."), "B.srt")
    let plan = try place.queue("plan", job)
    #expect(
      plan.output.contains(
        """
          B (0:01.000)
            skip transcode: unchanged: skipped, its renditions are kept
            run  text: en subtitle changed
            run  mux: en subtitle changed
        """), "\(plan.output)")
    let corrected = try place.run(job, "--json", "--out", place.path + "/second")
    #expect(corrected.code == 0, "\(corrected.errors)")
    #expect(!corrected.output.contains(#""encoded":true"#))
    #expect(!corrected.output.contains(#""title":"A""#))
    #expect(try place.queue("why", "B").output.contains("changed"))

    #expect(try place.payload == payload, "what is published is left alone")
  }

  @Test func aTitleIsDoneAgainByForce() throws {
    let place = try Place()
    let job = try place.job([place.lesson("A"), place.lesson("B")])
    #expect(try place.run(job).code == 0)
    #expect(try place.queue("retry", "TEST-1").output == "nothing to try again\n")
    let refused = try place.queue("retry", "TEST-1", "A")
    #expect(refused.code == 65)
    #expect(refused.errors.contains("'A' is done: it cannot be retried now"))

    #expect(try place.queue("retry", "--force", "TEST-1", "A:text").output == "queued again: A\n")
    #expect(try place.run("--json").output.contains(#"{"encoded":false,"event":"title-finished""#))
    #expect(try place.queue("retry", "--force", "TEST-1", "A").output == "queued again: A\n")
    let run = try place.run("--json")
    #expect(run.output.contains(#"{"encoded":true,"event":"title-finished""#))
    #expect(!run.output.contains(#""title":"B""#))
    #expect(try ferry("verify", place.package).code == 0)

    let step = try place.queue("retry", "--force", "TEST-1", "A:poster")
    #expect(step.code == 64)
    #expect(step.errors.contains("A:poster: a title has the steps transcode, text and mux, not 'poster'"))
    let unforced = try place.queue("retry", "TEST-1", "A:text")
    #expect(unforced.errors.contains("A:text: a step is named with --force only"))
  }

  @Test func aBrokenJobHoldsItselfAndIsTriedAgainWhenItIsMended() throws {
    let place = try Place()
    let folder = place.path + "/jobs"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    func write(_ label: String, _ id: String, _ more: String = "") throws {
      let lesson = try place.lesson(id).replacing("\(id).", with: "../\(id).")
      let job = try place.job([lesson], label: label)
      let text = try String(contentsOfFile: job, encoding: .utf8) + more
      try text.write(toFile: "\(folder)/\(label).yaml", atomically: true, encoding: .utf8)
    }
    try write("GOOD", "A")
    try write("BAD", "B")
    #expect(try place.queue("submit", folder, "--settle", "0").code == 0)
    let sound = try String(contentsOfFile: folder + "/BAD.yaml", encoding: .utf8)
    try (sound + "  - id: [\n").write(toFile: folder + "/BAD.yaml", atomically: true, encoding: .utf8)

    let run = try place.run(folder)
    #expect(run.code == 65)
    #expect(run.errors.components(separatedBy: ": error: ").count == 2, "one error: \(run.errors)")
    #expect(run.errors.contains("BAD.yaml:"))
    #expect(run.output == place.out + "/GOOD/GOOD_v1\n")
    #expect(try place.queue("status").output.contains("BAD B "))
    #expect(try place.queue("why", "B").output.contains("reason   the job file: "))

    try sound.write(toFile: folder + "/BAD.yaml", atomically: true, encoding: .utf8)
    let mended = try place.run()
    #expect(mended.code == 0, "\(mended.errors)")
    #expect(mended.output.contains(place.out + "/BAD/BAD_v1\n"))
  }

  @Test func aJobFileThatBreaksDuringTheRunHoldsWhatIsLeftOfIt() throws {
    let place = try Place()
    let job = try place.job([place.lesson("A", seconds: 30), place.lesson("B")])
    let sound = try String(contentsOfFile: job, encoding: .utf8)
    let run = try Running(place, job, "--workers", "1")
    try run.wait(for: "title-progress", "A")
    // A is looked at anew when it ends, and the file is no job by then.
    _ = try place.write(Place.cue("Another one."), "A.srt")
    _ = try place.write("ferry: 1\ntitles: [\n", "job.yaml")
    let end = try run.finish()
    #expect(end.code == 65, "\(end.errors)")
    #expect(end.errors.contains("job.yaml:"))
    #expect(try place.queue("status").output.hasPrefix("TEST-1  2 held"))
    _ = try place.write(sound, "job.yaml")
    let mended = try place.run("--json")
    #expect(mended.code == 0, "\(mended.errors)")
    #expect(mended.output.contains(#"{"encoded":false,"event":"title-started","number":1"#), "A's renditions serve")
  }

  @Test func aFileThatIsBeingCopiedIsLeftForTheNextRun() throws {
    let place = try Place()
    let job = try place.job([place.lesson("A")])
    let source = place.path + "/A.mp4"
    let whole = try Data(contentsOf: URL(fileURLWithPath: source))
    try whole.prefix(20_000).write(to: URL(fileURLWithPath: source))
    // Half a file, and somebody who goes on with it.
    let copy = Process()
    copy.executableURL = URL(fileURLWithPath: "/bin/sh")
    copy.arguments = ["-c", "while touch '\(source)'; do sleep 0.05; done"]
    try copy.run()
    defer { copy.terminate() }
    for command in ["submit", "run"] {
      let end = try place.queue(command, job, "--settle", "0.5")
      #expect(end.code == 75, "\(end.errors)")
      #expect(end.errors.contains("TEST-1: still being copied: "))
      #expect(!end.errors.contains("error:"), "nothing is said of a file that is not read: \(end.errors)")
    }
    copy.terminate()
    copy.waitUntilExit()
    try whole.write(to: URL(fileURLWithPath: source))
    #expect(try place.run(job).code == 0)
  }

  @Test func aSourceThatIsReplacedWhileItIsReadIsMadeAgain() throws {
    let place = try Place()
    let job = try place.job([place.lesson("A", seconds: 30), place.lesson("B"), place.lesson("C")])
    let run = try Running(place, job, "--workers", "1")
    try run.wait(for: "title-progress", "A")
    // One that is being read, and a source and a track that were looked at and wait for their turn.
    let other = try Data(contentsOf: URL(fileURLWithPath: place.path + "/C.mp4"))
    for name in ["A", "B"] {
      try other.write(to: URL(fileURLWithPath: "\(place.path)/\(name).mp4"), options: .atomic)
    }
    _ = try place.write(Place.cue("Another one."), "C.srt")
    let end = try run.finish()
    #expect(end.code == 0, "\(end.errors)")
    #expect(end.output.contains("a file of A was replaced while it was worked on"))
    let digest = try runProgram("/usr/bin/sha256sum", [place.path + "/A.mp4"]).output.prefix(64)
    let manifest = try String(contentsOfFile: place.package + "/ferry-delivery.json", encoding: .utf8)
    #expect(manifest.components(separatedBy: digest).count == 4, "all titles were made of what is there now")
    let text = try String(contentsOfFile: place.package + "/data/lessons/C/C.en.srt", encoding: .utf8)
    #expect(text.contains("Another one."))
    #expect(try place.run(job).errors == "unchanged: already published\n", "and nothing else is kept under its key")
    #expect(try ferry("verify", place.package).code == 0)
  }

  @Test func aJobThatIsEditedWhileItRunsIsANewPlanAndFinishedStepsServe() throws {
    let place = try Place()
    let lessons = try [place.lesson("A", seconds: 30), place.lesson("B")]
    let job = try place.job(lessons)
    let run = try Running(place, job, "--workers", "1")
    try run.wait(for: "title-progress", "A")
    _ = try place.write(Place.cue("This is A, corrected."), "A.srt")
    _ = try place.job([lessons[0].replacing("Test A", with: "Another name"), lessons[1], place.lesson("C")])
    let submit = try place.queue("submit", job, "--settle", "0")
    #expect(submit.output == "TEST-1: plan 2, 1 title added; changed: A; 1 unchanged\n", "\(submit.errors)")
    let end = try run.finish()
    #expect(end.code == 0, "\(end.errors)")
    let encodes = end.output.split(separator: "\n").filter {
      $0.contains("title-started") && $0.contains(#""encoded":true"#)
    }
    #expect(encodes.count == 3, "each title is encoded once: \(encodes)")
    let lesson = place.package + "/data/lessons/A/"
    #expect(try String(contentsOfFile: lesson + "A.en.srt", encoding: .utf8).contains("corrected"))
    let manifest = try String(contentsOfFile: place.package + "/ferry-delivery.json", encoding: .utf8)
    #expect(manifest.contains("Another name"))
    #expect(FileManager.default.fileExists(atPath: place.package + "/data/lessons/C"))
    #expect(try ferry("verify", place.package).code == 0)
  }

  @Test func aCancelledTitleIsNotMade() throws {
    let place = try Place()
    let job = try place.job([place.lesson("A"), place.lesson("B")])
    #expect(try place.queue("submit", job, "--settle", "0").code == 0)
    #expect(try place.queue("cancel", "TEST-1", "B").output == "cancelled: B\n")
    #expect(try place.queue("cancel", "TEST-1", "B").errors.contains("'B' is cancelled: it cannot be cancelled now"))
    #expect(try place.queue("cancel", "NOPE").errors.contains("no job of that label is in the queue"))
    let run = try place.run()
    #expect(run.code == 1)
    #expect(run.errors.contains("TEST-1 B: cancelled"))
    #expect(try place.queue("status").output.hasPrefix("TEST-1  1 done, 1 cancelled"))
    #expect(try place.queue("retry", "TEST-1", "B").output == "queued again: B\n")
    #expect(try place.run().code == 0)
  }

  @Test func whyTellsATitlesStoryFromTheQueue() throws {
    let place = try Place()
    let job = try place.job([place.lesson("A")])
    #expect(try place.run(job).code == 0)
    let why = try place.queue("why", "A")
    #expect(why.code == 0)
    for words in [
      "TEST-1 A: done since ", "  job      \(job), plan 1", "  log      \(place.home)/logs/TEST-1/A.log",
      "made, ", "submitted", "claimed: attempt 1", "published", "  next", "skip transcode: unchanged",
    ] { #expect(why.output.contains(words), "\(words): \(why.output)") }
    #expect(try place.queue("why", "TEST-1", "A").output == why.output)
    #expect(try place.queue("why", "A", "--json").output.contains(#""state" : "done""#))
    #expect(try place.queue("why", job, "A").output.hasPrefix("  A (0:01.000)\n"))
    #expect(
      try place.queue("why", "TEST-2", "A").errors.contains("queue has no job of that label: did you mean TEST-1?"))
    #expect(try place.queue("why", "ABC").errors.contains("the queue has no title ABC"))
    #expect(try place.queue("why", job, "B").errors.contains("has no title B: did you mean A?"))
  }
}
