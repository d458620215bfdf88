import Foundation
import Testing

/// What `ferry why`, the log and the manifest say of a picture or sound that is taken over, or was to be.
@Suite(.serialized)
struct CopyRunTests {
  private let place: Place

  init() throws { place = try Place() }

  /// Nine seconds that conform but for their loudness.
  private func conforming(_ name: String) throws -> String {
    let path = place.path + "/" + name
    let made = try runProgram(
      "/usr/bin/ffmpeg",
      [
        "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=640x360:r=25:d=9", "-f", "lavfi", "-i",
        "sine=440:r=48000:d=9", "-c:v", "libx264", "-preset", "ultrafast", "-crf", "36", "-bf", "2", "-pix_fmt",
        "yuv420p", "-profile:v", "main", "-x264-params", "no-scenecut=1", "-g", "50", "-keyint_min", "50",
        "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv", "-c:a",
        "aac", "-b:a", "96k", "-ac", "2", path,
      ])
    try #require(made.code == 0, "\(made.errors)")
    return path
  }

  private func job(_ source: String) throws -> String {
    _ = try place.write(Place.cue("This is a lesson."), "A.srt")
    return try place.job([title("A", source: source, english: "A.srt")], waive: ["time.coverage"])
  }

  private func why(_ job: String) throws -> String {
    let said = try ferry("why", job, "A", "--home", place.home)
    #expect(said.code == 0, "\(said.errors)")
    return said.output
  }

  private var manifest: String {
    get throws { try String(contentsOfFile: place.package + "/ferry-delivery.json", encoding: .utf8) }
  }

  @Test func aCopyThatIsGivenUpIsSaidWhereverReasonsAre() throws {
    let cut = place.path + "/cut.mp4"
    let made = try runProgram(
      "/usr/bin/ffmpeg", ["-v", "error", "-ss", "2.5", "-i", try conforming("whole.mp4"), "-c", "copy", cut])
    try #require(made.code == 0, "\(made.errors)")
    let job = try job(cut)
    let before = try why(job)
    #expect(before.contains("copy: the source conforms, so its own picture is the 360p"))
    #expect(before.contains("360p (copied)"))
    #expect(before.contains("sound copy: its packets conform and are taken over if its loudness is right too"))

    let run = try place.run(job)
    #expect(run.code == 0, "\(run.errors)")
    let after = try why(job)
    #expect(after.contains("copy: no, the source seemed to conform, but an edit list hides a part of it"), "\(after)")
    #expect(!after.contains("(copied)"))
    #expect(after.contains("sound copy: no, its packets seemed to conform, but "), "\(after)")
    let log = try String(contentsOfFile: place.home + "/logs/TEST-1/A.log", encoding: .utf8)
    #expect(log.contains("copy: no video, it seemed to conform, but an edit list hides a part of it"), "\(log)")
    #expect(try manifest.contains("\"video\" : \"an edit list hides a part of it\""))
    #expect(try ferry("verify", place.package).code == 0)
  }

  @Test func aPictureFromMatroskaIsTakenOver() throws {
    let job = try job(try conforming("whole.mkv"))
    #expect(try why(job).contains("copy: the source conforms, so its own picture is the 360p"))
    let run = try place.run(job)
    #expect(run.code == 0, "\(run.errors)")
    #expect(try why(job).contains("copy: the source conforms, so its own picture is the 360p"))
    let copied = try manifest.matches(of: /"copied" : \[\s*"video"\s*\]/).count
    #expect(copied == 2, "the rendition and the single file")
    #expect(try ferry("verify", place.package).code == 0)
  }

  @Test func aRecordingThatGoesOnInOtherStreamsIsHeldWithAWayOut() throws {
    var joined = Data()
    for (pid, offset) in [("256", "0"), ("512", "4")] {
      let part = "\(place.path)/\(pid).ts"
      let made = try runProgram(
        "/usr/bin/ffmpeg",
        [
          "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=4", "-f", "lavfi", "-i", "sine=r=48000:d=4",
          "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "25", "-c:a", "mp2",
          "-mpegts_start_pid", pid, "-output_ts_offset", offset, part,
        ])
      try #require(made.code == 0, "\(made.errors)")
      joined += try Data(contentsOf: URL(fileURLWithPath: part))
    }
    try joined.write(to: URL(fileURLWithPath: place.path + "/two.ts"))
    let run = try place.run(try job("two.ts"))
    #expect(run.code == 1)
    #expect(run.errors.contains("goes on in its place to"), "\(run.errors)")
    #expect(run.errors.contains("`tolerate: [early-end]` delivers what comes before"), "\(run.errors)")
  }
}
