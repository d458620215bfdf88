package import FerryCore
internal import FerryFiles

/// The files of a package that are derived from its delivery manifest alone: catalogue, licences, a record of each
/// title, the crate and the preview page.
package enum Description {
  /// Files of the payload that are no lesson's.
  package static let common: Set<String> = [
    "data/catalogue.csv", licences, "data/" + ROCrate.fileName, "data/" + Preview.fileName,
  ]

  /// The only one of them that does not change whenever a lesson does.
  package static let licences = "data/LICENSE.txt"

  /// Adds each title's record to the manifest's assets and returns all files by their paths in the bag.
  ///
  /// `captions` are the tracks as delivered, `thumbnails` the grid of each title's sprite sheet, both by title.
  package static func files(
    describing manifest: inout DeliveryManifest, captions: Preview.Captions,
    thumbnails: [String: TranscodeOutcome.Thumbnails]
  ) -> [String: String] {
    var files: [String: String] = [:]
    for index in manifest.lessons.indices {
      let lesson = manifest.lessons[index]
      let path = "data/lessons/\(lesson.id)/\(lesson.id).json"
      let text = LessonRecord.text(of: lesson, in: manifest)
      let digests = Digests.of(bytes: Array(text.utf8))
      files[path] = text
      manifest.lessons[index].assets.append(
        DeliveryManifest.Asset(
          path: path, role: .metadata, mediaType: "application/ld+json", language: nil, size: digests.size,
          sha256: digests.sha256, sha512: digests.sha512))
    }
    files["data/catalogue.csv"] = Catalogue.text(of: manifest)
    files["data/LICENSE.txt"] = CheckMe.licence(manifest)
    files["data/" + ROCrate.fileName] = ROCrate.text(of: manifest)
    files["data/" + Preview.fileName] = Preview.page(of: manifest, captions: captions, thumbnails: thumbnails)
    return files
  }
}
