internal import FerryCore
internal import FerryFiles
internal import Foundation
internal import Synchronization

/// Digests of many files at once: each file is read once for all its digests, and all cores read.
enum BagHashing {
  struct Work: Sendable {
    var path: BagPath
    var size: Int
    var algorithms: Set<String>
  }

  typealias Outcome = Result<[String: String], any Error>

  /// The digests by path.
  static func digests(of work: [Work], below root: String, journal: HashJournal?) -> [BagPath: Outcome] {
    let cores = max(1, ProcessInfo.processInfo.activeProcessorCount)
    let shares = shares(work, cores).map(Queue.init)
    let found = Found()
    DispatchQueue.concurrentPerform(iterations: cores) { core in
      // First its own share, then what the others have not begun.
      for queue in shares[core...] + shares[..<core] {
        while let one = queue.next() { found.add(one.path, Result { try digests(of: one, below: root, journal) }) }
      }
    }
    return found.all
  }

  /// About equally many bytes for each core: the largest file first, always to the core that has least.
  private static func shares(_ work: [Work], _ cores: Int) -> [[Work]] {
    var shares = Array(repeating: (bytes: 0, work: [Work]()), count: cores)
    for one in work.sorted(by: { ($0.size, $1.path) > ($1.size, $0.path) }) {
      let least = shares.indices.min { (shares[$0].bytes, $0) < (shares[$1].bytes, $1) } ?? 0
      shares[least].bytes = [shares[least].bytes, one.size].saturatedSum
      shares[least].work.append(one)
    }
    return shares.map(\.work)
  }

  private static func digests(of one: Work, below root: String, _ journal: HashJournal?) throws -> [String: String] {
    let file = root + "/" + one.path.text
    if let known = journal?.known(one.path.text, file: file, one.algorithms) { return known }
    let made = try Checksums.of(file: file, one.algorithms)
    journal?.note(one.path.text, file: file, size: one.size, made)
    return made
  }

  /// Work that threads take one by one.
  private final class Queue: Sendable {
    private let rest: Mutex<ArraySlice<Work>>

    init(_ work: [Work]) { rest = Mutex(work[...]) }

    func next() -> Work? { rest.withLock { $0.popFirst() } }
  }

  /// Outcomes that arrive from several threads.
  private final class Found: Sendable {
    private let outcomes = Mutex<[BagPath: Outcome]>([:])

    func add(_ path: BagPath, _ outcome: Outcome) { outcomes.withLock { $0[path] = outcome } }

    var all: [BagPath: Outcome] { outcomes.withLock { $0 } }
  }
}
