/// Reads a document's values one by one and collects everything that is wrong with them.
struct DocumentReader {
  let file: String
  private(set) var problems: [Diagnostic] = []

  /// What begins the codes of its diagnostics.
  private let domain: String

  init(file: String, domain: String = "job") {
    self.file = file
    self.domain = domain
  }

  func place(_ node: Node) -> Place { Place(file, line: node.line, column: node.column) }

  /// Takes over what another reader found.
  mutating func add(_ more: [Diagnostic]) { problems += more }

  mutating func error(_ code: String, at node: Node, _ message: String, hint: String? = nil) {
    problems.append(Diagnostic(domain + "." + code, at: place(node), message, hint: hint))
  }

  /// A mapping whose keys are all known, each once; `nil` after saying what it is instead.
  mutating func mapping(_ node: Node, _ what: String, keys: [Key]) -> Fields? {
    if isNothing(node, what) { return nil }
    guard case .mapping(let pairs) = node.value else {
      error(
        "wrong-kind", at: node,
        "\(what) must be keys with values (\(listed(keys.map(\.name)))), not \(kind(of: node))",
        hint: "write each key on a line of its own, followed by a colon, a blank and its value")
      return nil
    }
    var fields = Fields(owner: node, what: what)
    for (key, value) in pairs {
      guard case .scalar(let name, _) = key.value else {
        error("wrong-kind", at: key, "a key must be text, not \(kind(of: key))")
        continue
      }
      guard keys.contains(where: { $0.name == name }) else {
        let near = suggestion(for: name, among: keys.map(\.name))
        error(
          "unknown-key", at: key, "\(what) has no '\(name)'",
          hint: near.map { "did you mean '\($0)'?" } ?? "it has: \(listed(keys.map(\.name)))")
        continue
      }
      if let earlier = fields.keys[name] {
        error(
          "duplicate-key", at: key, "\(what) has '\(name)' twice, first in \(spot(earlier))",
          hint: "keep one of the two")
        continue
      }
      fields.keys[name] = key
      fields.values[name] = value
    }
    for key in keys where key.isRequired && fields.values[key.name] == nil {
      // A misspelt key was named already; saying that it is missing too would only confuse.
      let isMisspelt = pairs.contains { pair in
        if case .scalar(let name, _) = pair.key.value, !keys.contains(where: { $0.name == name }) {
          return suggestion(for: name, among: [key.name]) != nil
        }
        return false
      }
      if !isMisspelt {
        error("missing-key", at: node, "\(what) lacks '\(key.name)'", hint: "add \(key.name): \(key.example)")
      }
    }
    return fields
  }

  /// Whether a key has no value at all, which is said.
  mutating func isNothing(_ node: Node, _ what: String) -> Bool {
    guard case .scalar(let text, true) = node.value, ["", "~", "null"].contains(text.lowercased()) else { return false }
    error("empty", at: node, "\(what) is empty", hint: emptyHint)
    return true
  }

  private let emptyHint = "write a value, or leave the whole line out if it is optional"

  /// A place in this file as a message names it.
  func spot(_ node: Node) -> String { spot(place(node)) }

  func spot(_ place: Place) -> String { "line \(place.line), column \(place.column)" }

  /// Text that is not empty; `nil` after saying what it is instead.
  mutating func text(_ node: Node?, _ what: String) -> String? {
    guard let node, !isNothing(node, what) else { return nil }
    guard case .scalar(let text, _) = node.value else {
      error(
        "wrong-kind", at: node, "\(what) must be text, not \(kind(of: node))", hint: "write one value after the colon")
      return nil
    }
    if text.allSatisfy(\.isWhitespace) {
      error("empty", at: node, "\(what) is empty", hint: emptyHint)
      return nil
    }
    if text.contains(where: \.isNewline) {
      error("control-character", at: node, "\(what) has more than one line", hint: "write it in one line")
      return nil
    }
    if let control = text.unicodeScalars.first(where: { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }) {
      let code = String(control.value, radix: 16, uppercase: true)
      error(
        "control-character", at: node,
        "\(what) has an invisible character (U+\(String(repeating: "0", count: max(0, 4 - code.count)))\(code))",
        hint: "type it again")
      return nil
    }
    return text
  }

  /// A list with at least one item; empty after saying what it is instead.
  mutating func list(_ node: Node?, _ what: String, hint: String) -> [Node] {
    guard let node, !isNothing(node, what) else { return [] }
    guard case .sequence(let items) = node.value else {
      error("wrong-kind", at: node, "\(what) must be a list, not \(kind(of: node))", hint: hint)
      return []
    }
    if items.isEmpty { error("empty", at: node, "\(what) is an empty list", hint: hint) }
    return items
  }

  func kind(of node: Node) -> String {
    switch node.value {
    case .scalar: "text"
    case .sequence: "a list"
    case .mapping: "keys with values"
    }
  }

  private func listed(_ names: [String]) -> String { names.map { "'\($0)'" }.joined(separator: ", ") }

  /// A key that a mapping may have.
  struct Key {
    var name: String
    var isRequired: Bool
    /// A right value, for the hint of whoever forgot it.
    var example: String

    init(_ name: String, required: Bool = true, example: String) {
      self.name = name
      isRequired = required
      self.example = example
    }
  }

  /// The known keys of one mapping.
  struct Fields {
    let owner: Node
    let what: String
    fileprivate(set) var keys: [String: Node] = [:]
    fileprivate(set) var values: [String: Node] = [:]

    subscript(name: String) -> Node? { values[name] }
  }
}
