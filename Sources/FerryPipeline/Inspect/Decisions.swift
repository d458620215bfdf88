package import FerryCore

extension Inspection {
  /// What was decided about the source and why, a sentence each; `made` is what came of it, once it was made.
  package func decisions(by profile: Profile, made: TranscodeOutcome? = nil) -> [String] {
    guard let facts, let recipe else { return [] }
    return picture(facts, recipe, profile, made) + sound(facts, recipe, profile, made)
  }

  private func picture(
    _ facts: SourceFacts, _ recipe: Recipe, _ profile: Profile, _ made: TranscodeOutcome?
  ) -> [String] {
    guard let video = recipe.video, let stream = facts.streams.first(where: { $0.index == video.sourceStream }),
      let rules = profile.video, let source = stream.video
    else {
      return [profile.video == nil ? "picture: the profile makes sound only" : "picture: the source has none"]
    }
    var decisions = [
      "picture: stream \(video.sourceStream), \(stream.codec) \(source.width)x\(source.height), "
        + "\(source.isVariableFrameRate ? "variable rate" : "\(source.averageFrameRate ?? video.frameRate) a second") → "
        + video.renditions.map { "\($0.name) \($0.width)x\($0.height)" }.joined(separator: ", ")
        + " at \(video.frameRate) a second"
    ]
    if video.scan != .progressive { decisions.append("fields: measured before the work, since they may be there") }
    if video.colour.isHDR {
      decisions.append("colour: \(video.colour.transfer) is tone-mapped to BT.709")
    } else if video.colour.matrix != "bt709" || video.colour.primaries != "bt709" || video.colour.isFullRange {
      let range = video.colour.isFullRange ? ", full range," : ""
      decisions.append("colour: \(video.colour.matrix)\(range) is converted to BT.709")
    }
    if video.isCopied, let reason = made?.reasonToEncode(.video) {
      decisions.append("copy: no, the source seemed to conform, but \(reason)")
    } else if video.isCopied {
      decisions.append("copy: the source conforms, so its own picture is the \(video.renditions[0].name)")
    } else if !rules.copiesWhenRight {
      decisions.append("copy: the profile encodes everything")
    } else if let obstacle = video.copyObstacle(stream) {
      decisions.append("copy: no, \(obstacle)")
    }
    return decisions
  }

  private func sound(
    _ facts: SourceFacts, _ recipe: Recipe, _ profile: Profile, _ made: TranscodeOutcome?
  ) -> [String] {
    guard let audio = recipe.audio else { return ["sound: none"] }
    guard let index = audio.sourceStream, let stream = facts.streams.first(where: { $0.index == index }) else {
      return ["sound: a silent track, as the profile says"]
    }
    let others = facts.streams.count { $0.kind == .audio } - 1
    let choice = others == 0 ? "the only one" : "by language and disposition among \(others + 1)"
    var decisions = [
      "sound: stream \(index), \(stream.codec) \(stream.audio?.layout ?? ""), \(choice) → "
        + audio.codecs.map(\.rawValue).joined(separator: ", ") + " with \(audio.channels) channels"
    ]
    if let target = audio.loudness {
      decisions.append("loudness: measured, then brought to \(target.integrated) LUFS by one gain for the whole title")
    }
    if audio.mayCopy, let reason = made?.reasonToEncode(.audio) {
      decisions.append("sound copy: no, its packets seemed to conform, but \(reason)")
    } else if audio.mayCopy {
      decisions.append(
        made == nil
          ? "sound copy: its packets conform and are taken over if its loudness is right too"
          : "sound copy: its packets conform and were taken over")
    } else if profile.audio.codec == .aac, let obstacle = audio.copyObstacle(stream, profile.audio) {
      decisions.append("sound copy: no, \(obstacle)")
    }
    return decisions
  }
}
