import Foundation
import Testing

/// Every number of every format, one at a time, set to the extremes at which arithmetic traps.
///
/// Blind damage finds none of these: `extremes.py` knows where the numbers are.
struct ExtremesTests {
  @Test func noNumberEndsFerry() throws {
    let place = try Place()
    let trial = try judge("extremes.py", ferryPath, place.path + "/extremes", try ExtremesTests.package.get())
    #expect(trial.code == 0, "\(trial.output)\(trial.errors.suffix(2000))")
    let total = trial.output.firstMatch(of: /total=([0-9]+)/).flatMap { Int($0.1) }
    #expect(total ?? 0 > 3000, "\(trial.output)")
  }

  /// An error of the package, with the key.
  @Test(arguments: [
    (#""duration_ms" : [0-9]+"#, #""duration_ms" : 9223372036854775807"#, "duration_ms"),
    (#""duration_ms" : [0-9]+"#, #""duration_ms" : -9223372036854775808"#, "duration_ms"),
    (#""frame_rate" : "[^"]*""#, #""frame_rate" : "0""#, "frame_rate"),
    (#""frame_rate" : "[^"]*""#, #""frame_rate" : "1/9223372036854775807""#, "frame_rate"),
    (#""size" : [0-9]+"#, #""size" : 9223372036854775807"#, "size"),
    (#""version" : [0-9]+"#, #""version" : 9223372036854775807"#, "version"),
    (#""channels" : [0-9]+"#, #""channels" : 1e999"#, "channels"),
  ])
  func anAbsurdManifestIsInvalid(_ pattern: String, _ replacement: String, _ key: String) throws {
    let place = try Place()
    let package = try ExtremesTests.package.get()
    let copy = place.path + "/package"
    try FileManager.default.copyItem(atPath: package, toPath: copy)
    let regex = try Regex(pattern)
    try forge(copy, "ferry-delivery.json") { data in
      Data(String(decoding: data, as: UTF8.self).replacing(regex, with: replacement, maxReplacements: 1).utf8)
    }
    let verdict = try ferry("verify", copy)
    #expect(verdict.code == 1, "\(verdict.errors)")
    #expect(verdict.errors.contains(key), "\(verdict.errors)")
  }

  private static let place = Result { try Place() }

  /// A package that all of these tests copy.
  private static let package = Result {
    let place = try place.get()
    let english = try place.write("1\n00:00:00,000 --> 00:00:01,500\nA line of text.\n", "T-1.en.srt")
    let job = try place.job([title("T-1", source: Fixture.surround, english: english)], waive: ["time.coverage"])
    let made = try ferry("run", job, "--home", place.home, "--out", place.out)
    try #require(made.code == 0, "\(made.errors)")
    return place.out + "/TEST-1/TEST-1_v1"
  }
}
