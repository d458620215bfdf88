import ArgumentParser
import FerryCore
import FerryPackage
import Foundation

/// `ferry receive DROP --store DIR`
struct ReceiveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "receive",
    abstract: "The partner's side: prove what arrived in a folder, take it into a store, sign a receipt.",
    discussion: """
      Every package with a ticket is checked against the keys that are believed, and its every byte against the ticket. \
      STORE/LABEL/current names the newest whole version. What cannot be taken is refused with a receipt that lists \
      what to send again. Exit code 0: all taken, 1: damaged, 2: no ticket yet, or files missing, 3: the signature is \
      bad or by nobody who is known.
      """)

  @OptionGroup var output: OutputOptions
  @OptionGroup var folders: HomeOption
  @OptionGroup var trust: TrustOptions
  @OptionGroup var signing: SigningOptions
  @Option(help: ArgumentHelp("Where versions are kept.", valueName: "dir")) var store: String
  @Argument(help: "The folder into which the sender delivers.") var drop: String

  private struct Answer: Encodable {
    var package: String
    var version: Int
    var path: String?
    var disposition: Receipt.Disposition
    var resend: [String]
    var problems: [Diagnostic]
  }

  func run() throws {
    let keys = Receiving.Keys(known: try trust.keys(folders), own: try signing.key(folders))
    let outcomes = try ExchangeAccess.saying {
      try Receiving.receive(
        drop: URL(fileURLWithPath: drop).standardizedFileURL.path,
        store: URL(fileURLWithPath: store).standardizedFileURL.path, keys: keys, now: ExchangeAccess.now(),
        verifier: ExchangeAccess.verifier)
    }
    for outcome in outcomes { Terminal.say(outcome.problems) }
    if output.json {
      try Terminal.answer(
        json: outcomes.map { outcome in
          Answer(
            package: outcome.ticket.bag, version: outcome.ticket.version, path: outcome.path,
            disposition: outcome.receipt.disposition, resend: outcome.receipt.resend, problems: outcome.problems)
        })
    } else {
      for outcome in outcomes { Terminal.answer(line(outcome)) }
    }
    let code = outcomes.map(\.exitCode).max { severity($0) < severity($1) } ?? 0
    if code != 0 { throw ExitCode(code) }
  }

  private func line(_ outcome: Receiving.Outcome) -> String {
    if let path = outcome.path { return "\(outcome.ticket.bag): \(outcome.receipt.disposition.rawValue), in \(path)" }
    let count = outcome.receipt.resend.count
    let wanted = count == 0 ? "" : "; \(counted(count, "file")) to send again"
    return "\(outcome.ticket.bag): \(outcome.receipt.disposition.rawValue)\(wanted)"
  }

  /// A signature that is not believed matters most, what only is not complete least.
  private func severity(_ code: Int32) -> Int { [0, 2, 1, 3].firstIndex(of: code) ?? 4 }
}
