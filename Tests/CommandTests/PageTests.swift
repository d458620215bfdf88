import Foundation
import Testing

/// The page that a partner opens and the film that phones get, of a lesson as long as real ones: a hundred cues in two
/// languages, beside a lesson whose translation is still to come.
@Suite(.serialized)
struct PageTests {
  @Test func holdsALongLessonAtEveryWidthAndOnPaper() throws {
    let place = try Place()
    let package = try crowd(place)
    let page = try judge("page.py", package, "CROWD")
    #expect(page.code == 0, "\(page.output)\(page.errors)")
    try phonesGetTheSmallestPacketsOnly(package)
    try verifyLooksIntoBothFilms(package)
  }

  /// A package of one lesson made, in 720 lines, and one that waits for its English subtitles.
  private func crowd(_ place: Place) throws -> String {
    try film(place, "CROWD", seconds: 210)
    try film(place, "LATER", seconds: 2)
    func cues(_ count: Int, _ words: (Int) -> String) -> String {
      func clock(_ ms: Int) -> String {
        String(format: "00:%02d:%02d,%03d", ms / 60_000, ms / 1000 % 60, ms % 1000)
      }
      return (0..<count).map { number in
        "\(number + 1)\n\(clock(number * 2000)) --> \(clock(number * 2000 + 1500))\n\(words(number + 1))\n\n"
      }.joined()
    }
    _ = try place.write(cues(100) { "Sentence \($0) says where water goes." }, "CROWD.en.srt")
    _ = try place.write(cues(100) { "第\($0)句话讲水到哪里去。" }, "CROWD.zh.srt")
    _ = try place.write(cues(1) { _ in "这一课稍后。" }, "LATER.zh.srt")
    let later = "{ file: LATER.en.srt, due: 2099-01-01 }"
    let job = try place.job(
      [
        title("CROWD", source: "CROWD.mp4", english: "CROWD.en.srt", more: "zh-Hans: CROWD.zh.srt"),
        title("LATER", source: "LATER.mp4", english: later, more: "zh-Hans: LATER.zh.srt"),
      ], waive: ["read.cps"])
    let run = try ferry("run", job, "--partial", "--home", place.home, "--out", place.out)
    try #require(run.output == place.package + "\n", "\(run.errors)")
    return place.package
  }

  /// Bars that hardly move and no sound: quick to encode, and with something for the checks to find.
  private func film(_ place: Place, _ name: String, seconds: Int) throws {
    let made = try runProgram(
      "/usr/bin/ffmpeg",
      [
        "-v", "error", "-f", "lavfi", "-i", "smptebars=s=1280x720:r=5:d=\(seconds)", "-f", "lavfi", "-i",
        "anullsrc=r=48000:cl=stereo:d=\(seconds)", "-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-c:a", "aac",
        "-shortest", "\(place.path)/\(name).mp4",
      ])
    try #require(made.code == 0, "\(made.errors)")
  }

  /// Both films hold a rendition's own pictures and the same sound and text; the smaller one is much smaller.
  private func phonesGetTheSmallestPacketsOnly(_ package: String) throws {
    let lesson = package + "/data/lessons/CROWD/"
    func hashes(_ file: String, _ stream: String) throws -> String {
      let read = try runProgram(
        "/usr/bin/ffmpeg",
        ["-v", "error", "-i", lesson + file, "-map", "0:" + stream, "-c", "copy", "-f", "streamhash", "-"])
      #expect(read.code == 0 && !read.output.isEmpty, "\(file) \(stream): \(read.errors)")
      return read.output
    }
    #expect(try hashes("CROWD.480p.mp4", "v") == hashes("hls/480p.mp4", "v"))
    #expect(try hashes("CROWD.mp4", "v") == hashes("hls/720p.mp4", "v"))
    #expect(try hashes("CROWD.480p.mp4", "a") == hashes("CROWD.mp4", "a"))
    #expect(try hashes("CROWD.480p.mp4", "s:0") == hashes("CROWD.mp4", "s:0"))
    #expect(try hashes("CROWD.480p.mp4", "s:1") == hashes("CROWD.mp4", "s:1"))
  }

  /// A package whose digests are all right, since they were made anew, and whose manifest is wrong.
  private func verifyLooksIntoBothFilms(_ package: String) throws {
    #expect(try ferry("verify", package).code == 0)
    try forge(package, "data/lessons/CROWD/CROWD.en.vtt") {
      Data(String(decoding: $0, as: UTF8.self).replacing("Sentence 57", with: "Sentence 75").utf8)
    }
    let text = try ferry("verify", package)
    #expect(text.code == 1)
    for film in ["CROWD.mp4", "CROWD.480p.mp4"] {
      #expect(text.errors.contains("\(film): error: its en text differs"), "\(text.errors)")
    }
    try forge(package, "ferry-delivery.json") {
      Data(String(decoding: $0, as: UTF8.self).replacing("\"width\" : 854", with: "\"width\" : 852").utf8)
    }
    let size = try ferry("verify", package)
    #expect(size.errors.contains("CROWD.480p.mp4: error: its pictures are 854x480, the manifest says 852x480"))
    #expect(!size.errors.contains("CROWD.mp4: error: its pictures"))
  }
}
