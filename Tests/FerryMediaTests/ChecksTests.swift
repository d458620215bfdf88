import FerryCore
import Foundation
import Testing

@testable import FerryMedia

extension MediaTests {
  /// What is wrong with a title's picture and sound is found where FFmpeg's own detectors find it.
  @Suite struct Checks {
    let footage: Footage

    init() throws { footage = try Footage() }

    private static let size = "s=320x180:r=25"

    @Test func blackAndFrozenStretchesAreWhereFFmpegFindsThem() throws {
      let source = try footage.film(
        "faults.mkv",
        picture: [
          "testsrc2=\(Checks.size):d=2[a]", "color=black:\(Checks.size):d=2.4[b]", "testsrc2=\(Checks.size):d=2[c]",
          "testsrc2=\(Checks.size):d=0.04,loop=loop=74:size=1:start=0[d]",
          // A slow fade does not stand still, though each picture is like the one before; nor does a camera on a wall.
          "color=gray:\(Checks.size):d=4,geq=lum='16+X*200/W*(1-T/20)':cb=128:cr=128[e]",
          "color=gray:\(Checks.size):d=3,noise=alls=10:allf=t[f]",
          // Credits are no black picture: three hundredths of this are white.
          "color=black:\(Checks.size):d=2,drawbox=x=20:y=40:w=240:h=8:c=white:t=fill,noise=c0s=4:allf=t[g]",
          "color=0x0A0A0A:\(Checks.size):d=1.2[h]", "testsrc2=\(Checks.size):d=1[i]",
          "[a][b][c][d][e][f][g][h][i]concat=n=9,format=yuv420p",
        ].joined(separator: ";"), options: Checks.lossless)
      let found = try pictureFindings(source, rules(black: 1000, frozen: 1500))
      let filters = "blackdetect=d=1,freezedetect=d=1.5:n=0.001,metadata=mode=print:file=-"
      let judged = try detected(["-i", source, "-vf", filters])
      let black = found.filter { $0.kind == .black }
      #expect(black.count == 2)
      #expect(agree(black.map(\.startMs), judged["lavfi.black_start"], within: 40))
      #expect(agree(black.map(\.endMs), judged["lavfi.black_end"], within: 40))
      // FFmpeg tells the black stretch as frozen too.
      let frozen = found.filter { $0.kind == .frozen }
      #expect(frozen.count == 1)
      let starts = try #require(judged["lavfi.freezedetect.freeze_start"])
      let ends = try #require(judged["lavfi.freezedetect.freeze_end"])
      #expect(starts.count == 2 && agree(frozen.map(\.startMs), Array(starts.dropFirst()), within: 40))
      #expect(ends.count == 2 && agree(frozen.map(\.endMs), Array(ends.dropFirst()), within: 40))
      #expect(found.map(\.detail) == ["black for 2.4 s", "frozen for 3.0 s", "black for 1.2 s"])
      #expect(found.allSatisfy { $0.severity == .warning })
    }

    @Test func stretchesThatLastToTheEndAreFound() throws {
      let source = try footage.film(
        "ends.mkv",
        picture: "testsrc2=\(Checks.size):d=0.4[a];color=black:\(Checks.size):d=1[b];[a][b]concat,format=yuv420p",
        options: Checks.lossless)
      let black = try pictureFindings(source, rules(black: 1000, frozen: 1000))
      #expect(black.map(\.kind) == [.black])
      #expect(black.map(\.startMs) == [400] && black.map(\.endMs) == [1400])
      // One millisecond longer than it lasts.
      #expect(try pictureFindings(source, rules(black: 1001, frozen: 1001)).isEmpty)
      // A black stretch that is too short to be told is frozen all the same.
      #expect(try pictureFindings(source, rules(black: 5000, frozen: 1000)).map(\.kind) == [.frozen])
    }

    @Test func whatIsOffIsNotLookedForAndErrorsAreErrors() throws {
      let source = try footage.film(
        "black.mkv", picture: "color=black:\(Checks.size):d=1,format=yuv420p", options: Checks.lossless)
      var some = rules(black: 500, frozen: 500)
      some.black.severity = .off
      some.frozen.severity = .error
      let found = try pictureFindings(source, some)
      #expect(found.map(\.kind) == [.frozen] && found.map(\.severity) == [.error])
      some.frozen.severity = .off
      #expect(try pictureFindings(source, some).isEmpty)
    }

    @Test func aHundredFindingsAreEnough() throws {
      let source = try footage.film(
        "flicker.mkv", picture: "color=black:s=64x36:r=25:d=8.4,geq=lum='if(mod(N,2),16,200)':cb=128:cr=128",
        options: Checks.lossless)
      let found = try pictureFindings(source, rules(black: 40, frozen: 1000))
      #expect(found.count == 101)
      #expect(found.last?.detail == "5 more that are black")
      #expect(found.last?.startMs == 8040 && found.last?.endMs == 8400)
    }

    @Test func aSmallPictureIsTheWholePicture() throws {
      // Left half dark, right half bright, at sizes that no block divides.
      for (size, width, height) in [
        ("642x362", 128, 72), ("1920x1080", 160, 90), ("90x160", 90, 160), ("36x64", 36, 64),
      ] {
        let source = try footage.film(
          "halves\(size).mkv",
          picture: "color=black:s=\(size):r=25:d=0.04,geq=lum='if(lt(X,W/2),16,200)':cb=128:cr=128,format=yuv420p",
          options: Checks.lossless)
        try footage.pictures(source) { _, picture, _ in
          #expect(picture.width == width && picture.height == height, "\(size): \(picture.width)x\(picture.height)")
          #expect(abs(picture.share(upTo: 16) - 0.5) < 0.02)
          #expect(abs(picture.contrast - 92) < 2)
          #expect(picture.meanDifference(from: picture) == 0)
        }
      }
    }

    @Test func silentStretchesAreWhereFFmpegFindsThem() throws {
      // Left: silence from 1 to 3, hiss at -74 dBFS from 4 to 5.5, a quiet tone at -50 dBFS from 6 to 8, silence at
      // the end.
      let left =
        "if(between(t,1,3),0,if(between(t,4,5.5),0.0002*sin(9000*t),if(between(t,6,8),0.003*sin(3000*t),"
        + "if(gt(t,9.005),0,0.3*sin(2765*t)))))"
      // Right is silent from 0 to 0.9 too, when left is not.
      let right = "if(lt(t,0.9),0,\(left))"
      let source = try footage.film(
        "quiet.wav", sound: "aevalsrc='\(left)|\(right)':c=stereo:s=48000:d=10.5", options: ["-c:a", "pcm_f32le"])
      let found = try soundFindings(source, rules(silent: 1000))
      let judged = try detected(["-i", source, "-af", "silencedetect=n=-60dB:d=1,ametadata=mode=print:file=-"])
      #expect(found.map(\.kind) == [.silent, .silent, .silent])
      #expect(agree(found.map(\.startMs), judged["lavfi.silence_start"], within: 20))
      // FFmpeg tells of no end where the file ends.
      #expect(agree(found.dropLast().map(\.endMs), judged["lavfi.silence_end"], within: 20))
      #expect(found.last?.endMs == 10_500)
      #expect(found.map(\.detail) == ["silent for 2.0 s", "silent for 1.5 s", "silent for 1.5 s"])
      var none = rules(silent: 1000)
      none.silent.severity = .off
      #expect(try soundFindings(source, none).isEmpty)
    }

    @Test func clipsNearEachOtherAreOneFinding() throws {
      // A tone one and a half times too loud from 1 to 1.2 s, and again 0.5 s and 3 s later in one channel; single
      // samples at the top every 0.1 s are peaks.
      let quiet = "if(lt(mod(t,0.1),1/48000),1,0.2*sin(3000*t))"
      let loud = "clip(1.5*sin(2*PI*440*t),-1,1)"
      let right = "if(between(t,1,1.2)+between(t,1.7,1.8)+between(t,4.7,4.8),\(loud),\(quiet))"
      let left = "if(between(t,1,1.2),\(loud),\(quiet))"
      let source = try footage.film(
        "loud.wav", sound: "aevalsrc='\(left)|\(right)':c=stereo:s=48000:d=6", options: ["-c:a", "pcm_f32le"])
      let found = try soundFindings(source, rules(silent: 1000))
      #expect(found.map(\.kind) == [.clipped, .clipped])
      #expect(agree(found.map(\.startMs), [1, 4.7], within: 2) && agree(found.map(\.endMs), [1.8, 4.8], within: 2))
      // 880 half waves a second, each at the top for 0.539 of its time.
      #expect(found.first?.detail == "clipped 264 times, 161.5 ms in all")
      let samples = try floats(source)
      for block in [7, 479, 1024] { #expect(check(samples, rules(silent: 1000), block: block) == found) }
      #expect(try soundFindings(source, rules(silent: 1000, clipped: 160)).count == 1)
      #expect(try soundFindings(source, rules(silent: 1000, clipped: 170)).isEmpty)
    }

    @Test func peaksBelowTheTopAreNoClips() throws {
      let source = try footage.film(
        "fair.wav", sound: "aevalsrc='clip(2*sin(2765*t),-0.99,0.99)':s=48000:d=1", options: ["-c:a", "pcm_f32le"])
      #expect(try soundFindings(source, rules(silent: 1000)).isEmpty)
      var strict = rules(silent: 1000)
      strict.clipped.threshold = -0.1
      #expect(try soundFindings(source, strict).map(\.kind) == [.clipped])
    }

    private static let lossless = ["-c:v", "libx264", "-preset", "ultrafast", "-qp", "0"]

    private func rules(
      black: Milliseconds = 2000, frozen: Milliseconds = 2000, silent: Milliseconds = 2000, clipped: Milliseconds = 2
    ) -> CheckRules {
      var rules = CheckRules.usual
      rules.black.longerThan = black
      rules.frozen.longerThan = frozen
      rules.silent.longerThan = silent
      rules.clipped.longerThan = clipped
      return rules
    }

    private func pictureFindings(_ path: String, _ rules: CheckRules) throws -> [Quality.Finding] {
      var checks = PictureChecks(rules, frameRate: Rational(25, 1))
      let frames = try footage.pictures(path) { _, picture, number in checks.add(picture, frame: number) }
      return checks.finish(frames: frames)
    }

    private func soundFindings(_ path: String, _ rules: CheckRules) throws -> [Quality.Finding] {
      check(try floats(path), rules, block: 1000)
    }

    private func check(_ channels: [[Float]], _ rules: CheckRules, block: Int) -> [Quality.Finding] {
      var checks = SoundChecks(rules, sampleRate: 48_000)
      let count = channels.first?.count ?? 0
      // Memory of our own, since the pointers of all channels must live at once.
      let planes = channels.map { channel in
        let plane = UnsafeMutableBufferPointer<Float>.allocate(capacity: count)
        _ = plane.initialize(from: channel)
        return plane
      }
      defer { for plane in planes { plane.deallocate() } }
      for first in stride(from: 0, to: count, by: block) {
        let part = first..<min(count, first + block)
        checks.add(planes.map { UnsafeBufferPointer(UnsafeMutableBufferPointer(rebasing: $0[part])) })
      }
      return checks.finish()
    }

    /// The samples of each channel at 48 kHz, by FFmpeg.
    private func floats(_ path: String) throws -> [[Float]] {
      let channels = try #require(try Judge.audio(path).streams.first?.channels)
      let bytes = try Judge.ffmpeg(["-i", path, "-f", "f32le", "-"])
      let samples = bytes.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
      return (0..<channels).map { channel in stride(from: channel, to: samples.count, by: channels).map { samples[$0] }
      }
    }

    /// Every value that FFmpeg's detectors attach to frames, in seconds, by key.
    private func detected(_ arguments: [String]) throws -> [String: [Double]] {
      let text = String(decoding: try Judge.ffmpeg(arguments + ["-f", "null", "-"]), as: UTF8.self)
      var values: [String: [Double]] = [:]
      for line in text.split(separator: "\n") {
        let parts = line.split(separator: "=")
        if parts.count == 2, let value = Double(parts[1]) { values[String(parts[0]), default: []].append(value) }
      }
      return values
    }

    private func agree(_ times: [Milliseconds], _ seconds: [Double]?, within tolerance: Double) -> Bool {
      guard let seconds, times.count == seconds.count else { return false }
      return zip(times, seconds).allSatisfy { abs(Double($0.count) - $1 * 1000) <= tolerance }
    }
  }
}

extension Footage {
  /// Decodes the only stream of a file and gives each picture to `body`; returns how many there were.
  @discardableResult
  func pictures(
    _ path: String, _ body: (borrowing Frame, SmallPicture, Int) throws -> Void
  ) throws -> Int {
    let demuxer = try Demuxer.open(path)
    let decoder = try Decoder.open(try demuxer.stream(0), of: path, threads: 1)
    let packet = try Packet.make()
    let frame = try Frame.make()
    var count = 0
    var isOpen = true
    while isOpen {
      isOpen = try demuxer.read(into: packet)
      if isOpen { try decoder.send(packet) } else { try decoder.sendEnd() }
      while try decoder.receive(into: frame) == .ready {
        try body(frame, SmallPicture(frame), count)
        count += 1
      }
    }
    return count
  }
}
