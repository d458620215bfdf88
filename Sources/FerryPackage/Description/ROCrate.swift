internal import FerryCore
internal import FerryMarkup

/// `ro-crate-metadata.json`: the payload described for repositories, by RO-Crate 1.1 (`https://w3id.org/ro/crate/1.1`).
///
/// The crate's root is the payload folder. JSON-LD is flat: each entity once, others named by `@id`.
package struct ROCrate {
  package static let fileName = "ro-crate-metadata.json"

  private let manifest: DeliveryManifest
  private var entities: [String: [String: JSONValue]] = [:]

  package static func text(of manifest: DeliveryManifest) -> String {
    var crate = ROCrate(manifest: manifest)
    crate.describe()
    let graph = crate.entities.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    let document: JSONValue = [
      // The crate's own context of 2020 has no word for the digest.
      "@context": ["https://w3id.org/ro/crate/1.1/context", ["sha256": "http://schema.org/sha256"]],
      "@graph": .array(graph.map { .object($0.value.merging(["@id": .string($0.key)]) { $1 }) }),
    ]
    return document.text
  }

  private init(manifest: DeliveryManifest) { self.manifest = manifest }

  private static func link(_ identifier: String) -> JSONValue { ["@id": .string(identifier)] }

  private mutating func add(_ identifier: String, _ type: JSONValue, _ members: [String: JSONValue?]) {
    guard case .object(var entity) = JSONValue.members(members) else { return }
    entity["@type"] = type
    entities[identifier] = entity
  }

  private mutating func describe() {
    add(
      ROCrate.fileName, "CreativeWork",
      ["about": ROCrate.link("./"), "conformsTo": ROCrate.link("https://w3id.org/ro/crate/1.1")])
    let common = [
      ("catalogue.csv", "Catalogue of the lessons", "text/csv"), ("LICENSE.txt", "Licences and credits", "text/plain"),
      ("ro-crate-preview.html", "Preview page", "text/html"),
    ]
    for (file, name, type) in common {
      add(file, "File", ["name": .string(name), "encodingFormat": .string(type)])
    }
    let sender = organisation("#sender", manifest.sender.name)
    let recipient = organisation("#recipient", manifest.recipient.name)
    add(
      "#software", "SoftwareApplication",
      ["name": .string(manifest.tool.name), "softwareVersion": .string(manifest.tool.version)])
    var parts = common.map { ROCrate.link($0.0) }
    for lesson in manifest.lessons { parts += [describe(lesson)] + lesson.assets.map(fileLink) }
    let lessons = manifest.lessons.count == 1 ? "1 lesson" : "\(manifest.lessons.count) lessons"
    let name = "\(lessons) on video for \(PlainText.line(manifest.recipient.name))"
    add(
      "./", "Dataset",
      [
        "name": .string(name), "identifier": .string(manifest.id), "version": .string("\(manifest.version)"),
        "description": .string(
          "Delivery \(PlainText.line(manifest.label)), version \(manifest.version), from "
            + "\(PlainText.line(manifest.sender.name)): \(lessons) with subtitles, each file with its digest."),
        "datePublished": .string(manifest.created), "license": licence(manifest.licence), "publisher": sender,
        "author": sender, "audience": recipient, "hasPart": .array(parts),
        "mentions": .array(manifest.lessons.map { ROCrate.link(action($0)) }),
      ])
  }

  private func fileLink(_ asset: DeliveryManifest.Asset) -> JSONValue { ROCrate.link(Vocabulary.reference(asset)) }
  private func folder(_ lesson: DeliveryManifest.Lesson) -> String {
    Vocabulary.reference("lessons/\(lesson.id)") + "/"
  }
  private func action(_ lesson: DeliveryManifest.Lesson) -> String { "#made-" + Vocabulary.reference(lesson.id) }

  private mutating func organisation(_ identifier: String, _ name: String) -> JSONValue {
    add(identifier, "Organization", ["name": .string(PlainText.line(name))])
    return ROCrate.link(identifier)
  }

  private mutating func licence(_ name: String) -> JSONValue {
    let address = CheckMe.licenceAddress(name)
    add(address, "CreativeWork", ["name": .string(PlainText.line(name)), "identifier": .string(PlainText.line(name))])
    return ROCrate.link(address)
  }

  /// The lesson's folder, its field, its files, and how it was made.
  private mutating func describe(_ lesson: DeliveryManifest.Lesson) -> JSONValue {
    let name = JSONValue.string(Vocabulary.name(lesson, manifest.reader).text)
    let field = "#field-" + Vocabulary.reference(lesson.field)
    add(field, "DefinedTerm", ["name": .string(Vocabulary.field(lesson.field)), "termCode": .string(lesson.field)])
    let terms = licence(lesson.licence)
    let sender = ROCrate.link("#sender")
    let creator = lesson.credit.map { organisation("#credit-" + Vocabulary.reference(lesson.id), $0) } ?? sender
    for asset in lesson.assets { describe(asset, of: lesson, name, terms) }
    let source = Vocabulary.digestAddress(sha256: lesson.source.sha256)
    add(
      source, "CreativeWork",
      ["name": .string(PlainText.line(lesson.source.name)), "sha256": .string(lesson.source.sha256)])
    add(
      folder(lesson), ["Dataset", "LearningResource"],
      [
        "name": name, "identifier": .string(lesson.uuid), "about": ROCrate.link(field),
        "alternateName": .array(lesson.title.sorted { $0.key < $1.key }.map { .string(PlainText.line($0.value)) }),
        "learningResourceType": "video lesson", "license": terms, "creator": creator, "publisher": sender,
        "inLanguage": .string(manifest.language.source.text), "isBasedOn": ROCrate.link(source),
        "timeRequired": .string(Vocabulary.duration(lesson.durationMs)),
        "hasPart": .array(lesson.assets.map(fileLink)),
      ])
    let libraries = lesson.programme?.madeBy?.libraries ?? []
    add(
      action(lesson), "CreateAction",
      [
        "name": .string("Encoding of " + PlainText.line(lesson.id)), "instrument": ROCrate.link("#software"),
        "object": ROCrate.link(source), "result": .array(lesson.assets.map(fileLink)),
        "description": .string(libraries.map(PlainText.line).joined(separator: ", ")),
      ])
    return ROCrate.link(folder(lesson))
  }

  private mutating func describe(
    _ asset: DeliveryManifest.Asset, of lesson: DeliveryManifest.Lesson, _ name: JSONValue, _ licence: JSONValue
  ) {
    let isProgramme = asset == lesson.programme
    let type: JSONValue =
      switch asset.role {
      case .video: ["File", "VideoObject"]
      case .audio: ["File", "AudioObject"]
      case .poster: ["File", "ImageObject"]
      default: "File"
      }
    let file = asset.path.split(separator: "/").last.map(String.init) ?? asset.path
    add(
      Vocabulary.reference(asset), type,
      [
        "name": isProgramme ? name : .string(PlainText.line(file)), "encodingFormat": .string(asset.mediaType),
        "contentSize": .string("\(asset.size)"), "sha256": .string(asset.sha256), "license": licence,
        "inLanguage": asset.language.map { .string($0) },
        "duration": asset.durationMs.map { .string(Vocabulary.duration($0)) },
        "caption": isProgramme ? .array(lesson.captions.map(fileLink)) : nil,
        "thumbnail": isProgramme ? lesson.poster.map(fileLink) : nil,
        "width": asset.video.map { .integer($0.width) }, "height": asset.video.map { .integer($0.height) },
      ])
  }
}
