import FerryCore
import Foundation
import Testing

@testable import FerryMedia

extension MediaTests {
  /// Everything that is read is made: many containers and codecs, joined and begun again.
  @Suite struct Accounts {
    let footage: Footage

    init() throws { footage = try Footage() }

    private struct Kind {
      var ending: String
      var picture: [String]?
      var sound: [String]?

      init(_ ending: String, _ picture: String?, _ sound: String?) {
        self.ending = ending
        self.picture = picture?.split(separator: " ").map(String.init)
        self.sound = sound?.split(separator: " ").map(String.init)
      }
    }

    private static let x264 = "libx264 -preset ultrafast -pix_fmt yuv420p"
    private static let kinds: [Kind] = [
      Kind("mp4", x264, "aac"), Kind("mp4", x264 + " -bf 3 -g 12 -flags -cgop", "mp3"), Kind("mp4", "mpeg4", "ac3"),
      Kind("mp4", "libx265 -preset ultrafast -x265-params log-level=none", "aac"), Kind("mp4", "mpeg4 -bf 2", "aac"),
      Kind("mp4", x264 + " -movflags frag_keyframe+empty_moov", "aac"), Kind("mp4", "libvpx-vp9 -speed 8", "libopus"),
      Kind("mov", "prores_ks", "pcm_s16le"), Kind("mov", "mjpeg -pix_fmt yuvj420p", "pcm_s24le"),
      Kind("mov", "qtrle", "alac"), Kind("mov", "png", "pcm_s16be"), Kind("mov", x264, "pcm_alaw"),
      Kind("mkv", x264, "flac"), Kind("mkv", x264 + " -bf 4", "libvorbis"), Kind("mkv", "ffv1", "flac"),
      Kind("mkv", "huffyuv", "pcm_s16le"), Kind("mkv", "mpeg2video -bf 2", "mp2"), Kind("mkv", "mjpeg", "eac3"),
      Kind("mkv", "libtheora", "libvorbis"), Kind("mkv", "mpeg4", "mp3"), Kind("mkv", "libvpx -speed 8", "libopus"),
      Kind("webm", "libvpx -speed 8 -auto-alt-ref 1 -lag-in-frames 10", "libvorbis"),
      Kind("webm", "libvpx-vp9 -speed 8 -lag-in-frames 10 -auto-alt-ref 1", "libopus"),
      Kind("avi", "mpeg4 -bf 2", "mp3"), Kind("avi", "msmpeg4v2", "mp3"), Kind("avi", "mjpeg", "pcm_s16le"),
      Kind("avi", "rawvideo", "pcm_s16le"), Kind("avi", "ffvhuff", "mp2"), Kind("avi", x264 + " -bf 0", "mp3"),
      Kind("avi", "utvideo", "adpcm_ms"), Kind("flv", "flv", "mp3"), Kind("flv", x264, "aac"),
      Kind("flv", "flashsv", "mp3"), Kind("flv", "flashsv2", nil), Kind("flv", x264, "nellymoser -ar 22050 -ac 1"),
      Kind("wmv", "wmv1", "wmav1"), Kind("wmv", "wmv2", "wmav2"), Kind("asf", "msmpeg4", "wmav2"),
      Kind("asf", "mpeg4", "mp3"), Kind("ts", x264, "aac"), Kind("ts", "mpeg2video -bf 2", "mp2"),
      Kind("ts", "libx265 -preset ultrafast -x265-params log-level=none", "ac3"), Kind("m2ts", x264, "ac3"),
      Kind("ts", x264 + " -bf 3", nil), Kind("mpg", "mpeg1video -bf 2", "mp2"), Kind("mpg", "mpeg2video", "mp2"),
      Kind("vob", "mpeg2video -flags +ildct+ilme", "ac3"), Kind("ogv", "libtheora", "libvorbis"),
      Kind("ogv", "libtheora", "flac"), Kind("rm", "rv10", "ac3"), Kind("rm", "rv20", nil),
      Kind("3gp", "h263 -s 128x96", "aac"), Kind("wav", nil, "pcm_s16le"), Kind("wav", nil, "adpcm_ima_wav"),
      Kind("mp3", nil, "mp3"), Kind("aac", nil, "aac"), Kind("flac", nil, "flac"), Kind("ogg", nil, "libvorbis"),
      Kind("opus", nil, "libopus"), Kind("m4a", nil, "alac"), Kind("ac3", nil, "ac3"), Kind("aiff", nil, "pcm_s16be"),
      Kind("caf", nil, "pcm_s16le"), Kind("w64", nil, "pcm_s16le"), Kind("mka", nil, "eac3"), Kind("wma", nil, "wmav2"),
    ]

    /// Films one second of every kind, two at a time.
    private func films() throws -> [String] {
      let failures = Failures()
      let names = Accounts.kinds.indices.map { "k\($0).\(Accounts.kinds[$0].ending)" }
      let commands = zip(names, Accounts.kinds).map { name, kind in arguments(kind) + [footage.path(name)] }
      DispatchQueue.concurrentPerform(iterations: commands.count) { index in
        do { try Judge.ffmpeg(commands[index]) } catch { failures.add("\(names[index]): \(error)") }
      }
      #expect(failures.all == [])
      return names
    }

    private func arguments(_ kind: Kind) -> [String] {
      var result: [String] = []
      if kind.picture != nil { result += ["-f", "lavfi", "-i", "testsrc2=s=128x96:r=25:d=1"] }
      if kind.sound != nil { result += ["-f", "lavfi", "-i", "sine=440:r=44100:d=1"] }
      if let picture = kind.picture { result += ["-c:v"] + picture }
      if let sound = kind.sound { result += ["-c:a"] + sound }
      return result + ["-strict", "-2"]
    }

    private func expectWhole(_ name: String, seconds: Double, around: Double = 0.15) throws {
      let made: Transcoded
      do { made = try footage.transcode(footage.path(name), ladder: [96]) } catch {
        Issue.record("\(name): \(error)")
        return
      }
      let accounts = try #require(made.outcome.accounts, "\(name)")
      #expect(!accounts.isEmpty, "\(name)")
      for account in accounts {
        #expect(account.packets > 0 && account.bytes > 0 && account.frames > 0, "\(name): \(account)")
        #expect(account.loss == nil && account.remainder == 0, "\(name): \(account)")
        #expect(account.refused == 0 && account.leading <= 3, "\(name): \(account)")
      }
      if let frames = made.outcome.renditions.first?.frames {
        #expect(abs(Double(frames) - seconds * 25) <= seconds, "\(name): \(frames) pictures")
      }
      #expect(abs(made.outcome.duration.duration.inSeconds - seconds) < around, "\(name): \(made.outcome.duration)")
    }

    @Test func everyPacketOfSixtyKindsIsAccountedFor() throws {
      let names = try films()
      #expect(names.count >= 60)
      for name in names { try expectWhole(name, seconds: 1) }
    }

    @Test func clocksThatBeginAgainAreCarriedWhole() throws {
      let kinds = [
        ("mkv", Accounts.x264, "aac"), ("webm", "libvpx -speed 8", "libvorbis"), ("ts", Accounts.x264, "aac"),
        ("mpg", "mpeg2video", "mp2"), ("ts", "mpeg2video", "mp2"), ("avi", "mpeg4", "mp3"),
      ]
      for (index, kind) in kinds.enumerated() {
        let one = "one\(index).\(kind.0)"
        _ = try footage.film(
          one, picture: "testsrc2=s=128x96:r=25:d=2", sound: "sine=440:r=44100:d=2",
          options: ["-c:v"] + kind.1.split(separator: " ").map(String.init) + ["-c:a", kind.2])
        let bytes = try footage.bytes(one)
        try footage.write(bytes + bytes, to: "twice-" + one)
        try expectWhole("twice-" + one, seconds: 4, around: 0.3)
      }
    }

    @Test func aRecorderThatConnectsAgainIsCarriedWhole() throws {
      _ = try footage.film(
        "one.flv", picture: "testsrc2=s=128x96:r=25:d=2", sound: "sine=440:r=44100:d=2",
        options: ["-c:v"] + Accounts.x264.split(separator: " ").map(String.init) + ["-bf", "0", "-c:a", "aac"])
      let bytes = try footage.bytes("one.flv")
      // Tags of the second half with a clock of their own, without a second header.
      try footage.write(bytes + bytes.dropFirst(13), to: "restart.flv")
      try expectWhole("restart.flv", seconds: 4, around: 0.3)
      // FFmpeg ends at a second header.
      try footage.write(bytes + bytes, to: "two.flv")
      let error = #expect(throws: MediaError.self) { try footage.transcode(footage.path("two.flv"), ladder: [96]) }
      #expect(error?.fault == .lost && error?.detail?.contains("second file") == true, "\(String(describing: error))")
    }

    /// A sound of two seconds and another behind it, as `cat` joins them.
    private func joined(_ ending: String, _ options: [String] = [], rate: Int = 48_000) throws -> String {
      for (name, tone, rate) in [("first", 440, 48_000), ("second", 880, rate)] {
        _ = try footage.film(
          "\(name).\(ending)", sound: "sine=\(tone):r=\(rate):d=2", options: options + ["-metadata", "title=Masks"])
      }
      try footage.write(try footage.bytes("first.\(ending)") + footage.bytes("second.\(ending)"), to: "two.\(ending)")
      return "two." + ending
    }

    /// Players skip a tag between two of them.
    @Test(arguments: [48_000, 44_100])
    func joinedMP3FilesAreCarriedWhole(_ rate: Int) throws {
      try expectWhole(try joined("mp3", ["-write_id3v1", "1"], rate: rate), seconds: 4, around: 0.2)
    }

    @Test func joinedOggFilesAreCarriedWhole() throws {
      try expectWhole(try joined("opus"), seconds: 4)
      try expectWhole(try joined("opus", rate: 44_100), seconds: 4)
      try expectWhole(try joined("ogg", ["-c:a", "libvorbis"]), seconds: 4)
    }

    /// Its times are wrong from there on, and nothing else would tell.
    @Test func joinedOggFilesOfTwoRatesAreRefused() throws {
      for codec in ["libvorbis", "flac"] {
        let path = footage.path(try joined("ogg", ["-c:a", codec], rate: 44_100))
        let error = #expect(throws: MediaError.self) { try footage.transcode(path) }
        let words = "a second part of 44100 Hz was joined to one of 48000 Hz"
        #expect(
          error?.fault == .joined && error?.detail?.contains(words) == true, "\(codec) \(String(describing: error))")
      }
    }

    @Test(arguments: [48_000, 44_100])
    func joinedFLACFilesAreRefused(_ rate: Int) throws {
      let path = footage.path(try joined("flac", rate: rate))
      let error = #expect(throws: MediaError.self) { try footage.transcode(path) }
      let words = "a second file was joined to it at byte \(try footage.bytes("first.flac").count)"
      #expect(error?.fault == .joined && error?.detail == words, "\(String(describing: error))")
    }

    /// The picture goes on, and silence fills the rest.
    @Test func aTransportStreamWhoseSoundEndsWithItsFirstPartIsCarriedWhole() throws {
      let coding = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"]
      let picture = "testsrc2=s=128x96:r=25:d=2"
      _ = try footage.film("silent.ts", picture: picture, options: coding)
      _ = try footage.film("spoken.ts", picture: picture, sound: "sine=440:r=48000:d=2", options: coding)
      try footage.write(try footage.bytes("spoken.ts") + footage.bytes("silent.ts"), to: "sooner.ts")
      try expectWhole("sooner.ts", seconds: 4, around: 0.3)
    }

    @Test(arguments: ["mp4", "mov", "wav", "asf"])
    func aSecondFileBehindTheFirstIsNoticed(_ ending: String) throws {
      let picture = ending == "wav" ? nil : "testsrc2=s=128x96:r=25:d=1"
      _ = try footage.film("one.\(ending)", picture: picture, sound: "sine=440:r=44100:d=1")
      let bytes = try footage.bytes("one.\(ending)")
      #expect(try Probe.facts(of: footage.path("one.\(ending)")).joined == nil)
      try footage.write(bytes + bytes, to: "two.\(ending)")
      #expect(try Probe.facts(of: footage.path("two.\(ending)")).joined == bytes.count)
    }

    @Test func aWholeMovieBehindFragmentsIsNoticed() throws {
      let coding = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
      func film(_ name: String, _ options: [String]) throws -> [UInt8] {
        _ = try footage.film(
          name, picture: "testsrc2=s=128x96:r=25:d=1", sound: "sine=440:r=44100:d=1", options: coding + options)
        return try footage.bytes(name)
      }
      let fragments = try film("fragments.mp4", ["-movflags", "frag_keyframe+empty_moov"])
      try footage.write(fragments + (try film("whole.mp4", [])), to: "both.mp4")
      #expect(try Probe.facts(of: footage.path("both.mp4")).joined == fragments.count)
      // Fragments of the same times hide one another.
      try footage.write(fragments + fragments, to: "twice.mp4")
      #expect(try Probe.facts(of: footage.path("twice.mp4")).joined == fragments.count)
    }

    @Test(arguments: ["mp4", "mkv", "avi", "wmv", "asf", "flv", "ts", "mov", "ogv"], [5, 25])
    func asManyPicturesComeOutAsGoIn(_ ending: String, _ rate: Int) throws {
      let codec = ["ogv": "libtheora", "wmv": "wmv2", "asf": "msmpeg4", "avi": "mpeg4"][ending] ?? "libx264"
      let source = try footage.film(
        "c.\(ending)", picture: "testsrc2=s=128x96:r=\(rate)",
        options: ["-frames:v", "14", "-c:v", codec, "-pix_fmt", "yuv420p", "-bf", "0"])
      let made = try footage.transcode(source, ladder: [96])
      #expect(made.outcome.renditions.first?.frames == 14, "\(ending) at \(rate)")
      #expect(made.outcome.accounts?.first?.packets == 14, "\(ending) at \(rate)")
    }
  }

  /// Pictures that begin between key frames.
  @Suite struct Beginnings {
    let footage: Footage

    init() throws { footage = try Footage() }

    @Test(arguments: [
      "libx265 -preset ultrafast -x265-params keyint=40:min-keyint=40:scenecut=0:log-level=none",
      "libx265 -preset fast -x265-params keyint=40:min-keyint=40:scenecut=0:open-gop=1:log-level=none",
      "libx264 -preset ultrafast -g 40 -sc_threshold 0 -pix_fmt yuv420p", "mpeg2video -g 40 -bf 2", "mpeg4 -g 40",
    ])
    func theFirstGoodPictureIsHeld(_ codec: String) throws {
      let whole = try footage.film(
        "whole.ts", picture: "testsrc2=s=128x96:r=25:d=4", sound: "sine=440:r=44100:d=4",
        options: ["-c:v"] + codec.split(separator: " ").map(String.init) + ["-c:a", "mp2"])
      let bytes = try footage.bytes("whole.ts")
      // Behind the first key frame, at a whole packet.
      try footage.write(bytes.dropFirst(bytes.count * 15 / 100 / 188 * 188), to: "cut.ts")
      let made = try footage.transcode(footage.path("cut.ts"), ladder: [96])
      let finding = try #require(made.outcome.quality.findings.first { $0.kind == .lateBeginning }, "\(codec)")
      #expect(finding.endMs.count - finding.startMs.count > 200, "\(finding)")
      let original = try Judge.greyPictures(
        try footage.transcode(whole, ladder: [96]).video, width: 32, height: 24)
      let shown = try Judge.greyPictures(try made.video, width: 32, height: 24)
      let first = try #require(shown.first)
      let nearest =
        original.map { picture in
          zip(picture, first).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) } / picture.count
        }.min() ?? 255
      #expect(nearest < 6, "\(codec): the first picture is one of the source's own, \(nearest)")
      #expect(made.outcome.accounts?.allSatisfy { $0.loss == nil } == true)
    }

    @Test func aWholeFileHasNoSuchFinding() throws {
      let source = try footage.film(
        "whole.mp4", picture: "testsrc2=s=128x96:r=25:d=1", sound: "sine=440:r=44100:d=1",
        options: ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none"])
      let made = try footage.transcode(source, ladder: [96])
      #expect(made.outcome.quality.findings.allSatisfy { $0.kind != .lateBeginning })
    }
  }

  /// Files that say that they are encrypted.
  @Suite struct Protected {
    let footage: Footage

    init() throws { footage = try Footage() }

    private func film(_ name: String, _ options: String...) throws -> [UInt8] {
      _ = try footage.film(
        name, picture: "testsrc2=s=128x96:r=25:d=2", sound: "sine=440:r=44100:d=2",
        options: options + (name.hasSuffix("mp4") ? ["-pix_fmt", "yuv420p"] : []))
      return try footage.bytes(name)
    }

    private func protection(_ name: String) -> Protection? { ContainerLook.at(footage.path(name)).protection }

    @Test func commonEncryption() throws {
      _ = try film(
        "locked.mp4", "-encryption_scheme", "cenc-aes-ctr", "-encryption_key", "76a6c65c5ea762046bd749a2e632ccbb",
        "-encryption_kid", "a7e61c373e219033c21091fa607bf3b8")
      let words = try #require(try Probe.facts(of: footage.path("locked.mp4")).protection?.words)
      #expect(words == "cenc, key a7e61c373e219033c21091fa607bf3b8")
      _ = try film("open.mp4")
      #expect(try Probe.facts(of: footage.path("open.mp4")).protection == nil)
    }

    @Test func sampleEntriesOfShops() throws {
      let bytes = try film("open.mp4")
      for (plain, locked) in [("avc1", "drmi"), ("mp4a", "drms"), ("avc1", "p608"), ("mp4a", "enca")] {
        try footage.write(bytes.replacing(Array(plain.utf8), with: Array(locked.utf8)), to: "locked.mp4")
        #expect(protection("locked.mp4")?.scheme == locked)
      }
    }

    @Test func windowsMedia() throws {
      let bytes = try film("open.wmv")
      #expect(protection("open.wmv") == nil)
      let codecs: [UInt8] = [64, 82, 209, 134, 29, 49, 208, 17, 163, 164, 0, 160, 201, 3, 72, 246]
      let locked: [UInt8] = [251, 179, 17, 34, 35, 189, 210, 17, 180, 183, 0, 160, 201, 85, 252, 110]
      try footage.write(bytes.replacing(codecs, with: locked), to: "locked.wmv")
      #expect(protection("locked.wmv")?.scheme == "Windows Media DRM")
    }

    @Test func scrambledTransportStreams() throws {
      var bytes = try film("open.ts")
      #expect(protection("open.ts") == nil)
      for at in stride(from: 0, to: bytes.count, by: 188) where bytes[at + 1] & 0x1F == 1 { bytes[at + 3] |= 0x80 }
      try footage.write(bytes, to: "locked.ts")
      #expect(protection("locked.ts")?.scheme == "transport stream scrambling")
    }

    @Test func scrambledProgramStreams() throws {
      var bytes = try film("open.vob")
      #expect(protection("open.vob") == nil)
      for at in 0..<(bytes.count - 7) where bytes[at..<(at + 3)].elementsEqual([0, 0, 1]) && bytes[at + 3] == 0xE0 {
        bytes[at + 6] |= 0x30
      }
      try footage.write(bytes, to: "locked.vob")
      #expect(protection("locked.vob") != nil)
    }

    @Test func matroskaThatIsEncrypted() throws {
      func element(_ name: [UInt8], _ body: [UInt8]) -> [UInt8] {
        name + [0x40 | UInt8(body.count >> 8), UInt8(body.count & 0xFF)] + body
      }
      let encryption = element([0x50, 0x35], element([0x47, 0xE1], [5]) + element([0x47, 0xE2], [0xAB, 0xCD]))
      let track = element([0xAE], element([0x6D, 0x80], element([0x62, 0x40], encryption)))
      let head = element([0x1A, 0x45, 0xDF, 0xA3], [])
      try footage.write(
        head + element([0x18, 0x53, 0x80, 0x67], element([0x16, 0x54, 0xAE, 0x6B], track)), to: "locked.webm")
      #expect(protection("locked.webm")?.words == "ContentEncryption, key abcd")
    }

    @Test func foreignNumbersDoNotTrap() throws {
      let kinds = ["mp4", "mkv", "avi", "wmv", "ts", "vob"]
      let extremes: [[UInt8]] = [
        Array(repeating: 255, count: 8), Array(repeating: 0, count: 8), [127] + Array(repeating: 255, count: 7),
        [1, 255, 255, 255, 255, 255, 255, 255], [128, 0, 0, 0, 0, 0, 0, 0],
      ]
      var looks = 0
      for kind in kinds {
        let head = Array(try film("open.\(kind)").prefix(4096))
        for place in stride(from: 4, to: min(600, head.count - 8), by: 3) {
          var bytes = head
          bytes.replaceSubrange(place..<(place + 8), with: extremes[looks % extremes.count])
          try footage.write(bytes, to: "bad")
          _ = ContainerLook.at(footage.path("bad"))
          looks += 1
        }
      }
      #expect(looks > 1000)
    }
  }
}

/// What went wrong on several threads.
private final class Failures: @unchecked Sendable {
  private let lock = NSLock()
  private var list: [String] = []

  var all: [String] { lock.withLock { list } }

  func add(_ failure: String) { lock.withLock { list.append(failure) } }
}
