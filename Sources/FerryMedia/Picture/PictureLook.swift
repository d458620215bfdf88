internal import CFFmpeg
internal import FerryCore

/// Looks once at each picture of a title: for its poster, its thumbnails and the picture checks.
struct PictureLook: ~Copyable {
  private var checks: PictureChecks
  private var poster: PosterChoice?
  private var thumbnails: SpriteSheet?
  /// What is shown now, small.
  private var picture: SmallPicture?

  static func open(
    _ recipe: Recipe, _ video: VideoRecipe, expected: Milliseconds
  ) throws(MediaError) -> PictureLook {
    let frames = Int(bounded: (expected.duration.inSeconds * video.frameRate.value).rounded(.down))
    var poster: PosterChoice?
    if recipe.stills.poster {
      poster = try PosterChoice.make(
        frameRate: video.frameRate, keyFrameInterval: video.keyFrameInterval, expectedFrames: frames)
    }
    var thumbnails: SpriteSheet?
    if recipe.stills.thumbnails {
      thumbnails = try SpriteSheet.make(frameRate: video.frameRate, expected: expected, matrix: AVCOL_SPC_BT709)
    }
    return PictureLook(
      checks: PictureChecks(recipe.checks, frameRate: video.frameRate), poster: poster, thumbnails: thumbnails)
  }

  private init(checks: PictureChecks, poster: consuming PosterChoice?, thumbnails: consuming SpriteSheet?) {
    self.checks = checks
    self.poster = poster
    self.thumbnails = thumbnails
  }

  /// Looks at a new picture, before the frames that show it are taken.
  mutating func see(_ frame: borrowing Frame) { picture = SmallPicture(frame) }

  /// Takes one frame that shows the picture.
  mutating func take(_ frame: borrowing Frame, number: Int) throws(MediaError) {
    guard let picture else { return }
    checks.add(picture, frame: number)
    try poster?.consider(frame, picture, number: number)
    try thumbnails?.add(frame, number: number)
  }

  consuming func finish(frames: Int, folder: String) throws(MediaError) -> PictureStage.Outcome {
    var outcome = PictureStage.Outcome(
      frames: frames, poster: nil, thumbnails: nil, findings: checks.finish(frames: frames))
    if let poster = poster.take() {
      try poster.write(to: folder + "/poster.jpg", matrix: AVCOL_SPC_BT709)
      outcome.poster = "poster.jpg"
    }
    if let thumbnails = thumbnails.take() { outcome.thumbnails = try thumbnails.finish(to: folder + "/thumbs.jpg") }
    return outcome
  }
}
