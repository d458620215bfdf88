import Foundation
import Testing

/// Real files of every kind, delivered and compared with their sources by programs that are not ours.
@Suite struct RoundTripTests {
  /// What cannot be delivered, and a word of why.
  private static let refused: [String: String] = [
    "cut-in-half.mkv": "it ends at", "cut-in-half.mp4": "cut short", "empty.mp4": "is empty",
    "playlist-named.mp4": "not a video file", "text-named.mp4": "no MP4 file",
  ]

  private static let kinds: Set<String> = [
    "mp4", "mov", "mkv", "webm", "ts", "avi", "mpg", "ogv", "flv", "wmv", "3gp", "mts", "mka", "mp3", "flac",
  ]

  @Test func whatIsDeliveredIsWhatWasFilmed() throws {
    let place = try Place()
    _ = try place.write(
      """
      ferry-profile: 1
      name: small
      extends: web-small
      outputs: [mp4]
      video:
        ladder:
          - { lines: 180, quality: 26, max-rate: 500k, buffer: 1000k, preset: ultrafast }
      audio: { sample-rate: 48000 }
      """, "small.yaml")
    var titles: [String] = []
    var sources: [String: String] = [:]
    var refused: Set<String> = []
    for folder in ["lessons", "odd", "real"] {
      let names = try FileManager.default.contentsOfDirectory(atPath: Fixture.folder + "/" + folder).sorted()
      for name in names where RoundTripTests.kinds.contains(String(name.split(separator: ".").last ?? "")) {
        let id = "T\(titles.count + 1)"
        let text = try place.write("1\n00:00:00,000 --> 00:00:00,100\nHello.\n", "\(id).srt")
        let path = Fixture.folder + "/\(folder)/\(name)"
        titles.append(title(id, source: path, english: text))
        if RoundTripTests.refused[name] == nil { sources[id] = path } else { refused.insert(id) }
      }
    }
    #expect(sources.count >= 60, "\(sources.count) files")
    let job = try place.job(titles, waive: ["time.min", "read.cps"])
    try String(contentsOfFile: job, encoding: .utf8).replacing("profile: web\n", with: "profile: small.yaml\n")
      .write(toFile: job, atomically: true, encoding: .utf8)
    let run = try ferry("run", job, "--home", place.home, "--out", place.out, "--partial", "--json")
    let answers = try TitleAnswer.all(in: run.output)
    let failed = Set(answers.filter { $0.value.contains { !$0.isMade } }.keys)
    #expect(failed == refused, "\(run.errors.suffix(3000))")
    let list = place.path + "/sources.json"
    try JSONEncoder().encode(sources).write(to: URL(fileURLWithPath: list))
    let verdict = try judge("roundtrip.py", place.out + "/TEST-1/TEST-1_v1", list)
    #expect(verdict.code == 0, "\(verdict.output)\(verdict.errors)")
  }
}
