internal import CHashing
internal import Foundation

/// SHA-512 and SHA-256 of several files at once, in one reading of each.
///
/// The steps of one digest wait for each other; those of four files side by side cost little more than those of one. A
/// lane is a file: when it is through, the next file takes the lane.
package struct LaneHashing: ~Copyable {
  /// A file that is being read.
  private struct Lane {
    var item: Int
    var descriptor: Int32
    var size: UInt64 = 0
    /// Whole blocks in the buffer that are not hashed yet, and where they begin.
    var blocks = 0
    var offset = 0
    /// Bytes behind the whole blocks; there are some only when the file was read to its end.
    var tail = 0
    var isRead = false
  }

  private static let chunk = 64 << 10
  private static let block = Int(FERRY_SHA512_BLOCK)
  private static let shortBlock = Int(FERRY_SHA256_BLOCK)
  private static let count = Int(FERRY_SHA512_LANES)

  /// SHA-512 states as the C functions want them; a second set finishes one lane without disturbing the others.
  private let long: UnsafeMutablePointer<UInt64>
  private let last: UnsafeMutablePointer<UInt64>
  /// SHA-256 states, eight words for each lane.
  private let short: UnsafeMutablePointer<UInt32>
  private let buffer: UnsafeMutablePointer<UInt8>
  private var lanes: [Lane?] = Array(repeating: nil, count: count)

  /// Whether this processor can do it.
  package static var isPossible: Bool { ferry_sha512_has_lanes() }

  package init() {
    long = LaneHashing.zeros(8 * LaneHashing.count)
    last = LaneHashing.zeros(8 * LaneHashing.count)
    short = LaneHashing.zeros(8 * LaneHashing.count)
    // The last blocks with their padding have a place of their own behind the chunks.
    buffer = LaneHashing.zeros(LaneHashing.count * LaneHashing.chunk + 2 * LaneHashing.block)
  }

  private static func zeros<Word: FixedWidthInteger>(_ count: Int) -> UnsafeMutablePointer<Word> {
    UnsafeMutableRawPointer.allocate(byteCount: count * MemoryLayout<Word>.size, alignment: 64)
      .initializeMemory(as: Word.self, repeating: 0, count: count)
  }

  deinit {
    for lane in lanes.compactMap(\.self) { close(lane.descriptor) }
    for pointer in [UnsafeMutableRawPointer(long), UnsafeMutableRawPointer(last), UnsafeMutableRawPointer(short)] {
      pointer.deallocate()
    }
    UnsafeMutableRawPointer(buffer).deallocate()
  }

  /// Hashes what `next` hands out until it hands out nothing; `done` gets each file's digests or why there are none.
  package mutating func run(
    next: () -> (item: Int, file: String)?,
    done: (_ item: Int, _ outcome: Result<[String: String], any Error>) -> Void
  ) {
    while true {
      for lane in 0..<LaneHashing.count { fill(lane, next, done) }
      let active = (0..<LaneHashing.count).filter { lanes[$0] != nil }
      guard let first = active.first else { return }
      let blocks = active.map { lanes[$0]?.blocks ?? 0 }.min() ?? 0
      // Lanes without a file work on the first one's bytes, and nobody asks for the outcome.
      takeLong(long, (0..<LaneHashing.count).map { start(lanes[$0] == nil ? first : $0) }, blocks)
      for index in stride(from: 0, to: active.count, by: 2) {
        let pair = [active[index], active[min(index + 1, active.count - 1)]]
        takeShort(pair, pair.map { start($0) }, blocks * LaneHashing.block / LaneHashing.shortBlock)
      }
      for lane in active {
        lanes[lane]?.blocks -= blocks
        lanes[lane]?.offset += blocks * LaneHashing.block
      }
    }
  }

  private func start(_ lane: Int) -> UnsafePointer<UInt8> {
    UnsafePointer(buffer + lane * LaneHashing.chunk + (lanes[lane]?.offset ?? 0))
  }

  private func takeLong(_ states: UnsafeMutablePointer<UInt64>, _ starts: [UnsafePointer<UInt8>], _ blocks: Int) {
    starts.map(Optional.init).withUnsafeBufferPointer { ferry_sha512_blocks(states, $0.baseAddress, blocks) }
  }

  private func takeShort(_ pair: [Int], _ starts: [UnsafePointer<UInt8>], _ blocks: Int) {
    let states = pair.map { Optional(short + 8 * $0) }
    states.withUnsafeBufferPointer { states in
      starts.map(Optional.init).withUnsafeBufferPointer {
        ferry_sha256_blocks(states.baseAddress, $0.baseAddress, blocks)
      }
    }
  }

  /// Sees to it that the lane has blocks to hash, from its file or from the next ones; without any it stays empty.
  private mutating func fill(
    _ lane: Int, _ next: () -> (item: Int, file: String)?,
    _ done: (Int, Result<[String: String], any Error>) -> Void
  ) {
    while true {
      if let current = lanes[lane] {
        if current.blocks > 0 { return }
        if current.isRead {
          done(current.item, .success(finish(lane, current)))
        } else if let failure = read(lane) {
          done(current.item, .failure(failure))
          lanes[lane] = nil
          close(current.descriptor)
        }
        continue
      }
      guard let (item, file) = next() else { return }
      let descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
      guard descriptor >= 0 else {
        done(item, .failure(POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)))
        continue
      }
      posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
      ferry_sha512_begin(long, Int32(lane))
      ferry_sha256_begin(short + 8 * lane)
      lanes[lane] = Lane(item: item, descriptor: descriptor)
    }
  }

  /// Reads the next chunk of the lane's file.
  private mutating func read(_ lane: Int) -> POSIXError? {
    guard var current = lanes[lane] else { return nil }
    let base = buffer + lane * LaneHashing.chunk
    var filled = 0
    while filled < LaneHashing.chunk {
      let count = Foundation.read(current.descriptor, base + filled, LaneHashing.chunk - filled)
      if count < 0 {
        if errno == EINTR { continue }
        return POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
      }
      if count == 0 {
        current.isRead = true
        break
      }
      filled += count
    }
    current.size += UInt64(filled)
    current.blocks = filled / LaneHashing.block
    current.tail = filled % LaneHashing.block
    current.offset = 0
    lanes[lane] = current
    return nil
  }

  /// Hashes what is behind the whole blocks, padded for each digest, and frees the lane.
  private mutating func finish(_ lane: Int, _ current: Lane) -> [String: String] {
    let tail = UnsafeBufferPointer(start: start(lane), count: current.tail)
    lanes[lane] = nil
    close(current.descriptor)
    let padded = buffer + LaneHashing.count * LaneHashing.chunk
    let longBlocks = pad(padded, tail, current.size, LaneHashing.block)
    last.update(from: long, count: 8 * LaneHashing.count)
    takeLong(last, Array(repeating: UnsafePointer(padded), count: LaneHashing.count), longBlocks)
    let shortBlocks = pad(padded, tail, current.size, LaneHashing.shortBlock)
    takeShort([lane, lane], [UnsafePointer(padded), UnsafePointer(padded)], shortBlocks)
    return [
      "sha512": LaneHashing.hex((0..<8).map { last[$0 * LaneHashing.count + lane] }),
      "sha256": LaneHashing.hex((0..<8).map { short[8 * lane + $0] }),
    ]
  }

  /// A one bit, zeros, and the length in bits in the last eighth of a block (FIPS 180-4, 5.1); returns how many blocks
  /// there are then.
  private func pad(
    _ target: UnsafeMutablePointer<UInt8>, _ tail: UnsafeBufferPointer<UInt8>, _ size: UInt64, _ block: Int
  ) -> Int {
    let blocks = (tail.count + 1 + block / 8 + block - 1) / block
    memset(target, 0, blocks * block)
    for index in tail.indices { target[index] = tail[index] }
    target[tail.count] = 0x80
    for index in 0..<8 {
      target[blocks * block - 1 - index] = UInt8(truncatingIfNeeded: (size << 3) >> UInt64(8 * index))
    }
    return blocks
  }

  private static func hex<Word: FixedWidthInteger>(_ words: [Word]) -> String {
    Digests.hex(words.flatMap { word in withUnsafeBytes(of: word.bigEndian, Array.init) })
  }
}
