internal import FerryCore
internal import Foundation

/// The `codecs` parameter of an encoded file (RFC 6381), read from the decoder configuration in its header.
enum CodecString {
  /// Reads the first `initialisation` bytes of the MP4 file at `path`; `nil` where they hold no such configuration.
  static func of(_ path: String, initialisation: Int, codec: VideoCodec) -> String? {
    guard let handle = FileHandle(forReadingAtPath: path) else { return nil }
    let header = Array(handle.readData(ofLength: initialisation))
    switch codec {
    case .h264:
      // ISO/IEC 14496-15, 5.3.3.1: profile, constraints, level.
      return box("avcC", in: header, atLeast: 4).map { "avc1." + hexadecimal($0[1...3]) }
    case .hevc: return box("hvcC", in: header, atLeast: 13).map(hevc)
    case .av1: return box("av1C", in: header, atLeast: 3).map(av1)
    case .vp9: return box("vpcC", in: header, atLeast: 7).map(vp9)
    }
  }

  static func of(_ codec: AudioCodec) -> String {
    switch codec {
    case .aac: "mp4a.40.2"
    case .opus: "opus"
    case .flac: "flac"
    }
  }

  /// The content of the box of a type that occurs once in the header.
  private static func box(_ type: String, in header: [UInt8], atLeast size: Int) -> [UInt8]? {
    let name = Array(type.utf8)
    guard let start = header.indices.first(where: { header[$0...].starts(with: name) }) else { return nil }
    let content = header[(start + 4)...]
    return content.count >= size ? Array(content) : nil
  }

  /// ISO/IEC 14496-15, E.3: profile, compatibility flags bit-reversed, tier and level, constraints without end zeros.
  private static func hevc(_ record: [UInt8]) -> String {
    let space = ["", "A", "B", "C"][Int(record[1] >> 6)]
    let tier = record[1] & 0x20 == 0 ? "L" : "H"
    let flags = record[2...5].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    let reversed = (0..<32).reduce(UInt32(0)) { $0 | (flags >> $1 & 1) << (31 - $1) }
    var constraints = Array(record[6...11])
    while constraints.last == 0 { constraints.removeLast() }
    let parts =
      ["hvc1.\(space)\(record[1] & 0x1F)", String(reversed, radix: 16, uppercase: true), "\(tier)\(record[12])"]
      + constraints.map { String($0, radix: 16, uppercase: true) }
    return parts.joined(separator: ".")
  }

  /// AV1 in ISO BMFF, 5: profile, level with tier, bit depth.
  private static func av1(_ record: [UInt8]) -> String {
    let level = Int(record[1] & 0x1F)
    let tier = record[2] & 0x80 == 0 ? "M" : "H"
    let depth = record[2] & 0x40 == 0 ? "08" : record[2] & 0x20 == 0 ? "10" : "12"
    return "av01.\(record[1] >> 5).\(level < 10 ? "0" : "")\(level)\(tier).\(depth)"
  }

  /// VP Codec ISO Media File Format Binding: profile, level, bit depth.
  private static func vp9(_ record: [UInt8]) -> String {
    // Four bytes of version and flags come first.
    let numbers = [Int(record[4]), Int(record[5]), Int(record[6] >> 4)]
    return "vp09." + numbers.map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ".")
  }

  private static func hexadecimal(_ bytes: ArraySlice<UInt8>) -> String {
    bytes.map { $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16) }.joined()
  }
}
