package import FerryCore
internal import Foundation

/// When the first sample of a CMAF file is shown, read from the file as players read it.
package enum FirstPresentation {
  /// Which part of the file did not say it.
  package struct Unreadable: Error, CustomStringConvertible {
    package let description: String
  }

  /// On MPEG's clock of 90,000 ticks a second, as `X-TIMESTAMP-MAP` counts (RFC 8216, 3.5); it has 33 bits.
  package static func ticks(of file: FragmentedFile, at path: String) throws -> Int {
    guard let segment = file.segments.first else { throw Unreadable(description: "\(file.name) has no fragment") }
    return try ticks(at: path, header: file.initialisation, fragment: segment.offset)
  }

  /// No header of a file or a fragment is longer, whatever a playlist or the header itself says.
  private static let longestHeader = 16 << 20

  static func ticks(at path: String, header: Int, fragment: Int) throws -> Int {
    guard (0...longestHeader).contains(header), fragment >= 0 else {
      throw Unreadable(description: "a header of \(header) bytes is too long")
    }
    let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
    defer { handle.closeFile() }
    let head = Array(handle.readData(ofLength: header))
    handle.seek(toFileOffset: UInt64(clamping: fragment))
    // A fragment's own header says its size in its first four bytes.
    let size = Boxes.number(Array(handle.readData(ofLength: 4))[...], at: 0, size: 4)
    guard size <= longestHeader else {
      throw Unreadable(description: "the fragment at byte \(fragment) has a header of \(size) bytes, which is too long")
    }
    handle.seek(toFileOffset: UInt64(clamping: fragment))
    let body = Array(handle.readData(ofLength: size))
    guard let clock = Boxes.content("moov", "trak", "mdia", "mdhd", in: head[...]), clock.count >= 24 else {
      throw Unreadable(description: "the header has no clock (mdhd)")
    }
    let scale = Boxes.number(clock, at: clock.first == 1 ? 20 : 12, size: 4)
    guard let time = sampleTime(body), scale > 0 else {
      throw Unreadable(description: "the fragment at byte \(fragment) says no time (tfdt, trun)")
    }
    guard let ticks = Foreign<Int>(Double(time) * 90_000 / Double(scale))?.value else {
      throw Unreadable(description: "the fragment at byte \(fragment) has a time that is out of range")
    }
    return ticks & (1 << 33 - 1)
  }

  /// The first sample's decoding time and composition offset, in the track's own units (ISO/IEC 14496-12, 8.8.8, 8.8.12).
  private static func sampleTime(_ fragment: [UInt8]) -> Int? {
    guard let decode = Boxes.content("moof", "traf", "tfdt", in: fragment[...]),
      let run = Boxes.content("moof", "traf", "trun", in: fragment[...])
    else { return nil }
    let begins = Boxes.number(decode, at: 4, size: decode.first == 1 ? 8 : 4)
    let flags = Boxes.number(run, at: 1, size: 3)
    if flags & 0x800 == 0 { return begins }
    // What precedes a sample's composition offset: the run's own optional fields, then the sample's.
    let before = [0x1, 0x4, 0x100, 0x200, 0x400].filter { flags & $0 != 0 }.count * 4
    return begins.adding(bounded: Int(Int32(truncatingIfNeeded: Boxes.number(run, at: 8 + before, size: 4))))
  }
}

/// The boxes that an MP4 file is made of (ISO/IEC 14496-12, 4.2).
private enum Boxes {
  /// What the box at the end of a path of types holds, in the first box of each.
  static func content(_ path: String..., in bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    var bytes = bytes
    for type in path {
      guard let inner = first(type, in: bytes) else { return nil }
      bytes = inner
    }
    return bytes
  }

  private static func first(_ type: String, in bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    var start = bytes.startIndex
    while start + 8 <= bytes.endIndex {
      let size = number(bytes[start...], at: 0, size: 4)
      guard size >= 8, start + size <= bytes.endIndex else { return nil }
      if bytes[(start + 4)..<(start + 8)].elementsEqual(type.utf8) { return bytes[(start + 8)..<(start + size)] }
      start += size
    }
    return nil
  }

  /// A big-endian number of `size` bytes.
  static func number(_ bytes: ArraySlice<UInt8>, at offset: Int, size: Int) -> Int {
    bytes.dropFirst(offset).prefix(size).reduce(0) { $0 << 8 | Int($1) }
  }
}
