import FerryCore
import FerryMedia
import Foundation
import Testing

extension MediaTests {
  /// The promises that streaming rests on: every rendition of a title can take over from any other at any segment.
  @Suite struct Renditions {
    let footage: Footage

    init() throws { footage = try Footage() }

    /// A little more than one segment of a lesson as it comes from the camera.
    ///
    /// It changes altogether at 1.1 seconds, where an encoder left alone would set a key frame.
    private func lesson(_ size: String = "640x360") throws -> String {
      try footage.film(
        "lesson.mp4", picture: "smptehdbars=s=\(size):r=30:d=4.2,negate=enable='gte(t,1.1)'",
        sound: "sine=440:r=48000:d=4.2",
        options: ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"])
    }

    @Test func threeSizesShareFramesKeyFramesAndSegments() throws {
      let made = try footage.transcode(try lesson("1920x1080"))
      #expect(made.outcome.renditions.map(\.rendition.name) == ["1080p", "720p", "480p"])
      let sizes = [(1920, 1080), (1280, 720), (854, 480)]
      for (output, size) in zip(made.outcome.renditions, sizes) {
        let path = made.path(output.file)
        let probed = try Judge.video(path)
        let stream = try probed.stream
        #expect(stream.width == size.0 && stream.height == size.1)
        #expect(probed.packets.count == 126 && output.frames == 126)
        // The first picture is at zero (see below); FFmpeg reads negative composition offsets as a later start.
        let first = try #require(probed.times.first)
        #expect(probed.keyTimes.map { (($0 - first) * 1000).rounded() } == [0, 2000, 4000])
        #expect(stream.rFrameRate == "30/1" && stream.sampleAspectRatio == "1:1" && stream.pixFmt == "yuv420p")
        // BT.709 by its size: the source is not tagged. `tv` is FFmpeg's word for limited range.
        #expect(stream.colorRange == "tv" && stream.colorSpace == "bt709")
        #expect(stream.colorPrimaries == "bt709" && stream.colorTransfer == "bt709")
        #expect(stream.profile == "High")
        let level = try #require(stream.level)
        #expect(output.codec == "avc1.6400" + String(level, radix: 16))
        #expect(try Judge.complaints(of: path) == "")
        try segmentsHold(output.file, in: made, seconds: [4, 0.2])
        #expect(output.file.duration == 4200)
      }
      let sound = try #require(made.outcome.audio)
      #expect(sound.codec == "mp4a.40.2" && sound.sampleRate == 48_000 && sound.channels == 2)
      let probed = try Judge.audio(made.path(sound.file))
      #expect(try probed.stream.profile == "LC" && probed.stream.tags?["language"] == "zho")
      #expect(try Judge.complaints(of: made.path(sound.file)) == "")
      try segmentsHold(sound.file, in: made, seconds: nil)
      #expect(abs(sound.file.duration.count - 4200) < 64)
      #expect(abs(made.outcome.duration.count - 4200) < 64)
    }

    /// Sound segments end with the first packet at or after each segment's end, so players can pair them.
    @Test func soundSegmentsLieBesideThePicturesSegments() throws {
      let made = try footage.transcode(try lesson(), ladder: [90])
      let sound = try #require(made.outcome.audio)
      let pictures = try #require(made.outcome.renditions.first)
      #expect(sound.file.segments.count == pictures.file.segments.count)
      #expect(abs(sound.file.segments[0].duration.value - 4) <= 2 * 1024.0 / 48_000)
    }

    @Test func soundStartsAtZeroAfterItsEditList() throws {
      let made = try footage.transcode(
        try footage.film("beep.wav", sound: "aevalsrc='if(lt(t,0.05),0.8*sin(2*PI*1000*t),0)':s=48000:d=1"))
      #expect(made.outcome.renditions.isEmpty && made.outcome.poster != nil)
      // In the fragmented file the encoder's 1024 samples of delay lie before zero, where the edit list puts them.
      for (path, start) in [(try made.audio, -1024), (try made.muxed(), 0)] {
        let declared = try #require(try Judge.audio(path).stream.start)
        #expect((declared * 48_000).rounded() == Double(start))
        let channel = try #require(try Judge.sound(path).first)
        let loud = try #require(channel.firstIndex { abs($0) > 0.2 })
        #expect((0..<96).contains(loud + start), "the beep at zero is heard after \(loud + start) samples")
      }
    }

    @Test func theSameSourceGivesTheSameBytes() throws {
      let source = try lesson()
      let first = try footage.transcode(source, ladder: [360, 180])
      let second = try footage.transcode(source, ladder: [360, 180])
      _ = try first.muxed()
      _ = try second.muxed()
      let names = try FileManager.default.contentsOfDirectory(atPath: first.folder).sorted()
      #expect(names == ["180p.mp4", "360p.mp4", "audio.mp4", "final.mp4", "poster.jpg", "thumbs.jpg"])
      #expect(try FileManager.default.contentsOfDirectory(atPath: second.folder).sorted() == names)
      for name in names {
        #expect(
          FileManager.default.contentsEqual(atPath: first.folder + "/" + name, andPath: second.folder + "/" + name),
          "\(name) differs")
      }
    }

    @Test func thePosterIsAJPEGOfTheLargestRendition() throws {
      let made = try footage.transcode(
        try footage.film("small.mkv", picture: "testsrc2=s=640x360:r=25:d=3", options: ["-c:v", "mpeg4", "-q:v", "2"]))
      #expect(made.outcome.poster == "poster.jpg")
      let probed = try Judge.video(made.folder + "/poster.jpg")
      #expect(try probed.stream.codecName == "mjpeg" && probed.stream.width == 640 && probed.stream.height == 360)
      #expect(try Judge.complaints(of: made.folder + "/poster.jpg") == "")
    }

    /// Every segment is a `moof` and its `mdat`, one after the other from the `moov` to the file's end.
    private func segmentsHold(_ file: FragmentedFile, in made: Transcoded, seconds: [Double]?) throws {
      let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: made.path(file))))
      #expect(boxes(of: bytes[..<file.initialisation]).map(\.type) == ["ftyp", "moov"])
      let index = boxes(of: bytes[file.initialisation..<(file.segments.first?.offset ?? 0)])
      #expect(index.map(\.type) == ["sidx", "free"])
      #expect(file.index == file.initialisation..<(index.last.map { $0.content.lowerBound - 8 } ?? 0))
      var end = file.segments.first?.offset ?? 0
      for segment in file.segments {
        #expect(segment.offset == end)
        end += segment.size
        try #require(end <= bytes.count)
        let inside = boxes(of: bytes[segment.offset..<end]).map(\.type)
        #expect(inside.first == "moof" && inside.last == "mdat" && inside.count == 2, "\(inside)")
      }
      #expect(end == bytes.count)
      #expect(firstPresentation(in: bytes, from: file.segments[0].offset) == 0)
      let total = file.segments.reduce(0) { $0 + $1.duration.value }
      #expect(abs(total * 1000 - Double(file.duration.count)) <= 0.5)
      if let seconds { #expect(file.segments.map(\.duration.value) == seconds) }
    }
  }
}
