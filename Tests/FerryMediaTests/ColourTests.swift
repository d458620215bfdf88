import CFFmpeg
import FerryCore
import Foundation
import Testing

@testable import FerryMedia

extension MediaTests {
  /// Whatever a camera coded, the screen of a viewer shows the colours that it meant.
  @Suite struct Colours {
    let footage: Footage

    init() throws { footage = try Footage() }

    /// How a source's colours are coded, in FFmpeg's names.
    struct Space: CustomTestStringConvertible, Sendable {
      let testDescription: String
      let primaries: String
      let matrix: String
      var range = "tv"
      var format = "yuv420p"
    }

    @Test(arguments: [
      Space(testDescription: "NTSC", primaries: "smpte170m", matrix: "smpte170m"),
      Space(testDescription: "PAL", primaries: "bt470bg", matrix: "bt470bg"),
      Space(testDescription: "PAL, 4:2:2", primaries: "bt470bg", matrix: "bt470bg", format: "yuv422p"),
      Space(testDescription: "BT.601's matrix only", primaries: "bt709", matrix: "smpte170m"),
      Space(testDescription: "BT.2020, 10 bit", primaries: "bt2020", matrix: "bt2020nc", format: "yuv422p10le"),
      Space(testDescription: "NTSC, full range", primaries: "smpte170m", matrix: "smpte170m", range: "pc"),
      Space(testDescription: "DV", primaries: "smpte170m", matrix: "smpte170m", format: "yuv411p"),
      Space(testDescription: "12 bit", primaries: "bt2020", matrix: "bt2020nc", format: "yuv420p12le"),
      Space(testDescription: "BT.709", primaries: "bt709", matrix: "bt709"),
      Space(testDescription: "BT.709, full range", primaries: "bt709", matrix: "bt709", range: "pc"),
    ])
    func colourSpacesBecomeBT709(space: Space) throws {
      let line = Colours.colours.flatMap { colour in
        Array(repeating: [16, 8, 0].map { UInt8(colour >> $0 & 255) }, count: 40).joined()
      }
      try footage.write(Array("P6 320 180 255\n".utf8) + Array(repeating: line, count: 180).joined(), to: "bars.ppm")
      // An independent library codes the colours as the source would; none is outside BT.709.
      let matrix = space.matrix == "bt2020nc" ? "2020_ncl" : space.matrix
      let source = footage.path("bars.mkv")
      try Judge.ffmpeg([
        "-i", footage.path("bars.ppm"), "-vf",
        "format=gbrp,zscale=pin=bt709:tin=bt709:min=gbr:rin=pc:p=\(space.primaries):m=\(matrix):t=bt709:"
          + "r=\(space.range),format=\(space.format)",
        "-c:v", "ffv1", "-color_range", space.range, source,
      ])
      var wishes = Pixels.Wishes()
      wishes.colour = VideoRecipe.Colour(
        primaries: space.primaries, transfer: "bt709", matrix: space.matrix, isFullRange: space.range == "pc")
      let made = try #require(try Pixels.prepare(source, wishes).first)
      // Both libraries round in their own way, the judge's also by the processor's instructions; and a screen's curve
      // is 2.4 for the one and 2.2 for the other, which wide primaries show.
      let tolerance = space.primaries == "bt2020" ? 5.0 : 3.0
      for (patch, colour) in Colours.colours.enumerated() {
        let parts = [16, 8, 0].map { Double(colour >> $0 & 255) / 255 }
        let luma = 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
        let wanted = [
          16 + 219 * luma, 128 + 224 * (parts[2] - luma) / 1.8556, 128 + 224 * (parts[0] - luma) / 1.5748,
        ]
        let got = made.at((Double(patch) + 0.5) / 8, 0.5)
        #expect(
          zip(wanted, got).allSatisfy { abs($0 - Double($1)) <= tolerance }, "patch \(patch): \(got), not \(wanted)")
      }
    }

    /// Each is an upright stripe.
    private static let colours = [0x808080, 0xC03020, 0x30A040, 0x2040B0, 0xC0B030, 0xA04090, 0x30A0B0, 0xE0E0E0]

    @Test func whatIsBT709AlreadyIsNotTouched() throws {
      let source = try footage.film(
        "right.mkv", picture: "testsrc2=s=320x180:r=5:d=0.2,format=yuv420p", options: ["-c:v", "ffv1"])
      let demuxer = try Demuxer.open(source, OpenLimits())
      let decoder = try Decoder.open(try demuxer.stream(0), of: source, threads: 1, OpenLimits())
      let packet = try Packet.make()
      let frame = try Frame.make()
      #expect(try demuxer.read(into: packet))
      try decoder.send(packet)
      #expect(try decoder.receive(into: frame) == .ready)
      func isNeeded(_ colour: VideoRecipe.Colour, rotation: Int = 0) throws -> Bool {
        try PictureFilter.open(
          like: frame, timeBase: decoder.timeBase, rotation: rotation, isMirrored: false, fields: nil, colour: colour,
          largest: (160, 90)) != nil
      }
      let right = VideoRecipe.Colour(primaries: "bt709", transfer: "bt709", matrix: "bt709", isFullRange: false)
      #expect(try !isNeeded(right))
      #expect(try isNeeded(right, rotation: 90))
      var other = right
      // Screens show both curves alike; converting one to the other would darken every screen recording.
      other.transfer = "iec61966-2-1"
      #expect(try !isNeeded(other))
      other.primaries = "bt470bg"
      #expect(try isNeeded(other))
    }

    @Test func coloursThatNothingCanConvertAreRefused() throws {
      let source = try footage.film("odd.mkv", picture: "testsrc2=s=64x36:r=5:d=0.2", options: ["-c:v", "ffv1"])
      var wishes = Pixels.Wishes()
      wishes.colour = VideoRecipe.Colour(
        primaries: "bt2020", transfer: "smpte2084", matrix: "ictcp", isFullRange: false)
      #expect(
        failure(in: footage) { _ = try Pixels.prepare(source, wishes) }
          == "cannot filter a picture: its colours are coded as ictcp, which cannot be converted; "
          + "export it again as BT.709")
    }

    /// An HDR signal: its transfer in FFmpeg's name and the signals of some lights, from BT.2100 and BT.2408.
    struct HDR: CustomTestStringConvertible, Sendable {
      let testDescription: String
      let transfer: String
      /// Shares of the signal.
      let black: Double
      let skin: Double
      let diffuseWhite: Double
      let highlight: Double
      let peak: Double
    }

    @Test(arguments: [
      HDR(
        testDescription: "PQ", transfer: "smpte2084", black: 0, skin: 0.44, diffuseWhite: 0.5807, highlight: 0.70,
        peak: 0.7518),
      HDR(
        testDescription: "HLG", transfer: "arib-std-b67", black: 0, skin: 0.55, diffuseWhite: 0.75, highlight: 0.90,
        peak: 1),
    ])
    func highDynamicRangeLooksRightOnAStandardScreen(hdr: HDR) throws {
      let steps = [hdr.black, hdr.skin, hdr.diffuseWhite, hdr.highlight, hdr.peak]
      let luma = steps.enumerated().reversed().reduce("64") { rest, step in
        "if(between(X,\(step.offset * 40),\(step.offset * 40 + 39)),\(64 + step.element * 876),\(rest))"
      }
      let source = try footage.film(
        "hdr.mkv", picture: "color=black:s=200x90:r=5:d=0.2,format=yuv420p10le,geq=lum='\(luma)':cb=512:cr=512",
        options: ["-c:v", "ffv1"])
      var wishes = Pixels.Wishes()
      wishes.colour = VideoRecipe.Colour(
        primaries: "bt2020", transfer: hdr.transfer, matrix: "bt2020nc", isFullRange: false)
      let made = try #require(try Pixels.prepare(source, wishes).first)
      let shown = (0..<5).map { made.at((Double($0) + 0.5) / 5, 0.5) }
      // Greys stay grey.
      #expect(shown.allSatisfy { abs($0[1] - 128) <= 1 && abs($0[2] - 128) <= 1 })
      let shares = shown.map { Double($0[0] - 16) / 219 }
      #expect(abs(shares[0]) < 0.01)
      #expect((0.40...0.62).contains(shares[1]))
      #expect((0.84...0.90).contains(shares[2]))
      #expect(shares[3] > shares[2] + 0.05 && shares[3] < 0.99)
      #expect(shares[4] > 0.985)
    }

    @Test func toneMappedColoursAreThoseOfTheArithmetic() throws {
      // Sixteen by nine colours, each from a formula that the test knows too.
      func codes(_ x: Int, _ y: Int) -> (Int, Int, Int) {
        (300 + y * 50, 512 + (x % 4 - 2) * 30, 512 + (x / 4 - 2) * 30)
      }
      let source = try footage.film(
        "hdr.mkv",
        picture: "color=black:s=128x72:r=5:d=0.2,format=yuv444p10le,geq=lum='300+floor(Y/8)*50':"
          + "cb='512+(mod(floor(X/8),4)-2)*30':cr='512+(floor(X/32)-2)*30'",
        options: ["-c:v", "ffv1"])
      var wishes = Pixels.Wishes()
      let colour = VideoRecipe.Colour(
        primaries: "bt2020", transfer: "smpte2084", matrix: "bt2020nc", isFullRange: false)
      wishes.colour = colour
      let made = try #require(try Pixels.prepare(source, wishes).first)
      let curve = ToneCurve(colour, peak: 1000)
      var errors: [Double] = []
      for x in 0..<16 {
        for y in 0..<9 {
          let (luma, blue, red) = codes(x, y)
          let wanted = curve.codes(luma, blue, red)
          let got = made.at((Double(x) + 0.5) / 16, (Double(y) + 0.5) / 9)
          errors += (0..<3).map { abs(wanted[$0] - Double(got[$0])) }
        }
      }
      // The dither alone makes up to one code; where a colour leaves BT.709, the table rounds the corner.
      #expect(errors.reduce(0, +) / Double(errors.count) < 1.25)
      #expect((errors.max() ?? 0) < 9)
    }

    @Test func largeHighDynamicRangePicturesAreMadeSmallFirst() throws {
      let source = try footage.film(
        "large.mkv", picture: "testsrc2=s=640x360:r=5:d=0.2,format=yuv422p10le", options: ["-c:v", "ffv1"])
      var wishes = Pixels.Wishes()
      wishes.colour = VideoRecipe.Colour(
        primaries: "bt2020", transfer: "arib-std-b67", matrix: "bt2020nc", isFullRange: false)
      wishes.rotation = 90
      wishes.size = (90, 160)
      let made = try #require(try Pixels.prepare(source, wishes).first)
      #expect((made.width, made.height) == (90, 160))
      #expect((made.y.max() ?? 0) > 150 && (made.y.min() ?? 255) < 40)
    }

    @Test(arguments: [
      ("pro.mov", "yuva444p", ["-c:v", "prores_ks", "-profile:v", "4444", "-pix_fmt", "yuva444p10le"]),
      ("screen.mov", "argb", ["-c:v", "qtrle", "-pix_fmt", "argb"]),
      ("slides.mov", "rgba", ["-c:v", "png", "-pix_fmt", "rgba"]),
      ("half.mkv", "yuva420p", ["-c:v", "ffv1", "-pix_fmt", "yuva420p"]),
      // Their own decoders see no alpha, and so does the probe.
      ("web.webm", "yuv420p", ["-c:v", "libvpx-vp9", "-crf", "10", "-b:v", "0", "-pix_fmt", "yuva420p"]),
      (
        "old.webm", "yuv420p",
        ["-c:v", "libvpx", "-crf", "4", "-b:v", "4M", "-auto-alt-ref", "0", "-pix_fmt", "yuva420p"]
      ),
    ])
    func whatShinesThroughIsBlack(name: String, format: String, options: [String]) throws {
      // Half-transparent white above, opaque white below.
      let source = try footage.film(
        name, picture: "color=white:s=64x64:r=5:d=0.2,format=rgba,geq=r=255:g=255:b=255:a='if(lt(Y,32),128,255)'",
        options: options)
      #expect(
        try Probe.facts(of: source, limits: OpenLimits()).mainVideo?.video?.pixelFormat.hasPrefix(format) == true)
      let made = try #require(try Pixels.prepare(source).first)
      let (grey, white) = (made.at(0.5, 0.25), made.at(0.5, 0.75))
      #expect(abs(grey[0] - 126) <= 2 && abs(grey[1] - 128) <= 1 && abs(grey[2] - 128) <= 1)
      #expect(abs(white[0] - 235) <= 1)
    }
  }
}
