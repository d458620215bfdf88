internal import CFFmpeg
internal import FerryCore

/// Looks once at each picture of a title: for its poster, its thumbnails and the picture checks.
struct PictureLook: ~Copyable {
  let checks: CheckRules
  private let stills: Profile.StillRules
  private let recipe: VideoRecipe
  private var candidate: PosterCandidate

  static func open(_ recipe: Recipe, _ video: VideoRecipe, expected: Milliseconds) throws(MediaError) -> PictureLook {
    PictureLook(checks: recipe.checks, stills: recipe.stills, recipe: video, candidate: try PosterCandidate.make())
  }

  mutating func take(_ frame: borrowing Frame, number: Int) throws(MediaError) {
    if stills.poster, number % recipe.keyFrameInterval == recipe.keyFrameInterval / 2 || number == 0 {
      try candidate.consider(frame)
    }
  }

  consuming func finish(frames: Int, folder: String) throws(MediaError) -> PictureStage.Outcome {
    if stills.poster { try candidate.write(to: folder + "/poster.jpg") }
    return PictureStage.Outcome(
      frames: frames, poster: stills.poster ? "poster.jpg" : nil, thumbnails: nil, findings: [])
  }

  private init(
    checks: CheckRules, stills: Profile.StillRules, recipe: VideoRecipe, candidate: consuming PosterCandidate
  ) {
    self.checks = checks
    self.stills = stills
    self.recipe = recipe
    self.candidate = candidate
  }
}
