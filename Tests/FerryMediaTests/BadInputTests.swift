import FerryCore
import FerryMedia
import Foundation
import Testing

extension MediaTests {
  /// A file that is not what it is called, or not whole, gives one error that says so and nothing else.
  @Suite struct BadInput {
    let footage: Footage

    init() throws { footage = try Footage() }

    private func probe(_ name: String) -> String? {
      failure(in: footage) { _ = try Probe.facts(of: footage.path(name)) }
    }

    private func transcode(_ name: String) -> String? {
      failure(in: footage) { _ = try footage.transcode(footage.path(name)) }
    }

    /// Two seconds of picture and sound in `name`'s container.
    private func film(_ name: String, _ options: String...) throws {
      _ = try footage.film(
        name, picture: "testsrc2=s=320x180:r=25:d=4", sound: "sine=440:r=48000:d=4",
        options: ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"] + options)
    }

    @Test func aMissingFile() throws {
      #expect(probe("nowhere.mp4") == "cannot open nowhere.mp4: No such file or directory")
    }

    @Test func anEmptyFile() throws {
      try footage.write([], to: "empty.mp4")
      #expect(probe("empty.mp4") == "cannot open empty.mp4: moov atom not found")
    }

    @Test func aTextThatIsCalledMP4() throws {
      try footage.write("Dear colleagues, the film follows tomorrow.\n".utf8, to: "letter.mp4")
      #expect(probe("letter.mp4") == "cannot open letter.mp4: moov atom not found")
    }

    @Test func aFolder() throws {
      #expect(failure(in: footage) { _ = try Probe.facts(of: footage.folder) }?.hasPrefix("cannot open ") == true)
    }

    @Test func aPlaylistThatIsCalledMP4OpensNoOtherFile() throws {
      try film("segment.ts")
      let playlist = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nsegment.ts\n#EXT-X-ENDLIST\n"
      try footage.write(playlist.utf8, to: "lesson.mp4")
      let watch = try OpenWatch(on: footage.path("segment.ts"))
      #expect(
        probe("lesson.mp4")?.hasPrefix(
          "cannot open lesson.mp4: its content is none of the containers that are read (mov, mp4, ") == true)
      #expect(!watch.sawOpening())
      #expect(transcode("lesson.mp4") == probe("lesson.mp4"))
      #expect(!watch.sawOpening())
      // The watch does see an opening.
      #expect(probe("segment.ts") == nil)
      #expect(watch.sawOpening())
    }

    @Test func aMatroskaFileCutInHalf() throws {
      try film("whole.mkv")
      let bytes = try footage.bytes("whole.mkv")
      try footage.write(bytes.prefix(bytes.count / 2), to: "half.mkv")
      let text = try #require(transcode("half.mkv"))
      #expect(
        try /cannot read half\.mkv: it ends at [12]\.\d s of the 4\.0 s that it declares/.wholeMatch(in: text) != nil)
    }

    @Test func anMP4CutInHalf() throws {
      try film("whole.mp4", "-movflags", "+faststart")
      let bytes = try footage.bytes("whole.mp4")
      try footage.write(bytes.prefix(bytes.count / 2), to: "half.mp4")
      let text = try #require(transcode("half.mp4"))
      #expect(try /cannot decode half\.mp4 \(stream 0\): at [12]\.\d s: .+/.wholeMatch(in: text) != nil, "\(text)")
    }

    @Test func anMP4WithoutItsIndex() throws {
      try film("whole.mp4")
      let bytes = try footage.bytes("whole.mp4")
      try footage.write(bytes.dropLast(bytes.count / 4), to: "unfinished.mp4")
      #expect(probe("unfinished.mp4") == "cannot open unfinished.mp4: moov atom not found")
    }

    @Test func aStreamThatIsNotThere() throws {
      let talk = try footage.film("talk.wav", sound: "sine=440:r=48000:d=1")
      try film("film.mp4")
      let language = try #require(LanguageTag("zh"))
      let recipe = try #require(Recipe(.web, for: try Probe.facts(of: footage.path("film.mp4")), language: language))
      #expect(
        failure(in: footage) { _ = try footage.transcode(talk, by: recipe) }
          == "cannot open talk.wav: there is no stream 1 in it")
    }

    @Test func aSoundStreamForAPicture() throws {
      let talk = try footage.film("talk.wav", sound: "sine=440:r=48000:d=1")
      try film("film.mp4")
      let language = try #require(LanguageTag("zh"))
      var recipe = try #require(Recipe(.web, for: try Probe.facts(of: footage.path("film.mp4")), language: language))
      recipe.audio = nil
      #expect(
        failure(in: footage) { _ = try footage.transcode(talk, by: recipe) }
          == "cannot open talk.wav: its stream 0 is no picture")
    }

    @Test func aDecoderThatIsNotAllowed() throws {
      _ = try footage.film("archive.avi", picture: "testsrc2=s=320x180:r=25:d=1", options: ["-c:v", "asv1"])
      #expect(transcode("archive.avi") == "cannot decode archive.avi (stream 0): Decoder not found: its codec is asv1")
    }
  }
}

/// Sees whether anybody opens a file, as the kernel tells it.
private final class OpenWatch {
  private let descriptor: Int32

  init(on path: String) throws {
    descriptor = inotify_init1(Int32(IN_NONBLOCK))
    guard descriptor >= 0, inotify_add_watch(descriptor, path, UInt32(IN_OPEN)) >= 0 else {
      throw Judge.Failure(description: "cannot watch \(path): error \(errno)")
    }
  }

  /// Whether the file was opened since the last call.
  func sawOpening() -> Bool {
    var buffer = [UInt8](repeating: 0, count: 4096)
    return read(descriptor, &buffer, buffer.count) > 0
  }

  deinit { close(descriptor) }
}
