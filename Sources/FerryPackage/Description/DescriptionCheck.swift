internal import FerryCore
internal import Foundation

/// Compares what a full package says of itself in several places: catalogue, crate, records and licences say what the
/// delivery manifest says, no more and no less.
///
/// All of them are derived from it, so they are derived again and compared by meaning; the preview page holds cues too,
/// and is for eyes.
struct DescriptionCheck {
  private static let hint = "ask the sender for a whole package"

  private let bag: String
  private var found: [Diagnostic] = []

  static func problems(of manifest: DeliveryManifest, bag: String) -> [Diagnostic] {
    var check = DescriptionCheck(bag: bag)
    check.compare(catalogue: Catalogue.text(of: manifest))
    check.compare(crate: ROCrate.text(of: manifest))
    check.compare(licences: CheckMe.licence(manifest))
    for lesson in manifest.lessons { check.compare(record: LessonRecord.text(of: lesson, in: manifest), of: lesson) }
    return check.found
  }

  private init(bag: String) { self.bag = bag }

  private mutating func problem(_ place: Place, _ message: String) {
    found.append(Diagnostic(.error, "delivery.differs", at: place, message, hint: DescriptionCheck.hint))
  }

  /// The text of a file of the package; `nil` after saying what is wrong.
  private mutating func text(_ path: String) -> String? {
    do {
      guard let bytes = try Files.readSmall(bag + "/" + path) else {
        problem(Place(path), "it is missing; every package of ferry's has it")
        return nil
      }
      guard let text = String(validating: bytes, as: UTF8.self) else {
        problem(Place(path), "it is not UTF-8")
        return nil
      }
      return text
    } catch {
      found += error.diagnostics.map { Diagnostic("delivery.differs", at: Place(path), $0.message, hint: $0.hint) }
      return nil
    }
  }

  // Catalogue and licences: lines.

  private mutating func compare(catalogue expected: String) {
    let path = "data/catalogue.csv"
    guard let text = text(path) else { return }
    var problems: [Diagnostic] = []
    let rows = DefectRows.rows(of: String(text.trimmingPrefix("\u{FEFF}")), file: path, &problems)
    let wanted = DefectRows.rows(of: String(expected.trimmingPrefix("\u{FEFF}")), file: path, &problems)
    for one in problems { problem(one.place, one.message) }
    let columns = wanted[0].map(\.text)
    for (row, want) in zip(rows, wanted) {
      for (index, column) in columns.enumerated() {
        let cell = index < row.count ? row[index] : nil
        if cell?.text == want[index].text { continue }
        let place = cell?.place(path) ?? Place(path, line: row[0].line)
        let name = want[0].line == 1 ? "the column" : "'\(column)' of \(want[0].text)"
        differs(place, name, cell.map { "'\($0.text)'" }, "'\(want[index].text)'")
      }
      if row.count > want.count {
        problem(row[want.count].place(path), "the line has \(row.count) cells, there are \(want.count) columns")
      }
    }
    if rows.count != wanted.count {
      let (lines, lessons) = (rows.count - 1, wanted.count - 1)
      problem(Place(path), "it has \(lines) lessons, the delivery manifest has \(lessons)")
    }
  }

  private mutating func compare(licences expected: String) {
    let path = "data/LICENSE.txt"
    guard let text = text(path), text != expected else { return }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let wanted = expected.split(separator: "\n", omittingEmptySubsequences: false)
    let line = zip(lines, wanted).prefix { $0 == $1 }.count
    problem(Place(path, line: line + 1), "the licences are not those of the delivery manifest")
  }

  private mutating func differs(_ place: Place, _ what: String, _ said: String?, _ wanted: String?) {
    switch (said, wanted) {
    case (let said?, let wanted?): problem(place, "\(what) is \(said), the delivery manifest says \(wanted)")
    case (let said?, nil): problem(place, "\(what) is \(said), of which the delivery manifest knows nothing")
    default: problem(place, "\(what) is missing; the delivery manifest says \(wanted ?? "so")")
    }
  }

  // Crate and records: JSON.

  private mutating func compare(record expected: String, of lesson: DeliveryManifest.Lesson) {
    let path = "data/lessons/\(lesson.id)/\(lesson.id).json"
    // Packages whose manifest does not list it are named for that.
    guard lesson.assets.contains(where: { $0.path == path }), let text = text(path) else { return }
    guard let said = members(text), let wanted = members(expected) else {
      return problem(Place(path), "it is no JSON object")
    }
    compare(said, wanted, "", Place(path))
  }

  private mutating func compare(crate expected: String) {
    let path = "data/" + ROCrate.fileName
    guard let text = text(path) else { return }
    guard let said = members(text), let wanted = members(expected), let graph = said["@graph"] as? [[String: Any]]
    else {
      return problem(Place(path), "it is no JSON object with a '@graph' of objects")
    }
    let place = Place(path)
    compare(said.filter { $0.key != "@graph" }, wanted.filter { $0.key != "@graph" }, "", place)
    let entities = byIdentifier(graph)
    let known = byIdentifier(wanted["@graph"] as? [[String: Any]] ?? [])
    for (id, own) in entities.sorted(by: { $0.key < $1.key }) {
      if own.count > 1 { problem(place, "'\(id)' is described \(own.count) times") }
      if let want = known[id]?.first {
        compare(own[0], want, "'\(id)': ", place)
      } else {
        problem(place, "'\(id)' is described, and the delivery manifest knows nothing of it")
      }
    }
    for id in known.keys.sorted() where entities[id] == nil {
      problem(place, "'\(id)' of the delivery manifest is not described")
    }
  }

  private func byIdentifier(_ graph: [[String: Any]]) -> [String: [[String: Any]]] {
    Dictionary(grouping: graph) { $0["@id"] as? String ?? "" }
  }

  private func members(_ text: String) -> [String: Any]? {
    do { return try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] } catch { return nil }
  }

  private mutating func compare(_ said: [String: Any], _ wanted: [String: Any], _ owner: String, _ place: Place) {
    for name in Set(said.keys).union(wanted.keys).sorted() {
      let (own, want) = (said[name].map(shown), wanted[name].map(shown))
      if own != want { differs(place, "\(owner)'\(name)'", own, want) }
    }
  }

  /// A value in one way of writing; of lists, the order counts too.
  private func shown(_ value: Any) -> String {
    switch value {
    case let text as String: JSONValue.string(text).compact
    case let list as [Any]: "[" + list.map(shown).joined(separator: ",") + "]"
    case let members as [String: Any]:
      "{" + members.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\(shown($0.value))" }.joined(separator: ",") + "}"
    default: "\(value)"
    }
  }
}
