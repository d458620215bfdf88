/// A part of a container: a box, an element, a chunk or an object, by its name and where its content lies.
struct Part: Equatable {
  var name: [UInt8]
  /// Where it begins, with its head.
  var start: Int
  var body: Range<Int>
}

/// How a container is divided into parts.
enum Division {
  case boxes, elements, chunks, objects

  /// The longest head of a part.
  fileprivate static let head = 24

  /// The part whose head is `head`, at `start` in what ends at `end`; `nil` where it is none.
  ///
  /// A part that goes beyond the end is cut there; one of unknown length goes on to the end.
  fileprivate func part(_ head: [UInt8], at start: Int, end: Int) -> Part? {
    let parsed: (name: [UInt8], head: Int, size: Int?)?
    switch self {
    case .boxes: parsed = Division.box(head)
    case .elements: parsed = Division.element(head)
    case .chunks: parsed = head.dropFirst(4).littleEndian(4).map { (Array(head.prefix(4)), 8, $0 + ($0 & 1)) }
    case .objects:
      parsed = head.dropFirst(16).littleEndian(8).flatMap { $0 < 24 ? nil : (Array(head.prefix(16)), 24, $0 - 24) }
    }
    guard let parsed, parsed.head <= end - start else { return nil }
    let first = start + parsed.head
    return Part(name: parsed.name, start: start, body: first..<(first + min(parsed.size ?? Int.max, end - first)))
  }

  private static func box(_ head: [UInt8]) -> (name: [UInt8], head: Int, size: Int?)? {
    guard head.count >= 8, let size = head.bigEndian(4) else { return nil }
    let name = Array(head[4..<8])
    if size == 0 { return (name, 8, nil) }
    if size > 1 { return size < 8 ? nil : (name, 8, size - 8) }
    guard let large = head.dropFirst(8).bigEndian(8), large >= 16 else { return nil }
    return (name, 16, large - 16)
  }

  private static func element(_ head: [UInt8]) -> (name: [UInt8], head: Int, size: Int?)? {
    guard let first = head.first, first >= 0x10 else { return nil }
    let name = head.prefix(first.leadingZeroBitCount + 1)
    guard let lead = head.dropFirst(name.count).first, lead > 0 else { return nil }
    let length = lead.leadingZeroBitCount + 1
    let field = head.dropFirst(name.count).prefix(length)
    guard field.count == length, let coded = field.bigEndian(length) else { return nil }
    let all = 1 << (7 * length)
    let size = coded & (all - 1)
    return (Array(name), name.count + length, size == all - 1 ? nil : size)
  }
}

extension FileBytes {
  /// The parts that lie in a range, one after the other; no more than `limit` of them.
  func parts(_ division: Division, in range: Range<Int>, limit: Int = 100_000) -> [Part] {
    var result: [Part] = []
    var position = range.lowerBound
    let end = min(range.upperBound, size)
    while position < end, result.count < limit,
      let part = division.part(read(at: position, Division.head), at: position, end: end)
    {
      result.append(part)
      position = part.body.upperBound
    }
    return result
  }

  func parts(_ division: Division) -> [Part] { parts(division, in: 0..<size) }

  /// The content of the parts that `path` leads to, each part inside the one before.
  func parts(_ division: Division, in range: Range<Int>, at path: [[UInt8]]) -> [Part] {
    guard let name = path.first else { return [] }
    let found = parts(division, in: range, limit: 10_000).filter { $0.name == name }
    return path.count == 1
      ? found : found.flatMap { parts(division, in: $0.body, at: Array(path.dropFirst())) }
  }

  /// A part's content, the first `limit` bytes of it.
  func content(_ part: Part, limit: Int = 65_536) -> [UInt8] {
    read(at: part.body.lowerBound, min(limit, part.body.count))
  }
}
