import FerryCore
import FerryMedia
import Foundation
import Testing

extension MediaTests {
  /// Whatever a camera made, a viewer sees it upright, in its shape, progressive and at a constant rate.
  @Suite struct Pictures {
    let footage: Footage

    init() throws { footage = try Footage() }

    private static let quick = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]

    @Test(arguments: [("640x360", 640, 360), ("641x361", 640, 360), ("161x90", 160, 90)])
    func neverScalesUpAndLosesAnOddLine(size: String, width: Int, height: Int) throws {
      let source = try footage.film(
        "odd.mkv", picture: "testsrc2=s=\(size):r=25:d=1", options: ["-c:v", "libx264", "-pix_fmt", "yuv444p"])
      let made = try footage.transcode(source)
      #expect(made.outcome.renditions.count == 1)
      let stream = try Judge.video(try made.video).stream
      #expect(stream.width == width && stream.height == height && stream.pixFmt == "yuv420p")
      #expect(try Judge.video(try made.video).packets.count == 25)
    }

    /// A display matrix and the corner in which the source's first pixels must be shown.
    struct Turn: CustomTestStringConvertible, Sendable {
      let testDescription: String
      /// a, b, c and d of ISO/IEC 14496-12, 8.3.2.
      let matrix: [Int32]
      let corner: String
      let isPortrait: Bool
    }

    @Test(arguments: [
      Turn(testDescription: "as filmed", matrix: [1, 0, 0, 1], corner: "top left", isPortrait: false),
      Turn(testDescription: "90 degrees", matrix: [0, 1, -1, 0], corner: "top right", isPortrait: true),
      Turn(testDescription: "180 degrees", matrix: [-1, 0, 0, -1], corner: "bottom right", isPortrait: false),
      Turn(testDescription: "270 degrees", matrix: [0, -1, 1, 0], corner: "bottom left", isPortrait: true),
      Turn(testDescription: "mirrored", matrix: [-1, 0, 0, 1], corner: "top right", isPortrait: false),
      Turn(testDescription: "90 degrees and mirrored", matrix: [0, 1, 1, 0], corner: "top left", isPortrait: true),
    ])
    func aTurnedPictureIsShownUpright(turn: Turn) throws {
      let source = try footage.film(
        "phone.mp4", picture: "color=black:s=320x180:r=25:d=0.4,drawbox=x=0:y=0:w=80:h=45:c=white:t=fill",
        options: Pictures.quick)
      var bytes = try footage.bytes("phone.mp4")
      let header = try #require(content("moov", "trak", "tkhd", in: bytes[...]))
      for (place, value) in zip([0, 1, 3, 4], turn.matrix) {
        let start = header.startIndex + 40 + place * 4
        withUnsafeBytes(of: (value * 65536).bigEndian) { bytes.replaceSubrange(start..<(start + 4), with: $0) }
      }
      try footage.write(bytes, to: "phone.mp4")
      let made = try footage.transcode(source)
      let stream = try Judge.video(try made.video).stream
      #expect(stream.width == (turn.isPortrait ? 180 : 320) && stream.height == (turn.isPortrait ? 320 : 180))
      // Four cells wide and high: only the white one's corner is bright.
      let picture = try #require(try Judge.greyPictures(try made.video, width: 4, height: 4).first)
      let corners = ["top left": 0, "top right": 3, "bottom left": 12, "bottom right": 15]
      for (name, cell) in corners { #expect((picture[cell] > 200) == (name == turn.corner), "\(name)") }
    }

    @Test func anamorphicPicturesGetSquarePixels() throws {
      let source = try footage.film(
        "tape.mkv", picture: "testsrc2=s=320x240:r=25:d=0.4,setsar=4/3", options: Pictures.quick)
      let stream = try Judge.video(try footage.transcode(source).video).stream
      #expect(stream.width == 426 && stream.height == 240 && stream.sampleAspectRatio == "1:1")
    }

    @Test(arguments: [
      ("pro.mov", ["-c:v", "prores_ks", "-pix_fmt", "yuv422p10le"]),
      ("high.mkv", ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv422p10le"]),
    ])
    func tenBitPicturesBecomeEightBit(name: String, options: [String]) throws {
      // Tagged as what it becomes, so that only the depth changes.
      let tags = ["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"]
      let source = try footage.film(name, picture: "testsrc2=s=1280x720:r=25:d=0.12", options: options + tags)
      #expect(try Probe.facts(of: source).mainVideo?.video?.bitDepth == 10)
      let made = try footage.transcode(source)
      #expect(try Judge.video(try made.video).stream.pixFmt == "yuv420p")
      try looksAlike(source, try made.video)
    }

    @Test(arguments: [
      ["-c:v", "mjpeg", "-q:v", "2", "-pix_fmt", "yuvj420p"],
      // Only the tag says full range here, not the format's name.
      ["-vf", "scale=out_range=full", "-pix_fmt", "yuv422p10le", "-color_range", "pc", "-c:v", "libx264"],
    ])
    func fullRangePicturesKeepTheirBrightness(options: [String]) throws {
      let source = try footage.film(
        "screen.mkv", picture: "color=black:s=320x180:r=25:d=0.4,geq=lum='16+X*219/319':cb=128:cr=128",
        options: options)
      #expect(try Probe.facts(of: source).mainVideo?.video?.colourRange == "full")
      let made = try footage.transcode(source)
      #expect(try Judge.video(try made.video).stream.colorRange == "tv")
      try looksAlike(source, try made.video)
    }

    @Test func interlacedPicturesAreDeinterlaced() throws {
      // A white bar that moves eight pixels a field: in a woven picture its edges are combs.
      let source = try footage.film(
        "broadcast.mpg",
        picture: "color=black:s=320x240:r=50:d=1,"
          + "geq=lum='if(lt(mod(X+320-mod(N*8,320),320),48),235,16)':cb=128:cr=128,interlace=scan=tff:lowpass=off",
        options: ["-c:v", "mpeg2video", "-q:v", "2", "-flags", "+ilme+ildct", "-top", "1"])
      let facts = try #require(try Probe.facts(of: source).mainVideo?.video)
      #expect(facts.interlacing == .topFieldFirst)
      let made = try footage.transcode(source)
      let output = try Judge.video(try made.video)
      #expect(try output.stream.fieldOrder == "progressive" && output.stream.rFrameRate == "25/1")
      #expect(output.packets.count == 25)
      #expect(try combing(source) > 8)
      #expect(try combing(try made.video) < 2)
    }

    @Test func doubleRateIsHalvedWithoutDrift() throws {
      // The picture turns white at the eighth second.
      let source = try footage.film(
        "sport.mp4",
        picture: "color=black:s=160x90:r=60000/1001:d=10,drawbox=c=white:t=fill:enable='gte(n,480)'",
        options: Pictures.quick)
      let made = try footage.transcode(source)
      let output = try Judge.video(try made.video)
      #expect(try output.stream.rFrameRate == "30000/1001" && output.packets.count == 300)
      let times = output.times
      let span = try #require(times.last) - (try #require(times.first))
      #expect(abs(span - 299.0 * 1001 / 30000) < 0.0001)
      let pictures = try Judge.greyPictures(try made.video, width: 1, height: 1)
      #expect(pictures.firstIndex { $0[0] > 128 } == 240)
    }

    @Test(arguments: ["mkv", "mp4"])
    func aVariableRateBecomesConstant(container: String) throws {
      // One second whole, then every fifth picture; the picture turns white at two seconds.
      let source = try footage.film(
        "phone.\(container)",
        picture: "color=black:s=160x90:r=30:d=4,drawbox=c=white:t=fill:enable='gte(n,60)',"
          + "select='lt(n,30)+not(mod(n,5))'",
        options: ["-vsync", "vfr"] + Pictures.quick)
      // Matroska declares one rate whatever the timestamps are; only they decide.
      #expect(try Probe.facts(of: source).mainVideo?.video?.isVariableFrameRate == (container == "mp4"))
      let made = try footage.transcode(source)
      let output = try Judge.video(try made.video)
      #expect(try output.stream.rFrameRate == "30/1")
      let steps = Set(zip(output.times.dropFirst(), output.times).map { (($0 - $1) * 30000).rounded() / 1000 })
      #expect(steps == [1])
      #expect((116...120).contains(output.packets.count))
      let pictures = try Judge.greyPictures(try made.video, width: 1, height: 1)
      #expect(pictures.firstIndex { $0[0] > 128 } == 60)
    }

    /// How much neighbouring lines differ in the middle picture, on average.
    private func combing(_ path: String) throws -> Double {
      let pictures = try Judge.greyPictures(path, width: 320, height: 240)
      let picture = pictures[pictures.count / 2]
      let differences = (0..<(239 * 320)).map { abs(Int(picture[$0]) - Int(picture[$0 + 320])) }
      return Double(differences.reduce(0, +)) / Double(differences.count)
    }

    /// The brightness of all parts of the first picture is the same to a few steps of 256.
    private func looksAlike(_ source: String, _ output: String) throws {
      let before = try #require(try Judge.greyPictures(source, width: 16, height: 9).first)
      let after = try #require(try Judge.greyPictures(output, width: 16, height: 9).first)
      let worst = zip(before, after).map { abs(Int($0) - Int($1)) }.max() ?? 255
      #expect(worst <= 4)
      // A blank picture would be like another.
      #expect((before.max() ?? 0) - (before.min() ?? 0) > 60)
    }
  }
}
