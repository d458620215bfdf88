internal import FerryCore
internal import Foundation

/// JSON from another process of ferry's: it has seen foreign media, and what it says is as foreign.
enum ForeignLine {
  static func decoded<Value: Decodable>(_ data: Data, as type: Value.Type) throws -> Value {
    try ForeignJSON.check(Array(data))
    return try JSONDecoder().decode(type, from: data)
  }
}
