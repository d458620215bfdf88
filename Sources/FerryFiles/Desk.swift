internal import FerryCore
internal import Foundation

/// Files here that what was fetched lies in and is compared with.
package enum Desk {
  /// No ticket is longer.
  private static let longestTicket = 16 << 20

  package static func clear(_ path: String) throws {
    guard FileManager.default.fileExists(atPath: path) else { return }
    do { try FileManager.default.removeItem(atPath: path) } catch { throw failed("removing", path, error) }
  }

  package static func make(_ folder: String) throws {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch { throw failed("making the folder", folder, error) }
  }

  /// What was fetched, `nil` where nothing was.
  package static func read(_ path: String) throws -> [UInt8]? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    do {
      let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      let bytes = try handle.read(upToCount: longestTicket) ?? Data()
      try handle.close()
      return [UInt8](bytes)
    } catch { throw failed("reading", path, error) }
  }

  package static func areSame(_ one: String, _ other: String) throws -> Bool {
    do {
      let first = try FileHandle(forReadingFrom: URL(fileURLWithPath: one))
      let second = try FileHandle(forReadingFrom: URL(fileURLWithPath: other))
      while true {
        let (a, b) = (try first.read(upToCount: 1 << 20) ?? Data(), try second.read(upToCount: 1 << 20) ?? Data())
        if a != b { return false }
        if a.isEmpty { return true }
      }
    } catch { throw failed("comparing", one, error) }
  }

  private static func failed(_ action: String, _ path: String, _ error: any Error) -> Diagnostic {
    Diagnostic(
      "exchange.failed", at: Place(path), "\(action) failed: \(error.localizedDescription)",
      hint: "check the folder, its permissions and the free space; running it again goes on from here")
  }
}
