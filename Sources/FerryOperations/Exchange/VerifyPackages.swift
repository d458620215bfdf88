internal import FerryBag
package import FerryCore
internal import FerryExchange
internal import FerryPipeline

/// Checks packages as a partner would; never writes into them.
package struct VerifyPackages: Operation {
  package var packages: [String]
  /// The keys that are believed; who signed is not asked where none are named.
  package var keys: String?
  /// A file that lets a check that was killed go on.
  package var journal: String?
  /// Whether no media file is opened.
  package var isQuick: Bool

  package init(packages: [String], keys: String? = nil, journal: String? = nil, isQuick: Bool = false) {
    (self.packages, self.keys, self.journal, self.isQuick) = (packages, keys, journal, isQuick)
  }

  package func perform(in office: Office) async throws(Refusal) -> Reply<[PackageVerdict]> {
    var known: AllowedSigners?
    if let keys { known = try AllowedSigners.read(keys) }
    var verdicts: [PackageVerdict] = []
    var shortfalls: [Refusal.Kind] = []
    for package in packages {
      let report = try office.refusing {
        try PackageVerification.report(
          of: package, resuming: journal, depth: isQuick ? .quick : .deep, reading: office.reading)
      }
      var verdict = PackageVerdict(package, report, isQuick: isQuick)
      if let shortfall = report.verdict.shortfall { shortfalls.append(shortfall) }
      if let known {
        do throws(Refusal) {
          verdict.signer = try office.refusing { try Ticket.signer(of: package, keys: known) }
        } catch {
          verdict.take(error)
          shortfalls.append(error.kind)
        }
      }
      verdicts.append(verdict)
    }
    return Reply(verdicts, problems: verdicts.flatMap(\.problems), shortfall: .worst(shortfalls))
  }
}

/// What is known of one package after looking at all of it.
package struct PackageVerdict: Encodable, Sendable {
  package let package: String
  /// `valid`, `incomplete` or `invalid`.
  package private(set) var verdict: String
  /// As `bagit.txt` declares it.
  package let version: String?
  package let files: Int
  package let bytes: Int
  /// `deep` or `quick`.
  package let depth: String
  /// Media files that were decoded from end to end.
  package let decoded: Int
  /// Who signed the ticket, where that was asked for.
  package fileprivate(set) var signer: String?
  package private(set) var problems: [Diagnostic]

  fileprivate init(_ package: String, _ report: PackageReport, isQuick: Bool) {
    self.package = package
    verdict = report.verdict.rawValue
    (version, files, bytes) = (report.bag.version, report.bag.files, report.bag.bytes)
    depth = isQuick ? "quick" : "deep"
    (decoded, problems) = (report.decoded, report.problems)
  }

  /// What is wrong with the signature.
  fileprivate mutating func take(_ refusal: Refusal) {
    problems += refusal.problems
    if verdict == BagReport.Verdict.valid.rawValue {
      verdict = (refusal.kind == .notReady ? BagReport.Verdict.incomplete : .invalid).rawValue
    }
  }
}

extension BagReport.Verdict {
  fileprivate var shortfall: Refusal.Kind? {
    switch self {
    case .valid: nil
    case .incomplete: .incomplete
    case .invalid: .invalid
    }
  }
}
