package import FerryCore
internal import Yams

extension Document {
  /// A job of a thousand titles has some 400 kB; nobody writes that by hand.
  private static let sizeLimit = 256 << 10
  private static let depthLimit = 32

  /// Reads YAML, or JSON, which is YAML too; throws one diagnostic for text that is neither.
  ///
  /// Anchors, aliases, tags and several documents in one file are refused: a job says everything where it means it, and
  /// ten lines of aliases can stand for gigabytes.
  package static func reading(bytes: [UInt8], file: String) throws(Diagnostics) -> Document {
    func fail(
      _ code: String, _ line: Int, _ column: Int, _ message: String, _ hint: String?
    ) -> Diagnostics {
      Diagnostics(Diagnostic(code, at: Place(file, line: line, column: column), message, hint: hint))
    }
    if bytes.count > sizeLimit {
      throw fail(
        "job.too-large", 0, 0, "the file has \(bytes.count) bytes, more than the \(sizeLimit) that a job may have",
        "check that it is a job file, or split it into several jobs")
    }
    let text = try decoded(bytes, file)
    if text.allSatisfy({ $0.isWhitespace }) {
      throw fail("job.empty", 0, 0, "the file is empty", "copy the example in the README and fill it in")
    }
    do {
      let parser = try Parser(yaml: text, resolver: .basic)
      guard let root = try parser.singleRoot() else {
        throw fail("job.empty", 0, 0, "the file says nothing", "copy the example in the README and fill it in")
      }
      // The parser owns the anchors that nodes refer to weakly.
      return try withExtendedLifetime(parser) { Document(file: file, root: try node(root, file, depth: 0)) }
    } catch let error as Diagnostics {
      throw error
    } catch let error as YamlError {
      throw Diagnostics(diagnostic(for: error, file, text))
    } catch {
      throw fail("job.yaml", 0, 0, "the file cannot be read as YAML: \(error)", nil)
    }
  }

  private static func decoded(_ bytes: [UInt8], _ file: String) throws(Diagnostics) -> String {
    let body = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
    if let text = String(validating: body, as: UTF8.self) { return text }
    // The first byte that does not belong: everything before it decodes.
    var low = 0
    var offset = 0
    while low < body.count {
      let length = [4, 3, 2, 1].first { length in
        low + length <= body.count
          && String(validating: body[low..<(low + length)], as: UTF8.self)?.unicodeScalars.count == 1
      }
      guard let length else { break }
      low += length
      offset = low
    }
    let line = body[..<offset].count { $0 == 0x0A } + 1
    throw Diagnostics(
      Diagnostic(
        "job.encoding", at: Place(file, line: line), "the file is not UTF-8 from byte \(offset) on",
        hint: "save it as UTF-8 (in an editor: Save with Encoding, UTF-8)"))
  }

  /// Takes Yams' nodes over with their places; a depth that no job has is refused.
  private static func node(_ node: Yams.Node, _ file: String, depth: Int) throws(Diagnostics) -> FerryCore.Node {
    let line = node.mark?.line ?? 1
    let column = node.mark?.column ?? 1
    if depth > depthLimit {
      throw Diagnostics(
        Diagnostic(
          "job.too-deep", at: Place(file, line: line, column: column), "values are nested more than \(depthLimit) deep",
          hint: "check the brackets and the indentation before this place"))
    }
    try refuseFeatures(node, Place(file, line: line, column: column))
    switch node {
    case .scalar(let scalar):
      let isPlain = scalar.style == .plain || scalar.style == .any
      return FerryCore.Node(.scalar(scalar.string, isPlain: isPlain), line: line, column: column)
    case .sequence(let sequence):
      var items: [FerryCore.Node] = []
      for item in sequence { items.append(try self.node(item, file, depth: depth + 1)) }
      return FerryCore.Node(.sequence(items), line: line, column: column)
    case .mapping(let mapping):
      var pairs: [(key: FerryCore.Node, value: FerryCore.Node)] = []
      for (key, value) in mapping {
        pairs.append(
          (try self.node(key, file, depth: depth + 1), try self.node(value, file, depth: depth + 1)))
      }
      return FerryCore.Node(.mapping(pairs), line: line, column: column)
    case .alias: return FerryCore.Node(.scalar("", isPlain: true), line: line, column: column)
    }
  }

  /// Anchors come before the aliases that repeat them, so refusing an anchor keeps a bomb from being unfolded.
  private static func refuseFeatures(_ node: Yams.Node, _ place: Place) throws(Diagnostics) {
    let tag: Tag
    var isAlias = false
    switch node {
    case .scalar(let scalar): tag = scalar.tag
    case .mapping(let mapping): tag = mapping.tag
    case .sequence(let sequence): tag = sequence.tag
    case .alias(let alias): (tag, isAlias) = (alias.tag, true)
    }
    let what: String
    if isAlias || node.anchor != nil {
      what = "YAML anchors (&) and aliases (*) are"
    } else if !["", "!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"].contains(
      tag.rawValue)
    {
      what = "the YAML tag '\(tag.rawValue)' is"
    } else {
      return
    }
    throw Diagnostics(
      Diagnostic(
        "job.yaml-feature", at: place, "\(what) not allowed in a job",
        hint: "write the value out; a text that begins with &, * or ! needs quotes"))
  }

  private static func diagnostic(for error: YamlError, _ file: String, _ text: String) -> Diagnostic {
    switch error {
    case .composer(_, let problem, let mark, _) where problem.contains("another document"):
      return Diagnostic(
        "job.yaml-feature", at: Place(file, line: mark.line, column: mark.column), "a second document begins here",
        hint: "give each job a file of its own")
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      return Diagnostic(
        "job.yaml", at: Place(file, line: mark.line, column: mark.column), "this is not YAML: \(problem)",
        hint: advice(problem, line: mark.line, text))
    case .duplicatedKeysInMapping(let keys, let context):
      let mark = context.mark
      return Diagnostic(
        "job.duplicate-key", at: Place(file, line: mark.line, column: mark.column),
        "a mapping here has the key '\(keys.first ?? "")' twice", hint: "keep one of the two")
    case .reader(let problem, let offset, _, _):
      let line = offset.map { offset in text.utf8.prefix(offset).count { $0 == 0x0A } + 1 } ?? 0
      return Diagnostic(
        "job.yaml", at: Place(file, line: line), "there is a character that YAML forbids: \(problem)",
        hint: "remove it; some editors paste control characters unseen")
    default:
      return Diagnostic("job.yaml", at: Place(file), "the file cannot be read as YAML: \(error)")
    }
  }

  /// What usually causes a syntax error, in the words of somebody who writes jobs.
  private static func advice(_ problem: String, line: Int, _ text: String) -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let here = line >= 1 && line <= lines.count ? lines[line - 1] : ""
    if here.prefix(while: { $0 == " " || $0 == "\t" }).contains("\t")
      || problem.contains("cannot start any token") && here.contains("\t")
    {
      return "indent with spaces; there is a tab in this line"
    }
    if problem.contains("mapping values are not allowed") {
      return "a text with a colon needs quotes: name: \"Part 1: masks\""
    }
    if problem.contains("did not find expected ',' or") {
      return "a bracket or a comma is missing in this line or before it"
    }
    if problem.contains("unexpected end of stream") || problem.contains("found unexpected document indicator") {
      return "a quotation mark is opened and never closed"
    }
    if problem.contains("undefined alias") { return "a text that begins with * needs quotes" }
    if problem.contains("could not find expected ':'") {
      return "a key needs a colon and a blank after it, here or in the line before"
    }
    if problem.contains("did not find expected key") || problem.contains("expected '-' indicator") {
      return "check the indentation: keys of one mapping begin in the same column"
    }
    return "check the indentation, the colons and the quotes of this line and the one before it"
  }
}
