import FerryCore
import FerryMedia
import Foundation
import Testing

/// All tests that call FFmpeg, one after the other: its last log line is one for the whole process, and each encoder
/// uses both cores anyway.
@Suite(.serialized) struct MediaTests {}

/// A temporary folder with the sources and results of one test; it goes with the test.
final class Footage {
  let folder: String
  private var count = 0

  init() throws {
    folder = FileManager.default.temporaryDirectory.path + "/ferry-media-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  deinit {
    do { try FileManager.default.removeItem(atPath: folder) } catch { Issue.record(error) }
  }

  func path(_ name: String) -> String { folder + "/" + name }

  func bytes(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: path(name)))) }

  func write(_ bytes: some Sequence<UInt8>, to name: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
  }

  /// Films `picture` and `sound`, which are lavfi graphs, into a file.
  func film(_ name: String, picture: String? = nil, sound: String? = nil, options: [String] = []) throws -> String {
    let inputs = [picture, sound].compactMap { $0 }.flatMap { ["-f", "lavfi", "-i", $0] }
    _ = try Judge.ffmpeg(inputs + options + [path(name)])
    return path(name)
  }

  /// Transcodes a source by the web profile into a new folder; small short sides instead of its own save time.
  func transcode(_ source: String, ladder: [Int] = []) throws -> Transcoded {
    let language = try #require(LanguageTag("zh-Hans"))
    var profile = Profile.web
    if !ladder.isEmpty {
      profile.video?.ladder = ladder.map {
        Profile.Rung(
          shortSide: $0, rateFactor: 21, maximumRate: 1_000_000, bufferSize: 2_000_000, preset: "veryfast")
      }
    }
    let facts = try Probe.facts(of: source)
    let recipe = try #require(Recipe(profile, for: facts, language: language))
    return try transcode(source, by: recipe)
  }

  func transcode(_ source: String, by recipe: Recipe, encoders: Int = 2) throws -> Transcoded {
    let language = try #require(LanguageTag("zh-Hans"))
    count += 1
    let output = path("out\(count)")
    try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: false)
    let outcome = try Transcode.run(source, by: recipe, language: language, into: output, encoders: encoders) { _ in }
    return Transcoded(folder: output, recipe: recipe, outcome: outcome)
  }
}

/// One title's renditions and where they are.
struct Transcoded {
  let folder: String
  let recipe: Recipe
  let outcome: TranscodeOutcome

  func path(_ file: FragmentedFile) -> String { folder + "/" + file.name }

  /// The largest rendition.
  var video: String {
    get throws { path(try #require(outcome.renditions.first).file) }
  }

  var audio: String {
    get throws { path(try #require(outcome.audio).file) }
  }

  /// Picture and sound in one file, as viewers get it.
  func muxed(text: [TextStream] = []) throws -> String {
    let result = folder + "/final.mp4"
    try SingleFile.write(
      result, as: .mp4, video: outcome.renditions.isEmpty ? nil : try video,
      audio: outcome.audio == nil ? nil : try audio,
      text: text, chapters: outcome.chapters, title: "口罩 Masks")
    return result
  }
}

/// What `body` fails with, without the folder's changing name; `nil` when it succeeds.
func failure(in footage: Footage, _ body: () throws -> Void) -> String? {
  do {
    try body()
    return nil
  } catch let error as MediaError {
    return error.description.replacingOccurrences(of: footage.folder + "/", with: "")
  } catch {
    return "not a MediaError: \(error)"
  }
}
