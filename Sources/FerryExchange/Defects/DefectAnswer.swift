internal import FerryCore
internal import FerryPackage

extension Defect {
  /// Whether a later version answers it by what it holds: what they complained of is not there any more.
  ///
  /// It is compared as closely as the two manifests tell. A cue is answered when it is not there unchanged, wherever its
  /// number went; a picture or sound when its own packets are others, whatever became of the text beside them; any other
  /// file when its bytes are. What changes with every version by itself, and a text without a place, say nothing: then
  /// people have to.
  func isAnswered(by new: VersionContent, seenIn old: VersionContent?) -> Bool {
    guard let digest = new.digest(of: path) else {
      // A file that is gone has no defects; a title that only waits will be back.
      return !new.manifest.missing.contains { $0.id == lesson }
    }
    guard digest != assetSha512, let old else { return false }
    guard let before = old.asset(path), let after = new.asset(path) else { return path == Description.licences }
    switch before.role {
    case .metadata: return false
    case .subtitle, .transcript, .fragmentedText:
      return before.language.map { isTextAnswered(in: [$0], old, new) } ?? false
    case .video, .audio, .rendition:
      let tracks = tracks(inside: before, of: old)
      if isOfText, !tracks.isEmpty { return isTextAnswered(in: tracks, old, new) }
      return isMediaAnswered(before, old, after, new)
    case .poster, .thumbnails, .chapters, .playlist, .mpd: return true
    }
  }

  /// Whether it is about words or when they are shown, also where these are inside a film.
  private var isOfText: Bool {
    switch category {
    case .timing, .translation, .terminology, .readingSpeed: true
    case .transport, .technical, .missing, .metadata, .rights, .accessibility: cue != nil
    }
  }

  /// Languages of the text tracks in a film that it can be about: a translation is never in the language of the source.
  private func tracks(inside film: DeliveryManifest.Asset, of version: VersionContent) -> [String] {
    let inside = film.textTracks ?? []
    guard category == .translation || category == .terminology else { return inside }
    let delivered = version.manifest.language.deliver.map(\.text)
    let translated = inside.filter(delivered.contains)
    return translated.isEmpty ? inside : translated
  }

  /// Whether every track that it can be about changed at its place.
  private func isTextAnswered(in languages: [String], _ old: VersionContent, _ new: VersionContent) -> Bool {
    let (before, after) = (old.lesson(lesson)?.cues ?? [:], new.lesson(lesson)?.cues ?? [:])
    return languages.allSatisfy { language in
      guard let old = before[language]?.marks, let new = after[language]?.marks else { return false }
      if let cue { return cue <= old.count && isGone(old[cue - 1], from: new) }
      return isSpanAnswered(old, new)
    }
  }

  private func isSpanAnswered(_ old: [CueMarks.Mark], _ new: [CueMarks.Mark]) -> Bool {
    guard let tStart else { return false }
    let (start, end) = (tStart * 1000, (tEnd ?? tStart) * 1000)
    func within(_ marks: [CueMarks.Mark]) -> [CueMarks.Mark] {
      marks.filter { Double($0.start) <= end && Double($0.end) > start }
    }
    let (seen, now) = (within(old), within(new))
    let isMore = now.contains { !seen.contains($0) }
    return seen.contains { isGone($0, from: new) } || (seen.isEmpty || category == .missing) && isMore
  }

  /// Whether what it says of a cue holds for none of the new ones: a translation is mended by other words, a time by
  /// another time.
  private func isGone(_ mark: CueMarks.Mark, from marks: [CueMarks.Mark]) -> Bool {
    !marks.contains { new in
      switch category {
      case .translation, .terminology: new.words == mark.words
      case .timing: (new.start, new.end) == (mark.start, mark.end)
      case .readingSpeed: new.words == mark.words && new.end - new.start == mark.end - mark.start
      case .transport, .technical, .missing, .metadata, .rights, .accessibility: new == mark
      }
    }
  }

  /// Whether picture or sound are others. Another encoder makes other bytes of the same picture, which mends nothing.
  private func isMediaAnswered(
    _ before: DeliveryManifest.Asset, _ old: VersionContent, _ after: DeliveryManifest.Asset, _ new: VersionContent
  ) -> Bool {
    guard let was = before.madeBy, let now = after.madeBy, let packets = was.packetsDigest,
      let others = now.packetsDigest, packets != others
    else { return false }
    return was.libraries == now.libraries || old.lesson(lesson)?.source.sha256 != new.lesson(lesson)?.source.sha256
  }
}
