package import FerryCore
internal import FerryText
internal import Foundation

/// Writes a job from a folder of videos and subtitle files, paired by their names; never over a file.
package struct WriteNewJob: Operation {
  /// The folder; folders inside it are looked at too.
  package var folder: String
  /// The job file to write; named after the folder where it is `nil`.
  package var target: String?
  /// A job that partner, sender, profile, languages and licence are taken from.
  package var model: String?
  /// The delivery's label; made of the folder's name where it is `nil`.
  package var delivery: String?
  /// The language filmed in; that of the model, or Chinese, where it is `nil`.
  package var source: LanguageTag?
  /// The languages to deliver; those of the model, or English, where there are none.
  package var deliver: [LanguageTag]

  package init(
    folder: String, target: String? = nil, model: String? = nil, delivery: String? = nil, source: LanguageTag? = nil,
    deliver: [LanguageTag] = []
  ) {
    (self.folder, self.target, self.model) = (folder, target, model)
    (self.delivery, self.source, self.deliver) = (delivery, source, deliver)
  }

  package func perform(in office: Office) async throws(Refusal) -> Reply<NewJobAnswer> {
    let model = try office.refusing { try self.model.map(JobFile.read) }
    guard let source = self.source ?? model?.language.source ?? LanguageTag("zh-Hans"),
      let english = LanguageTag("en")
    else { preconditionFailure("zh-Hans and en are language tags") }
    let deliver = self.deliver.isEmpty ? model?.language.deliver ?? [english] : self.deliver
    let folder = URL(fileURLWithPath: self.folder).standardizedFileURL.path
    let pairing = FolderPairing(try files(in: folder), source: source) { LanguageGuess.of(path: folder + "/" + $0) }
    guard !pairing.pairs.isEmpty else {
      throw Refusal(
        .badInput, "new.no-media", at: Place(self.folder), "the folder has no video and no sound file",
        hint: "name the folder that the videos are in; ferry knows them by their endings: mp4, mov, mkv, ts, mp3, …")
    }
    let name = URL(fileURLWithPath: folder).lastPathComponent
    let target = self.target ?? name + ".yaml"
    let text = NewJob(
      pairing: pairing, prefix: prefix(from: target, to: folder), delivery: delivery ?? label(from: name), like: model,
      source: source, deliver: deliver
    ).text
    try NewFile.write(text, to: target, for: "new")
    return Reply(NewJobAnswer(target, pairing, deliver))
  }

  /// Files below the folder by their relative paths; hidden ones and those in hidden folders are left out.
  private func files(in folder: String) throws(Refusal) -> [String] {
    func isFolder(_ path: String) -> Bool? {
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) ? isFolder.boolValue : nil
    }
    guard isFolder(folder) == true, let all = FileManager.default.enumerator(atPath: folder) else {
      throw Refusal(
        .badInput, "new.folder", at: Place(self.folder), "this is not a folder that can be read",
        hint: "name a folder of videos")
    }
    var found: [String] = []
    for case let path as String in all {
      let isHidden = path.split(separator: "/").contains { $0.hasPrefix(".") }
      if !isHidden, isFolder(folder + "/" + path) == false { found.append(path) }
    }
    return found
  }

  /// A label of the folder's name, or a plain one.
  private func label(from name: String) -> String {
    let plain = String(name.filter { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }.prefix(60))
    return plain.first?.isLetter ?? false || plain.first?.isNumber ?? false ? plain : "DELIVERY-0001"
  }

  /// The way from the job file's folder to `folder`, ending in `/`; absolute where they share nothing.
  private func prefix(from job: String, to folder: String) -> String {
    let home = URL(fileURLWithPath: job).standardizedFileURL.deletingLastPathComponent().path
    if home == folder { return "" }
    let from = home.split(separator: "/")
    let to = folder.split(separator: "/")
    let common = zip(from, to).prefix { $0 == $1 }.count
    if common == 0 { return folder + "/" }
    return (Array(repeating: "..", count: from.count - common) + to.dropFirst(common)).joined(separator: "/") + "/"
  }
}

/// A job that was written, and what a person must decide.
package struct NewJobAnswer: Encodable, Sendable {
  package struct Pair: Encodable, Sendable {
    package var media: String
    /// Subtitle files by their languages.
    package var tracks: [String: String]
    /// Languages to deliver that no file was found for.
    package var missing: [LanguageTag]
  }

  /// The job file.
  package var job: String
  package var pairs: [Pair]
  /// Subtitle files without a video.
  package var orphans: [String]
  package var doubts: [FolderPairing.Doubt]

  fileprivate init(_ target: String, _ pairing: FolderPairing, _ deliver: [LanguageTag]) {
    job = target
    pairs = pairing.pairs.map { pair in
      Pair(
        media: pair.media.path,
        tracks: Dictionary(uniqueKeysWithValues: pair.tracks.map { ($0.language.text, $0.file.path) }),
        missing: deliver.filter { tag in !pair.tracks.contains { $0.language == tag } })
    }
    (orphans, doubts) = (pairing.orphans, pairing.doubts)
  }
}
