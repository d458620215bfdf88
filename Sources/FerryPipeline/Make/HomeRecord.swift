package import FerryCore
internal import FerryFiles
internal import Foundation
internal import Synchronization

/// A record of the home that cannot be used, and what it was instead.
package struct DamagedRecord: Error, Hashable, Sendable {
  package enum Fault: Hashable, Sendable {
    case empty
    /// Its copy is there.
    case missing
    case notAFile
    case tooLarge(Int)
    case unreadable(Int32)
    /// Cut, overwritten, of other types, or with numbers that are out of range.
    case otherContent
  }

  package let path: String
  package let fault: Fault

  /// What it was.
  var words: String {
    switch fault {
    case .empty: "the record is empty"
    case .missing: "the record is missing"
    case .notAFile: "the record is a folder or a device, not a file"
    case .tooLarge(let bytes): "the record has \(bytes) bytes, too many for what it is"
    case .unreadable(let code): "the record cannot be read: \(String(cString: strerror(code)))"
    case .otherContent: "the record is damaged: it does not hold what ferry writes there"
    }
  }
}

/// Reads the home's records, and tells what is damaged from what is not there.
enum HomeRecord {
  /// Marks what was set aside; nothing reads a file of such a name.
  static let damaged = ".damaged"
  /// No record is larger.
  private static let longest = 64 << 20

  /// The bytes of a record; `nil` where there is none.
  static func bytes(_ path: String) throws(DamagedRecord) -> Data? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    if descriptor < 0 {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw DamagedRecord(path: path, fault: .unreadable(errno))
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw DamagedRecord(path: path, fault: .unreadable(errno)) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw DamagedRecord(path: path, fault: .notAFile) }
    if status.st_size == 0 { throw DamagedRecord(path: path, fault: .empty) }
    guard status.st_size <= longest else { throw DamagedRecord(path: path, fault: .tooLarge(Int(status.st_size))) }
    do { return try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
      throw DamagedRecord(path: path, fault: .unreadable(EIO))
    }
  }

  static func read<Value: Decodable>(_ path: String, as type: Value.Type) throws(DamagedRecord) -> Value? {
    guard let data = try content(path) else { return nil }
    do { return try decoded(data, as: type) } catch {
      throw DamagedRecord(path: path, fault: .otherContent)
    }
  }

  /// The JSON of a record, which is what was written: a line with its digest follows, but in records of ferry 0.1.
  static func content(_ path: String) throws(DamagedRecord) -> Data? {
    guard let data = try bytes(path) else { return nil }
    guard let end = data.firstIndex(of: UInt8(ascii: "\n")) else { return data }
    let json = data[..<end]
    guard data[end...] == seal(json) else { throw DamagedRecord(path: path, fault: .otherContent) }
    return json
  }

  static func write(_ value: some Encodable, to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let json = try encoder.encode(value)
    try (json + seal(json)).write(to: URL(fileURLWithPath: path), options: .atomic)
  }

  private static func seal(_ json: Data) -> Data { Data("\nsha256 \(Digests.sha256(Array(json)))\n".utf8) }

  /// What is in a record; numbers that nothing has are as bad as words that mean nothing.
  static func decoded<Value: Decodable>(_ data: Data, as type: Value.Type) throws -> Value {
    try ForeignJSON.check(Array(data))
    return try JSONDecoder().decode(type, from: data)
  }

  /// Gives a damaged record another name beside its own, and answers it.
  static func setAside(_ path: String) throws(POSIXError) -> String {
    var name = path + damaged
    var number = 1
    while access(name, F_OK) == 0 {
      number += 1
      name = path + damaged + "-\(number)"
    }
    guard rename(path, name) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    return name
  }
}

/// What was found damaged in the home, each record once; whoever may repair sets it aside as it is found.
package final class HomeDamage: Sendable {
  /// What becomes of a damaged record.
  enum Remedy: Sendable {
    /// Equal to what was lost.
    case rebuilt(from: String)
    /// What it stood for is made again, or found again, when it is needed.
    case madeAnew(String)
    /// Nothing can make it again.
    case lost(String)
  }

  /// Whether the caller holds the lock, and so may rename.
  package let mayRepair: Bool
  private let found = Mutex<[String: Diagnostic]>([:])

  init(mayRepair: Bool) { self.mayRepair = mayRepair }

  /// Everything found so far, by path.
  package var diagnostics: [Diagnostic] { found.withLock { $0.values.sorted { $0.place < $1.place } } }

  /// Sets a record aside, where that is allowed, and notes what it was and what ferry does.
  func note(_ record: DamagedRecord, _ remedy: Remedy) {
    if found.withLock({ $0[record.path] != nil }) { return }
    var place = ""
    if mayRepair, record.fault != .missing {
      do throws(POSIXError) {
        place = "it was set aside as \(try HomeRecord.setAside(record.path).split(separator: "/").last ?? "")"
      } catch {
        place = "it cannot be renamed (\(String(cString: strerror(error.code.rawValue))))"
      }
    }
    let diagnostic = HomeDamage.diagnostic(record, remedy, place: place, mayRepair: mayRepair)
    found.withLock { $0[record.path] = diagnostic }
  }

  private static func diagnostic(
    _ record: DamagedRecord, _ remedy: Remedy, place: String, mayRepair: Bool
  ) -> Diagnostic {
    let later = "run 'ferry adopt' to repair it"
    let (severity, done): (Diagnostic.Severity, String) =
      switch remedy {
      case .rebuilt(let source): (.warning, "it is rebuilt from \(source)")
      case .madeAnew(let words): (.warning, words)
      case .lost(let words): (.error, words)
      }
    return Diagnostic(
      severity, "home.record", at: Place(record.path), record.words,
      hint: mayRepair ? [place, done].filter { !$0.isEmpty }.joined(separator: "; ") : "\(done); \(later)")
  }
}
