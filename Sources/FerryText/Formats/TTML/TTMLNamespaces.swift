internal import FerryMarkup

/// Which vocabulary a prefix stands for, where a document says so and where it forgot to.
struct TTMLNamespaces {
  enum Vocabulary { case content, styling, parameter, metadata, xml, foreign }

  private struct Binding {
    var prefix: [UInt8]
    var vocabulary: Vocabulary
    var depth: Int
  }

  /// Each name is looked up in all of them.
  static let limit = 64

  private var bindings: [Binding] = []

  /// Takes the declarations of an element that starts.
  mutating func enter(_ scanner: XMLScanner, note: (Repair) -> Void) throws(XMLFault) {
    for attribute in scanner.attributes {
      let name = scanner.bytes[attribute.name]
      let prefix: [UInt8]
      if name.elementsEqual("xmlns".utf8) {
        prefix = []
      } else if name.starts(with: "xmlns:".utf8) {
        prefix = Array(name.dropFirst(6))
      } else {
        continue
      }
      guard bindings.count < TTMLNamespaces.limit else {
        throw XMLFault(
          code: "xml.limit", line: attribute.line, column: attribute.column,
          message: "more than \(TTMLNamespaces.limit) namespaces are declared in one another",
          hint: "no subtitle file needs that")
      }
      bindings.append(
        Binding(prefix: prefix, vocabulary: TTMLNamespaces.vocabulary(attribute.value), depth: scanner.depth))
    }
  }

  mutating func leave(depth: Int) {
    while let last = bindings.last, last.depth >= depth { bindings.removeLast() }
  }

  /// The vocabulary and the local part of a name.
  func name(
    _ range: Range<Int>, in scanner: XMLScanner, isAttribute: Bool = false, note: (Repair) -> Void
  ) -> (Vocabulary, String) {
    let name = scanner.bytes[range]
    guard let colon = name.firstIndex(of: UInt8(ascii: ":")) else {
      // An attribute without a prefix belongs to its element; a document without namespaces is taken for TTML.
      let vocabulary = isAttribute ? .content : vocabulary(of: []) ?? .content
      return (vocabulary, scanner.string(range))
    }
    let prefix = name[..<colon]
    let local = scanner.string((colon + 1)..<range.upperBound)
    if let vocabulary = vocabulary(of: prefix) { return (vocabulary, local) }
    let vocabulary: Vocabulary? =
      switch String(decoding: prefix, as: UTF8.self) {
      case "xml": .xml
      case "tt": .content
      case "tts": .styling
      case "ttp": .parameter
      case "ttm": .metadata
      default: nil
      }
    if vocabulary != nil, vocabulary != .xml { note(.undeclaredPrefix) }
    return (vocabulary ?? .foreign, local)
  }

  private func vocabulary(of prefix: ArraySlice<UInt8>) -> Vocabulary? {
    bindings.last { $0.prefix.elementsEqual(prefix) }?.vocabulary
  }

  /// The namespaces of TTML 1 and 2, and of the drafts that DFXP files were written by.
  private static func vocabulary(_ uri: String) -> Vocabulary {
    let parts = uri.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let bases = [
      "http://www.w3.org/ns/ttml", "http://www.w3.org/2006/10/ttaf1", "http://www.w3.org/2006/04/ttaf1",
      "http://www.w3.org/2004/11/ttaf1",
    ]
    guard bases.contains(parts[0]) else { return uri.isEmpty ? .content : .foreign }
    switch parts.count == 1 ? "" : parts[1] {
    case "": return .content
    case "styling", "style": return .styling
    case "parameter": return .parameter
    case "metadata": return .metadata
    default: return .foreign
    }
  }
}
