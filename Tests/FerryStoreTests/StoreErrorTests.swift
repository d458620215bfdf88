import FerryCore
import GRDB
import Testing

@testable import FerryStore

struct StoreErrorTests {
  @Test func everyErrorSaysWhatToDo() throws {
    var random = SystemRandomNumberGenerator()
    let token = LeaseToken(using: &random)
    let errors: [StoreError] = [
      .sharedFileSystem(path: "f", type: "nfs"), .notWritable(path: "f", reason: "r"), .damaged(path: "f", detail: "d"),
      .newer(path: "f", version: 2, known: 1), .foreign(path: "f"), .locked(path: "f"), .diskFull(path: "f"),
      .failed(path: "f", detail: "d"), .exists(path: "f"), .unknownJob(label: "j"), .unknownTitle(job: "j", title: "t"),
      .refused(job: "j", title: "t", state: .done, event: "claimed"), .staleLease(token: token, end: nil),
      .labelTaken(label: "j", file: "f"), .notMigrated(path: "f", version: 1, needed: 2),
    ]
    for error in errors {
      let diagnostic = error.diagnostic
      #expect(diagnostic.severity == .error && diagnostic.code.hasPrefix("store.") && diagnostic.hint != nil)
      #expect(error.description == diagnostic.description)
    }
    #expect(Set(errors.map(\.diagnostic.code)).count == errors.count)
    #expect(errors.filter(\.isTemporary) == [.locked(path: "f"), .diskFull(path: "f")])
  }

  /// Only what a state of the world can explain is told apart; the rest comes with SQLite's own words.
  @Test func otherFailuresKeepTheirWords() throws {
    let desk = try Desk()
    let store = try desk.open()
    #expect(
      diagnostic { try store.write { try $0.execute(sql: "SELECT * FROM nowhere") } } == """
        \(desk.file): error: the queue could not be used: no such table: nowhere
          hint: run again; if it stays, report it with this line
        """)
  }

  @Test func aStateThatNobodyKnowsIsDamage() throws {
    let desk = try Desk()
    let store = try desk.open()
    _ = try store.submit(job(titles: 1), now: desk.now)
    try store.write { try $0.execute(sql: "UPDATE titles SET state = 'asleep'") }
    #expect(throws: StoreError.damaged(path: desk.file, detail: "a title is in the state 'asleep'")) {
      _ = try store.counts()
    }
  }
}
