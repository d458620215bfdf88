import FerryCore
import Foundation
import Testing

@testable import FerryTransport

@Suite struct ComplaintTests {
  private let tool = Tool(name: .rsync, target: .rsync(.init(host: "h", path: "/m")))

  @Test func makesAForeignLineHarmless() {
    #expect(Complaint.harmless("a\u{1B}[31mb\u{7}\r") == "a\\u{1B}[31mb\\u{7}")
    #expect(Complaint.harmless("a\u{202E}b") == "a\\u{202E}b")
    #expect(Complaint.harmless("PUT https://me:pass@word@h/x failed") == "PUT https://me:…@h/x failed")
  }

  @Test func tellsTheLineThatSaysMost() {
    let ending = Tool.Ending(
      code: 5, output: [],
      complaints: [
        "Welcome", "@ERROR: Unknown module 'x'", "rsync error: error starting client-server protocol (code 5)",
      ])
    let diagnostic = Complaint.diagnostic(ending, tool, "sending", file: "a")
    #expect(diagnostic.message == "sending failed; rsync ended with 5: @ERROR: Unknown module 'x'")
    #expect("\(diagnostic.place)" == "rsync://h/m/a")
    #expect(diagnostic.hint?.contains("module's name") == true)
    let silent = Complaint.diagnostic(.init(code: 137, output: [], complaints: []), tool, "sending")
    #expect(silent.message == "sending failed; rsync ended with 137")
  }

  @Test func endsAProgramThatDoesNothing() async throws {
    // A port that takes connections and never says a word.
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(listener) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let port = try withUnsafeMutablePointer(to: &address) { pointer in
      try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
        try #require(bind(listener, raw, length) == 0 && listen(listener, 4) == 0)
        try #require(getsockname(listener, raw, &length) == 0)
      }
      return UInt16(bigEndian: pointer.pointee.sin_port)
    }
    var stuck = Tool(name: .ssh, target: .folder("x"))
    stuck.patience = .milliseconds(200)
    do {
      _ = try await stuck.run(["-F", "/dev/null", "-o", "BatchMode=yes", "-p", "\(port)", "127.0.0.1"])
      Issue.record("it ended by itself")
    } catch let problem as Diagnostic {
      #expect(problem.code == "deliver.stalled")
    }
  }
}
