import Foundation
import Testing

/// What is said of a source before anything is begun.
@Suite struct SourceCommandTests {
  private func film(_ place: Place, _ name: String, _ arguments: String...) throws -> String {
    let path = place.path + "/" + name
    let made = try runProgram("/usr/bin/ffmpeg", ["-nostdin", "-v", "error"] + arguments + [path])
    try #require(made.code == 0, "\(made.errors)")
    return path
  }

  @Test func aCodecThatCannotBeDecodedIsSaidByCheckAndPlan() throws {
    let place = try Place()
    let source = try film(place, "asus.avi", "-f", "lavfi", "-i", "testsrc2=s=320x240:r=25:d=2", "-c:v", "asv1")
    let job = try place.job([title("A", source: source, english: Fixture.silentEnglish)])
    for command in ["check", "plan", "run"] {
      let end = try ferry([command, job] + (command == "check" ? [] : ["--home", place.home]))
      #expect(end.code == (command == "run" ? 1 : 65), "\(command): \(end)")
      #expect(
        end.errors.contains("'\(source)' cannot be decoded: its picture, stream 0, is asv1\n  hint: export it again"),
        "\(command): \(end)")
    }
  }

  @Test func aSecondPictureIsNamed() throws {
    let place = try Place()
    let source = try film(
      place, "two.mkv", "-f", "lavfi", "-i", "testsrc2=s=320x240:r=25:d=2", "-f", "lavfi", "-i",
      "testsrc=s=640x480:r=25:d=2", "-map", "0", "-map", "1", "-c:v", "libx264", "-preset", "ultrafast")
    let job = try place.job([title("A", source: source, english: Fixture.silentEnglish)])
    let end = try ferry("check", job)
    #expect(
      end.errors.contains("has 2 pictures: stream 0 (320x240) is taken, not stream 1 (640x480)"), "\(end)")
  }

  @Test func aStreamThatIsLeftOutStandsInTheRunAndTheManifest() throws {
    let place = try Place()
    let source = try film(
      place, "two.mkv", "-f", "lavfi", "-i", "testsrc2=s=320x240:r=25:d=4", "-f", "lavfi", "-i", "sine=440:d=4",
      "-map", "0", "-map", "1", "-map", "1", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p",
      "-c:a:0", "aac", "-c:a:1", "tta")
    let job = try place.job([title("A", source: source, english: Fixture.silentEnglish)])
    let run = try ferry("run", job, "--home", place.home, "--out", place.out)
    #expect(run.code == 0 && run.errors.contains("is made without one of its streams: its sound, stream 2"), "\(run)")
    let package = place.out + "/TEST-1/TEST-1_v1"
    let manifest = try String(contentsOfFile: package + "/ferry-delivery.json", encoding: .utf8)
    #expect(manifest.contains("\"left-out\"") && manifest.contains("its sound, stream 2, is tta"), "\(manifest)")
    #expect(try ferry("verify", package).code == 0)
  }

  /// Files have the ids' names.
  @Test func aTitleThatOnlyGetsAnotherIdIsAnotherLesson() throws {
    let place = try Place()
    for id in ["A", "C"] {
      let one = title(id, source: Fixture.silent, english: Fixture.silentEnglish)
      let job = try place.job([one.replacing("en: Test \(id)", with: "en: The same")])
      let made = try ferry("run", job, "--home", place.home, "--out", place.out)
      #expect(made.code == 0, "\(made.errors)")
    }
    let package = place.out + "/TEST-1/TEST-1_v2"
    #expect(try FileManager.default.contentsOfDirectory(atPath: package + "/data/lessons") == ["C"])
    #expect(try ferry("verify", package).code == 0)
  }
}
