import Foundation
import Testing

/// Every number of every format, one at a time, set to the extremes at which arithmetic traps.
///
/// Blind damage finds none of these: `extremes.py` knows where the numbers are.
struct ExtremesTests {
  private let place: Place

  init() throws { place = try Place() }

  /// A package of one lesson with pictures and sound.
  private func package() throws -> String {
    let english = try place.write("1\n00:00:00,000 --> 00:00:01,500\nA line of text.\n", "T-1.en.srt")
    let job = try place.job([title("T-1", source: Fixture.surround, english: english)], waive: ["time.coverage"])
    let made = try ferry("run", job, "--home", place.home, "--out", place.out)
    try #require(made.code == 0, "\(made.errors)")
    return place.out + "/TEST-1/TEST-1_v1"
  }

  @Test func noNumberEndsFerry() throws {
    let trial = try judge("extremes.py", ferryPath, place.path + "/extremes", try package())
    #expect(trial.code == 0, "\(trial.output)\(trial.errors)")
    let total = trial.output.firstMatch(of: /total=([0-9]+)/).flatMap { Int($0.1) }
    #expect(total ?? 0 > 3000, "\(trial.output)")
  }

  /// The error names the key.
  @Test func anAbsurdManifestIsInvalid() throws {
    let package = try package()
    let changes = [
      ("duration_ms", "9223372036854775807"), ("duration_ms", "-9223372036854775808"), ("duration_ms", "1e999"),
      ("frame_rate", "\"0\""), ("frame_rate", "\"1/9223372036854775807\""), ("size", "9223372036854775807"),
      ("version", "9223372036854775807"), ("channels", "-1e300"), ("sample_rate", "99999999999999999999"),
    ]
    for (number, (key, value)) in changes.enumerated() {
      let copy = place.path + "/package-\(number)"
      try FileManager.default.copyItem(atPath: package, toPath: copy)
      let pattern = try Regex("\"\(key)\" : (\"[0-9/]+\"|[0-9]+)")
      try forge(copy, "ferry-delivery.json") { data in
        let text = String(decoding: data, as: UTF8.self)
        return Data(text.replacing(pattern, with: "\"\(key)\" : \(value)", maxReplacements: 1).utf8)
      }
      let verdict = try ferry("verify", copy)
      #expect(verdict.code == 1, "\(key) \(value): \(verdict.errors)")
      #expect(verdict.errors.contains("ferry-delivery.json: error: it cannot be read as ferry-delivery/2: '"))
      #expect(verdict.errors.contains(key), "\(key) \(value): \(verdict.errors)")
    }
  }

  /// A terabyte of nothing in the place of a payload file, of a tag file, and of a file that nobody lists.
  @Test func aTerabyteIsNotRead() throws {
    let package = try package()
    let film = try #require(try Place.files(below: package).keys.first { $0.hasSuffix(".mp4") })
    let names = [
      film, "data/catalogue.csv", "data/more.bin", "more.txt", "bag-info.txt", "ferry-delivery.json",
      "manifest-sha512.txt", "tagmanifest-sha256.txt",
    ]
    for (number, name) in names.enumerated() {
      let copy = place.path + "/large-\(number)"
      try FileManager.default.copyItem(atPath: package, toPath: copy)
      if name.contains("more") { try Data().write(to: URL(fileURLWithPath: copy + "/" + name)) }
      try #require(truncate(copy + "/" + name, 1 << 40) == 0)
      var verdict: Finished?
      let time = try ContinuousClock().measure { verdict = try ferry("verify", "--quick", copy) }
      #expect(verdict?.code == 1, "\(name)")
      #expect(verdict?.errors.contains("\(name):") == true, "\(name): \(verdict?.errors ?? "")")
      #expect(time < .seconds(2), "\(name)")
    }
  }
}
