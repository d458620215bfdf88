import Foundation
import Testing

/// What the profiles beside `web` deliver, and a profile of one's own.
@Suite(.serialized) struct ProfileRunTests {
  private func run(_ profile: String, _ titles: [String], in place: Place) throws -> (Finished, String) {
    let job = try place.job(titles)
    let text = try String(contentsOfFile: job, encoding: .utf8)
    try text.replacing("profile: web\n", with: "profile: \(profile)\n").write(
      toFile: job, atomically: true, encoding: .utf8)
    let run = try ferry("run", job, "--home", place.home, "--out", place.out)
    return (run, place.out + "/TEST-1/TEST-1_v1")
  }

  private var lesson: String {
    title("A", source: Fixture.folder + "/lessons/EPI-001.mp4", english: Fixture.folder + "/lessons/EPI-001.en.srt")
  }

  private func streams(_ path: String) throws -> String {
    try runProgram(
      "/usr/bin/ffprobe",
      ["-v", "error", "-show_entries", "stream=codec_name,width,height,channels", "-of", "csv=p=0", path]
    ).output
  }

  @Test func aProfileOfOnesOwnMakesEveryCodec() throws {
    let place = try Place()
    _ = try place.write(
      """
      ferry-profile: 1
      name: campus
      extends: web
      video:
        codecs: [h264, hevc, av1, vp9]
        ladder:
          - { lines: 180, quality: 26, max-rate: 400k, buffer: 800k, preset: ultrafast }
          - { lines: 90, quality: 26, max-rate: 200k, buffer: 400k, preset: ultrafast }
      audio: { missing: silence }
      """, "campus.yaml")
    let (made, package) = try run(
      "campus.yaml", [lesson, title("B", source: Fixture.silent, english: Fixture.silentEnglish)], in: place)
    #expect(made.code == 0, "\(made.errors)")
    let verdict = try judge("package.py", package)
    #expect(verdict.code == 0, "\(verdict.output)\(verdict.errors)")
    #expect(try streams(package + "/data/lessons/B/B.mp4").contains("aac,2"), "silence where there is no sound")
    for codec in ["hevc", "av1", "vp9"] {
      #expect(try streams(package + "/data/lessons/A/hls/180p.\(codec).mp4").hasPrefix("\(codec),320,180"))
    }
  }

  @Test func anArchiveIsOneMatroskaFile() throws {
    let place = try Place()
    let (made, package) = try run("archive", [lesson], in: place)
    #expect(made.code == 0, "\(made.errors)")
    let file = package + "/data/lessons/A/A.mkv"
    #expect(try streams(file) == "h264,1920,1080\nflac,2\nsubrip\n" || streams(file).hasPrefix("h264,1920,1080\nflac,"))
    #expect(try streams(file).contains("subrip"))
    #expect(!FileManager.default.fileExists(atPath: package + "/data/lessons/A/hls"))
    let complaints = try runProgram("/usr/bin/ffmpeg", ["-nostdin", "-v", "error", "-i", file, "-f", "null", "-"])
    #expect(complaints.errors == "")
    #expect(try ferry("verify", package).code == 0)
  }

  @Test func aRadioLessonHasSoundTextAndAStill() throws {
    let place = try Place()
    let (made, package) = try run(
      "web", [title("R", source: Fixture.odd("audio-only.mov"), english: Fixture.silentEnglish)], in: place)
    #expect(made.code == 0, "\(made.errors)")
    #expect(made.errors.contains("has sound but no picture"))
    let verdict = try judge("package.py", package)
    #expect(verdict.code == 0, "\(verdict.output)\(verdict.errors)")
    #expect(try streams(package + "/data/lessons/R/R.m4a").hasPrefix("aac,"))
    #expect(try streams(package + "/data/lessons/R/R.jpg").hasPrefix("mjpeg,1280,720"))
  }

  @Test func chaptersArriveInTheFileAndBesideIt() throws {
    let place = try Place()
    let (made, package) = try run(
      "web-small",
      [
        title(
          "C", source: Fixture.odd("chapters-and-text.mkv"),
          english: try place.write("1\n00:00:00,100 --> 00:00:01,000\nHello.\n", "c.srt"))
      ], in: place)
    #expect(made.code == 0, "\(made.errors)")
    let chapters = try runProgram(
      "/usr/bin/ffprobe",
      ["-v", "error", "-show_chapters", "-of", "csv=p=0", package + "/data/lessons/C/C.mp4"])
    #expect(chapters.output.split(separator: "\n").count >= 2, "\(chapters.output)")
    let index = try String(contentsOfFile: package + "/data/lessons/C/C.chapters.vtt", encoding: .utf8)
    #expect(index.hasPrefix("WEBVTT"))
  }

  @Test func whatTheProfileHoldsIsNotDelivered() throws {
    let place = try Place()
    _ = try place.write(
      """
      ferry-profile: 1
      name: strict
      extends: web-small
      checks: { frozen: { longer-than: 1s, severity: error } }
      """, "strict.yaml")
    let (made, package) = try run("strict.yaml", [lesson], in: place)
    #expect(made.code == 1, "\(made.errors)")
    #expect(made.errors.contains("error: 0:00.0 to 0:0"), "\(made.errors)")
    #expect(made.errors.contains("the profile holds titles with this"))
    #expect(!FileManager.default.fileExists(atPath: package))
  }

  @Test func anUnknownProfileFileIsSaidAtItsPlace() throws {
    let place = try Place()
    let (made, _) = try run("nowhere.yaml", [lesson], in: place)
    #expect(made.code == 65)
    #expect(made.errors.contains("the profile file does not exist"), "\(made.errors)")
  }
}
