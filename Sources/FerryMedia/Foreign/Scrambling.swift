internal import FerryCore

/// Packets of MPEG systems streams that say of themselves that they are scrambled.
enum Scrambling {
  /// Bytes looked at in each of three places.
  private static let stretch = 1 << 20
  /// A damaged file has a scrambled bit here and there; a protected one has them by the hundred.
  private static let fewest = 8

  static func ofTransportStream(_ file: borrowing FileBytes, _ head: [UInt8]) -> Protection? {
    let layouts = [(188, 0), (192, 4), (204, 0)]
    let layout = layouts.first { size, first in
      (0..<4).allSatisfy { head.count > first + $0 * size && head[first + $0 * size] == 0x47 }
    }
    guard let (size, first) = layout else { return nil }
    var result: Protection?
    for place in places(file, unit: size) {
      let bytes = file.read(at: place, stretch)
      let packets = stride(from: first, to: max(first, bytes.count - 188), by: size).map { bytes[$0..<($0 + 188)] }
      if isScrambled(packets), result == nil { result = Protection(scheme: "transport stream scrambling") }
      for packet in packets {
        for system in accessSystems(packet) { result?.addSystem(system) }
      }
    }
    return result
  }

  private static func isScrambled(_ packets: [ArraySlice<UInt8>]) -> Bool {
    var count = 0
    var all = 0
    for packet in packets {
      let at = packet.startIndex
      // Without payload, or filler, there is nothing to scramble.
      if packet[at] != 0x47 || packet[at + 3] & 0x10 == 0 || packet[at + 1] & 0x1F == 0x1F { continue }
      all += 1
      if packet[at + 3] & 0x80 != 0 { count += 1 }
    }
    return count >= fewest && count * 10 > all
  }

  /// The conditional access systems that a programme's map names in its first packet.
  private static func accessSystems(_ packet: ArraySlice<UInt8>) -> [String] {
    let bytes = Array(packet)
    // A section that begins here, behind a pointer of zero, with the table of a programme.
    guard bytes[1] & 0x40 != 0, bytes[3] & 0x30 == 0x10, bytes[4] == 0, bytes[5] == 2 else { return [] }
    let end = min(bytes.count, 8 + (Int(bytes[6] & 0x0F) << 8 | Int(bytes[7])) - 4)
    var found: [String] = []
    func descriptors(from start: Int, _ length: Int) {
      var at = start
      while at + 4 <= min(end, start + length) {
        if bytes[at] == 9 { found.append("CA system 0x" + bytes[(at + 2)..<(at + 4)].hexadecimal) }
        at += 2 + Int(bytes[at + 1])
      }
    }
    let program = Int(bytes[15] & 0x0F) << 8 | Int(bytes[16])
    descriptors(from: 17, program)
    var at = 17 + program
    while at + 5 <= end {
      let length = Int(bytes[at + 3] & 0x0F) << 8 | Int(bytes[at + 4])
      descriptors(from: at + 5, length)
      at += 5 + length
    }
    return found
  }

  static func ofProgramStream(_ file: borrowing FileBytes) -> Protection? {
    for place in places(file, unit: 2048) {
      let bytes = file.read(at: place, stretch)
      var count = 0
      var all = 0
      var at = 0
      while at + 7 <= bytes.count {
        defer { at += 1 }
        guard bytes[at] == 0, bytes[at + 1] == 0, bytes[at + 2] == 1 else { continue }
        let isPayload = bytes[at + 3] == 0xBD || (0xC0...0xEF).contains(bytes[at + 3])
        guard isPayload, bytes[at + 6] & 0xC0 == 0x80 else { continue }
        all += 1
        if bytes[at + 6] & 0x30 != 0 { count += 1 }
      }
      if count >= fewest, count * 10 > all { return Protection(scheme: "program stream scrambling (as on DVDs)") }
    }
    return nil
  }

  /// The beginning, the middle and the end, at whole units.
  private static func places(_ file: borrowing FileBytes, unit: Int) -> [Int] {
    if file.size <= 3 * stretch { return stride(from: 0, to: max(1, file.size), by: stretch / unit * unit).map { $0 } }
    return [0, file.size / 2, file.size - stretch].map { $0 / unit * unit }
  }
}
