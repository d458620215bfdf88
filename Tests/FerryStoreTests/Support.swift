import FerryCore
import FerryStore
import Foundation
import Testing

/// A folder of its own for one test, removed with it, and a clock that moves only when told.
final class Desk {
  let path: String
  var now = Moment(wall: Timestamp(milliseconds: 1_764_000_000_000), uptime: 5_000_000, boot: "boot-1")

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/ferry-store-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit {
    do { try FileManager.default.removeItem(atPath: path) } catch { print("cannot remove \(path): \(error)") }
  }

  var file: String { path + "/ferry.db" }

  func open() throws -> Store { try Store.open(file, wait: .milliseconds(50)) }

  /// Both clocks go on.
  func pass(_ time: Duration) {
    now.wall = now.wall + time
    now.uptime = Milliseconds(now.uptime.count + time.wholeMilliseconds)
  }

  /// Damages the database as a bad disk would: zeroes or noise from `offset` on.
  func overwrite(_ name: String, at offset: Int, with bytes: [UInt8]) throws {
    let handle = try #require(FileHandle(forUpdatingAtPath: path + "/" + name))
    try handle.seek(toOffset: UInt64(offset))
    try handle.write(contentsOf: Data(bytes))
    try handle.close()
  }
}

/// A job of titles `T1`, `T2`, … with a digest each.
func job(
  _ label: String = "OUC-1", titles: Int, priority: Int = 0, awaited: Awaited? = nil, digest: String = "d1"
) -> Submission {
  Submission(
    label: label, file: "/jobs/\(label).yaml", digest: digest, priority: priority,
    titles: (1...max(1, titles)).prefix(titles).map { .init(id: "T\($0)", digest: digest, awaited: awaited) })
}

func diagnostic(_ work: () throws -> Void) -> String? {
  do { try work() } catch let error as StoreError { return error.description } catch { return "\(error)" }
  return nil
}

extension Store {
  /// The one title that a claim gives.
  func claimOne(_ now: Moment) throws -> Claim { try #require(try claim(now: now).first) }

  func state(_ title: String, of job: String = "OUC-1") throws -> TitleState? {
    try titles(of: job).first { $0.title == title }?.state
  }

  func events(_ title: String, of job: String = "OUC-1") throws -> [String] {
    try history(job: job, title: title).map(\.event)
  }
}

let english = LanguageTag("en")!
