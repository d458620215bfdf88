internal import FerryCore
internal import FerryMarkup

/// A lesson's record against the delivery manifest.
extension DescriptionCheck {
  mutating func checkRecord(of lesson: DeliveryManifest.Lesson) {
    let path = "data/lessons/\(lesson.id)/\(lesson.id).json"
    // Packages whose manifest does not list it are named for that.
    guard lesson.assets.contains(where: { $0.path == path }), let record = members(path) else { return }
    let place = Place(path)
    let credit = lesson.credit ?? manifest.sender.name
    compare(
      record,
      [
        "id": [lesson.uuid], "datePublished": [manifest.created], "duration": [Vocabulary.duration(lesson.durationMs)],
        "license": [CheckMe.licenceAddress(lesson.licence)], "creator": [credit], "publisher": [manifest.sender.name],
        "contributor": lesson.assets.compactMap { $0.subtitle?.translator }, "isPartOf": [manifest.id],
        "isBasedOn": [Vocabulary.digestAddress(sha256: lesson.source.sha256)],
        "image": [lesson.poster.map { Vocabulary.address($0, in: manifest) }].compactMap { $0 },
        "inLanguage": lesson.source.hasAudio ? [manifest.language.source.language] : [],
      ], "", place)
    let names = (JSONFacts.texts(record["name"]) + JSONFacts.texts(record["alternateName"])).map(PlainText.line)
    let titles = lesson.title.isEmpty ? [lesson.id] : lesson.title.values.map(PlainText.line)
    if Set(names) != Set(titles) {
      differs(place, "'name'", JSONFacts.shown(names.sorted()), JSONFacts.shown(titles.sorted()))
    }
    checkFiles(record, "encoding", named: "contentUrl", lesson, atLeast: [lesson.programme].compactMap { $0 }, place)
    checkFiles(record, "caption", named: "id", lesson, atLeast: lesson.captions, place)
  }

  /// Every file that is described is one of the lesson's, as the manifest has it; those that count are described.
  private mutating func checkFiles(
    _ record: [String: Any], _ member: String, named name: String, _ lesson: DeliveryManifest.Lesson,
    atLeast wanted: [DeliveryManifest.Asset], _ place: Place
  ) {
    let addresses = Dictionary(lesson.assets.map { (Vocabulary.address($0, in: manifest), $0) }) { first, _ in first }
    var described: Set<String> = []
    for object in JSONFacts.objects(record[member]) {
      let address = JSONFacts.texts(object[name]).first ?? ""
      guard let asset = addresses[address] else {
        problem(place, "'\(member)' has '\(address)', of which the delivery manifest knows nothing")
        continue
      }
      described.insert(asset.path)
      var facts = ["contentSize": ["\(asset.size)"], "encodingFormat": [asset.mediaType], "sha256": [asset.sha256]]
      if member == "caption" {
        facts["inLanguage"] = [asset.language.flatMap { LanguageTag($0) }?.language].compactMap { $0 }
      }
      compare(object, facts, "\(asset.path): ", place)
    }
    for asset in wanted where !described.contains(asset.path) {
      problem(place, "'\(member)' lacks '\(asset.path)' of the delivery manifest")
    }
  }
}
