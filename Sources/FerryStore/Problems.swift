internal import FerryCore
internal import GRDB

/// What was wrong with an attempt, as a list in JSON; no longer than the store can bear.
struct Problems: Codable, DatabaseValueConvertible {
  var list: [Diagnostic]

  init(_ list: [Diagnostic]) { self.list = list.bounded }

  init(from decoder: any Decoder) throws { list = try [Diagnostic](from: decoder) }
  func encode(to encoder: any Encoder) throws { try list.encode(to: encoder) }
}

extension [Diagnostic] {
  /// The first 20, errors before warnings, each text cut after 1,000 characters.
  var bounded: [Diagnostic] {
    let ordered = filter { $0.severity == .error } + filter { $0.severity == .warning }
    return ordered.prefix(20).map { problem in
      var problem = problem
      problem.message = String(problem.message.prefix(1000))
      problem.hint = problem.hint.map { String($0.prefix(1000)) }
      return problem
    }
  }
}
