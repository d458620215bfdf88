internal import FerryCore
internal import FerryFiles
internal import FerryMarkup
internal import Foundation

/// Compares what a full package says of itself in several places: catalogue, crate, records and licences say what the
/// delivery manifest says.
///
/// Facts are compared, never wording: each file is parsed, and its identifiers, paths, sizes, digests, names, languages,
/// licences, counts and times are held against the manifest of the same package. So a package that any version of ferry
/// published stays valid, whatever a later version writes in another way or adds. What such a version may not do is
/// leave out or rename a fact that is looked for here.
struct DescriptionCheck {
  private static let hint = "ask the sender for a whole package"

  let manifest: DeliveryManifest
  private let bag: String
  private var found: [Diagnostic] = []

  static func problems(of manifest: DeliveryManifest, bag: String) -> [Diagnostic] {
    var check = DescriptionCheck(manifest: manifest, bag: bag)
    check.checkCatalogue()
    check.checkCrate()
    check.checkLicences()
    for lesson in manifest.lessons { check.checkRecord(of: lesson) }
    return check.found
  }

  private init(manifest: DeliveryManifest, bag: String) { (self.manifest, self.bag) = (manifest, bag) }

  mutating func problem(_ place: Place, _ message: String) {
    found.append(
      Diagnostic(.error, "delivery.differs", at: place, message, hint: DescriptionCheck.hint, fault: .mismatched))
  }

  mutating func differs(_ place: Place, _ what: String, _ said: String?, _ wanted: String?) {
    switch (said, wanted) {
    case (let said?, let wanted?): problem(place, "\(what) is \(said), the delivery manifest says \(wanted)")
    case (let said?, nil): problem(place, "\(what) is \(said), of which the delivery manifest knows nothing")
    default: problem(place, "\(what) is missing; the delivery manifest says \(wanted ?? "so")")
    }
  }

  /// The text of a file of the package; `nil` after saying what is wrong.
  mutating func text(_ path: String) -> String? {
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
      found += error.problems.map {
        Diagnostic("delivery.differs", at: Place(path), $0.message, hint: $0.hint, fault: .mismatched)
      }
      return nil
    }
  }

  /// The members of a JSON file of the package; `nil` after saying what is wrong.
  mutating func members(_ path: String) -> [String: Any]? {
    guard let text = text(path) else { return nil }
    var members: [String: Any]?
    do { members = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] } catch {}
    if members == nil { problem(Place(path), "it is not a JSON object") }
    return members
  }

  /// Holds members of a JSON object against facts, each a set of texts; none at all means that there must be no such
  /// member.
  mutating func compare(_ object: [String: Any], _ facts: [String: [String]], _ owner: String, _ place: Place) {
    for (member, wanted) in facts.sorted(by: { $0.key < $1.key }) {
      let said = JSONFacts.texts(object[member]).map { JSONFacts.canonical($0, member) }
      let known = wanted.map { JSONFacts.canonical($0, member) }
      if Set(said) != Set(known) {
        differs(place, "\(owner)'\(member)'", JSONFacts.shown(said), JSONFacts.shown(known))
      }
    }
  }
}

/// How facts are read from JSON whose keys no Swift type has.
enum JSONFacts {
  /// The texts that a value holds: itself, its elements', or what an object is named by.
  static func texts(_ value: Any?) -> [String] {
    switch value {
    case let text as String: [text]
    case let list as [Any]: list.flatMap(texts)
    case let members as [String: Any]:
      texts(members["@id"] ?? members["id"] ?? members["@value"] ?? members["name"])
    case let number as NSNumber: ["\(number)"]
    default: []
    }
  }

  /// Objects of a member that holds one or a list of them.
  static func objects(_ value: Any?) -> [[String: Any]] {
    (value as? [Any] ?? [value].compactMap { $0 }).compactMap { $0 as? [String: Any] }
  }

  /// One way of writing for what may be written in several: times, and white space in names.
  static func canonical(_ text: String, _ member: String) -> String {
    guard ["duration", "timeRequired"].contains(member) else { return PlainText.line(text) }
    return Vocabulary.milliseconds(text).map(Vocabulary.duration) ?? text
  }

  static func shown(_ texts: [String]) -> String? {
    let quoted = texts.map { JSONValue.string($0).compact }
    return quoted.count > 1 ? "[" + quoted.joined(separator: ",") + "]" : quoted.first
  }
}
