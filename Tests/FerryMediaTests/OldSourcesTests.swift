import CFFmpeg
import FerryCore
import Foundation
import Testing

@testable import FerryMedia

extension MediaTests {
  /// Recordings of the last twenty years, by the program or machine that wrote them.
  @Suite struct OldSources {
    let footage: Footage

    init() throws { footage = try Footage() }

    /// A kind of file, its codecs as FFmpeg names them, and the rate at which its sound can be.
    struct Kind: CustomTestStringConvertible, Sendable {
      let name: String
      let picture: [String]
      let sound: [String]

      init(_ name: String, _ picture: String..., sound: String...) {
        self.name = name
        self.picture = picture.isEmpty ? [] : ["-c:v"] + picture
        self.sound = sound.isEmpty ? [] : ["-c:a"] + sound
      }

      var testDescription: String { ([name] + picture + sound).joined(separator: " ") }
    }

    @Test(arguments: [
      Kind("windows.wmv", "wmv1", sound: "wmav1"), Kind("windows.avi", "msmpeg4v2", sound: "adpcm_ms"),
      Kind("divx.avi", "msmpeg4", sound: "mp3"), Kind("video1.avi", "msvideo1", "-pix_fmt", "rgb555", sound: "pcm_u8"),
      Kind("cinepak.mov", "cinepak", sound: "pcm_s8"),
      Kind("sorenson.mov", "svq1", "-pix_fmt", "yuv410p", sound: "alac"),
      Kind("real.rm", "rv10", sound: "ac3"), Kind("real2.rm", "rv20", sound: "ac3"),
      Kind("flash.flv", "flv", sound: "adpcm_swf", "-ar", "44100"),
      Kind("speech.ogg", sound: "libspeex", "-ar", "16000"),
      Kind("phone.wav", sound: "libgsm_ms", "-ar", "8000", "-ac", "1"),
      Kind(
        "tape.dv", "dvvideo", "-s", "720x576", "-r", "25", "-pix_fmt", "yuv420p", sound: "pcm_s16le", "-ar", "48000"),
      Kind("camera.mxf", "mpeg2video", "-pix_fmt", "yuv422p", sound: "pcm_s16le", "-ar", "48000"),
      Kind(
        "editor.mov", "dnxhd", "-s", "1280x720", "-r", "25", "-b:v", "60M", "-pix_fmt", "yuv422p", sound: "pcm_f32be"),
      Kind("archive.mkv", "ffv1", sound: "flac"), Kind("capture.avi", "huffyuv", sound: "pcm_s16le"),
      Kind("capture.mkv", "ffvhuff", sound: "pcm_s32le"), Kind("screen.avi", "utvideo", sound: "pcm_s24le"),
      Kind("raw.avi", "rawvideo", "-pix_fmt", "yuv420p", sound: "pcm_alaw"),
      Kind("disc.mkv", "mpeg2video", sound: "dca", "-strict", "-2", "-ar", "48000"),
      Kind("float.mov", "mjpeg", "-pix_fmt", "yuvj420p", sound: "pcm_f64le"), Kind("music.aiff", sound: "pcm_s16be"),
      Kind("memo.caf", sound: "alac"), Kind("long.w64", sound: "pcm_s16le"), Kind("disc.ac3", sound: "ac3"),
      Kind("big.mov", "mpeg4", sound: "pcm_s32be"), Kind("yamaha.wav", sound: "adpcm_yamaha"),
    ])
    func areTaken(kind: Kind) throws {
      let source = try footage.film(
        kind.name, picture: kind.picture.isEmpty ? nil : "testsrc2=s=352x288:r=25:d=2,hue=s=0",
        sound: kind.sound.isEmpty ? nil : "sine=440:r=44100:d=2,aformat=channel_layouts=stereo",
        options: kind.picture + kind.sound)
      let made = try footage.transcode(source, ladder: [288])
      #expect(made.outcome.renditions.isEmpty == kind.picture.isEmpty)
      if !kind.picture.isEmpty {
        // Sound that is coded ahead may begin a picture earlier.
        #expect((50...51).contains(try #require(made.outcome.renditions.first).frames))
        let all = try [source, made.video].map { try Judge.greyPictures($0, width: 16, height: 12) }
        try #require(all[0].count > 25 && all[1].count > 25)
        let differences = zip(all[0][25], all[1][25]).map { abs(Int($0) - Int($1)) }
        #expect(differences.reduce(0, +) < 8 * differences.count, "\(differences)")
      }
      let loudness = try #require(made.outcome.quality.loudness?.before.integrated)
      #expect(abs(loudness + 21) < 4, "a tone of an eighth of full scale")
    }

    /// FFmpeg from 8 on reads one for each repeated picture of Theora, and its decoders refuse it.
    @Test func anEmptyPacketIsLeftOut() throws {
      let source = try footage.film(
        "short.mkv", picture: "testsrc2=s=64x64:r=25:d=0.2", options: ["-c:v", "mpeg2video"])
      let demuxer = try Demuxer.open(source)
      let decoder = try Decoder.open(try demuxer.stream(0), of: source, threads: 1)
      let packet = try Packet.make()
      let empty = try Packet.make()
      let frame = try Frame.make()
      #expect(av_new_packet(empty.raw, 0) == 0)
      var count = 0
      while try demuxer.read(into: packet) {
        try decoder.send(empty)
        try decoder.send(packet)
        while try decoder.receive(into: frame) == .ready { count += 1 }
      }
      try decoder.sendEnd()
      while try decoder.receive(into: frame) == .ready { count += 1 }
      #expect(count == 5)
    }
  }
}
