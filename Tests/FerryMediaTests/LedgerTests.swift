import FerryCore
import Foundation
import Testing

@testable import FerryMedia

/// What was read against what came of it, by numbers alone: pictures and sounds of a tenth of a second each.
@Suite struct LedgerCases {
  private enum Step {
    case take(Int)
    case give(Int)
    case refuse, fault, empty
  }

  private func account(_ steps: [Step], of kind: StreamFacts.Kind = .video) -> Account {
    var ledger = Ledger(stream: 0, kind: kind)
    for step in steps {
      switch step {
      case .take(let number): ledger.take(time: Double(number) / 10, duration: 0.1, bytes: 9, isDiscarded: false)
      case .give(let number): ledger.give(time: Double(number) / 10, length: 0.1)
      case .refuse: ledger.refuse()
      case .fault: ledger.fault()
      case .empty: ledger.take(time: nil, duration: 0, bytes: 0, isDiscarded: false)
      }
    }
    let account = ledger.finish()
    #expect(account.remainder == 0, "every packet is in one column")
    return account
  }

  private func both(_ numbers: some Sequence<Int>) -> [Step] { numbers.flatMap { [.take($0), .give($0)] } }

  @Test func aWholeStream() {
    let whole = account(both(0..<20))
    #expect(whole.loss == nil)
    #expect((whole.packets, whole.made, whole.frames) == (20, 20, 20))
    #expect((whole.bytes, whole.read) == (180, 2000))
  }

  @Test func whatComesLaterIsNotLost() {
    let delayed = account((0..<20).map { Step.take($0) } + (0..<20).map { .give($0) })
    #expect(delayed.loss == nil)
    #expect(delayed.made == 20)
    // B-pictures are sent after those that they come before.
    #expect(account([.take(0), .take(3), .take(1), .take(2), .give(0), .give(1), .give(2), .give(3)]).made == 4)
  }

  @Test func aHoleIsLost() {
    let hole = account(both(0..<10) + (10..<15).map { .take($0) } + both(15..<20))
    #expect(hole.lost == 5)
    #expect(hole.loss == "nothing came of 5 of the 20 packets of its picture (stream 0) from 1.0 s on")
  }

  @Test func anEndIsLost() {
    #expect(account(both(0..<10) + [.take(10), .take(11)]).lost == 2)
    #expect(account(both(0..<10) + [.take(10)], of: .audio).loss == nil, "the end of a coder's delay")
    #expect(account(both(0..<10) + (10..<15).map { .take($0) }, of: .audio).lost == 5)
  }

  @Test func fieldsAndEmptyPacketsAreNot() {
    let fields = account((0..<10).flatMap { [Step.take($0 * 2), .take($0 * 2 + 1), .give($0 * 2)] })
    #expect(fields.lost == 0)
    #expect(account(both(0..<5) + [.empty, .empty] + both(5..<9)).empty == 2)
  }

  @Test func whatCannotBeDecodedIsSaidElsewhere() {
    let refused = account(both(0..<5) + [.take(5), .refuse, .take(6), .refuse] + both(7..<9))
    #expect((refused.refused, refused.lost) == (2, 0))
    let told = account(both(0..<5) + [.take(5), .take(6), .take(7), .fault] + both(8..<12))
    #expect((told.refused, told.lost) == (3, 0))
  }

  @Test func whatLeadsIsCounted() {
    #expect(account((0..<7).map { .take($0) } + both(7..<9)).leading == 7)
  }

  @Test func whatGoesBackInTimeIsLate() {
    let back = account(both(0..<20) + both(5..<15))
    #expect(back.late == 1000)
    #expect(
      back.loss == "1.0 s of its picture (stream 0) from 1.9 s on go back in time and would not be seen")
    #expect(account(both([0, 1, 2, 1, 3, 4, 3, 5])).loss == nil, "a picture out of order now and then")
  }
}
