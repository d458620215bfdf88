internal import FerryMarkup

/// The elements of a TTML document that mean something to ferry, in document order.
struct TTMLTree {
  enum Kind: UInt8 {
    case root, styling, style, initial, region, agent, name, body, div, paragraph, span, lineBreak, set, text
    /// An element of no version of TTML, read as a `span`.
    case bold, italic, underline, unknown
    /// Carried along for what it contains.
    case container
  }

  enum Key: UInt8 {
    case begin, end, duration, timeContainer, region, style, identifier, space
    case timeBase, frameRate, frameRateMultiplier, subFrameRate, tickRate, dropMode, cellResolution
    case fontStyle, fontWeight, textDecoration, display, visibility, textAlign, displayAlign, origin, extent, position,
      writingMode, direction, ruby, zIndex
    /// A look that ferry does not carry: colour, face or size.
    case look
    case agent
  }

  struct Attribute {
    var key: Key
    var value: String
    var line: Int32
    var column: Int32
  }

  struct Node {
    var kind: Kind
    var parent: Int
    /// The first node behind its subtree.
    var end: Int
    var attributes: Range<Int32>
    /// Its characters in `text`; empty but for a text.
    var text: Range<Int32>
    var line: Int32
    var column: Int32
    /// How many elements it stands in, itself included; 0 for a text.
    var depth: Int32 = 0
  }

  private(set) var nodes: [Node] = []
  private(set) var attributes: [Attribute] = []
  private(set) var text: [UInt8] = []

  func attribute(_ node: Int, _ key: Key) -> Attribute? {
    let range = nodes[node].attributes
    return attributes[Int(range.lowerBound)..<Int(range.upperBound)].first { $0.key == key }
  }

  func attributes(of node: Int) -> ArraySlice<Attribute> {
    attributes[Int(nodes[node].attributes.lowerBound)..<Int(nodes[node].attributes.upperBound)]
  }

  func text(of node: Int) -> ArraySlice<UInt8> {
    text[Int(nodes[node].text.lowerBound)..<Int(nodes[node].text.upperBound)]
  }

  func string(of node: Int) -> String { String(decoding: text(of: node), as: UTF8.self) }

  /// The children of a node, in order.
  func children(of node: Int) -> Children { Children(tree: self, position: node + 1, end: nodes[node].end) }

  struct Children: Sequence, IteratorProtocol {
    fileprivate let tree: TTMLTree
    fileprivate var position: Int
    fileprivate let end: Int

    mutating func next() -> Int? {
      guard position < end else { return nil }
      defer { position = tree.nodes[position].end }
      return position
    }
  }
}

extension TTMLTree {
  /// Reads a whole document; what it uses that is not TTML is told to `note`.
  init(_ bytes: [UInt8], note: (Repair, Int, Int) -> Void) throws(XMLFault) {
    var scanner = XMLScanner(bytes)
    var scope = TTMLNamespaces()
    var open: [Int] = []
    /// How deep the scanner was when it entered an element that is left out.
    var skipping: Int?
    loop: while true {
      switch try scanner.next() {
      case .finished: break loop
      case .text:
        guard let parent = open.last, nodes[parent].kind.hasText, skipping == nil || nodes[parent].kind == .name
        else { continue }
        let start = Int32(text.count)
        text += scanner.text
        append(.text, open.last, scanner, text: start..<Int32(text.count))
      case .start:
        func noteHere(_ repair: Repair) { note(repair, scanner.line, scanner.column) }
        try scope.enter(scanner, note: noteHere)
        let (vocabulary, local) = scope.name(scanner.name, in: scanner, note: noteHere)
        let kind = Kind(vocabulary, local, parent: open.last.map { nodes[$0].kind })
        if nodes.isEmpty, kind != .root {
          throw XMLFault(
            code: "fmt.parse", line: scanner.line, column: scanner.column,
            message: "the document's element is '\(scanner.string(scanner.name))', which is not TTML's 'tt'",
            hint: "give a SubRip, WebVTT or TTML file")
        }
        // An agent's name counts even where it stands in metadata, which is left out otherwise.
        let isAgent = kind == .agent || kind == .name && open.last.map { nodes[$0].kind } == .agent
        guard let kind, skipping == nil || isAgent else {
          if skipping == nil {
            skipping = scanner.depth
            if kind == nil, TTMLTree.mayShow(vocabulary, local, in: open.last.map { nodes[$0].kind }) {
              noteHere(.foreignElement)
            }
          }
          continue
        }
        enter(kind, in: open.last, scanner, scope, note: noteHere)
        open.append(nodes.count - 1)
      case .end:
        // The scanner has closed it already.
        let depth = scanner.depth + 1
        scope.leave(depth: depth)
        if skipping == depth { skipping = nil }
        if let last = open.last, nodes[last].depth == Int32(depth) {
          nodes[last].end = nodes.count
          open.removeLast()
        }
      }
    }
  }

  /// Adds an element with its attributes.
  private mutating func enter(
    _ kind: Kind, in parent: Int?, _ scanner: XMLScanner, _ scope: TTMLNamespaces, note: (Repair) -> Void
  ) {
    if kind == .unknown { note(.unknownElement) }
    if kind == .bold || kind == .italic || kind == .underline { note(.htmlElement) }
    let first = Int32(attributes.count)
    for attribute in scanner.attributes {
      let (vocabulary, local) = scope.name(attribute.name, in: scanner, isAttribute: true, note: note)
      guard let key = Key(vocabulary, local) else { continue }
      attributes.append(
        Attribute(
          key: key, value: attribute.value, line: Int32(attribute.line), column: Int32(attribute.column)))
    }
    append(kind, parent, scanner, attributes: first..<Int32(attributes.count))
    nodes[nodes.count - 1].depth = Int32(scanner.depth)
  }

  /// Whether an element that is left out stands where text is, and is not known to have none.
  private static func mayShow(_ vocabulary: TTMLNamespaces.Vocabulary, _ local: String, in parent: Kind?) -> Bool {
    guard let parent, parent.hasText && parent != .name || parent == .body || parent == .div else { return false }
    return vocabulary == .foreign || vocabulary == .content && local != "metadata"
  }

  private mutating func append(
    _ kind: Kind, _ parent: Int?, _ scanner: XMLScanner, attributes: Range<Int32> = 0..<0, text: Range<Int32> = 0..<0
  ) {
    nodes.append(
      Node(
        kind: kind, parent: parent ?? 0, end: nodes.count + 1, attributes: attributes, text: text,
        line: Int32(scanner.line), column: Int32(scanner.column)))
  }
}

extension TTMLTree.Kind {
  /// Whether characters in it are shown, or are a name.
  var hasText: Bool {
    switch self {
    case .paragraph, .span, .bold, .italic, .underline, .unknown, .name: true
    default: false
    }
  }

  /// What an element is, by its name and by what it stands in; `nil` for one that ferry does not read.
  init?(_ vocabulary: TTMLNamespaces.Vocabulary, _ local: String, parent: TTMLTree.Kind?) {
    switch (vocabulary, local) {
    case (.content, "tt") where parent == nil: self = .root
    case (.content, "head"), (.content, "layout"): self = .container
    case (.content, "styling"): self = .styling
    case (.content, "style"): self = .style
    case (.content, "initial"): self = .initial
    case (.content, "region"): self = .region
    case (.content, "body"): self = .body
    case (.content, "div"): self = .div
    case (.content, "p"): self = .paragraph
    case (.content, "span"): self = .span
    case (.content, "br"): self = .lineBreak
    case (.content, "set"), (.content, "animate"): self = .set
    case (.metadata, "agent"): self = .agent
    case (.metadata, "name"): self = .name
    case (.content, "metadata"), (.content, "image"), (.content, "audio"), (.content, "animation"): return nil
    case (.content, let local) where parent?.hasText == true:
      switch local {
      case "b", "strong": self = .bold
      case "i", "em": self = .italic
      case "u": self = .underline
      default: self = .unknown
      }
    default: return nil
    }
  }
}

extension TTMLTree.Key {
  /// What an attribute is; `nil` for one that ferry does not read.
  init?(_ vocabulary: TTMLNamespaces.Vocabulary, _ local: String) {
    let key: TTMLTree.Key? =
      switch (vocabulary, local) {
      case (.content, "begin"): .begin
      case (.content, "end"): .end
      case (.content, "dur"): .duration
      case (.content, "timeContainer"): .timeContainer
      case (.content, "region"): .region
      case (.content, "style"): .style
      case (.xml, "id"), (.content, "id"): .identifier
      case (.xml, "space"): .space
      case (.parameter, "timeBase"): .timeBase
      case (.parameter, "frameRate"): .frameRate
      case (.parameter, "frameRateMultiplier"): .frameRateMultiplier
      case (.parameter, "subFrameRate"): .subFrameRate
      case (.parameter, "tickRate"): .tickRate
      case (.parameter, "dropMode"): .dropMode
      case (.parameter, "cellResolution"): .cellResolution
      case (.styling, "fontStyle"): .fontStyle
      case (.styling, "fontWeight"): .fontWeight
      case (.styling, "textDecoration"): .textDecoration
      case (.styling, "display"): .display
      case (.styling, "visibility"): .visibility
      case (.styling, "textAlign"): .textAlign
      case (.styling, "displayAlign"): .displayAlign
      case (.styling, "origin"): .origin
      case (.styling, "extent"): .extent
      case (.styling, "position"): .position
      case (.styling, "writingMode"): .writingMode
      case (.styling, "direction"): .direction
      case (.styling, "ruby"): .ruby
      case (.styling, "zIndex"): .zIndex
      case (.styling, "color"), (.styling, "fontFamily"), (.styling, "fontSize"): .look
      case (.metadata, "agent"): .agent
      default: nil
      }
    guard let key else { return nil }
    self = key
  }
}
