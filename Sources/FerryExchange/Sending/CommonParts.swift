internal import FerryPackage
internal import Foundation

/// Finds what two versions of a file have in common, wherever it stands in each.
///
/// The old file's blocks are known by a hash; along the new file the same hash rolls, and what it finds is compared
/// byte by byte and extended as far as the two agree. A corrected subtitle moves everything behind it in an MP4 file and
/// changes its index: all the rest is found.
struct CommonParts {
  /// How `new` is made from `old`, and the bytes that only `new` has; `nil` where that saves less than half.
  static func between(_ old: Data, _ new: Data) -> (list: PartList, bytes: [UInt8])? {
    old.withUnsafeBytes { old in
      new.withUnsafeBytes { new in
        var search = CommonParts(old: old, new: new)
        return search.run()
      }
    }
  }

  private static let base: UInt64 = 0x9E37_79B9_7F4A_7C15

  private let old: UnsafeRawBufferPointer
  private let new: UnsafeRawBufferPointer
  private let block: Int
  /// What a byte counts in the hash when it leaves the block.
  private let weight: UInt64
  /// Where blocks of the old file start, in order, by hash.
  private let starts: [UInt64: [Int]]
  private var list = PartList()
  private var bytes: [UInt8] = []
  /// The new file is told up to here, and what was last taken of the old one ended there.
  private var told = 0
  private var taken = 0

  private init(old: UnsafeRawBufferPointer, new: UnsafeRawBufferPointer) {
    (self.old, self.new) = (old, new)
    var block = 64
    // As many blocks as fit in a few megabytes of memory.
    while old.count / block > 1 << 16 { block *= 2 }
    self.block = block
    weight = (0..<block).reduce(1) { power, _ in power &* CommonParts.base }
    var starts: [UInt64: [Int]] = [:]
    for start in stride(from: 0, through: old.count - block, by: block) {
      starts[CommonParts.hash(old[start..<start + block]), default: []].append(start)
    }
    self.starts = starts
  }

  private static func hash(_ bytes: Slice<UnsafeRawBufferPointer>) -> UInt64 {
    bytes.reduce(0) { $0 &* base &+ UInt64($1) }
  }

  private mutating func run() -> (PartList, [UInt8])? {
    var position = 0
    var hash: UInt64?
    while position + block <= new.count {
      // More new bytes than half of the file: it is another file, and travels whole.
      if bytes.count + position - told > new.count / 2 { return nil }
      let value = hash ?? CommonParts.hash(new[position..<position + block])
      if let start = start(of: value, at: position) {
        position = take(start, position)
        hash = nil
      } else {
        if position + block == new.count { break }
        hash = value &* CommonParts.base &+ UInt64(new[position + block]) &- UInt64(new[position]) &* weight
        position += 1
      }
    }
    tellNew(to: new.count)
    let isWorthIt = bytes.count + list.text.utf8.count <= new.count / 2 && list.baseCount <= 2 * old.count
    return isWorthIt ? (list, bytes) : nil
  }

  /// The block of the old file that is the same as the one at `position`; of several, the one nearest to where the two
  /// files would be alike if something in between had only been replaced.
  private func start(of hash: UInt64, at position: Int) -> Int? {
    guard let known = starts[hash] else { return nil }
    let expected = taken + position - told
    var (low, high) = (0, known.count)
    while low < high {
      let middle = (low + high) / 2
      if known[middle] < expected { low = middle + 1 } else { high = middle }
    }
    let near = [low - 1, low].filter(known.indices.contains).map { known[$0] }
    let start = near.min { abs($0 - expected) < abs($1 - expected) }
    guard let start, old[start..<start + block].elementsEqual(new[position..<position + block]) else { return nil }
    return start
  }

  /// Takes the common range around a block; answers where it ends in the new file.
  private mutating func take(_ start: Int, _ position: Int) -> Int {
    var (from, at) = (start, position)
    while from > 0, at > told, old[from - 1] == new[at - 1] { (from, at) = (from - 1, at - 1) }
    var (to, end) = (start + block, position + block)
    while to < old.count, end < new.count, old[to] == new[end] { (to, end) = (to + 1, end + 1) }
    tellNew(to: at)
    list.add(.base, from: from, to: to)
    (taken, told) = (to, end)
    return end
  }

  private mutating func tellNew(to end: Int) {
    list.add(.new, from: bytes.count, to: bytes.count + end - told)
    bytes += new[told..<end]
    told = end
  }
}
