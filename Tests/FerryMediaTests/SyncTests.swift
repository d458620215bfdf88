import FerryCore
import FerryMedia
import Foundation
import Testing

extension MediaTests {
  /// A flash and a beep that are filmed together are seen and heard together, whatever the container did to time.
  @Suite struct Sync {
    let footage: Footage

    init() throws { footage = try Footage() }

    private let picture = "color=black:s=320x180:r=25:d=4.4,drawbox=c=white:t=fill:enable='eq(n,25)+eq(n,75)'"

    /// A beep of 40 ms at `first` seconds and two seconds later.
    private func beeps(from first: Double) -> String {
      let begins = "mod(t-\(first)+2,2)"
      return "aevalsrc='if(lt(\(begins),0.04)*gt(t,\(first)-0.01),0.8*sin(2*PI*1000*\(begins)),0)':s=48000:d=4.4"
    }

    private static let quick = ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-c:a", "aac"]

    /// Where the flashes and beeps of the delivered file are.
    private func find(_ source: String) throws -> (flashes: [Double], beeps: [Double]) {
      let result = try footage.transcode(source).muxed()
      let video = try #require(try Judge.video(result).stream.start)
      let audio = try #require(try Judge.audio(result).stream.start)
      #expect(video == 0 && audio == 0, "the file starts at \(video) and \(audio)")
      let pictures = try Judge.greyPictures(result, width: 16, height: 16)
      let flashes = pictures.indices.filter { pictures[$0].allSatisfy { $0 > 180 } }.map { Double($0) / 25 }
      let samples = try #require(try Judge.sound(result).first)
      var beeps: [Double] = []
      for (index, sample) in samples.enumerated() where abs(sample) > 0.25 {
        let time = Double(index) / 48_000
        if time - (beeps.last ?? -1) > 0.5 { beeps.append(time) }
      }
      return (flashes, beeps)
    }

    private func expectTogether(_ source: String) throws {
      let (flashes, beeps) = try find(source)
      #expect(flashes == [1, 3])
      try #require(beeps.count == 2)
      for (flash, beep) in zip(flashes, beeps) { #expect(abs(flash - beep) <= 0.005) }
    }

    @Test func fromAnMP4() throws {
      try expectTogether(
        try footage.film("clap.mp4", picture: picture, sound: beeps(from: 1), options: Sync.quick))
    }

    @Test func fromATransportStreamThatStartsAtTenSeconds() throws {
      let source = try footage.film(
        "clap.ts", picture: picture, sound: beeps(from: 1), options: ["-output_ts_offset", "10"] + Sync.quick)
      #expect(try Probe.facts(of: source).start > 10_000)
      try expectTogether(source)
    }

    @Test func fromAnMP4WhoseSoundStartsHalfASecondLate() throws {
      let source = footage.path("late.mp4")
      try Judge.ffmpeg(
        ["-f", "lavfi", "-i", picture, "-itsoffset", "0.5", "-f", "lavfi", "-i", beeps(from: 0.5)] + Sync.quick
          + ["-t", "4.4", source])
      let sound = try #require(try Probe.facts(of: source).streams.last?.start)
      #expect(abs(sound.count - 500) < 30)
      try expectTogether(source)
    }

    @Test func fromAMatroskaFileWhoseSoundBreaksOffForASecond() throws {
      // Packets between 1.5 and 2.5 seconds are missing: what follows must stay at its own time.
      let source = footage.path("gap.mkv")
      try Judge.ffmpeg(
        [
          "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", beeps(from: 1), "-filter:a",
          "aselect='not(between(t,1.5,2.5))'",
        ]
          + ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "flac", source])
      try expectTogether(source)
    }
  }
}
