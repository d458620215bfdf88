/// One box of an MP4 file (ISO/IEC 14496-12, 4.2), by its type and where its content lies.
struct Box {
  let type: String
  let content: Range<Int>
}

/// The boxes that fill `bytes`, in order; stops at the first that does not fit.
func boxes(of bytes: ArraySlice<UInt8>) -> [Box] {
  var result: [Box] = []
  var start = bytes.startIndex
  while start + 8 <= bytes.endIndex {
    let size = bytes[start..<(start + 4)].reduce(0) { $0 << 8 | Int($1) }
    guard size >= 8, start + size <= bytes.endIndex else { break }
    let type = String(decoding: bytes[(start + 4)..<(start + 8)], as: UTF8.self)
    result.append(Box(type: type, content: (start + 8)..<(start + size)))
    start += size
  }
  return result
}

/// The content of the box at the end of a path of types, in the first box of each.
func content(_ path: String..., in bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
  var bytes = bytes
  for type in path {
    guard let box = boxes(of: bytes).first(where: { $0.type == type }) else { return nil }
    bytes = bytes[box.content]
  }
  return bytes
}

/// A big-endian number of `size` bytes.
func number(_ bytes: ArraySlice<UInt8>, at offset: Int, size: Int) -> Int {
  bytes.dropFirst(offset).prefix(size).reduce(0) { $0 << 8 | Int($1) }
}

/// When the first sample of a fragment is shown, in its track's own units (ISO/IEC 14496-12, 8.8.8 and 8.8.12).
func firstPresentation(in bytes: [UInt8], from offset: Int) -> Int? {
  guard let decode = content("moof", "traf", "tfdt", in: bytes[offset...]),
    let run = content("moof", "traf", "trun", in: bytes[offset...])
  else { return nil }
  let begins = decode.first == 1 ? number(decode, at: 4, size: 8) : number(decode, at: 4, size: 4)
  let flags = number(run, at: 1, size: 3)
  if flags & 0x800 == 0 { return begins }
  // What precedes a sample's composition offset: the run's own optional fields, then the sample's.
  let before = [0x1, 0x4, 0x100, 0x200, 0x400].filter { flags & $0 != 0 }.count * 4
  return begins + Int(Int32(truncatingIfNeeded: number(run, at: 8 + before, size: 4)))
}
