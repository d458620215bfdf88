internal import FerryCore
internal import FerryMarkup

/// `ro-crate-metadata.json` against the delivery manifest: every file and lesson, and the delivery itself.
extension DescriptionCheck {
  private typealias Entities = [String: [String: Any]]

  mutating func checkCrate() {
    let path = "data/" + ROCrate.fileName
    guard let crate = members(path) else { return }
    let place = Place(path)
    guard let graph = crate["@graph"] as? [[String: Any]] else {
      return problem(place, "it has no '@graph' of objects")
    }
    var entities: Entities = [:]
    for (id, own) in Dictionary(grouping: graph, by: { $0["@id"] as? String ?? "" }).sorted(by: { $0.key < $1.key }) {
      if own.count > 1 { problem(place, "'\(id)' is described \(own.count) times") }
      entities[id] = own[0]
    }
    checkDelivery(entities, place)
    for lesson in manifest.lessons {
      checkLesson(lesson, entities, place)
      for asset in lesson.assets { checkAsset(asset, of: lesson, entities, place) }
    }
    checkForeign(entities, place)
  }

  /// The delivery as a whole.
  private mutating func checkDelivery(_ entities: Entities, _ place: Place) {
    guard let root = entities["./"] else { return problem(place, "'./' is not described") }
    let sender = manifest.sender.name
    compare(
      root,
      [
        "identifier": [manifest.id], "version": ["\(manifest.version)"], "datePublished": [manifest.created],
        "license": [CheckMe.licenceAddress(manifest.licence)],
      ], "'./': ", place)
    for (member, name) in [("publisher", sender), ("author", sender), ("audience", manifest.recipient.name)] {
      let named = JSONFacts.texts(root[member]).first.flatMap { entities[$0] } ?? [:]
      compare(named, ["name": [name]], "'./': '\(member)': ", place)
    }
    let parts = JSONFacts.texts(root["hasPart"])
    let wanted = manifest.lessons.flatMap { [folder($0)] + $0.assets.map { Vocabulary.reference($0) } }
    for id in wanted where !parts.contains(id) { problem(place, "'./': 'hasPart' lacks '\(id)'") }
    for id in parts where !knownFiles.contains(id) { problem(place, "'./': 'hasPart' has '\(id)', \(unknown)") }
  }

  private mutating func checkLesson(_ lesson: DeliveryManifest.Lesson, _ entities: Entities, _ place: Place) {
    let id = folder(lesson)
    guard let entity = entities[id] else {
      return problem(place, "'\(id)' of the delivery manifest is not described")
    }
    let titles = lesson.title.values.map(PlainText.line)
    compare(
      entity,
      [
        "identifier": [lesson.uuid], "inLanguage": [manifest.language.source.text], "alternateName": titles,
        "license": [CheckMe.licenceAddress(lesson.licence)],
        "timeRequired": [Vocabulary.duration(lesson.durationMs)],
        "isBasedOn": [Vocabulary.digestAddress(sha256: lesson.source.sha256)],
        "hasPart": lesson.assets.map { Vocabulary.reference($0) },
      ], "'\(id)': ", place)
    checkName(entity, oneOf: titles + [lesson.id], id, place)
    let field = JSONFacts.texts(entity["about"]).first.flatMap { entities[$0] } ?? [:]
    compare(field, ["termCode": [lesson.field]], "'\(id)': 'about': ", place)
    let creator = JSONFacts.texts(entity["creator"]).first.flatMap { entities[$0] } ?? [:]
    compare(creator, ["name": [lesson.credit ?? manifest.sender.name]], "'\(id)': 'creator': ", place)
    let source = entities[Vocabulary.digestAddress(sha256: lesson.source.sha256)] ?? [:]
    compare(source, ["sha256": [lesson.source.sha256]], "the source of \(lesson.id): ", place)
    let licence = entities[CheckMe.licenceAddress(lesson.licence)] ?? [:]
    compare(licence, ["identifier": [lesson.licence]], "the licence of \(lesson.id): ", place)
  }

  private mutating func checkAsset(
    _ asset: DeliveryManifest.Asset, of lesson: DeliveryManifest.Lesson, _ entities: Entities, _ place: Place
  ) {
    let id = Vocabulary.reference(asset)
    guard let entity = entities[id] else {
      return problem(place, "'\(id)' of the delivery manifest is not described")
    }
    if !JSONFacts.texts(entity["@type"]).contains("File") {
      differs(place, "'\(id)': '@type'", JSONFacts.shown(JSONFacts.texts(entity["@type"])), "\"File\"")
    }
    compare(
      entity,
      [
        "contentSize": ["\(asset.size)"], "sha256": [asset.sha256], "encodingFormat": [asset.mediaType],
        "license": [CheckMe.licenceAddress(lesson.licence)], "inLanguage": [asset.language].compactMap { $0 },
        "duration": [asset.durationMs.map(Vocabulary.duration)].compactMap { $0 },
        "width": [asset.video.map { "\($0.width)" }].compactMap { $0 },
        "height": [asset.video.map { "\($0.height)" }].compactMap { $0 },
      ], "'\(id)': ", place)
    let file = String(asset.path.split(separator: "/").last ?? "")
    checkName(entity, oneOf: lesson.title.values + [lesson.id, file], id, place)
    let own = Set(lesson.assets.map { Vocabulary.reference($0) })
    for member in ["caption", "thumbnail"] {
      for other in JSONFacts.texts(entity[member]) where !own.contains(other) {
        problem(place, "'\(id)': '\(member)' has '\(other)', \(unknown)")
      }
    }
  }

  private mutating func checkName(
    _ entity: [String: Any], oneOf names: [String], _ id: String, _ place: Place
  ) {
    let said = JSONFacts.texts(entity["name"])
    if said.count == 1, names.map(PlainText.line).contains(PlainText.line(said[0])) { return }
    differs(place, "'\(id)': 'name'", JSONFacts.shown(said), JSONFacts.shown(Array(names.prefix(1))))
  }

  /// Files and folders that nobody delivered.
  private mutating func checkForeign(_ entities: Entities, _ place: Place) {
    for id in entities.keys.sorted() where !knownFiles.contains(id) {
      let isFile = !JSONFacts.texts(entities[id]?["@type"]).filter { ["File", "Dataset"].contains($0) }.isEmpty
      if isFile || !id.contains(where: { "#:".contains($0) }) {
        problem(place, "'\(id)' is described, \(unknown)")
      }
    }
  }

  /// What a crate may describe as files and folders.
  private var knownFiles: Set<String> {
    Set(manifest.lessons.flatMap { [folder($0)] + $0.assets.map { Vocabulary.reference($0) } })
      .union(Description.common.map(Vocabulary.reference)).union(["./"])
  }

  private var unknown: String { "and the delivery manifest knows nothing of it" }

  private func folder(_ lesson: DeliveryManifest.Lesson) -> String {
    Vocabulary.reference("lessons/\(lesson.id)") + "/"
  }
}
