import ArgumentParser
import FerryCore
import FerryExchange
import Foundation

/// `ferry receive DROP --store DIR`
struct ReceiveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "receive",
    abstract: "The partner's side: prove what arrived in a folder, take it into a store, sign a receipt.",
    discussion: """
      Every package with a ticket is checked against the keys that are believed, and its every byte against the ticket. \
      STORE/LABEL/current names the newest whole version. What cannot be taken is refused with a receipt that lists \
      what to send again and what to remove, and keeps nothing else from being taken; a damaged version that a newer \
      one replaces is no failure. Exit code 0: all taken, 1: damaged, 2: no ticket yet, or files missing, 3: the \
      signature is bad or by nobody who is known, 75: something here does not work, try again later.
      """)

  @OptionGroup var output: OutputOptions
  @OptionGroup var folders: HomeOption
  @OptionGroup var trust: TrustOptions
  @OptionGroup var signing: SigningOptions
  @Option(help: ArgumentHelp("Where versions are kept.", valueName: "dir")) var store: String
  @Argument(help: "The folder into which the sender delivers.") var drop: String

  private struct Answer: Encodable {
    var package: String
    /// `nil` when the file is no ticket.
    var version: Int?
    var path: String?
    /// As in the receipt; `nil` when none was written.
    var disposition: Receipt.Disposition?
    var supersededBy: Int?
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
            package: outcome.package, version: outcome.ticket?.version, path: outcome.path,
            disposition: outcome.receipt?.disposition, supersededBy: outcome.supersededBy,
            resend: outcome.receipt?.resend ?? [], problems: outcome.problems)
        })
    } else {
      for outcome in outcomes { Terminal.answer(line(outcome)) }
    }
    let codes = outcomes.compactMap(\.refusal).map { ExitCode($0) }
    if let code = codes.max(by: { severity($0.rawValue) < severity($1.rawValue) }) { throw code }
  }

  private func line(_ outcome: Receiving.Outcome) -> String {
    if let newer = outcome.supersededBy { return "\(outcome.package): superseded by version \(newer)" }
    guard let receipt = outcome.receipt else {
      let state =
        outcome.path.map { "in \($0), and no receipt could be written" } ?? "not taken, and no receipt written"
      return "\(outcome.package): \(state)"
    }
    let state = "\(outcome.package): \(receipt.disposition.rawValue)"
    return outcome.path.map { "\(state), in \($0)" } ?? state + wanted(receipt)
  }

  /// What is to be done about a package that was refused.
  private func wanted(_ receipt: Receipt) -> String {
    let strangers = Set(receipt.files.filter { $0.status == .unexpected || $0.status == .refused }.map(\.path)).count
    let resent = receipt.resend.count
    let again = receipt.asksForEverything ? "everything" : counted(resent, "file")
    return (resent == 0 ? "" : "; \(again) to send again")
      + (strangers == 0 ? "" : "; \(counted(strangers, "file")) to remove")
  }

  /// A signature that is not believed matters most, what only is not complete least.
  private func severity(_ code: Int32) -> Int { [0, 2, 1, 3].firstIndex(of: code) ?? 4 }
}
