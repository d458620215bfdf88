internal import FerryCore

/// Keeps account of one stream: packets go in as they are read, pictures or sounds as they come out of the decoder.
///
/// Packets wait until something comes out for their time or a later one. One of several that wait has become it; the
/// others are fields of it or pictures never shown when they lie close together, and lost when they fill a hole.
struct Ledger {
  private(set) var account: Account
  /// Times of packets that nothing came of yet, in order.
  private var waiting: [Double] = []
  /// The time of the packet that was sent last, while it can be refused; and of the last one at all.
  private var latest: Double?
  private var previous = 0.0
  private var first: Double?
  private var readEnd = 0.0
  /// When the last picture or sound began, and how long it was.
  private var shown: (time: Double, length: Double)?
  /// The latest time at which anything began, in seconds.
  private var reached: Double?
  /// Faults told after their packets were taken.
  private var faults = 0
  /// What came out without a packet of its own, and packets that seemed to hold nothing of their own.
  private var extra = 0
  private var silent = 0
  /// Seconds in a row that came for a time that was past, and where they began.
  private var behind = 0.0
  private var behindFrom = 0.0

  /// What is late for less than this is a jump that nobody sees or hears, in seconds.
  private static let tolerance = 0.3
  /// What containers round times by, in seconds.
  private static let rounding = 0.002

  init(stream: Int, kind: StreamFacts.Kind) { account = Account(stream: stream, kind: kind) }

  /// When the first packet begins, in seconds on the timeline.
  var begin: Double? { first }
  /// When the last packet ends.
  var end: Double { readEnd }

  /// Takes note of a packet; `time` and `duration` are seconds on the timeline.
  mutating func take(time: Double?, duration: Double, bytes: Int, isDiscarded: Bool) {
    account.packets += 1
    account.bytes += max(0, bytes)
    let time = time ?? previous + (shown?.length ?? 0)
    previous = time
    latest = nil
    if bytes <= 0 || isDiscarded {
      account.empty += 1
      return
    }
    first = min(first ?? time, time)
    readEnd = max(readEnd, time + max(0, duration))
    latest = time
    waiting.insert(time, at: waiting.lastIndex { $0 <= time }.map { $0 + 1 } ?? 0)
  }

  /// The decoder did not take the packet that was read last.
  mutating func refuse() {
    guard let time = latest, let index = waiting.lastIndex(of: time) else { return }
    waiting.remove(at: index)
    latest = nil
    account.refused += 1
  }

  /// The decoder tells of a fault in a packet that it took before.
  mutating func fault() { faults += 1 }

  /// Something came out and was given on; its time and length are in seconds.
  mutating func give(time: Double, length: Double) {
    account.frames += 1
    let count = waiting.prefix { $0 <= time + Ledger.rounding }.count
    waiting.removeFirst(count)
    if count == 0 { extra += 1 } else { account.made += 1 }
    if count > 1 { explain(count - 1, until: time, length) }
    note(time, length)
    shown = (time, length)
  }

  /// The stream is over, and nothing more will come.
  mutating func finish() -> Account {
    let count = waiting.count
    if let shown, count > 0 {
      let isBehind = waiting.last.map { $0 > shown.time + shown.length * 1.5 } ?? false
      let few = account.kind == .audio ? 3 : 1
      explain(count, isLoss: isBehind && count >= few, at: shown.time + shown.length)
    } else {
      account.leading += count
    }
    waiting = []
    settleExtras()
    catchUp()
    account.read = milliseconds(max(0, readEnd - (first ?? readEnd)))
    return account
  }

  /// Whose packets have no times of their own come out under those of others.
  private mutating func settleExtras() {
    func move(_ part: WritableKeyPath<Account, Int>, _ account: inout Account, _ extra: inout Int) {
      let count = min(extra, account[keyPath: part])
      account[keyPath: part] -= count
      account.made += count
      extra -= count
    }
    move(\.lost, &account, &extra)
    move(\.leading, &account, &extra)
    let count = min(extra, silent)
    account.empty -= count
    account.made += count
    if account.lost == 0, account.late == 0 { account.firstLoss = nil }
  }

  private mutating func explain(_ count: Int, until time: Double, _ length: Double) {
    guard let shown else {
      account.leading += count
      return
    }
    let hole = time - shown.time - shown.length
    let isLoss =
      account.kind == .audio ? count >= 3 && hole > 0.15 : count >= 2 && hole > 1.5 * max(length, shown.length)
    explain(count, isLoss: isLoss, at: shown.time + shown.length)
  }

  private mutating func explain(_ count: Int, isLoss: Bool, at time: Double) {
    let told = min(faults, count)
    faults -= told
    account.refused += told
    // Where the decoder told of one fault, what hangs on it is lost with it.
    if told > 0 {
      account.refused += count - told
    } else if isLoss {
      account.lost += count
      account.firstLoss = account.firstLoss ?? milliseconds(time)
    } else {
      account.empty += count
      silent += count
    }
  }

  /// Counts what comes for a time that is past.
  private mutating func note(_ time: Double, _ length: Double) {
    // Of what comes at the time of the one before it, nothing is seen or heard either.
    if let reached, time < reached + length / 10 {
      if behind == 0 { behindFrom = reached }
      behind += min(length, length + reached - time)
    } else {
      catchUp()
    }
    reached = max(reached ?? time, time)
  }

  private mutating func catchUp() {
    if behind > Ledger.tolerance {
      account.late = Milliseconds(account.late.count + milliseconds(behind).count)
      account.firstLoss = account.firstLoss ?? milliseconds(behindFrom)
    }
    behind = 0
  }

  private func milliseconds(_ seconds: Double) -> Milliseconds {
    Milliseconds(seconds: min(max(seconds, -1e9), 1e9))
  }
}
