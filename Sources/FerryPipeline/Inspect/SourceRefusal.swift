internal import FerryCore
internal import FerryMedia

extension SourceProblems {
  /// Why nothing whole can be made of a source, said before anything is begun.
  static func refusal(
    _ facts: SourceFacts, _ source: FileReference, _ recipe: Recipe?, _ job: Job
  ) -> [Diagnostic]? {
    if let protection = facts.protection {
      return [protected("it is protected (DRM): \(protection.words)", source)]
    }
    let missing = facts.unusable(recipe, wanted: wanted(job)).missing
    if !missing.isEmpty {
      let words = missing.map { $0.obstacleWords ?? "stream \($0.index)" }.joined(separator: "; ")
      return [
        Diagnostic(
          "source.codec", at: source.place, "'\(source.written)' cannot be decoded: \(words)",
          hint: "export it again, for example as H.264 and AAC in MP4")
      ]
    }
    if let joined = facts.joined, !(recipe?.tolerances.contains(.earlyEnd) ?? false) {
      return [
        Diagnostic(
          "source.joined", at: source.place,
          "'\(source.written)' is two files in one: the second begins at byte \(joined), and players show only the first",
          hint: "join the parts with an editor; `tolerate: [early-end]` delivers the first")
      ]
    }
    return nil
  }

  /// Streams beside which another one is taken, each with the reason.
  static func leftOut(
    _ facts: SourceFacts, _ recipe: Recipe, _ source: FileReference, _ job: Job
  ) -> [Diagnostic] {
    facts.unusable(recipe, wanted: wanted(job)).leftOut.map { stream in
      Diagnostic(
        .warning, "source.left-out", at: source.place,
        "'\(source.written)' is made without one of its streams: \(stream.obstacleWords ?? "stream \(stream.index)")",
        hint: "another one is taken; if this one should be, export it again, for example as H.264 and AAC in MP4")
    }
  }

  /// What was found in a title while it was made, and the streams that were left out.
  static func quality(of title: MadeTitle, _ job: Job) -> Quality {
    var quality = title.outcome.transcode.quality
    guard let facts = title.inspection.facts else { return quality }
    quality.findings += facts.unusable(title.recipe, wanted: wanted(job)).leftOut.map { stream in
      Quality.Finding(
        kind: .leftOut, severity: .warning, startMs: 0, endMs: title.outcome.transcode.duration,
        detail: "another one is taken: \(stream.obstacleWords ?? "stream \(stream.index)")")
    }
    return quality
  }

  /// What the profile makes: a profile for sound leaves pictures out on purpose.
  private static func wanted(_ job: Job) -> Set<StreamFacts.Role> {
    job.profile.video == nil ? [.sound] : [.picture, .sound]
  }

  static func protected(_ words: String, _ source: FileReference) -> Diagnostic {
    Diagnostic(
      "source.protected", at: source.place, "'\(source.written)' cannot be read: \(words)",
      hint: "ask whoever made it for a copy without protection; ferry never decrypts")
  }
}
