import FerryCore
import Foundation
import Testing

@testable import FerryExecution

/// What workers and readers say, with numbers that nothing has.
struct ForeignLineTests {
  static let extremes = [
    "9223372036854775807", "-9223372036854775808", "9007199254740992", "1e308", "-1e308", "1e999",
    "99999999999999999999999999",
  ]

  @Test(arguments: extremes) func anAbsurdNumberIsRefused(_ number: String) throws {
    let lines = [
      #"{"progress":{"position":\#(number)}}"#, #"{"failed":{"_0":[{"line":\#(number)}]}}"#,
      #"[{"a":[0,\#(number)]}]"#, #"{"text":"\"1","n":\#(number)}"#, #"\#(number)"#,
    ]
    for line in lines {
      #expect(throws: ForeignJSON.Absurd.self, "\(line)") {
        try ForeignLine.decoded(Data(line.utf8), as: WorkerMessage.self)
      }
    }
  }

  @Test func whatFitsIsRead() throws {
    for position in [-1, 0, 1 << 40] {
      let message = WorkerMessage.progress(position: Milliseconds(position))
      #expect(try ForeignLine.decoded(try JSONEncoder().encode(message), as: WorkerMessage.self) == message)
    }
  }
}
