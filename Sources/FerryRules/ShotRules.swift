internal import FerryCore

/// Cues near a cut: the eye reads a text again that stays over a cut for a moment.
enum ShotRules {
  static func check(_ report: inout CheckReport) {
    guard report.profile.severity("time.shot") != nil, let shots = report.input.shots, !shots.isEmpty else { return }
    let cuts = shots.map(\.milliseconds).sorted()
    for (index, cue) in report.cues.enumerated() where cue.end > cue.start {
      start(of: cue, index, cuts, &report)
      end(of: cue, index, cuts, &report)
    }
  }

  private static func start(of cue: Cue, _ index: Int, _ cuts: [Int], _ report: inout CheckReport) {
    let frames = report.frames
    guard let cut = nearest(cuts, to: cue.start.milliseconds) else { return }
    let distance = cue.start.milliseconds - cut
    // Half a frame is as near as a cut can be known.
    guard abs(distance) > frames.milliseconds(frames: 1) / 2, abs(distance) < frames.halfSecond - FrameGrid.tolerance
    else { return }
    let side = distance > 0 ? "after" : "before"
    // A start just before the cut may move to the cut or half a second ahead of it; one behind belongs on it.
    let isNear = distance > 0 || -distance <= frames.milliseconds(frames: frames.nominal * 7 / 24)
    report.flag(
      "time.shot", cue: index,
      "the cue starts \(abs(distance)) ms \(side) the cut at \(CueTime(milliseconds: cut).clock)",
      hint: isNear ? "start it on the cut" : "start it \(frames.halfSecondFrames) frames before the cut")
  }

  private static func end(of cue: Cue, _ index: Int, _ cuts: [Int], _ report: inout CheckReport) {
    let frames = report.frames
    guard let cut = nearest(cuts, to: cue.end.milliseconds) else { return }
    let distance = cut - cue.end.milliseconds
    guard abs(distance) < frames.halfSecond - FrameGrid.tolerance,
      abs(distance - frames.twoFrames) > frames.milliseconds(frames: 1) / 2
    else { return }
    let side = distance == 0 ? "on" : "\(abs(distance)) ms \(distance < 0 ? "after" : "before")"
    report.flag(
      "time.shot", cue: index,
      "the cue ends \(side) the cut at \(CueTime(milliseconds: cut).clock)",
      hint: "end it two frames (\(frames.twoFrames) ms) before the cut")
  }

  private static func nearest(_ cuts: [Int], to time: Int) -> Int? {
    var low = 0
    var high = cuts.count
    while low < high {
      let middle = (low + high) / 2
      if cuts[middle] < time { low = middle + 1 } else { high = middle }
    }
    return [low - 1, low].filter(cuts.indices.contains).map { cuts[$0] }.min { abs($0 - time) < abs($1 - time) }
  }
}
