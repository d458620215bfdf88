import Foundation
import Testing

/// Outside programs that make sources and judge what comes out: FFmpeg's own, never our code.
enum Judge {
  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  /// Runs `ffmpeg` silently and returns what it writes to its standard output.
  @discardableResult
  static func ffmpeg(_ arguments: [String]) throws -> [UInt8] {
    try run("ffmpeg", ["-nostdin", "-v", "error", "-y"] + arguments).output
  }

  /// What `ffmpeg` complains of when it decodes a whole file; empty for a sound one.
  static func complaints(of path: String) throws -> String {
    try run("ffmpeg", ["-nostdin", "-v", "error", "-i", path, "-map", "0:v?", "-map", "0:a?", "-f", "null", "-"]).errors
  }

  /// What FFmpeg's measuring filters say of a whole file.
  static func watch(_ path: String, _ filters: String...) throws -> String {
    try run("ffmpeg", ["-nostdin", "-hide_banner", "-nostats", "-i", path] + filters + ["-f", "null", "-"]).errors
  }

  /// The first picture stream of a file and all of its packets.
  static func video(_ path: String) throws -> Probed { try probe(path, "v:0") }

  /// The first sound stream of a file and all of its packets.
  static func audio(_ path: String) throws -> Probed { try probe(path, "a:0") }

  private static func probe(_ path: String, _ stream: String) throws -> Probed {
    let text = try run(
      "ffprobe",
      ["-v", "error", "-select_streams", stream, "-show_streams", "-show_packets", "-of", "json", path])
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Probed.self, from: Data(text.output))
  }

  /// Every shown picture as `width` × `height` grey bytes, in order, at the file's own rate.
  static func greyPictures(_ path: String, width: Int, height: Int) throws -> [[UInt8]] {
    let bytes = try ffmpeg([
      "-i", path, "-map", "0:v:0", "-vf", "scale=\(width):\(height):flags=area,format=gray", "-vsync", "cfr", "-f",
      "rawvideo", "-",
    ])
    return stride(from: 0, to: bytes.count, by: width * height).map { Array(bytes[$0..<($0 + width * height)]) }
  }

  /// The sound of a file from its timeline's zero on, one array a channel, -1 to 1 at 48 kHz.
  static func sound(_ path: String) throws -> [[Double]] {
    let probed = try audio(path)
    let channels = try #require(probed.streams.first?.channels)
    let bytes = try ffmpeg([
      "-i", path, "-map", "0:a:0", "-af", "aresample=48000:async=1:first_pts=0", "-f", "s16le", "-",
    ])
    return (0..<channels).map { channel in
      stride(from: channel * 2, to: bytes.count - 1, by: channels * 2).map {
        Double(Int16(bitPattern: UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8)) / 32768
      }
    }
  }

  /// Runs a program to its end, which must be a good one.
  static func start(_ program: String, _ arguments: [String]) throws { _ = try run(program, arguments) }

  private static func run(_ program: String, _ arguments: [String]) throws -> (output: [UInt8], errors: String) {
    let searched = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
    guard
      let path = searched.map({ "\($0)/\(program)" }).first(where: FileManager.default.isExecutableFile(atPath:))
    else { throw Failure(description: "\(program) is not installed: run `make deps`") }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    let output = Pipe()
    process.standardOutput = output
    // A file, not a second pipe: one reader cannot empty two pipes without waiting on one of them.
    let errorFile = FileManager.default.temporaryDirectory.appendingPathComponent("ferry-judge-\(UUID().uuidString)")
    try Data().write(to: errorFile)
    defer { remove(errorFile) }
    let errors = try FileHandle(forWritingTo: errorFile)
    process.standardError = errors
    try process.run()
    let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    try errors.close()
    let text = String(decoding: try Data(contentsOf: errorFile), as: UTF8.self)
    guard process.terminationStatus == 0 || arguments.contains("null") else {
      throw Failure(description: "\(program) \(arguments.joined(separator: " ")): \(text)")
    }
    return ([UInt8](bytes), text)
  }

  private static func remove(_ url: URL) {
    do { try FileManager.default.removeItem(at: url) } catch { Issue.record(error) }
  }
}

/// What `ffprobe` says of one stream.
struct Probed: Decodable {
  var packets: [Packet]
  var streams: [Stream]

  struct Stream: Decodable {
    var codecName: String
    var profile: String?
    var level: Int?
    var width: Int?
    var height: Int?
    var sampleAspectRatio: String?
    var pixFmt: String?
    var fieldOrder: String?
    var colorRange: String?
    var colorSpace: String?
    var colorTransfer: String?
    var colorPrimaries: String?
    var rFrameRate: String
    var sampleRate: String?
    var channels: Int?
    var startTime: String?
    var duration: String?
    var disposition: [String: Int]
    var tags: [String: String]?

    /// When the stream begins, in seconds.
    var start: Double? { startTime.flatMap(Double.init) }
  }

  struct Packet: Decodable {
    var ptsTime: String?
    var durationTime: String?
    var flags: String
    var size: String?

    var bytes: Int? { size.flatMap { Int($0) } }
  }

  /// The only stream probed.
  var stream: Stream {
    get throws { try #require(streams.first) }
  }

  /// When the packets are shown, in seconds, in order.
  var times: [Double] { packets.compactMap { $0.ptsTime.flatMap(Double.init) }.sorted() }

  /// When the key frames are shown, in seconds.
  var keyTimes: [Double] {
    packets.filter { $0.flags.contains("K") }.compactMap { $0.ptsTime.flatMap(Double.init) }.sorted()
  }
}
