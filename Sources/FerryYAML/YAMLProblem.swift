internal import FerryCore
internal import Yams

/// Says what is wrong with a text that is not YAML, in the words of somebody who writes jobs.
struct YAMLProblem {
  static let lineEnds: Set<Unicode.Scalar> = ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"]

  let file: String
  private let lines: [[Unicode.Scalar]]

  init(scalars: [Unicode.Scalar], file: String) {
    self.file = file
    let joined = scalars.indices.lazy
      .filter { !(scalars[$0] == "\r" && $0 + 1 < scalars.count && scalars[$0 + 1] == "\n") }.map { scalars[$0] }
    lines = joined.split(omittingEmptySubsequences: false) { YAMLProblem.lineEnds.contains($0) }.map(Array.init)
  }

  func diagnostic(for error: YamlError) -> Diagnostic {
    switch error {
    case .composer(_, let problem, let mark, _) where problem.contains("another document"):
      return Diagnostic(
        "job.yaml-feature", at: place(mark), "a second document begins here", hint: "give each job a file of its own")
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      return syntax(problem, mark, context)
    case .duplicatedKeysInMapping(let keys, let context):
      return Diagnostic(
        "job.duplicate-key", at: place(context.mark), "the key '\(keys.first ?? "")' is here twice or more",
        hint: "keep one of them")
    default:
      return Diagnostic("job.yaml", at: Place(file), "the file cannot be read as YAML: \(error)")
    }
  }

  private func place(_ mark: Mark) -> Place { Place(file, line: mark.line, column: mark.column) }

  /// Puts the place where the cause is, which for what is opened and never closed is its beginning.
  private func syntax(_ problem: String, _ mark: Mark, _ context: YamlError.Context?) -> Diagnostic {
    let before = text(before: mark)
    let isFirst = before.allSatisfy { $0 == " " || $0 == "\t" }
    let opened = context?.mark ?? mark
    if isFirst && before.contains("\t") || character(at: mark) == "\t" || problem.contains("tab character") {
      return report(mark, "this line is indented with a tab", "indent with spaces")
    }
    if problem.contains("mapping values are not allowed") {
      return before.contains(": ")
        ? report(
          mark, "there is a colon inside a text without quotes", "put the text in quotes: name: \"Part 1: masks\"")
        : report(
          mark, "this line is indented further than the one before it, which has a value already",
          "keys that belong together begin in the same column")
    }
    if problem.contains("did not find expected ',' or") {
      return report(
        mark, "a bracket is not closed, or a comma is missing, before this place",
        "it was opened in line \(opened.line), column \(opened.column)")
    }
    if problem.contains("unexpected end of stream") || problem.contains("unexpected document indicator") {
      return report(opened, "a quotation mark is opened here and never closed", "close it, or leave both out")
    }
    if problem.contains("could not find expected ':'") {
      return report(opened, "a key without a colon", "write a colon and a blank after each key: profile: web")
    }
    if problem.contains("did not find expected key") || problem.contains("expected '-' indicator") {
      return isFirst
        ? report(
          mark, "this line begins in another column than those it belongs to",
          "they begin in column \(opened.column), from line \(opened.line) on")
        : report(
          mark, "there is something after the end of a text in quotes", "put the whole text in one pair of quotes")
    }
    return value(problem, mark)
      ?? report(
        mark, "this is not YAML: \(problem)",
        "check the indentation, the colons and the quotes of this line and the one before it")
  }

  /// What is wrong with a single value.
  private func value(_ problem: String, _ mark: Mark) -> Diagnostic? {
    if problem.contains("cannot start any token"), let character = character(at: mark) {
      return report(mark, "a text cannot begin with '\(character)'", "put the text in quotes")
    }
    if problem.contains("incompatible YAML document") || problem.contains("directive") {
      return report(mark, "directives (lines that begin with %) are not allowed in a job", "delete the line")
    }
    if problem.contains("undefined tag handle") {
      return report(mark, "a text that begins with '!' needs quotes", "put the text in quotes")
    }
    if problem.contains("invalid Unicode character escape") {
      return report(
        mark, "an escape that is no whole character by itself", "write the character itself instead of \\u and its code"
      )
    }
    if problem.contains("escape character") || problem.contains("expected hexdecimal number") {
      return report(
        mark, "a backslash in a text with double quotes", "write folders with '/'; or use '…' instead of \"…\"")
    }
    if problem.contains("block sequence entries are not allowed") {
      return report(mark, "a list cannot begin here", "begin each '-' on a line of its own, below the key")
    }
    if problem.contains("did not find expected node content") {
      return report(mark, "a value is missing here", "look for two commas in a row, or a bracket too many")
    }
    if problem.contains("did not find expected <document start>") {
      return report(mark, "there is something after the end of the job", "delete it, or move it inside the brackets")
    }
    return nil
  }

  private func report(_ mark: Mark, _ message: String, _ hint: String) -> Diagnostic {
    Diagnostic("job.yaml", at: place(mark), message, hint: hint)
  }

  private func text(before mark: Mark) -> String {
    guard lines.indices.contains(mark.line - 1) else { return "" }
    return lines[mark.line - 1].prefix(mark.column - 1).reduce(into: "") { $0.unicodeScalars.append($1) }
  }

  private func character(at mark: Mark) -> Character? {
    guard lines.indices.contains(mark.line - 1), lines[mark.line - 1].indices.contains(mark.column - 1) else {
      return nil
    }
    return Character(lines[mark.line - 1][mark.column - 1])
  }
}
