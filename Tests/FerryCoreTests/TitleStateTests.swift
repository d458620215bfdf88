import FerryCore
import Testing

struct TitleStateTests {
  private static let time = Timestamp(milliseconds: 1000)

  private static let states: [TitleState] = [
    .waitingTranslation, .queued, .running, .publishing, .done, .reopened, .failed(retryAt: time), .held,
    .quarantined, .cancelled,
  ]

  private static let events: [(String, TitleEvent)] = [
    ("claimed", .claimed), ("released", .released), ("awaits-translation", .awaitsTranslation),
    ("translation-arrived", .translationArrived), ("failed-again", .failed(.again)),
    ("failed-retry", .failed(.retry(at: time))), ("failed-hold", .failed(.hold)),
    ("failed-quarantine", .failed(.quarantine)), ("retry-due", .retryDue), ("accepted", .accepted),
    ("published", .published), ("changed", .changed(isAwaiting: false)), ("changed-awaits", .changed(isAwaiting: true)),
    ("retried", .retried), ("forced", .forced), ("reopened", .reopened), ("answered", .answered), ("held", .held),
    ("cancelled", .cancelled), ("adopted", .adopted),
  ]

  /// The whole table; `-` is a refusal.
  @Test func everyEventInEveryState() {
    func padded(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: max(1, width - text.count))
    }
    func line(_ first: String, _ rest: [String]) -> String {
      let cells = zip(rest, [8, 8, 9, 11, 9, 9, 8, 8, 12, 10]).map { padded($0, $1) }.joined()
      return (padded(first, 20) + cells).trimming()
    }
    let names = [
      "waiting", "queued", "running", "publishing", "done", "reopened", "failed", "held", "quarantined", "cancelled",
    ]
    func short(_ state: TitleState) -> String { state == .waitingTranslation ? "waiting" : state.kind.rawValue }
    let table =
      [line("", names)]
      + Self.events.map { name, event in
        line(name, Self.states.map { state in state.after(event).map(short) ?? "-" })
      }
    #expect(
      table.joined(separator: "\n") == """
                            waiting queued  running  publishing done     reopened failed  held    quarantined cancelled
        claimed             running running -        -          -        -        -       -       -           -
        released            -       -       queued   queued     -        -        -       -       -           -
        awaits-translation  -       waiting waiting  -          -        -        -       -       -           -
        translation-arrived queued  -       -        -          -        -        -       -       -           -
        failed-again        -       -       queued   queued     -        -        -       -       -           -
        failed-retry        -       -       failed   failed     -        -        -       -       -           -
        failed-hold         -       -       held     held       -        -        -       -       -           -
        failed-quarantine   -       -       quarantined quarantined -        -        -       -       -           -
        retry-due           -       -       -        -          -        -        queued  -       -           -
        accepted            -       -       publishing -          -        -        -       -       -           -
        published           -       -       -        done       -        -        -       -       -           -
        changed             queued  queued  running  publishing queued   queued   queued  queued  queued      queued
        changed-awaits      waiting waiting running  publishing waiting  waiting  waiting waiting waiting     waiting
        retried             -       -       -        -          -        -        queued  queued  queued      queued
        forced              -       -       -        -          queued   queued   -       -       -           -
        reopened            -       -       -        -          reopened -        -       -       -           -
        answered            -       -       -        -          -        done     -       -       -           -
        held                held    held    -        -          -        -        held    -       -           -
        cancelled           cancelled cancelled cancelled -          -        -        cancelled cancelled cancelled   -
        adopted             done    done    -        -          -        -        done    done    done        done
        """)
  }

  @Test func aFailureKeepsItsTime() {
    #expect(TitleState.running.after(.failed(.retry(at: Self.time))) == .failed(retryAt: Self.time))
  }

  /// A queue whose titles cannot all end would never be drained.
  @Test func everyStateLeadsToAnEnd() {
    var ends = Set(["done", "held", "quarantined", "cancelled"])
    for _ in Self.states {
      for state in Self.states
      where Self.events.contains(where: { state.after($0.1).map { ends.contains($0.kind.rawValue) } ?? false }) {
        ends.insert(state.kind.rawValue)
      }
    }
    #expect(ends == Set(TitleState.Kind.allCases.map(\.rawValue)))
  }

  @Test func everyKindIsAState() { #expect(Self.states.map(\.kind) == TitleState.Kind.allCases) }

  @Test func jobsBeginWhereTheyCan() {
    #expect(TitleState.first(isAwaiting: true) == .waitingTranslation)
    #expect(TitleState.first(isAwaiting: false) == .queued)
  }
}

extension String {
  /// Without the blanks at its end.
  fileprivate func trimming() -> String {
    var text = self
    while text.last == " " { text.removeLast() }
    return text
  }
}
