import FerryCore
import Foundation
import Testing

@testable import FerryMedia

extension MediaTests {
  /// Fields are found by looking, and whole pictures are made of them; shapes are kept.
  @Suite struct Scans {
    let footage: Footage

    init() throws { footage = try Footage() }

    /// A second of fifty fields of which every two make a picture.
    private func interlaced(_ name: String, _ first: String, options: [String] = Scans.lossless) throws -> String {
      try footage.film(
        name, picture: Scans.motion(rate: 50, seconds: 1) + ",interlace=scan=\(first):lowpass=off", options: options)
    }

    /// Soft shapes that move to the left and up.
    private static func motion(rate: Int, seconds: Int) -> String {
      "color=black:s=320x180:r=\(rate):d=\(seconds),format=yuv420p,"
        + "geq=lum='128+50*sin((X+3*N)/9)+50*cos((Y+2*N)/11)':cb=128:cr=128"
    }

    private static let lossless = ["-c:v", "ffv1"]

    private func measure(_ path: String, flagged: FieldOrder?) throws -> ScanMeasure {
      try ScanMeasure.of(path, stream: 0, flagged: flagged, limits: OpenLimits())
    }

    @Test(arguments: [("tff", FieldOrder.topFirst), ("bff", .bottomFirst)])
    func fieldsAreFoundWhateverTheFileSays(first: String, order: FieldOrder) throws {
      let source = try interlaced("tape.mkv", first, options: Scans.lossless + ["-vf", "setfield=prog"])
      for flagged in [nil, FieldOrder.topFirst, .bottomFirst] {
        let found = try measure(source, flagged: flagged)
        #expect(found.order == order)
        #expect(found.share > 0.9 && found.decided >= 20)
      }
    }

    @Test func wholePicturesStayWholeWhateverTheFileSays() throws {
      let source = try footage.film(
        "film.mpg", picture: Scans.motion(rate: 25, seconds: 1) + ",setfield=tff",
        options: ["-c:v", "mpeg2video", "-q:v", "3", "-flags", "+ilme+ildct", "-top", "1"])
      #expect(try Probe.facts(of: source).mainVideo?.video?.interlacing == .topFieldFirst)
      let found = try measure(source, flagged: .topFirst)
      #expect(found.order == nil && found.share < 0.1 && found.decided >= 10)
    }

    /// `idet` alone takes these for fields.
    @Test(arguments: [(16, 1, 480), (12, 1, 480), (14, 3, 480), (18, 2, 1080), (18, 4, 1080), (24, 2, 1080)])
    func scrolledTextIsWholePictures(size: Int, step: Int, lines: Int) throws {
      let font = "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf"
      let code = (0..<90).map {
        "\($0 * 37) def function_\($0 * 7919 % 997)(argument): return lesson \($0 * 31 % 77)\n"
      }
      try footage.write(code.joined().utf8, to: "code.txt")
      let text = footage.path("code.txt")
      for (paper, ink) in [("white", "black"), ("0x1e1e1e", "white")] {
        let scroll =
          "color=\(paper):s=\(lines * 4 / 3)x\(lines):r=30:d=1,format=yuv420p,drawtext=fontfile=\(font):"
          + "textfile=\(text):fontsize=\(size):fontcolor=\(ink):x=10:y=-n*\(step)"
        let source = try footage.film("scroll.mkv", picture: scroll, options: Scans.lossless)
        let found = try measure(source, flagged: nil)
        #expect(found.order == nil, "\(found) of \(ink)")
        // The same as fields, moved sideways.
        let fields = scroll.replacing("r=30", with: "r=60").replacing("x=10:y=-n*\(step)", with: "x=99-n:y=0")
        let tape = try footage.film(
          "tape.mkv", picture: fields + ",interlace=scan=bff:lowpass=off", options: Scans.lossless)
        #expect(try measure(tape, flagged: nil).order == .bottomFirst, "\(ink)")
      }
    }

    @Test func aTestPatternIsWholePictures() throws {
      let source = try footage.film(
        "pattern.mkv", picture: "testsrc2=s=640x480:r=30:d=1", options: Scans.lossless)
      #expect(try measure(source, flagged: nil).order == nil)
    }

    @Test func whereNothingMovesTheFileIsBelieved() throws {
      let source = try footage.film(
        "slide.mkv", picture: "color=0x406080:s=320x180:r=25:d=1,format=yuv420p", options: Scans.lossless)
      let found = try measure(source, flagged: .bottomFirst)
      #expect(found.order == .bottomFirst && found.decided < 10)
      #expect(try measure(source, flagged: nil).order == nil)
    }

    @Test func longTapesAreLookedAtInThreePlaces() throws {
      // Titles without fields for six seconds, then twelve of a camera's.
      let source = try footage.film(
        "long.mkv",
        picture: Scans.motion(rate: 50, seconds: 18) + ",split[a][b];"
          + "[a]trim=0:6,fps=25,setpts=N/25/TB[c];"
          + "[b]trim=6:18,setpts=N/50/TB,interlace=scan=tff:lowpass=off,setpts=N/25/TB[d];[c][d]concat",
        options: ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "10", "-g", "25"])
      let found = try measure(source, flagged: nil)
      #expect(found.order == .topFirst)
      #expect((0.5...0.8).contains(found.share) && found.decided > 60)
    }

    @Test func aDamagedTapeIsStillMeasured() throws {
      let source = try footage.film(
        "damaged.mpg",
        picture: Scans.motion(rate: 50, seconds: 1) + ",interlace=scan=tff:lowpass=off",
        options: ["-c:v", "mpeg2video", "-q:v", "3", "-flags", "+ilme+ildct", "-top", "1"])
      var bytes = try footage.bytes("damaged.mpg")
      for place in stride(from: bytes.count / 2, to: bytes.count / 2 + 600, by: 7) { bytes[place] ^= 0x55 }
      try footage.write(bytes, to: "damaged.mpg")
      #expect(try measure(source, flagged: nil).order == .topFirst)
    }

    @Test(arguments: [("tff", FieldOrder.topFirst), ("bff", .bottomFirst)])
    func fieldsBecomeWholePicturesInTheirOrder(first: String, order: FieldOrder) throws {
      // A white bar that moves eight pixels a field: in a woven picture its edges are combs.
      let source = try footage.film(
        "bar.mkv",
        picture: "color=black:s=320x180:r=50:d=0.4,format=yuv420p,"
          + "geq=lum='if(lt(mod(X+320-mod(N*8,320),320),48),235,16)':cb=128:cr=128,interlace=scan=\(first):lowpass=off",
        options: Scans.lossless)
      let woven = try Pixels.prepare(source, count: 10)
      var wishes = Pixels.Wishes()
      wishes.fields = order
      let whole = try Pixels.prepare(source, count: 10, wishes)
      #expect(whole.count == 10)
      #expect(combing(woven[5]) > 8)
      #expect(combing(whole[5]) < 2)
      // The first field of the sixth picture is the eleventh of all; the bar of the second would lie 8 further.
      let edge = try #require((0..<320).first { whole[5].y[90 * 320 + $0] > 128 })
      #expect(abs(edge - 80) <= 2)
    }

    /// How much neighbouring lines differ, on average.
    private func combing(_ picture: Pixels.Picture) -> Double {
      let count = picture.y.count - picture.width
      let differences = (0..<count).map { abs(Int(picture.y[$0]) - Int(picture.y[$0 + picture.width])) }
      return Double(differences.reduce(0, +)) / Double(count)
    }

    /// A shape that a picture has and the place that it must take on a 320 × 180 screen.
    struct Shape: CustomTestStringConvertible, Sendable {
      let testDescription: String
      let size: String
      var aspect = "1"
      let columns: Range<Int>
      let rows: Range<Int>
    }

    @Test(arguments: [
      Shape(testDescription: "4:3", size: "320x240", columns: 40..<280, rows: 0..<180),
      Shape(testDescription: "2.4:1", size: "480x200", columns: 0..<320, rows: 22..<156),
      Shape(testDescription: "anamorphic", size: "144x120", aspect: "16/15", columns: 44..<274, rows: 0..<180),
      Shape(testDescription: "portrait", size: "90x160", columns: 108..<210, rows: 0..<180),
      Shape(testDescription: "the same shape", size: "640x360", columns: 0..<320, rows: 0..<180),
      Shape(testDescription: "nearly the same shape", size: "320x178", columns: 0..<320, rows: 0..<180),
    ])
    func anotherShapeLiesOnBlack(shape: Shape) throws {
      let source = try footage.film(
        "shape.mkv", picture: "color=white:s=\(shape.size):r=5:d=0.2,format=yuv420p,setsar=\(shape.aspect)",
        options: Scans.lossless)
      var wishes = Pixels.Wishes()
      wishes.size = (320, 180)
      let made = try #require(try Pixels.prepare(source, wishes).first)
      func luma(_ x: Int, _ y: Int) -> Int { Int(made.y[y * 320 + x]) }
      let (columns, rows) = (shape.columns, shape.rows)
      for y in [rows.lowerBound, rows.upperBound - 1] { #expect(luma(160, y) == 235, "line \(y)") }
      for x in [columns.lowerBound, columns.upperBound - 1] { #expect(luma(x, 90) == 235, "column \(x)") }
      for y in 0..<180 {
        for x in 0..<320 where !(rows.contains(y) && columns.contains(x)) {
          if luma(x, y) != 16 {
            Issue.record("\(x), \(y) is not black")
            return
          }
        }
      }
      #expect(Set(made.cb) == [128] && Set(made.cr) == [128])
    }

    @Test(arguments: [
      ("gray", "pc"), ("gray", "tv"), ("gray10le", "tv"), ("pal8", "pc"), ("yuv444p10le", "tv"), ("yuv422p", "tv"),
      ("yuv420p12le", "tv"), ("yuv422p10le", "pc"), ("gbrp10le", "pc"), ("rgb24", "pc"), ("yuv410p", "tv"),
      ("yuv411p", "tv"), ("yuvj420p", "pc"),
    ])
    func everyKindOfPixelKeepsItsBrightness(format: String, range: String) throws {
      // Five greys on an odd size.
      let greys = "color=black:s=105x45:r=5:d=0.2,format=yuv444p,geq=lum='16+floor(X/21)*54':cb=128:cr=128,"
      let convert =
        format == "pal8"
        ? "format=rgb24,split[a][b];[a]palettegen[p];[b][p]paletteuse"
        : format == "yuvj420p" ? "format=yuvj420p" : "scale=in_range=tv:out_range=\(range),format=\(format)"
      let codec = ["pal8", "rgb24"].contains(format) ? "rawvideo" : format == "yuvj420p" ? "mjpeg" : "ffv1"
      let source = try footage.film(
        codec == "rawvideo" ? "grey.nut" : "grey.mkv", picture: greys + convert,
        options: ["-c:v", codec, "-q:v", "1", "-color_range", range])
      var limits = OpenLimits()
      limits.containers.append("nut")
      var wishes = Pixels.Wishes()
      wishes.colour.isFullRange = range == "pc"
      wishes.size = (104, 44)
      let made = try #require(try Pixels.prepare(source, wishes, limits: limits).first)
      for step in 0..<5 {
        let got = made.at((Double(step) + 0.5) / 5, 0.5)
        #expect(abs(got[0] - (16 + step * 54)) <= 2 && abs(got[1] - 128) <= 1 && abs(got[2] - 128) <= 1, "\(got)")
      }
    }

    @Test func tenBitsAreDitheredToEight() throws {
      // A quarter of the way from one 8-bit code to the next must show on average.
      let source = try footage.film(
        "sky.mkv", picture: "color=black:s=64x64:r=5:d=0.2,format=yuv420p10le,geq=lum=401:cb=512:cr=512",
        options: Scans.lossless)
      let made = try #require(try Pixels.prepare(source).first)
      let mean = Double(made.y.map { Int($0) }.reduce(0, +)) / Double(made.y.count)
      #expect(abs(mean - 100.25) < 0.1)
    }

    @Test(arguments: ["yuv444p", "yuv422p", "gbrp"])
    func chromaLiesAtTheLeft(format: String) throws {
      // Red ends at an odd column: with the chroma of the output at the left, column 32 has an eighth of it left.
      let source = try footage.film(
        "edge.mkv",
        picture: "color=black:s=64x32:r=5:d=0.2,format=gbrp,drawbox=x=0:y=0:w=32:h=32:c=red:t=fill,format=\(format)",
        options: Scans.lossless)
      let spaces = format == "gbrp" ? "m=709" : "min=170m:rin=tv:cin=left:m=170m"
      let judged = try Judge.ffmpeg([
        "-i", source, "-frames:v", "1", "-vf", "zscale=\(spaces):r=tv:c=left,format=yuv420p", "-f", "rawvideo", "-",
      ])
      let made = try #require(try Pixels.prepare(source).first)
      let wanted = (0..<32).map { Int(judged[64 * 32 + 32 * 16 + 8 * 32 + $0]) }
      let got = (0..<32).map { Int(made.cr[8 * 32 + $0]) }
      #expect(zip(wanted, got).allSatisfy { abs($0 - $1) <= 6 }, "\(got), not \(wanted)")
    }
  }
}
