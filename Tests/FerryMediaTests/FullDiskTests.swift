import FerryCore
import FerryMedia
import Foundation
import Testing

extension MediaTests {
  /// A full disk is told from bad media, so that the title waits for space instead of failing.
  @Suite struct FullDisks {
    let footage: Footage

    init() throws { footage = try Footage() }

    private func source() throws -> String {
      try footage.film(
        "lesson.mkv", picture: "testsrc2=s=320x180:r=25:d=1", sound: "sine=440:r=48000:d=1",
        options: ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "flac"])
    }

    /// `/dev/full` takes every open and refuses every write with ENOSPC.
    @Test(arguments: ["180p.mp4", "audio.mp4", "poster.jpg"])
    func noSpaceForARendition(name: String) throws {
      let source = try source()
      let language = try #require(LanguageTag("zh"))
      let recipe = try #require(Recipe(.web, for: try Probe.facts(of: source), language: language))
      let output = footage.path("out")
      try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: false)
      try FileManager.default.createSymbolicLink(atPath: output + "/" + name, withDestinationPath: "/dev/full")
      let error = #expect(throws: MediaError.self) {
        try Transcode.run(source, by: recipe, language: language, into: output) { _ in }
      }
      #expect(error?.isNoSpace == true)
      #expect(error?.description == "cannot write \(output)/\(name): No space left on device")
    }

    @Test func noSpaceForTheProgressiveFile() throws {
      let made = try footage.transcode(try source())
      try FileManager.default.createSymbolicLink(
        atPath: made.folder + "/final.mp4", withDestinationPath: "/dev/full")
      let error = #expect(throws: MediaError.self) { _ = try made.muxed() }
      #expect(error?.isNoSpace == true)
    }
  }
}
