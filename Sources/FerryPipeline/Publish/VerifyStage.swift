package import FerryBag
package import FerryCore
package import FerryPackage
internal import Foundation
internal import Synchronization

/// What `ferry verify` found out about a package.
package struct PackageReport: Sendable {
  package var bag: BagReport
  /// `nil` for a bag that ferry did not make.
  package var manifest: DeliveryManifest?
  /// Everything wrong, the bag's own problems first.
  package var problems: [Diagnostic]
  /// Media files read from end to end.
  package var decoded: Int

  package var verdict: BagReport.Verdict { .init(problems) }
}

/// Checks a package from the outside, as a partner would; never writes.
package enum PackageVerification {
  /// How far a package of ferry's own is looked into.
  package enum Depth: Sendable {
    /// Every media file is decoded from end to end and compared with the delivery manifest, playlists with their files.
    case deep
    /// No media file is opened: structure, sizes, digests and manifests.
    case quick
  }

  /// Structure, sizes and digests of any bag, and what `depth` says of ferry's own; `journal` is a file that lets a
  /// killed reading of the digests go on.
  package static func report(
    of path: String, resuming journal: String? = nil, depth: Depth = .deep, reading: MediaReading
  ) throws -> PackageReport {
    let check = try journal.map { try PackageCheck(of: path, resuming: $0) } ?? PackageCheck(of: path)
    var report = PackageReport(bag: check.bag, manifest: check.manifest, problems: check.problems, decoded: 0)
    guard let manifest = check.manifest else { return report }
    if depth == .quick { return report }
    let unsound = damaged(check.bag.problems)
    report.problems += manifest.lessons.flatMap { lesson in
      HLSCheck.problems(of: lesson, bag: path, unsound: unsound)
        + EqualLengths.problems(ofDASH: lesson, bag: path, unsound: unsound)
    }
    // What is missing or damaged was named already; decoding it would only say so again.
    let named = damaged(report.problems)
    let checks = MediaCheck.all(of: manifest, bag: path).filter { !named.contains($0.asset.path) }
    let session = reading([path])
    let found = Findings()
    // A single file holds the very packets of its largest rendition: decoded there, only compared here.
    for group in [checks.filter { $0.asset.role != .video }, checks.filter { $0.asset.role == .video }] {
      let proven = found.proven
      DispatchQueue.concurrentPerform(iterations: group.count) { index in
        let check = group[index]
        found.add(session.problems(check, proven: proven[check.lesson.id] ?? [:]), of: check.lesson.id)
      }
    }
    report.problems += found.sorted
    report.decoded = checks.count
    return report
  }

  /// Files that errors name.
  private static func damaged(_ problems: [Diagnostic]) -> Set<String> {
    Set(problems.filter { $0.severity == .error }.map(\.place.file))
  }

  /// Problems and proofs that arrive from several threads.
  private final class Findings: Sendable {
    private struct State {
      var list: [Diagnostic] = []
      /// By lesson, since only files of one lesson share their packets.
      var proven: [String: MediaCheck.Proven] = [:]
    }

    private let state = Mutex(State())

    func add(_ more: (problems: [Diagnostic], proven: MediaCheck.Proven), of lesson: String) {
      state.withLock { state in
        state.list += more.problems
        state.proven[lesson, default: [:]].merge(more.proven) { first, _ in first }
      }
    }

    var proven: [String: MediaCheck.Proven] { state.withLock { $0.proven } }
    var sorted: [Diagnostic] {
      state.withLock { $0.list }.sorted { ($0.place, $0.message) < ($1.place, $1.message) }
    }
  }
}

extension StagedPackage {
  /// Proves the package as a partner would, and makes it publishable; a package that fails is removed.
  func verify(_ reading: MediaReading) throws -> VerifiedPackage {
    do {
      let report = try PackageVerification.report(of: folder, reading: reading)
      let errors = report.problems.filter { $0.severity == .error }
      if let first = errors.first {
        throw Diagnostics(
          [
            Diagnostic(
              "verify.failed", at: Place(job.file),
              "the package of \(job.delivery) did not pass its own verification, so it is not published",
              hint: "\(first.place): \(first.message)")
          ] + errors)
      }
      return VerifiedPackage(staged: self)
    } catch {
      try scratch.discard()
      throw error
    }
  }
}
