internal import CFFmpeg
internal import FerryCore
internal import Foundation

/// Small pictures for a player's seek bar, one for each stretch of time, all in one JPEG.
struct SpriteSheet: ~Copyable {
  private let rate: Rational
  private let matrix: AVColorSpace
  /// How long each picture stands for; it is the first one of that time.
  private var interval: Milliseconds
  private var scaler: Scaler?
  private var source: Scaler.Source?
  private let scaled: Frame
  private var size: (width: Int, height: Int) = (0, 0)
  /// Each picture's three planes one after the other, without padding.
  private var pictures: [[UInt8]] = []

  private static let columns = 10
  private static let most = 100

  /// `expected` is how long the title is by its source's word; a longer one only gets fewer pictures a minute.
  static func make(
    frameRate: Rational, expected: Milliseconds, matrix: AVColorSpace
  ) throws(MediaError) -> SpriteSheet {
    let seconds = (expected.count + most * 1000 - 1) / (most * 1000)
    return SpriteSheet(
      rate: frameRate, matrix: matrix, interval: Milliseconds(max(1, seconds) * 1000), scaled: try Frame.make())
  }

  private init(rate: Rational, matrix: AVColorSpace, interval: Milliseconds, scaled: consuming Frame) {
    self.rate = rate
    self.matrix = matrix
    self.interval = interval
    self.scaled = scaled
    scaler = nil
  }

  /// Looks at every frame in order and takes those that begin an interval.
  mutating func add(_ frame: borrowing Frame, number: Int) throws(MediaError) {
    // The frame is shown at or after the interval's beginning.
    let isDue = number * 1000 * rate.denominator >= pictures.count * interval.count * rate.numerator
    guard isDue else { return }
    if pictures.count == SpriteSheet.most {
      pictures = stride(from: 0, to: pictures.count, by: 2).map { pictures[$0] }
      interval = Milliseconds(interval.count * 2)
    }
    let source = Scaler.Source(frame)
    if source != self.source {
      if self.source == nil {
        let short = Double(min(source.width, source.height))
        let long = Double(max(source.width, source.height))
        size = StillPicture.size(source.width, source.height, by: min(1, 90 / short, 320 / long))
      }
      scaler = try StillPicture.openScaler(from: source, width: size.width, height: size.height, matrix: matrix)
      self.source = source
    }
    switch scaler {
    case .none: return
    case .some(let scaler): try scaler.scale(frame, into: scaled)
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(size.width * size.height * 3 / 2)
    for plane in planes(of: scaled, width: size.width, height: size.height) {
      for y in 0..<plane.height {
        bytes.append(contentsOf: UnsafeBufferPointer(start: plane.start + y * plane.lineSize, count: plane.width))
      }
    }
    pictures.append(bytes)
  }

  /// Writes the sheet.
  consuming func finish(to path: String) throws(MediaError) -> TranscodeOutcome.Thumbnails {
    if pictures.isEmpty {
      throw MediaError(.encode, path, code: ferry_INVALIDDATA, detail: "there was no picture")
    }
    let columns = min(pictures.count, SpriteSheet.columns)
    let rows = (pictures.count + columns - 1) / columns
    let sheet = try Frame.make()
    sheet.raw.pointee.width = Int32(columns * size.width)
    sheet.raw.pointee.height = Int32(rows * size.height)
    sheet.raw.pointee.format = AV_PIX_FMT_YUVJ420P.rawValue
    try check(av_frame_get_buffer(sheet.raw, 0), .encode, path)
    let whole = planes(of: sheet, width: columns * size.width, height: rows * size.height)
    for (index, plane) in whole.enumerated() {
      // Cells without a picture are black.
      memset(plane.start, index == 0 ? 0 : 128, plane.lineSize * plane.height)
    }
    for (index, picture) in pictures.enumerated() {
      var offset = 0
      for plane in whole {
        let width = plane.width / columns
        let height = plane.height / rows
        let corner = plane.start + index / columns * height * plane.lineSize + index % columns * width
        picture.withUnsafeBufferPointer { bytes in
          guard let start = bytes.baseAddress else { return }
          for y in 0..<height {
            (corner + y * plane.lineSize).update(from: start + offset + y * width, count: width)
          }
        }
        offset += width * height
      }
    }
    try StillPicture.write(sheet, quality: 4, to: path)
    return TranscodeOutcome.Thumbnails(
      sheet: URL(fileURLWithPath: path).lastPathComponent, width: size.width, height: size.height, columns: columns,
      count: pictures.count, interval: interval)
  }
}

private struct Plane {
  var start: UnsafeMutablePointer<UInt8>
  var lineSize: Int
  var width: Int
  var height: Int
}

/// The three planes of a 4:2:0 picture with even sides.
private func planes(of frame: borrowing Frame, width: Int, height: Int) -> [Plane] {
  let picture = frame.raw.pointee
  let all = [
    (picture.data.0, picture.linesize.0, 1), (picture.data.1, picture.linesize.1, 2),
    (picture.data.2, picture.linesize.2, 2),
  ]
  return all.compactMap { start, lineSize, step in
    start.map { Plane(start: $0, lineSize: Int(lineSize), width: width / step, height: height / step) }
  }
}
