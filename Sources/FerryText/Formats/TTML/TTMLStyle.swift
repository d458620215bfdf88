internal import FerryCore

/// The style properties that ferry reads; what is not said is `nil`.
struct TTMLStyle {
  enum Ruby { case none, container, base, baseContainer, text, textContainer, delimiter }

  var italic: Bool?
  var bold: Bool?
  var underline: Bool?
  var isVisible: Bool?
  var align: CuePlacement.Align?
  var vertical: CuePlacement.Vertical??
  // Not inherited.
  var isDisplayed: Bool?
  var edge: CuePlacement.Edge?
  var origin: String?
  var extent: String?
  var position: String?
  var zIndex: Int?
  var ruby: Ruby?
  var hasLook = false

  /// These properties, with those of `other` over them.
  mutating func apply(_ other: TTMLStyle) {
    inherit(other)
    isDisplayed = other.isDisplayed ?? isDisplayed
    edge = other.edge ?? edge
    origin = other.origin ?? origin
    extent = other.extent ?? extent
    position = other.position ?? position
    zIndex = other.zIndex ?? zIndex
    ruby = other.ruby ?? ruby
    hasLook = hasLook || other.hasLook
  }

  /// As `apply`, for properties that an element hands on to what it contains.
  mutating func inherit(_ other: TTMLStyle) {
    italic = other.italic ?? italic
    bold = other.bold ?? bold
    underline = other.underline ?? underline
    isVisible = other.isVisible ?? isVisible
    align = other.align ?? align
    vertical = other.vertical ?? vertical
  }

  var runStyle: Run.Style {
    var style: Run.Style = []
    if italic == true { style.insert(.italic) }
    if bold == true { style.insert(.bold) }
    if underline == true { style.insert(.underline) }
    return style
  }

  /// The properties that stand on one element as attributes.
  init(inline attributes: some Sequence<TTMLTree.Attribute>) {
    for attribute in attributes {
      let value = attribute.value.split(separator: " ").joined(separator: " ")
      switch attribute.key {
      case .fontStyle: italic = value == "italic" || value == "oblique"
      case .fontWeight: bold = value == "bold"
      case .textDecoration:
        for word in value.split(separator: " ") {
          switch word {
          case "underline": underline = true
          case "none", "noUnderline": underline = false
          default: break
          }
        }
      case .display: isDisplayed = value != "none"
      case .visibility: isVisible = value != "hidden"
      case .textAlign: align = CuePlacement.Align(ttml: value)
      case .displayAlign: edge = CuePlacement.Edge(rawValue: value)
      case .origin: origin = value
      case .extent: extent = value
      case .position: position = value
      case .writingMode:
        switch value {
        case "tbrl", "tb": vertical = .some(.rightToLeft)
        case "tblr": vertical = .some(.leftToRight)
        default: vertical = .some(nil)
        }
      case .ruby:
        switch value {
        case "container": ruby = .container
        case "base": ruby = .base
        case "baseContainer": ruby = .baseContainer
        case "text": ruby = .text
        case "textContainer": ruby = .textContainer
        case "delimiter": ruby = .delimiter
        default: ruby = TTMLStyle.Ruby.none
        }
      case .zIndex: zIndex = Int(value)
      case .look: hasLook = true
      default: break
      }
    }
  }

  init() {}
}

/// The `<style>` elements of a document, each with all that it refers to.
struct TTMLStyleSheet {
  private let tree: TTMLTree
  private let nodes: [String: Int]
  private var resolved: [String: TTMLStyle] = [:]
  /// How many styles may refer to one another in a row.
  private static let chainLimit = 32

  init(_ tree: TTMLTree) {
    self.tree = tree
    var nodes: [String: Int] = [:]
    for node in tree.nodes.indices
    where tree.nodes[node].kind == .style && tree.nodes[tree.nodes[node].parent].kind == .styling {
      if let identifier = tree.attribute(node, .identifier) { nodes[identifier.value] = node }
    }
    self.nodes = nodes
  }

  /// What an element says of itself: by reference, in nested `<style>`s, and as attributes, later over earlier.
  mutating func specified(_ node: Int) -> TTMLStyle { specified(node, depth: 0) }

  private mutating func specified(_ node: Int, depth: Int) -> TTMLStyle {
    var style = TTMLStyle()
    if depth < TTMLStyleSheet.chainLimit, let references = tree.attribute(node, .style) {
      for reference in references.value.split(separator: " ").map(String.init) {
        style.apply(named(reference, depth: depth + 1))
      }
    }
    if tree.nodes[node].kind == .region {
      for child in tree.children(of: node) where tree.nodes[child].kind == .style {
        style.apply(specified(child, depth: depth + 1))
      }
    }
    style.apply(TTMLStyle(inline: tree.attributes(of: node)))
    return style
  }

  private mutating func named(_ name: String, depth: Int) -> TTMLStyle {
    if let style = resolved[name] { return style }
    guard let node = nodes[name] else { return TTMLStyle() }
    // A style that refers to itself is found to say nothing more.
    resolved[name] = TTMLStyle()
    let style = specified(node, depth: depth)
    resolved[name] = style
    return style
  }
}
