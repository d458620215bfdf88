internal import Foundation

/// Digests of many files at once: each file is read once for all its digests, and all cores read.
enum BagHashing {
  struct Work: Sendable {
    var path: BagPath
    var size: Int
    var algorithms: Set<String>
  }

  typealias Outcome = Result<[String: String], any Error>

  /// The digests by path, largest files first so that no core is left with one at the end.
  static func digests(of work: [Work], below root: String, journal: HashJournal?) -> [BagPath: Outcome] {
    let order = work.sorted { ($0.size, $1.path) > ($1.size, $0.path) }
    let found = Found()
    DispatchQueue.concurrentPerform(iterations: order.count) { index in
      let one = order[index]
      found.add(one.path, Result { try digests(of: one, below: root, journal: journal) })
    }
    return found.all
  }

  private static func digests(of one: Work, below root: String, journal: HashJournal?) throws -> [String: String] {
    let file = root + "/" + one.path.text
    if let known = journal?.known(one.path.text, file: file, one.algorithms) { return known }
    let made = try Checksums.of(file: file, one.algorithms)
    journal?.note(one.path.text, file: file, size: one.size, made)
    return made
  }

  /// Outcomes that arrive from several threads.
  private final class Found: @unchecked Sendable {
    private let lock = NSLock()
    private var outcomes: [BagPath: Outcome] = [:]

    func add(_ path: BagPath, _ outcome: Outcome) { lock.withLock { outcomes[path] = outcome } }

    var all: [BagPath: Outcome] { lock.withLock { outcomes } }
  }
}
