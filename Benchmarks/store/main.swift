import FerryCore
import FerryStore
import Foundation

// Measures the queue with many titles and prints one JSON object: rates and milliseconds.
//
//     store-bench FOLDER [TITLES]

/// The work's time in milliseconds.
func milliseconds(_ work: () throws -> Void) rethrows -> Double {
  try ContinuousClock().measure(work).inSeconds * 1000
}

func median(_ times: [Double]) -> Double { times.sorted()[times.count / 2] }

/// What the disk takes to flush a page; a commit flushes five times.
func flushTimes(_ path: String) throws -> [Double] {
  let file = open(path, O_RDWR | O_CREAT, 0o600)
  defer {
    close(file)
    unlink(path)
  }
  let page = [UInt8](repeating: 1, count: 4096)
  return (0..<50).map { number in
    milliseconds {
      let written = pwrite(file, page, page.count, number * page.count)
      precondition(written == page.count && fdatasync(file) == 0, "cannot write \(path)")
    }
  }
}

let folder = CommandLine.arguments.dropFirst().first ?? FileManager.default.temporaryDirectory.path
let count = CommandLine.arguments.dropFirst(2).first.flatMap { Int($0) } ?? 100_000
let path = folder + "/bench-\(UUID().uuidString).db"
var store = try Store.open(path)
let jobs = (0..<10).map { number in
  Submission(
    label: "JOB-\(number)", file: "/jobs/\(number).yaml", digest: "d\(number)", priority: number % 3,
    titles: (0..<count / 10).map { .init(id: "T\($0)", digest: "digest-of-everything-that-decides-\($0)") })
}

var report: [String: Double] = ["titles": Double(count)]
report["flush_median_ms"] = median(try flushTimes(path + ".flush"))
report["submit_per_second"] =
  Double(count) / (try milliseconds { for job in jobs { _ = try store.submit(job, now: Moment.now()) } }) * 1000
report["submit_again_ms"] = try milliseconds { for job in jobs { _ = try store.submit(job, now: Moment.now()) } }
try store.close()

var claims: [Claim] = []
report["open_ms"] = try milliseconds { store = try Store.open(path) }
let claimTimes = try (0..<200).map { _ in
  try milliseconds { claims += try store.claim(now: Moment.now()) }
}
report["claim_median_ms"] = median(claimTimes)
report["claim_worst_ms"] = claimTimes.max()
report["heartbeat_200_ms"] = try milliseconds {
  _ = try store.heartbeat(claims.map { Heartbeat($0.token, progress: 0.5) }, now: Moment.now())
}
report["finish_median_ms"] = median(
  try claims.map { claim in
    try milliseconds {
      _ = try store.beginPublishing(claim.token, files: "digest", now: Moment.now())
      try store.commitPublished([claim.token], now: Moment.now())
    }
  })
// As `status` does it: a process of its own opens the store, counts, and shows what is not merely queued or done.
report["status_ms"] = try milliseconds {
  let other = try Store.open(path)
  _ = try other.counts()
  _ = try other.jobs()
  _ = try other.titles(in: [.running, .publishing, .failed, .held, .quarantined, .waitingTranslation], limit: 1000)
  try other.close()
}
report["all_rows_ms"] = try milliseconds { _ = try store.titles() }
report["history_ms"] = try milliseconds { _ = try store.history(job: "JOB-2", title: "T0") }
// A share of the titles failed and is due at once.
var later = try Moment.now()
for claim in try store.claim(now: later, limit: 2000) {
  _ = try store.fail(claim.token, .init(.transient, code: "x", "y"), now: later)
}
later.wall = later.wall + .seconds(3600)
let claimsAfter = try (0..<100).map { _ in try milliseconds { _ = try store.claim(now: later) } }
report["claim_with_failed_median_ms"] = median(claimsAfter)
report["claim_with_failed_worst_ms"] = claimsAfter.max()
let held = try milliseconds {
  for job in jobs { _ = try store.hold(job: job.label, code: "x", "y", now: Moment.now()) }
}
report["hold_all_ms"] = held
report["retry_all_ms"] = try milliseconds {
  for job in jobs { _ = try store.retry(job: job.label, now: Moment.now()) }
}
report["backup_ms"] = try milliseconds { try store.backup(to: path + ".copy") }
report["megabytes"] =
  Double(try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0) / 1_000_000
try store.close()
for file in [path, path + "-journal", path + ".copy"] where FileManager.default.fileExists(atPath: file) {
  try FileManager.default.removeItem(atPath: file)
}
let encoder = JSONEncoder()
encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
print(String(decoding: try encoder.encode(report), as: UTF8.self))
