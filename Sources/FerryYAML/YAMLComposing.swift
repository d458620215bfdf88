internal import FerryCore
internal import Yams

/// Composes a job's text into nodes, with stand-ins for what Yams treats otherwise than a job needs.
///
/// Yams replaces aliases while it composes, and hashing the keys of a mapping unfolds them: a few lines would keep it
/// busy for years. So it never sees an asterisk, which has no other meaning in YAML. And it gives up at the first
/// duplicate key; renaming the key and composing again keeps both, so that the reader can name both places along with
/// everything else that is wrong. A stand-in is one private-use character that the text does not have, so that every
/// place stays as it was.
struct YAMLComposing {
  private static let depthLimit = 32
  private static let renameLimit = 16

  private let file: String
  private var scalars: [Unicode.Scalar]
  /// Private-use characters that the text has, or that stand for something already.
  private var used: Set<Unicode.Scalar> = []
  private var asterisk: Unicode.Scalar?
  /// Keys that were renamed, by line and column, with their real names.
  private var renamed: [Position: String] = [:]

  private struct Position: Hashable {
    var line: Int
    var column: Int
  }

  init(_ text: String, file: String) {
    self.file = file
    scalars = Array(text.unicodeScalars)
    for scalar in scalars where (0xE000...0xF8FF).contains(scalar.value) { used.insert(scalar) }
    asterisk = unusedStandIn()
    guard let asterisk else { return }
    for index in scalars.indices where scalars[index] == "*" { scalars[index] = asterisk }
  }

  private mutating func unusedStandIn() -> Unicode.Scalar? {
    let free = (0xE000...0xF8FF as ClosedRange<UInt32>).lazy.compactMap(Unicode.Scalar.init)
      .first { !used.contains($0) }
    if let free { used.insert(free) }
    return free
  }

  /// Names the first character that YAML forbids or nobody can see, with its place.
  func refuseUnprintable() throws(Diagnostics) {
    let index = scalars.firstIndex { scalar in
      switch scalar.value {
      case 0x09, 0x0A, 0x0D, 0x20...0x7E, 0x85, 0xA0...0xFEFE, 0xFF00...0xFFFD, 0x10000...: false
      default: true
      }
    }
    guard let index else { return }
    let code = String(scalars[index].value, radix: 16, uppercase: true)
    let place = position(of: index)
    throw Diagnostics(
      Diagnostic(
        "job.yaml", at: Place(file, line: place.line, column: place.column),
        "there is an invisible character (U+\(String(repeating: "0", count: max(0, 4 - code.count)))\(code))",
        hint: "delete it, or type the line again; some editors paste such characters unseen"))
  }

  /// The document's one value, `nil` for text without any.
  mutating func root() throws(Diagnostics) -> FerryCore.Node? {
    guard asterisk != nil else {
      throw Diagnostics(Diagnostic("job.yaml", at: Place(file), "the file is full of private-use characters"))
    }
    while true {
      var text = String.UnicodeScalarView()
      text.append(contentsOf: scalars)
      do {
        let parser = try Parser(yaml: String(text), resolver: .basic)
        guard let root = try parser.singleRoot() else { return nil }
        // The parser owns the anchors that nodes refer to weakly.
        return try withExtendedLifetime(parser) { try node(root, isKey: false, depth: 0) }
      } catch let error as Diagnostics {
        throw error
      } catch let error as YamlError {
        if case .duplicatedKeysInMapping(let keys, let context) = error, let key = keys.first,
          rename(key, at: Position(line: context.mark.line, column: context.mark.column))
        {
          continue
        }
        throw Diagnostics(YAMLProblem(scalars: scalars, file: file).diagnostic(for: error))
      } catch {
        throw Diagnostics(Diagnostic("job.yaml", at: Place(file), "the file cannot be read as YAML: \(error)"))
      }
    }
  }

  /// Takes Yams' nodes over with their places.
  private func node(_ node: Yams.Node, isKey: Bool, depth: Int) throws(Diagnostics) -> FerryCore.Node {
    let line = node.mark?.line ?? 1
    let column = node.mark?.column ?? 1
    let place = Place(file, line: line, column: column)
    if depth > YAMLComposing.depthLimit {
      throw Diagnostics(
        Diagnostic(
          "job.too-deep", at: place, "values are nested more than \(YAMLComposing.depthLimit) deep",
          hint: "check the brackets and the indentation before this place"))
    }
    try refuseFeatures(node, place)
    switch node {
    case .scalar(let scalar):
      let isPlain = scalar.style == .plain || scalar.style == .any
      if isPlain, scalar.string.unicodeScalars.first == asterisk {
        throw Diagnostics(
          Diagnostic(
            "job.yaml-feature", at: place, "a text that begins with '*' needs quotes",
            hint: "write \"\(original(scalar.string))\"; YAML's aliases are not allowed in a job"))
      }
      let name = isKey ? renamed[Position(line: line, column: column)] : nil
      return FerryCore.Node(.scalar(name ?? original(scalar.string), isPlain: isPlain), line: line, column: column)
    case .sequence(let sequence):
      var items: [FerryCore.Node] = []
      for item in sequence { items.append(try self.node(item, isKey: false, depth: depth + 1)) }
      return FerryCore.Node(.sequence(items), line: line, column: column)
    case .mapping(let mapping):
      var pairs: [(key: FerryCore.Node, value: FerryCore.Node)] = []
      for (key, value) in mapping {
        pairs.append(
          (
            try self.node(key, isKey: true, depth: depth + 1),
            try self.node(value, isKey: false, depth: depth + 1)
          ))
      }
      return FerryCore.Node(.mapping(pairs), line: line, column: column)
    case .alias: return FerryCore.Node(.scalar("", isPlain: true), line: line, column: column)
    }
  }

  private func refuseFeatures(_ node: Yams.Node, _ place: Place) throws(Diagnostics) {
    let tag = node.tag.rawValue
    let what: String
    if node.anchor != nil {
      what = "YAML's anchors (&) are"
    } else if !["", "!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"].contains(tag) {
      what = "the YAML tag '\(tag)' is"
    } else {
      return
    }
    throw Diagnostics(
      Diagnostic(
        "job.yaml-feature", at: place, "\(what) not allowed in a job",
        hint: "write the value out; a text that begins with & or ! needs quotes"))
  }

  private func original(_ text: String) -> String {
    guard let asterisk, text.unicodeScalars.contains(asterisk) else { return text }
    var result = String.UnicodeScalarView()
    result.append(contentsOf: text.unicodeScalars.map { $0 == asterisk ? "*" : $0 })
    return String(result)
  }

  /// Puts a stand-in for a key's first character; false where the key is not written out plainly there.
  private mutating func rename(_ key: String, at position: Position) -> Bool {
    guard renamed.count < YAMLComposing.renameLimit, var start = index(of: position) else { return false }
    if scalars[start] == "\"" || scalars[start] == "'" { start += 1 }
    let written = Array(key.unicodeScalars)
    guard !written.isEmpty, scalars[start...].starts(with: written), let standIn = unusedStandIn() else {
      return false
    }
    renamed[position] = original(key)
    scalars[start] = standIn
    return true
  }

  private func position(of index: Int) -> Position {
    var result = Position(line: 1, column: 1)
    for i in 0..<index { advance(&result, over: i) }
    return result
  }

  private func index(of position: Position) -> Int? {
    var here = Position(line: 1, column: 1)
    for i in scalars.indices {
      if here == position { return i }
      advance(&here, over: i)
    }
    return nil
  }

  /// Lines end where libyaml sees them end.
  private func advance(_ position: inout Position, over index: Int) {
    let isReturnOfPair = scalars[index] == "\r" && index + 1 < scalars.count && scalars[index + 1] == "\n"
    if YAMLProblem.lineEnds.contains(scalars[index]), !isReturnOfPair {
      position = Position(line: position.line + 1, column: 1)
    } else {
      position.column += 1
    }
  }
}
