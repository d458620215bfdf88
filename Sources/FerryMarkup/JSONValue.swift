/// A JSON document as a value, for vocabularies whose keys no Swift type has (`@id`).
package indirect enum JSONValue: Hashable, Sendable {
  case string(String)
  case integer(Int)
  case number(Double)
  case bool(Bool)
  case array([JSONValue])
  case object([String: JSONValue])

  /// An object without the members that have no value or an empty list.
  package static func members(_ members: [String: JSONValue?]) -> JSONValue {
    .object(members.compactMapValues { $0 }.filter { $0.value != .array([]) })
  }

  /// Canonical: sorted keys, two-space indentation, LF at each line's end.
  package var text: String {
    var out = ""
    write(to: &out, indent: "")
    return out + "\n"
  }

  /// On one line, without spaces.
  package var compact: String {
    var out = ""
    write(to: &out, indent: nil)
    return out
  }

  private func write(to out: inout String, indent: String?) {
    switch self {
    case .string(let text): JSONValue.write(text, to: &out)
    case .integer(let number): out += "\(number)"
    case .number(let number): out += "\(number)"
    case .bool(let answer): out += answer ? "true" : "false"
    case .array(let values):
      JSONValue.list(values, "[", "]", to: &out, indent: indent) { $0.write(to: &$1, indent: $2) }
    case .object(let members):
      let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      JSONValue.list(sorted, "{", "}", to: &out, indent: indent) { member, out, indent in
        JSONValue.write(member.key, to: &out)
        out += indent == nil ? ":" : ": "
        member.value.write(to: &out, indent: indent)
      }
    }
  }

  private static func list<Element>(
    _ elements: [Element], _ opening: String, _ closing: String, to out: inout String, indent: String?,
    _ write: (Element, inout String, String?) -> Void
  ) {
    let inner = indent.map { $0 + "  " }
    out += opening
    for (index, element) in elements.enumerated() {
      if index > 0 { out += "," }
      if let inner { out += "\n" + inner }
      write(element, &out, inner)
    }
    if let indent, !elements.isEmpty { out += "\n" + indent }
    out += closing
  }

  /// `<` is escaped too, so that no text can end a `<script>`; so is what turns text around or ends a line elsewhere.
  private static func write(_ text: String, to out: inout String) {
    out += "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "<": out += "\\u003c"
      case _ where PlainText.isHarmful(scalar):
        for unit in UTF16.encode(scalar) ?? .init([]) {
          let hex = String(unit, radix: 16)
          out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
        }
      default: out.unicodeScalars.append(scalar)
      }
    }
    out += "\""
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
  package init(stringLiteral text: String) { self = .string(text) }
  package init(arrayLiteral values: JSONValue...) { self = .array(values) }
  package init(dictionaryLiteral members: (String, JSONValue)...) {
    self = .object(Dictionary(members) { _, last in last })
  }
}
