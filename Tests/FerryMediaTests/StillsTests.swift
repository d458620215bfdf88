import FerryCore
import Foundation
import Testing

@testable import FerryMedia

extension MediaTests {
  /// Poster and thumbnails are pictures that a viewer wants to see.
  @Suite struct Stills {
    let footage: Footage

    init() throws { footage = try Footage() }

    private static let size = "s=320x180:r=25"

    /// A lesson whose candidates are black, blurred, blank, a flash, a cross-fade and, at last, one good picture that
    /// has less contrast than the flash and the fade.
    private func lesson() throws -> String {
      let bars = "testsrc=\(Stills.size):d=2"
      return try footage.film(
        "lesson.mkv",
        picture: [
          "color=black:\(Stills.size):d=2[black]", "\(bars),boxblur=12[blurred]",
          "color=gray:\(Stills.size):d=2[blank]",
          // Picture 175 alone.
          "color=gray:\(Stills.size):d=2[before]", "testsrc2=\(Stills.size):d=2[inside]",
          "[before][inside]overlay=enable='eq(n,25)'[flash]",
          // Two of the fade's three seconds are its own.
          "testsrc2=\(Stills.size):d=2[from]", "smptehdbars=\(Stills.size):d=2.4,negate[to]",
          "[from][to]xfade=duration=1.6:offset=0.2[fade]", "testsrc2=\(Stills.size):d=2,eq=contrast=0.5[good]",
          "color=gray:\(Stills.size):d=4[end]",
          "[black][blurred][blank][flash][fade][good][end]concat=n=7,format=yuv420p",
        ].joined(separator: ";"), options: ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "10"])
    }

    @Test func thePosterIsAGoodPicture() throws {
      let source = try lesson()
      let poster = try poster(of: source, expectedFrames: 420)
      let pictures = try Judge.greyPictures(source, width: 64, height: 36)
      let chosen = try #require(try Judge.greyPictures(poster, width: 64, height: 36).first)
      let differences = pictures.map { difference($0, chosen) }
      let nearest = try #require(differences.indices.min { differences[$0] < differences[$1] })
      // Every candidate: the middles of fifty frames.
      let candidates = stride(from: 25, to: 420, by: 50).map { $0 }
      let best = try #require(candidates.min { differences[$0] < differences[$1] })
      #expect(best == 275 && differences[best] < 3, "it is picture \(nearest)")
    }

    @Test(arguments: ["black", "gray"])
    func aTitleWithoutAGoodPictureHasAPosterAllTheSame(colour: String) throws {
      let source = try footage.film(
        "\(colour).mkv", picture: "color=\(colour):\(Stills.size):d=0.12,format=yuv420p",
        options: ["-c:v", "libx264"])
      let picture = try #require(
        try Judge.greyPictures(try poster(of: source, expectedFrames: 3), width: 4, height: 4).first)
      #expect(picture.allSatisfy { ($0 < 20) == (colour == "black") })
    }

    @Test func thePosterHasTheVideosColoursAndNoMoreThan720Lines() throws {
      let source = try footage.film(
        "red.mkv", picture: "color=0xC02040:s=1920x1080:r=25:d=0.04,scale=out_color_matrix=bt709,format=yuv420p",
        options: ["-c:v", "libx264", "-preset", "ultrafast", "-qp", "4", "-colorspace", "bt709"])
      let poster = try poster(of: source, expectedFrames: 1)
      let stream = try Judge.video(poster).stream
      #expect(stream.width == 1280 && stream.height == 720)
      let seen = try colours(poster, crop: "16:16:600:300")[0]
      let meant = try colours(source, crop: "16:16:600:300")[0]
      // Taken for BT.601 as it is, this red would be off by a dozen steps.
      #expect(isNear(seen, meant, 3) && isNear(meant, [0xC0, 0x20, 0x40], 4), "\(seen), not \(meant)")
    }

    @Test(arguments: [("320x180", 160, 90), ("180x320", 90, 160), ("64x36", 64, 36), ("1200x120", 320, 32)])
    func everyCellOfTheSheetHasItsMomentsColour(size: String, width: Int, height: Int) throws {
      let palette = [
        0xC02040, 0x20C040, 0x2040C0, 0xC0C020, 0xC020C0, 0x20C0C0, 0x808080, 0xF0F0F0, 0x602010, 0x106020, 0x102060,
        0xE08020,
      ]
      let inputs = palette.enumerated().map { number, colour in
        "color=0x\(String(colour, radix: 16)):s=\(size):r=10:d=1[c\(number)]"
      }
      let all = palette.indices.map { "[c\($0)]" }.joined()
      let source = try footage.film(
        "colours.mkv",
        picture: inputs.joined(separator: ";")
          + ";\(all)concat=n=\(palette.count),scale=out_color_matrix=bt709,format=yuv420p",
        options: ["-c:v", "libx264", "-preset", "ultrafast", "-qp", "4", "-colorspace", "bt709"])
      let (path, made) = try sheet(of: source, rate: 10, expected: 12_000)
      #expect(
        made
          == TranscodeOutcome.Thumbnails(
            sheet: "sheet.jpg", width: width, height: height, columns: 10, count: 12, interval: 1000))
      let stream = try Judge.video(path).stream
      #expect(stream.width == width * 10 && stream.height == height * 2)
      let filmed = try colours(source, crop: "16:16:8:8")
      for number in palette.indices {
        // Half of a cell around its middle.
        let x = number % 10 * width + width / 4
        let y = number / 10 * height + height / 4
        let seen = try colours(path, crop: "\(width / 2):\(height / 2):\(x):\(y)")[0]
        let meant = filmed[number * 10]
        #expect(isNear(seen, meant, 4), "cell \(number): \(seen), not \(meant)")
      }
      #expect(isNear(try colours(path, crop: "\(width):\(height):\(9 * width):\(height)")[0], [0, 0, 0], 4))
    }

    @Test func aTitleLongerThanExpectedGetsFewerPicturesAMinute() throws {
      let source = try footage.film(
        "long.mkv", picture: "color=black:s=64x36:r=2:d=250,geq=lum='16+N*219/500':cb=128:cr=128,format=yuv420p",
        options: ["-c:v", "libx264", "-preset", "ultrafast", "-qp", "4"])
      let (path, made) = try sheet(of: source, rate: 2, expected: 5000)
      #expect(made.interval == 4000 && made.count == 63 && made.columns == 10)
      for number in [0, 1, 25, 26, 50, 62] {
        let seen = try colours(path, crop: "32:18:\(number % 10 * 64 + 16):\(number / 10 * 36 + 9)")[0]
        // The first picture of each four seconds.
        let meant = number * 8 * 255 / 500
        #expect(isNear(seen, [meant, meant, meant], 3), "cell \(number): \(seen), not \(meant)")
      }
    }

    @Test(arguments: [
      (expected: 0, interval: 1000), (99_000, 1000), (100_000, 1000), (100_001, 2000), (5_400_000, 54_000),
    ])
    func thereAreAtMostAHundredPictures(expected: Int, interval: Int) throws {
      let source = try footage.film(
        "one.mkv", picture: "color=gray:s=64x36:r=25:d=0.04,format=yuv420p", options: ["-c:v", "libx264"])
      let made = try sheet(of: source, rate: 25, expected: Milliseconds(expected)).made
      #expect(made.interval == Milliseconds(interval) && made.count == 1 && made.columns == 1)
    }

    @Test func aFolderThatIsNotThereIsNamed() throws {
      let source = try footage.film(
        "one.mkv", picture: "color=gray:s=64x36:r=25:d=0.04,format=yuv420p", options: ["-c:v", "libx264"])
      let path = footage.path("nowhere/poster.jpg")
      let error = #expect(throws: MediaError.self) { try poster(of: source, expectedFrames: 1, to: path) }
      #expect(error?.action == .write && error?.subject == path)
    }

    @Test func withoutAPictureThereIsNeitherPosterNorSheet() throws {
      let source = try footage.film(
        "one.mkv", picture: "color=gray:s=64x36:r=25:d=0.04,format=yuv420p", options: ["-c:v", "libx264"])
      var seen: Scaler.Source?
      try footage.pictures(source) { frame, _, _ in seen = Scaler.Source(frame) }
      let matrix = try #require(seen).matrix
      let path = footage.path("still.jpg")
      let expected = "cannot encode \(path): there was no picture"
      let choice = try PosterChoice.make(frameRate: Rational(25, 1), keyFrameInterval: 50, expectedFrames: 0)
      do throws(MediaError) {
        try choice.write(to: path, matrix: matrix)
        Issue.record("a poster of nothing")
      } catch { #expect(error.description == expected) }
      let sheet = try SpriteSheet.make(frameRate: Rational(25, 1), expected: 0, matrix: matrix)
      do throws(MediaError) {
        _ = try sheet.finish(to: path)
        Issue.record("a sheet of nothing")
      } catch { #expect(error.description == expected) }
    }

    @discardableResult
    private func poster(of source: String, expectedFrames: Int, to path: String? = nil) throws -> String {
      let path = path ?? footage.path("poster.jpg")
      var choice = try PosterChoice.make(
        frameRate: Rational(25, 1), keyFrameInterval: 50, expectedFrames: expectedFrames)
      var seen: Scaler.Source?
      try footage.pictures(source) { frame, picture, number in
        seen = Scaler.Source(frame)
        try choice.consider(frame, picture, number: number)
      }
      try choice.write(to: path, matrix: try #require(seen).matrix)
      return path
    }

    private func sheet(
      of source: String, rate: Int, expected: Milliseconds
    ) throws -> (path: String, made: TranscodeOutcome.Thumbnails) {
      let path = footage.path("sheet.jpg")
      var seen: Scaler.Source?
      try footage.pictures(source) { frame, _, _ in seen = Scaler.Source(frame) }
      var sheet = try SpriteSheet.make(
        frameRate: Rational(rate, 1), expected: expected, matrix: try #require(seen).matrix)
      try footage.pictures(source) { frame, _, number in try sheet.add(frame, number: number) }
      return (path, try sheet.finish(to: path))
    }

    /// The mean colour of a part of each picture.
    private func colours(_ path: String, crop: String) throws -> [[Int]] {
      let exactly = "flags=area+accurate_rnd+full_chroma_int+full_chroma_inp"
      let bytes = try Judge.ffmpeg([
        "-i", path, "-vf", "scale=\(exactly),format=rgb24,crop=\(crop),scale=1:1:\(exactly)", "-f", "rawvideo", "-",
      ])
      return stride(from: 0, to: bytes.count, by: 3).map { bytes[$0..<($0 + 3)].map { Int($0) } }
    }

    private func isNear(_ a: [Int], _ b: [Int], _ tolerance: Int) -> Bool {
      zip(a, b).allSatisfy { abs($0 - $1) <= tolerance }
    }

    private func difference(_ a: [UInt8], _ b: [UInt8]) -> Double {
      Double(zip(a, b).map { abs(Int($0) - Int($1)) }.reduce(0, +)) / Double(max(1, a.count))
    }
  }
}
