import FerryCore
import Foundation
import Testing

@testable import FerryMedia

extension MediaTests {
  /// A rendition is encoded in chunks, and nobody can tell: no picture is lost or doubled, and the bytes depend on the
  /// pictures and the recipe alone.
  @Suite struct Chunks {
    let footage: Footage

    init() throws { footage = try Footage() }

    /// Ten pictures a second, each with its number in four grey fields of base four.
    private func numbered(_ count: Int, _ options: [String] = []) throws -> String {
      let digit = "40+60*mod(floor(N/pow(4,floor(X/16))),4)"
      return try footage.film(
        "numbered.mkv",
        picture: "nullsrc=s=64x64:r=10:d=\(Double(count) / 10),format=gray,geq=lum='\(digit)',format=yuv420p",
        options: options + ["-c:v", "ffv1"])
    }

    private func numbers(_ path: String) throws -> [Int] {
      try Judge.greyPictures(path, width: 4, height: 1).map { fields in
        fields.reversed().reduce(0) { $0 * 4 + Int(((Double($1) - 40) / 60).rounded()) }
      }
    }

    /// A recipe of one size with chunks of `chunk` pictures, `nil` for one chunk.
    private func recipe(
      _ source: String, chunk: Int?, codec: VideoCodec = .h264, rate: Int = 1_000_000, buffer: Int? = nil,
      sizes: [Int] = [64]
    ) throws -> Recipe {
      var profile = Profile.web
      profile.outputs = [.hls]
      profile.video?.codecs = [codec]
      profile.video?.ladder = sizes.map {
        .init(shortSide: $0, rateFactor: 18, maximumRate: rate, bufferSize: buffer ?? 2 * rate, preset: "veryfast")
      }
      let language = try #require(LanguageTag("zh-Hans"))
      var recipe = try #require(Recipe(profile, for: try Probe.facts(of: source), language: language))
      if let chunk { recipe.video?.segmentLength = chunk }
      recipe.video?.chunkLength = chunk
      return recipe
    }

    /// Shorter than a chunk, exactly one, one picture more, exactly two, and several with a rest of one.
    @Test(arguments: [1, 7, 20, 21, 40, 61])
    func noPictureIsLostOrDoubled(_ count: Int) throws {
      let source = try numbered(count)
      for chunk in [nil, 20] {
        let made = try footage.transcode(source, by: try recipe(source, chunk: chunk))
        let output = try #require(made.outcome.renditions.first)
        #expect(output.frames == count)
        let path = try made.video
        #expect(try numbers(path) == Array(0..<count), "chunk \(chunk.map(String.init) ?? "-")")
        let probed = try Judge.video(path)
        let first = try #require(probed.times.first)
        #expect(probed.times.sorted().map { (($0 - first) * 10).rounded() } == (0..<count).map(Double.init))
        #expect(
          probed.keyTimes.map { (($0 - first) * 10).rounded() } == stride(from: 0, to: count, by: 20).map(Double.init))
        #expect(try Judge.complaints(of: path) == "")
      }
    }

    /// Every fragment begins with a chunk here, and needs nothing of the one before.
    @Test(arguments: VideoCodec.allCases)
    func everyChunkDecodesByItself(_ codec: VideoCodec) throws {
      let source = try numbered(50)
      let made = try footage.transcode(source, by: try recipe(source, chunk: 20, codec: codec))
      let file = try #require(made.outcome.renditions.first).file
      #expect(file.segments.map(\.duration.value) == [2, 2, 1])
      #expect(try numbers(try made.video) == Array(0..<50))
      let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: try made.video)))
      for (index, segment) in file.segments.enumerated() {
        let alone = bytes[..<file.initialisation] + bytes[segment.offset..<(segment.offset + segment.size)]
        try footage.write(alone, to: "alone.mp4")
        #expect(try numbers(footage.path("alone.mp4")) == Array((index * 20)..<min(index * 20 + 20, 50)))
        #expect(try Judge.complaints(of: footage.path("alone.mp4")) == "")
      }
    }

    @Test func theEncodersNoteStandsOnceInAFile() throws {
      let made = try footage.transcode(try numbered(61), by: try recipe(footage.path("numbered.mkv"), chunk: 20))
      let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: try made.video)), as: UTF8.self)
      #expect(text.components(separatedBy: "x264 - core").count == 2)
    }

    /// Pictures that come when they like are placed before they are cut into chunks.
    @Test(arguments: ["gt(mod(n,5),1)", "lt(random(1),0.5)", "eq(mod(n,20),19)", "lt(n,3)+gt(n,50)"])
    func aVariableRateIsTheSameInChunks(_ kept: String) throws {
      let source = try numbered(70, ["-vf", "select='\(kept)'", "-vsync", "vfr"])
      let whole = try footage.transcode(source, by: try recipe(source, chunk: nil))
      let chunked = try footage.transcode(source, by: try recipe(source, chunk: 20))
      let shown = try numbers(try whole.video)
      #expect(shown.count > 20 && shown == shown.sorted())
      #expect(try numbers(try chunked.video) == shown)
    }

    /// A clip that meets its cap all the time, which is where encoders with several threads give other bytes.
    private func noisy(_ seconds: Int = 3) throws -> String {
      try footage.film(
        "noisy.mp4", picture: "testsrc2=s=160x90:r=25:d=\(seconds),noise=alls=40:allf=t",
        sound: "anoisesrc=r=44100:d=\(seconds):seed=3:a=0.3", options: ["-c:v", "libx264", "-crf", "20", "-c:a", "aac"])
    }

    private func digests(_ folder: String) throws -> [String: Int] {
      var digests: [String: Int] = [:]
      for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
        var sum = Adler()
        for byte in try Data(contentsOf: URL(fileURLWithPath: folder + "/" + name)) { sum.take(byte) }
        digests[name] = sum.value
      }
      return digests
    }

    /// What a process of its own makes, started by a program that decides on which processor it runs.
    private func made(_ source: String, _ recipe: Recipe, by words: String...) throws -> [String: Int] {
      let folder = footage.path("made-\(UUID().uuidString)")
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
      try footage.write(try JSONEncoder().encode(recipe), to: "recipe.json")
      let programs = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path
      try Judge.start(
        words[0], words.dropFirst() + [programs + "/transcode-probe", source, footage.path("recipe.json"), folder])
      return try digests(folder)
    }

    @Test func twentyRunsGiveOneDigest() throws {
      let source = try noisy()
      let recipe = try recipe(source, chunk: 25, rate: 150_000, sizes: [90, 64])
      let first = try digests(try footage.transcode(source, by: recipe).folder)
      #expect(first.count == 5, "\(first.keys)")
      for run in 1..<20 {
        // Half of them beside work that takes all cores, some of them on one core, with one to three encoders.
        let load = run % 2 == 0 ? Load(threads: 4) : nil
        defer { load?.stop() }
        let again =
          run % 5 == 0
          ? try made(source, recipe, by: "taskset", "-c", "0")
          : try digests(try footage.transcode(source, by: recipe, encoders: run % 3 + 1).folder)
        #expect(again == first, "run \(run)")
      }
    }

    @Test func aSlowLargestSizeHasTwoEncodersOnTwoCores() throws {
      func count(_ preset: String, _ sizes: [Int], cores: Int = 2, _ codec: VideoCodec = .h264) throws -> Int {
        let renditions = sizes.map {
          Rendition(
            codec: codec, width: $0 * 16 / 9, height: $0, rateFactor: 21, maximumRate: 1, bufferSize: 1, preset: preset)
        }
        return VideoLane.sideBySide(on: try #require(renditions.first), among: renditions, cores: cores)
      }
      #expect(try count("medium", [1080, 720, 480]) == 2)
      #expect(try count("medium", [1080, 1000, 480]) == 1)
      #expect(try count("veryfast", [1080, 720, 480]) == 1)
      #expect(try count("veryfast", [1080, 720, 480], cores: 4) == 2)
      #expect(try count("medium", [1080], cores: 1) == 1)
      #expect(try count("medium", [1080], .av1) == 1)
    }

    /// What comes before the chunk, and what is encoded beside it, decides nothing: the second half alone is the same.
    @Test func aChunkDependsOnItsOwnPicturesAlone() throws {
      let source = try footage.film(
        "long.mkv", picture: "testsrc2=s=64x64:r=10:d=4,noise=alls=20:allf=t,format=yuv420p", options: ["-c:v", "ffv1"])
      let half = footage.path("half.mkv")
      try Judge.ffmpeg(["-i", source, "-vf", "select='gte(n,20)',setpts=N/10/TB", "-c:v", "ffv1", half])
      func fragments(_ source: String) throws -> [Int] {
        let made = try footage.transcode(source, by: try recipe(source, chunk: 20))
        return try #require(made.outcome.renditions.first).file.segments.map(\.size)
      }
      let (whole, second) = (try fragments(source), try fragments(half))
      // The file's first fragment holds the encoder's note.
      #expect(whole.count == 2 && second.count == 1 && (500...800).contains(second[0] - whole[1]), "\(whole) \(second)")
    }

    /// Noise at the times for which `when` holds, between stillness, as a lesson of chunks of two seconds under a cap; and
    /// the bucket at its end.
    private func burst(_ when: String, side: Int, seconds: Int, rate: Int, buffer: Int) throws -> LeakyBucket {
      let picture =
        "color=gray:s=\(side)x\(side):r=10:d=\(seconds),noise=alls=60:allf=t:enable='\(when)',format=yuv420p"
      let source = try footage.film("burst.mkv", picture: picture, options: ["-c:v", "ffv1"])
      let recipe = try recipe(source, chunk: 20, rate: rate, buffer: buffer, sizes: [side])
      let made = try footage.transcode(source, by: recipe)
      var bucket = LeakyBucket(try #require(recipe.video?.renditions.first), frameRate: Rational(10, 1))
      let packets = try Judge.video(try made.video).packets
      #expect(packets.count == 10 * seconds)
      for packet in packets { bucket.take(bits: try #require(packet.bytes) * 8) }
      return bucket
    }

    @Test(arguments: ["between(t,1,3)", "1", "gte(mod(t,2),1.2)", "lt(mod(t,2),0.5)"])
    func theJoinedStreamKeepsToItsCap(_ noise: String) throws {
      let bucket = try burst(noise, side: 128, seconds: 12, rate: 200_000, buffer: 400_000)
      #expect(bucket.isKept, "\(noise): \(bucket.lowest)")
    }

    /// Where a chunk leaves less than the next one assumes, the rendition is made again and held to less: these go a
    /// quarter of the buffer below its bottom at first.
    @Test(arguments: ["gte(t,1.2)", "between(t,1.5,2.3)", "between(t,1.7,2.2)"])
    func chunksThatBreakTheirCapAreMadeAgain(_ noise: String) throws {
      let bucket = try burst(noise, side: 64, seconds: 6, rate: 60_000, buffer: 60_000)
      #expect(bucket.isKept, "\(noise): \(bucket.lowest)")
    }

    /// Emulates a processor of 2008, which has neither AVX nor FMA.
    @Test func anotherProcessorMakesTheSameBytes() throws {
      let source = try footage.film(
        "small.mkv", picture: "testsrc2=s=128x96:r=10:d=2.2,noise=alls=20:allf=t",
        sound: "anoisesrc=r=44100:d=2.2:seed=3:a=0.3,aformat=channel_layouts=5.1",
        options: ["-c:v", "mpeg2video", "-c:a", "aac"])
      let recipe = try recipe(source, chunk: 20, rate: 100_000, sizes: [90, 64])
      let here = try digests(try footage.transcode(source, by: recipe).folder)
      #expect(try made(source, recipe, by: "qemu-x86_64", "-cpu", "Nehalem") == here)
    }

    @Test func theEncodersTellTheirVersions() {
      let versions = Libraries.versions
      #expect(versions.contains { $0.hasPrefix("libavcodec ") } && versions.contains { $0.hasPrefix("x264 core ") })
      let known = [("libx265", "x265 "), ("libsvtav1", "SVT-AV1 "), ("libvpx-vp9", "libvpx "), ("libopus", "libopus ")]
      for (encoder, name) in known where Libraries.hasEncoder(encoder) {
        #expect(versions.contains { $0.hasPrefix(name) && $0.count > name.count }, "\(name) in \(versions)")
      }
    }
  }
}

/// Adler's checksum: enough to see a difference.
private struct Adler {
  private var a = 1
  private var b = 0

  mutating func take(_ byte: UInt8) {
    a = (a + Int(byte)) % 65_521
    b = (b + a) % 65_521
  }

  var value: Int { b << 16 | a }
}

/// Threads that take what they can get of the processors.
private final class Load: @unchecked Sendable {
  private let lock = NSLock()
  private var isOver = false

  init(threads: Int) {
    for _ in 0..<threads { Thread { [self] in while lock.withLock({ !isOver }) {} }.start() }
  }

  func stop() { lock.withLock { isOver = true } }
}
