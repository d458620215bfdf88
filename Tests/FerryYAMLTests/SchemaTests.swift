import FerryCore
import Foundation
import Testing

@testable import FerryYAML

/// Holds the JSON Schema that editors use against the reader.
struct SchemaTests {
  private let schema: [String: Any]

  init() throws {
    let value = try JSONSerialization.jsonObject(with: Data(JobSchema.text.utf8))
    schema = try #require(value as? [String: Any])
  }

  private func document(_ kind: String, _ name: String) throws -> Node? {
    let path = "\(GoldenTests.folder)/\(kind)/\(name).yaml"
    let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    do throws(Diagnostics) { return try Document.reading(bytes: bytes, file: name).root } catch { return nil }
  }

  @Test(arguments: GoldenTests.names("valid")) func acceptsWhatTheReaderAccepts(_ name: String) throws {
    let root = try #require(try document("valid", name))
    #expect(faults(of: root, schema, at: "") == [])
  }

  /// What only the reader can see: other files' lines, real days, names for Windows, one track for each language.
  private static let beyondSchema: Set<String> = [
    "control-in-value", "due-not-a-day", "id-reserved", "id-twice", "id-twice-case", "label-dot", "label-reserved",
    "language-not-given", "licence-words", "name-missing", "path-dots", "path-drive", "path-folder", "path-home",
    "path-url", "path-windows", "source-twice", "tag-country", "tag-three-letters", "tag-twice", "tag-twice-in-name",
    "track-file-twice", "track-twice", "two-lines", "waive-twice", "yaml-duplicate-flow", "yaml-duplicate-key",
    "yaml-duplicate-name",
    "yaml-duplicate-three",
  ]

  @Test(arguments: GoldenTests.names("broken")) func refusesWhatTheReaderRefuses(_ name: String) throws {
    guard let root = try document("broken", name) else { return }
    let found = faults(of: root, schema, at: "")
    #expect(found.isEmpty == SchemaTests.beyondSchema.contains(name), "\(found)")
  }

  /// The part of JSON Schema that ours uses, applied to a document.
  private func faults(of node: Node, _ schema: [String: Any], at path: String) -> [String] {
    var found: [String] = []
    if let options = schema["oneOf"] as? [[String: Any]] {
      let matching = options.count { faults(of: node, $0, at: path).isEmpty }
      if matching != 1 { found.append("\(path): matches \(matching) of the alternatives") }
    }
    switch node.value {
    case .scalar(let text, let isPlain):
      let type = SchemaTests.type(of: text, isPlain)
      let types = (schema["type"] as? [String]) ?? (schema["type"] as? String).map { [$0] }
      if let types, !types.contains(type) { found.append("\(path): is \(type), not \(types)") }
      if let values = schema["enum"] as? [Any] {
        let isOne = values.contains { value in
          (value as? String).map { $0 == text && type == "string" } ?? (type == "number" && "\(value)" == text)
        }
        if !isOne { found.append("\(path): is none of \(values)") }
      }
      // JSON Schema holds patterns and lengths against text alone.
      guard type == "string" else { break }
      if let pattern = schema["pattern"] as? String, text.range(of: pattern, options: .regularExpression) == nil {
        found.append("\(path): does not match \(pattern)")
      }
      if let least = schema["minLength"] as? Int, text.count < least { found.append("\(path): is too short") }
      if let most = schema["maxLength"] as? Int, text.count > most { found.append("\(path): is too long") }
    case .sequence(let items):
      if schema["type"] as? String != "array" && schema["oneOf"] == nil { found.append("\(path): is a list") }
      if let least = schema["minItems"] as? Int, items.count < least { found.append("\(path): has too few items") }
      if let inner = schema["items"] as? [String: Any] {
        for (index, item) in items.enumerated() { found += faults(of: item, inner, at: "\(path)/\(index)") }
      }
    case .mapping(let pairs):
      if schema["type"] as? String != "object" && schema["oneOf"] == nil { found.append("\(path): is a mapping") }
      found += members(pairs, schema, at: path)
    }
    return found
  }

  /// What a scalar is to YAML 1.2's core schema, which editors go by.
  private static func type(of text: String, _ isPlain: Bool) -> String {
    if !isPlain { return "string" }
    if ["", "~", "null", "Null", "NULL"].contains(text) { return "null" }
    if ["true", "True", "TRUE", "false", "False", "FALSE"].contains(text) { return "boolean" }
    return text.range(of: "^[-+]?[0-9]+([.][0-9]*)?([eE][-+]?[0-9]+)?$", options: .regularExpression) == nil
      ? "string" : "number"
  }

  private func members(_ pairs: [(key: Node, value: Node)], _ schema: [String: Any], at path: String) -> [String] {
    var found: [String] = []
    let properties = schema["properties"] as? [String: Any] ?? [:]
    var given: Set<String> = []
    for (key, value) in pairs {
      guard case .scalar(let name, _) = key.value else { continue }
      given.insert(name)
      if let inner = properties[name] as? [String: Any] {
        found += faults(of: value, inner, at: path + "/" + name)
      } else if let inner = schema["additionalProperties"] as? [String: Any] {
        found += faults(of: value, inner, at: path + "/" + name)
      } else if schema["additionalProperties"] as? Bool == false {
        found.append("\(path): has no '\(name)'")
      }
      if let rule = (schema["propertyNames"] as? [String: Any])?["pattern"] as? String,
        name.range(of: rule, options: .regularExpression) == nil
      {
        found.append("\(path): the name '\(name)' does not match")
      }
    }
    for name in schema["required"] as? [String] ?? [] where !given.contains(name) {
      found.append("\(path): lacks '\(name)'")
    }
    return found
  }

  @Test func theCommittedCopyIsCurrent() throws {
    let path = GoldenTests.folder + "/../../../docs/job.schema.json"
    if ProcessInfo.processInfo.environment["RECORD_GOLDEN"] == "1" {
      try JobSchema.text.write(toFile: path, atomically: true, encoding: .utf8)
      Issue.record("recorded anew")
    }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == JobSchema.text)
  }
}
