import Foundation
import Testing

/// Text that is held against the speech in the sound, by `ferry subtitles check --video` and in a run.
@Suite struct SpeechCommandTests {
  private let place: Place

  init() throws { place = try Place() }

  /// When somebody speaks, in seconds, with pauses as uneven as people make them.
  private static let spoken: [(start: Double, end: Double)] = [
    (1.2, 3.0), (3.6, 6.1), (7.7, 9.2), (9.7, 12.6), (14.8, 16.2), (16.7, 19.4), (20.9, 22.3), (22.8, 25.7),
    (28.1, 29.8), (30.3, 31.9), (33.4, 36.0), (36.6, 38.1),
  ]

  /// A picture and sound that swells and dies four times a second, as syllables do, where somebody speaks.
  private func lesson() throws -> String {
    let path = place.path + "/lesson.mkv"
    let speaks = Self.spoken.map { "between(t,\($0.start),\($0.end))" }.joined(separator: "+")
    let made = try runProgram(
      "/usr/bin/ffmpeg",
      [
        "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=128x72:r=25:d=40", "-f", "lavfi", "-i",
        "aevalsrc='(\(speaks))*0.4*pow(abs(sin(PI*4*t)),2)*sin(2*PI*500*t)+0.002*random(0)':s=16000:d=40", "-c:v",
        "libx264", "-preset", "ultrafast", "-c:a", "flac", path,
      ])
    try #require(made.code == 0, "\(made.errors)")
    return path
  }

  private func track(_ name: String, rate: Double = 1, late: Double = 0) throws -> String {
    func time(_ seconds: Double) -> String {
      let count = Int((max(0, seconds * rate + late) * 1000).rounded())
      return String(format: "00:00:%02d,%03d", count / 1000, count % 1000)
    }
    let blocks = Self.spoken.enumerated().map { index, said in
      "\(index + 1)\n\(time(said.start)) --> \(time(said.end))\nWash them well \(index + 1).\n"
    }
    return try place.write(blocks.joined(separator: "\n"), name)
  }

  @Test func checkHoldsTextAgainstTheSound() throws {
    let video = try lesson()
    let right = try ferry("subtitles", "check", try track("right.en.srt"), "--video", video)
    #expect(right.code == 0 && !right.output.contains("time.speech"), "\(right.output)")
    let shifted = try ferry("subtitles", "check", try track("late.en.srt", late: -1.8), "--video", video)
    #expect(shifted.code == 65 && shifted.output.contains("time.speech"), "\(shifted.output)")
    #expect(shifted.output.contains("early against the speech"), "\(shifted.output)")
    let fast = try ferry("subtitles", "check", try track("fast.en.srt", rate: 24.0 / 25), "--video", video)
    #expect(fast.code == 65, "\(fast.output)")
    #expect(fast.output.contains("exported for 25 pictures a second, and the video has 24"), "\(fast.output)")
  }

  @Test func aRunHoldsTheTitleAndKeepsItsRenditions() throws {
    _ = try lesson()
    _ = try track("lesson.en.srt", late: 1.6)
    let held = try run()
    #expect(held.code == 1, "\(held.code) \(held.output)")
    #expect(held.output.contains("lesson.en.srt:2") || held.errors.contains("lesson.en.srt:2"), "\(held)")
    #expect((held.output + held.errors).contains("late against the speech in the sound"), "\(held)")
    // The renditions serve: corrected text is judged again without decoding.
    _ = try track("lesson.en.srt", late: 2.4)
    let again = try run()
    #expect(again.code == 1 && (again.output + again.errors).contains("late against the speech"), "\(again)")
    let waived = try run(["time.speech"])
    #expect(waived.code == 0 && !(waived.output + waived.errors).contains("waiver.unused"), "\(waived)")
    let outcomes = try FileManager.default.contentsOfDirectory(atPath: place.home + "/renditions")
    #expect(outcomes.count == 1)
    #expect(try quality().waived == ["time.speech"])
  }

  @Test func aWaiverAtOnceServesTheTitleThatWasHeld() throws {
    _ = try lesson()
    _ = try track("lesson.en.srt", late: 1.6)
    #expect(try run().code == 1)
    let waived = try run(["time.speech"])
    #expect(waived.code == 0, "\(waived)")
    #expect(try quality().waived == ["time.speech"] && quality().found.isEmpty)
  }

  @Test func anIdleWaiverIsToldAndWarningsAreCounted() throws {
    _ = try lesson()
    _ = try track("lesson.en.srt")
    let idle = try run(["time.speech"])
    #expect(idle.code == 0 && (idle.output + idle.errors).contains("nothing breaks 'time.speech'"), "\(idle)")
    #expect(try quality().waived.isEmpty && quality().found.isEmpty)
    _ = try track("lesson.en.srt", late: 0.7)
    let late = try run()
    #expect(late.code == 0 && (late.output + late.errors).contains(" s late against the speech"), "\(late)")
    #expect(try quality().found == ["time.speech warning 1"])
  }

  @Test func whatIsNotJudgedIsSaidOnce() throws {
    _ = try lesson()
    _ = try place.write("1\n00:00:01,200 --> 00:00:03,000\nWash them well.\n", "lesson.en.srt")
    let first = try run(["time.speech"])
    let said = "A: the track is not judged against the speech in the sound: it has only 1 cues"
    #expect(first.code == 0 && first.errors.components(separatedBy: said).count == 2, "\(first)")
    #expect(first.errors.contains("nothing breaks 'time.speech'"), "there was nothing to waive: \(first)")
    #expect(try quality().found == ["time.speech info 1"])
    let again = try run(["time.speech"])
    #expect(again.code == 0 && !(again.output + again.errors).contains("not judged"), "\(again)")
    let asked = try ferry("subtitles", "check", place.path + "/lesson.en.srt", "--video", place.path + "/lesson.mkv")
    #expect(asked.output.contains("not judged against the speech"), "\(asked.output)")
  }

  private func run(_ waive: [String] = []) throws -> Finished {
    try place.run(
      try place.job(
        [title("A", source: "lesson.mkv", english: "lesson.en.srt")],
        waive: ["time.coverage", "time.pastend"] + waive))
  }

  /// What the newest package says of the rule in its English track: what is waived, and what is found.
  private func quality() throws -> (waived: [String], found: [String]) {
    let versions = try FileManager.default.contentsOfDirectory(atPath: place.out + "/TEST-1")
      .filter { $0.hasPrefix("TEST-1_v") }
    let newest = try #require(versions.max())
    let file = "\(place.out)/TEST-1/\(newest)/ferry-delivery.json"
    let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
    let manifest = try #require(try JSONSerialization.jsonObject(with: bytes) as? [String: Any])
    let lessons = try #require(manifest["lessons"] as? [[String: Any]])
    let tracks = try #require(lessons[0]["text"] as? [[String: Any]])
    let track = try #require(tracks.first { $0["language"] as? String == "en" })
    func ours(_ key: String) throws -> [[String: Any]] {
      try #require(track[key] as? [[String: Any]]).filter { $0["rule"] as? String == "time.speech" }
    }
    return (
      try ours("waived").map { _ in "time.speech" },
      try ours("findings").map { "time.speech \($0["severity"] ?? "") \($0["count"] ?? 0)" }
    )
  }
}
