package import FerryCore
internal import Foundation

/// JSON that partners exchange: canonical (sorted keys, LF), so that equal content has equal bytes and one signature.
package enum ExchangeJSON {
  private struct Schema: Decodable {
    var schema: String
  }

  package static func encoded(_ value: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    return Array(try encoder.encode(value)) + [0x0A]
  }

  package static func decoded<Value: Decodable>(
    _ bytes: [UInt8], schema: String, file: String
  ) throws(Refusal) -> Value {
    try decoded(bytes, schemas: [schema], file: file)
  }

  /// A document of any of these schemas, the oldest first; never an empty list.
  package static func decoded<Value: Decodable>(
    _ bytes: [UInt8], schemas: [String], file: String
  ) throws(Refusal) -> Value {
    let schema = schemas.last ?? ""
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    do {
      try ForeignJSON.check(bytes)
      let found = try decoder.decode(Schema.self, from: Data(bytes)).schema
      guard schemas.contains(found) else {
        throw Refusal(
          .invalid, "exchange.schema", at: Place(file), "it has the schema '\(found)', not '\(schema)'",
          hint: "ask for the file again, or update ferry", fault: .mismatched)
      }
      return try decoder.decode(Value.self, from: Data(bytes))
    } catch let error as Refusal {
      throw error
    } catch let error as ForeignJSON.Absurd {
      throw Refusal(
        .invalid, "exchange.unreadable", at: Place(file), "it cannot be read as \(schema): \(error)",
        hint: "ask the sender for this file again", fault: .mismatched)
    } catch let error as DecodingError {
      throw Refusal(
        .invalid, "exchange.unreadable", at: Place(file), "it cannot be read as \(schema): \(sentence(error))",
        hint: "ask the sender for this file again", fault: .mismatched)
    } catch {
      throw Refusal(
        .invalid, "exchange.unreadable", at: Place(file), "it cannot be read as \(schema): \(error)",
        hint: "ask the sender for this file again", fault: .mismatched)
    }
  }

  /// What is wrong and where, without the decoder's own types.
  package static func sentence(_ error: DecodingError) -> String {
    func path(_ keys: [any CodingKey]) -> String {
      keys.map { key in key.intValue.map { "[\($0)]" } ?? ".\(snake(key.stringValue))" }.joined().trimmingPrefix(".")
        .description
    }
    switch error {
    case .keyNotFound(let key, let context): return "'\(path(context.codingPath + [key]))' is missing"
    case .typeMismatch(_, let context): return "'\(path(context.codingPath))' is of another type"
    case .valueNotFound(_, let context): return "'\(path(context.codingPath))' has no value"
    case .dataCorrupted(let context):
      return context.codingPath.isEmpty ? "it is no JSON" : "'\(path(context.codingPath))' has no value that is known"
    @unknown default: return "\(error)"
    }
  }

  private static func snake(_ name: String) -> String {
    name.reduce(into: "") { text, character in
      text += character.isUppercase ? "_" + character.lowercased() : String(character)
    }
  }
}
