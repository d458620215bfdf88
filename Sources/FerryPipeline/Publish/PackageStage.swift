internal import FerryBag
internal import FerryCore
internal import FerryExchange
internal import FerryFiles
internal import FerryPackage
internal import FerryText
internal import Foundation

/// A bag that is whole but not yet proven, in a scratch folder beside its home.
struct StagedPackage: Sendable {
  let job: Job
  let home: PackageHome
  let scratch: Scratch
  let manifest: DeliveryManifest

  var folder: String { scratch.folder }
  var files: Int { manifest.totals.files }
  var bytes: Int { manifest.totals.bytes }
}

/// Puts finished lessons together into one bag.
struct PackageStage {
  let job: Job
  let home: PackageHome
  /// The version before, whose number this one follows.
  let previous: DeliveryManifest?
  let workspace: Workspace
  let version: String
  let day: Day

  func assemble(_ titles: [MadeTitle], _ missing: [MissingTitle]) throws -> StagedPackage {
    let scratch = try Scratch.make(beside: home, workspace)
    do {
      let manifest = try fill(scratch.folder, titles, missing)
      return StagedPackage(job: job, home: home, scratch: scratch, manifest: manifest)
    } catch {
      try scratch.discard()
      throw error
    }
  }

  private func fill(
    _ folder: String, _ titles: [MadeTitle], _ missing: [MissingTitle]
  ) throws -> DeliveryManifest {
    var payload: [String: FileDigests] = [:]
    for title in titles {
      let path = "data/lessons/" + title.outcome.title
      for file in title.outcome.files {
        let target = folder + "/" + path + "/" + file.path
        try FileManager.default.createDirectory(
          at: URL(fileURLWithPath: target).deletingLastPathComponent(), withIntermediateDirectories: true)
        try FileTree.link(workspace.lesson(title.lesson) + "/lesson/" + file.path, to: target)
        payload[path + "/" + file.path] = FileDigests(size: file.size, sha256: file.sha256, sha512: file.sha512)
      }
    }
    let found = try found()
    let captions = try captions(titles, folder)
    var manifest = describe(titles, missing)
    for index in manifest.lessons.indices {
      let tracks = captions[manifest.lessons[index].id] ?? []
      manifest.lessons[index].cues = Dictionary(
        tracks.map { ($0.language.text, CueMarks(of: $0.cues)) }, uniquingKeysWith: { first, _ in first })
    }
    manifest = try numbered(manifest, payload, found)
    func write(_ text: String, _ path: String) throws {
      let bytes = Array(text.utf8)
      try Data(bytes).write(to: URL(fileURLWithPath: folder + "/" + path))
      payload[path] = Digests.of(bytes: bytes)
    }
    let described = Description.files(
      describing: &manifest, captions: captions,
      thumbnails: Dictionary(
        uniqueKeysWithValues: titles.compactMap { title in
          title.outcome.transcode.thumbnails.map { (title.outcome.title, $0) }
        }))
    for (path, text) in described { try write(text, path) }
    // Once more, since the descriptions are files of the lessons too.
    manifest = try numbered(manifest, payload, found)
    manifest.totals = .init(
      files: payload.count, bytes: payload.values.map(\.size).saturatedSum, lessons: titles.count)
    try BagWriter(folder: folder).write(payload: payload, information: information(manifest)) { digests in
      manifest.stateDigest = digests.sha256
      return [
        DeliveryManifest.fileName: try manifest.encoded(),
        "CHECK-ME.txt": Array(CheckMe.text(label: job.delivery, version: manifest.version).utf8),
      ]
    }
    return manifest
  }

  /// What the partner found, and the versions that they found it in.
  private typealias Found = (book: DefectBook, delivered: [VersionContent])

  private func found() throws -> Found {
    do {
      let correspondence = try Correspondence(home: workspace.home, label: job.delivery)
      return (try correspondence.book(), try correspondence.delivered().versions)
    } catch let error as Refusal {
      throw Diagnostics(error.problems)
    }
  }

  /// The manifest as that of the version after the one before, and of what it mends.
  private func numbered(
    _ manifest: DeliveryManifest, _ payload: [String: FileDigests], _ found: Found
  ) throws -> DeliveryManifest {
    guard let previous else { return manifest }
    let common = payload.filter { Description.common.contains($0.key) }.mapValues(\.sha512)
    let fixed = found.book.fixes(
      in: VersionContent(manifest: manifest, common: common), as: previous.version + 1, delivered: found.delivered)
    return try manifest.following(previous, fixed: fixed)
  }

  /// The cues for the preview page, as the package's own subtitle files have them; delivered languages come first.
  private func captions(_ titles: [MadeTitle], _ folder: String) throws -> Preview.Captions {
    var captions: Preview.Captions = [:]
    for title in titles {
      let tracks = title.outcome.tracks.map(\.language)
      let delivered = tracks.filter { job.language.deliver.contains($0) }
      let ordered = delivered + tracks.filter { !delivered.contains($0) }
      for language in ordered {
        let files = title.outcome.files.filter { $0.role == .subtitle && $0.language == language }
        guard let file = files.first(where: { $0.path.hasSuffix(".vtt") }) ?? files.first else { continue }
        let path = "\(folder)/data/lessons/\(title.outcome.title)/\(file.path)"
        let cues = try TrackFile.read(path: path, language: language).track.cues
        captions[title.outcome.title, default: []].append((language, cues))
      }
    }
    return captions
  }

  private func information(_ manifest: DeliveryManifest) -> [(String, String)] {
    [
      ("Source-Organization", job.sender.name), ("Contact-Name", job.sender.name),
      ("Contact-Email", job.sender.contact), ("External-Identifier", manifest.id),
      ("External-Description", "\(manifest.totals.lessons) video lessons for \(job.partner.name)"),
      ("Internal-Sender-Identifier", home.name), ("BagIt-Profile-Identifier", BagProfile.identifier),
      ("Bagging-Date", day.description),
      ("Bag-Software-Agent", "ferry \(version)"),
    ]
  }

  private func describe(_ titles: [MadeTitle], _ missing: [MissingTitle]) -> DeliveryManifest {
    DeliveryManifest(
      id: DeliveryManifest.urn(job.partner.id, job.delivery), label: job.delivery, version: 1, kind: .full,
      created: day.description, tool: .init(name: "ferry", version: version), sender: job.sender,
      recipient: job.partner, profile: job.profile.name, licence: job.licence, language: job.language,
      stateDigest: "", totals: .init(files: 0, bytes: 0, lessons: titles.count), lessons: titles.map(lesson),
      missing: missing.map(described))
  }

  private func described(_ missing: MissingTitle) -> DeliveryManifest.Missing {
    let name = job.titles.first { $0.id == missing.id }?.name ?? [:]
    return .init(
      id: missing.id, title: Dictionary(uniqueKeysWithValues: name.map { ($0.key.text, $0.value) }),
      reason: missing.reason.rawValue, detail: missing.detail,
      awaited: missing.awaited.isEmpty ? nil : missing.awaited.map(\.text))
  }

  private func lesson(_ title: MadeTitle) -> DeliveryManifest.Lesson {
    let outcome = title.outcome
    let wanted = title.inspection.title
    // A reader that knows of one film takes the first: the one for phones comes last.
    let forPhones = outcome.files.filter { $0.path == fileForPhones(outcome) }
    let files = outcome.files.filter { $0.path != fileForPhones(outcome) } + forPhones
    return DeliveryManifest.Lesson(
      id: wanted.id, uuid: DeliveryManifest.urn(job.partner.id, job.delivery, wanted.id), field: wanted.field,
      title: Dictionary(uniqueKeysWithValues: wanted.name.map { ($0.key.text, $0.value) }),
      durationMs: outcome.transcode.duration, licence: wanted.licence ?? job.licence, credit: wanted.credit,
      source: .init(
        name: URL(fileURLWithPath: wanted.source.path).lastPathComponent, sha256: title.sourceDigest,
        hasAudio: outcome.transcode.audio != nil, videoStream: title.recipe.video?.sourceStream,
        audioStream: title.recipe.audio?.sourceStream),
      quality: SourceProblems.quality(of: title, job), text: title.inspection.trackQuality,
      chapters: outcome.transcode.chapters.map { .init(startMs: $0.start, endMs: $0.end, name: $0.name) },
      assets: files.map { asset($0, title) })
  }

  private func fileForPhones(_ outcome: TitleOutcome) -> String? {
    outcome.transcode.forPhones.map { TitleOutcome.fileForPhones(of: outcome.title, $0.rendition) }
  }

  private func asset(_ file: TitleOutcome.LessonFile, _ title: MadeTitle) -> DeliveryManifest.Asset {
    let outcome = title.outcome
    func making(
      _ rendition: TranscodeOutcome.VideoOutcome?, _ sound: TranscodeOutcome.AudioOutcome?
    ) -> DeliveryManifest.Making {
      let copied = [rendition?.isCopied ?? false ? "video" : nil, sound?.isCopied ?? false ? "audio" : nil]
      var reasons: [String: String] = [:]
      // Only the largest rendition and the first sound can be the source's own packets.
      if rendition == outcome.transcode.renditions.first, rendition != nil {
        reasons["video"] = outcome.transcode.reasonToEncode(.video)
      }
      if sound == outcome.transcode.audio, sound != nil {
        reasons["audio"] = outcome.transcode.reasonToEncode(.audio)
      }
      let files = [rendition?.file, sound?.file].compactMap { $0 }
      return .init(
        libraries: outcome.transcode.tools, settingsDigest: title.renditions.digest, copied: copied.compactMap { $0 },
        packetsDigest: DeliveryManifest.packetsDigest(of: files), notCopied: reasons.isEmpty ? nil : reasons,
        engine: outcome.transcode.engine)
    }
    var asset = DeliveryManifest.Asset(
      path: "data/lessons/\(outcome.title)/\(file.path)", role: file.role, mediaType: mediaType(of: file),
      language: file.language?.text, size: file.size, sha256: file.sha256, sha512: file.sha512)
    let transcode = outcome.transcode
    let name = file.path.split(separator: "/").last.map(String.init) ?? file.path
    switch file.role {
    case .video, .audio:
      let rendition = file.path == fileForPhones(outcome) ? transcode.forPhones : transcode.renditions.first
      asset.durationMs = transcode.duration
      asset.video = rendition.map(video)
      asset.audio = transcode.audio.map(audio)
      asset.textTracks = outcome.tracks.map(\.language.text)
      asset.madeBy = making(rendition, transcode.audio)
    case .rendition:
      if let rendition = transcode.renditions.first(where: { $0.file.name == name }) {
        asset.video = video(rendition)
        asset.durationMs = rendition.file.duration
        asset.madeBy = making(rendition, nil)
      } else if let sound = transcode.sounds.first(where: { $0.file.name == name }) {
        asset.audio = audio(sound)
        asset.durationMs = sound.file.duration
        asset.madeBy = making(nil, sound)
      }
    case .subtitle, .fragmentedText:
      if let track = outcome.tracks.first(where: { $0.language == file.language }) {
        asset.subtitle = .init(
          format: String(name.split(separator: ".").last ?? "vtt"), cues: track.cues, firstMs: track.first,
          lastMs: track.last,
          readAs: track.encoding,
          translator: title.inspection.title.subtitles.first { $0.language == file.language }?.translator)
      }
    case .transcript, .poster, .thumbnails, .chapters, .metadata, .playlist, .mpd: break
    }
    return asset
  }

  private func video(_ rendition: TranscodeOutcome.VideoOutcome) -> DeliveryManifest.Video {
    .init(
      codec: rendition.codec, width: rendition.rendition.width, height: rendition.rendition.height,
      frameRate: rendition.frameRate, frames: rendition.frames)
  }

  private func audio(_ sound: TranscodeOutcome.AudioOutcome) -> DeliveryManifest.Audio {
    .init(codec: sound.codec, sampleRate: sound.sampleRate, channels: sound.channels)
  }

  private func mediaType(of file: TitleOutcome.LessonFile) -> String {
    switch file.path.split(separator: ".").last {
    case "mp4" where file.role == .fragmentedText: "application/mp4"
    case "mp4": file.role == .rendition && file.path.hasPrefix("hls/audio.") ? "audio/mp4" : "video/mp4"
    case "m4a": "audio/mp4"
    case "mkv": "video/x-matroska"
    case "mpd": "application/dash+xml"
    case "vtt": "text/vtt"
    case "srt": "application/x-subrip"
    case "ttml": "application/ttml+xml"
    case "ass": "text/x-ass"
    case "txt": "text/plain"
    case "jpg": "image/jpeg"
    case "m3u8": "application/vnd.apple.mpegurl"
    default: "application/octet-stream"
    }
  }
}
