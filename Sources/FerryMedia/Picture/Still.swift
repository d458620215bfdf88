internal import CFFmpeg

/// A JPEG made of one picture in BT.709.
enum Still {
  /// Writes a picture, scaled down to at most `shortSide` lines on its short side.
  static func write(_ frame: borrowing Frame, to path: String, shortSide: Int) throws(MediaError) {
    let source = Scaler.Source(frame)
    let size = StillPicture.size(
      source.width, source.height, by: min(1, Double(shortSide) / Double(min(source.width, source.height))))
    let scaler = try StillPicture.openScaler(
      from: source, width: size.width, height: size.height, matrix: AVCOL_SPC_BT709)
    let picture = try Frame.make()
    try scaler.scale(frame, into: picture)
    try StillPicture.write(picture, quality: 3, to: path)
  }
}
