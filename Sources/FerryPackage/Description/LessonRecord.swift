internal import FerryCore
internal import FerryMarkup

/// One title's record for catalogues of learning resources: schema.org and LRMI in the shape of AMB, the general
/// metadata profile for educational resources (`https://w3id.org/kim/amb/`, 2023-10-19).
///
/// AMB takes subjects from two vocabularies only, so a job's own fields are keywords. It wants whole URIs for files: they
/// are below the package's `arcp` address, with the path inside the payload at the end.
package enum LessonRecord {
  package static func text(of lesson: DeliveryManifest.Lesson, in manifest: DeliveryManifest) -> String {
    value(of: lesson, in: manifest).text
  }

  static func value(of lesson: DeliveryManifest.Lesson, in manifest: DeliveryManifest) -> JSONValue {
    let (name, language) = Vocabulary.name(lesson, manifest.reader)
    let otherNames = lesson.title.filter { $0.key != language }.sorted { $0.key < $1.key }
    let isFilm = lesson.programme?.role != .audio
    let sender = organisation(manifest.sender.name)
    let creator = lesson.credit.map(organisation) ?? sender
    let translators = Set(lesson.assets.compactMap { $0.subtitle?.translator }).sorted()
    return .members([
      "@context": [
        "https://w3id.org/kim/amb/context.jsonld",
        ["@language": .string(LanguageTag(language)?.language ?? manifest.reader.language)],
      ],
      "id": .string(lesson.uuid),
      "type": ["LearningResource", isFilm ? "VideoObject" : "AudioObject"],
      "name": .string(name),
      "alternateName": .array(
        otherNames.map { ["@language": .string($0.key), "@value": .string(PlainText.line($0.value))] }),
      "keywords": [.string(Vocabulary.field(lesson.field))],
      "inLanguage": .array(lesson.source.hasAudio ? [.string(manifest.language.source.language)] : []),
      "learningResourceType": [
        [
          "id": .string("https://w3id.org/kim/hcrt/" + (isFilm ? "video" : "audio")), "type": "Concept",
          "prefLabel": isFilm ? ["de": "Video", "en": "Video"] : ["de": "Audio", "en": "Audio"],
        ]
      ],
      "license": ["id": .string(CheckMe.licenceAddress(lesson.licence))],
      "creator": [creator],
      "contributor": .array(translators.map(organisation)),
      "publisher": [sender],
      "datePublished": .string(manifest.created),
      "duration": .string(Vocabulary.duration(lesson.durationMs)),
      "image": lesson.poster.map { .string(Vocabulary.address($0, in: manifest)) },
      "encoding": .array(encodings(lesson).map { encoding($0, manifest) }),
      "caption": .array(lesson.captions.map { caption($0, manifest) }),
      "isBasedOn": [
        [
          "id": .string(Vocabulary.digestAddress(sha256: lesson.source.sha256)), "creator": [creator],
          "name": .string(PlainText.line(lesson.source.name)),
        ]
      ],
      "isPartOf": [
        ["id": .string(manifest.id), "type": ["LearningResource"], "name": .string(PlainText.line(manifest.label))]
      ],
    ])
  }

  private static func encodings(_ lesson: DeliveryManifest.Lesson) -> [DeliveryManifest.Asset] {
    lesson.assets.filter { $0.role == .video || $0.role == .audio }
  }

  private static func encoding(_ asset: DeliveryManifest.Asset, _ manifest: DeliveryManifest) -> JSONValue {
    [
      "type": "MediaObject", "contentUrl": .string(Vocabulary.address(asset, in: manifest)),
      "contentSize": .string("\(asset.size)"), "encodingFormat": .string(asset.mediaType),
      "sha256": .string(asset.sha256),
    ]
  }

  private static func caption(_ asset: DeliveryManifest.Asset, _ manifest: DeliveryManifest) -> JSONValue {
    .members([
      "type": "MediaObject", "id": .string(Vocabulary.address(asset, in: manifest)),
      "encodingFormat": .string(asset.mediaType),
      "inLanguage": asset.language.flatMap { LanguageTag($0) }.map { .string($0.language) },
      "contentSize": .string("\(asset.size)"), "sha256": .string(asset.sha256),
    ])
  }

  private static func organisation(_ name: String) -> JSONValue {
    ["type": "Organization", "name": .string(PlainText.line(name))]
  }
}
