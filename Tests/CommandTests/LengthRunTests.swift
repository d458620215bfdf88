import Foundation
import Testing

/// Titles whose source does not say how long it is, and titles of tracks that are not equally long.
struct LengthRunTests {
  private static let coding = [
    "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "25", "-c:a", "aac",
  ]
  private static let webm = ["-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus", "-live", "1"]

  private func film(_ place: Place, _ name: String, picture: Int = 4, sound: Int = 4, _ options: [String]) throws {
    let made = try runProgram(
      "/usr/bin/ffmpeg",
      [
        "-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=\(picture)", "-f", "lavfi", "-i",
        "sine=440:r=48000:d=\(sound)",
      ] + options + ["\(place.path)/\(name)"])
    try #require(made.code == 0, "\(made.errors)")
  }

  private func job(
    _ place: Place, _ source: String, cues: [(Int, String)], waive: [String] = []
  ) throws -> String {
    let text = cues.enumerated().map { index, cue in
      func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
      func clock(_ seconds: Int, _ fraction: String) -> String {
        "\(two(seconds / 3600)):\(two(seconds / 60 % 60)):\(two(seconds % 60)),\(fraction)"
      }
      return "\(index + 1)\n\(clock(cue.0, "000")) --> \(clock(cue.0, "900"))\n\(cue.1)\n"
    }
    _ = try place.write(text.joined(separator: "\n"), "en.srt")
    return try place.job([title("T-1", source: source, english: "en.srt")], waive: waive)
  }

  /// A transport stream of more bytes than are read for a length: packets without content follow the lesson's.
  private func longTransportStream(_ place: Place) throws {
    try film(place, "small.ts", LengthRunTests.coding)
    let empty = [0x47, 0x1F, 0xFF, 0x10] + [UInt8](repeating: 0xFF, count: 184)
    var bytes = try Data(contentsOf: URL(fileURLWithPath: place.path + "/small.ts"))
    let block = Data((0..<1000).flatMap { _ in empty })
    while bytes.count <= 65 << 20 { bytes.append(block) }
    try bytes.write(to: URL(fileURLWithPath: place.path + "/long.ts"))
  }

  @Test(
    arguments: [
      ("live.webm", webm), ("nd.flv", coding + ["-flvflags", "no_duration_filesize"]), ("a.ts", coding),
    ] as [(String, [String])])
  func aCueBehindTheEndHoldsTheTitle(_ name: String, _ options: [String]) throws {
    let place = try Place()
    try film(place, name, options)
    let job = try job(place, name, cues: [(0, "Wash your hands."), (10_192, "Made by a tool.")])
    let checked = try ferry("check", job)
    #expect(checked.code == 65)
    let run = try place.run(job)
    #expect(run.code != 0 && !FileManager.default.fileExists(atPath: place.package))
    for said in [checked.errors, run.errors] {
      #expect(said.contains("en.srt:6: error: the video ends at 00:00:04."), "\(said)")
      #expect(said.contains("before the cue starts: 'Made by a tool.' [time.pastend]"), "\(said)")
    }
  }

  @Test func whatIsKnownOnlyAfterThePassHoldsTheTitleThen() throws {
    let place = try Place()
    try longTransportStream(place)
    let job = try job(place, "long.ts", cues: [(0, "Wash your hands."), (60, "Made by a tool.")])
    let checked = try ferry("check", job)
    #expect(checked.code == 0 && checked.errors.contains("'long.ts' does not say for sure how long it is"))
    let run = try place.run("--json", job)
    let error =
      "en.srt:6: error: the video ends at 00:00:04.032, before the cue starts: 'Made by a tool.' [time.pastend]"
    #expect(run.code != 0 && !FileManager.default.fileExists(atPath: place.package), "\(run)")
    #expect((run.output + run.errors).contains("the video ends at 00:00:04.032, before the cue starts"), "\(run)")
    // Renditions are kept: from now on the length is known.
    let again = try place.run(job)
    #expect(again.code != 0 && again.errors.contains(error), "\(again)")
    // No waiver puts a cue behind the end into a video.
    let waived = try self.job(
      place, "long.ts", cues: [(0, "Wash your hands."), (60, "Made by a tool.")], waive: ["time.pastend"])
    let refused = try place.run(waived)
    #expect(refused.code != 0 && refused.errors.contains("'time.pastend' cannot be waived for it"), "\(refused)")
    // With its text right it is made of what is kept, and then nothing is left to do.
    let right = try self.job(place, "long.ts", cues: [(0, "Wash your hands."), (2, "Then dry them.")])
    let made = try place.run(right)
    #expect(made.code == 0, "\(made)")
    #expect(made.errors.contains("0 encoded") || made.output.contains("0 encoded"), "\(made)")
    let last = try place.run(right)
    #expect(last.code == 0 && !FileManager.default.fileExists(atPath: place.out + "/TEST-1/TEST-1_v2"), "\(last)")
  }

  @Test func goodTextOfAClockThatBeginsAgainIsPublished() throws {
    let place = try Place()
    try film(place, "1.ts", LengthRunTests.coding + ["-output_ts_offset", "4"])
    try film(place, "2.ts", LengthRunTests.coding)
    let bytes = try ["1.ts", "2.ts"].map { try Data(contentsOf: URL(fileURLWithPath: place.path + "/" + $0)) }
    try (bytes[0] + bytes[1]).write(to: URL(fileURLWithPath: place.path + "/again.ts"))
    let job = try job(place, "again.ts", cues: [(0, "Wash your hands."), (3, "Then dry them."), (7, "Well done.")])
    let run = try place.run(job)
    #expect(run.code == 0, "\(run)")
    let samples = try runProgram(
      "/usr/bin/ffprobe",
      [
        "-v", "error", "-select_streams", "s", "-show_entries", "packet=size", "-of", "csv=p=0",
        place.package + "/data/lessons/T-1/T-1.mp4",
      ])
    let texts = samples.output.split(separator: "\n").filter { (Int($0.prefix { $0 != "," }) ?? 0) > 2 }
    #expect(texts.count == 3, "every cue is in the video: \(samples.output)")
  }

  /// Screens and slides have few pictures a second, and reordered ones are long then.
  @Test(arguments: ["5", "9", "1"])
  func fewPicturesASecondAreAsLongAsTheirSound(_ rate: String) throws {
    let place = try Place()
    try film(place, "slow.mp4", picture: 6, sound: 6, LengthRunTests.coding + ["-r", rate])
    let run = try place.run(try job(place, "slow.mp4", cues: [(0, "Wash your hands."), (4, "Then dry them.")]))
    #expect(run.code == 0, "\(run)")
    #expect(try ferry("verify", place.package).code == 0)
  }

  @Test func tracksAreEquallyLongInAllThatIsDelivered() throws {
    let place = try Place()
    try film(place, "short.mp4", picture: 9, sound: 2, LengthRunTests.coding)
    let job = try job(place, "short.mp4", cues: [(0, "Wash your hands."), (7, "Then dry them.")])
    let run = try place.run(job)
    #expect(run.code == 0 && run.errors.contains("the sound ends 7.0 s before the picture"), "\(run)")
    let lesson = place.package + "/data/lessons/T-1"
    for name in try FileManager.default.contentsOfDirectory(atPath: lesson + "/hls") where name.hasSuffix(".m3u8") {
      let sum = try String(contentsOfFile: lesson + "/hls/" + name, encoding: .utf8).split(separator: "\n")
        .compactMap { $0.hasPrefix("#EXTINF:") ? Double($0.dropFirst(8).prefix { $0 != "," }) : nil }.reduce(0, +)
      if name != "master.m3u8" { #expect(abs(sum - 9) < 0.1, "\(name): \(sum)") }
    }
    let manifest = try String(contentsOfFile: place.package + "/ferry-delivery.json", encoding: .utf8)
    #expect(manifest.contains("\"sound-ends\"") && manifest.contains("\"engine\""))
    let page = try String(contentsOfFile: place.package + "/data/ro-crate-preview.html", encoding: .utf8)
    #expect(page.contains("Sound ends early"))
    #expect(try ferry("verify", place.package).code == 0)
    // A playlist that ends early is found, with its numbers.
    try forge(place.package, "data/lessons/T-1/hls/en.m3u8") { data in
      Data(String(decoding: data, as: UTF8.self).replacing(/#EXTINF:[0-9.]+/, with: "#EXTINF:2.000").utf8)
    }
    let verified = try ferry("verify", place.package)
    #expect(verified.code != 0)
    #expect(
      (verified.errors + verified.output).contains("hls/en.m3u8: error: it ends at 2.000 s, and the lesson at 9.0"),
      "\(verified)")
  }
}
