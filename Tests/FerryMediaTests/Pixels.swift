import CFFmpeg
import FerryCore
import Testing

@testable import FerryMedia

/// Pictures as the encoders get them, by ferry's own filter and scaler.
enum Pixels {
  /// One 8-bit 4:2:0 picture.
  struct Picture {
    var width: Int
    var height: Int
    var y: [UInt8]
    var cb: [UInt8]
    var cr: [UInt8]

    /// The three codes at a place that is given in shares of the width and height.
    func at(_ x: Double, _ y: Double) -> [Int] {
      let (column, row) = (Int(x * Double(width)), Int(y * Double(height)))
      let chroma = row / 2 * ((width + 1) / 2) + column / 2
      return [Int(self.y[row * width + column]), Int(cb[chroma]), Int(cr[chroma])]
    }
  }

  /// What is known of a file before it is decoded, and what is wanted of it.
  struct Wishes {
    var rotation = 0
    var fields: FieldOrder?
    var colour = VideoRecipe.Colour(primaries: "bt709", transfer: "bt709", matrix: "bt709", isFullRange: false)
    /// The picture's own size, where it is not given.
    var size: (width: Int, height: Int)?
    var isFitted = true
  }

  /// Decodes up to `count` pictures of a file and gives them the same treatment as a transcode.
  static func prepare(
    _ path: String, count: Int = 1, _ wishes: Wishes = Wishes(), limits: OpenLimits = OpenLimits()
  ) throws -> [Picture] {
    let demuxer = try Demuxer.open(path, limits)
    let stream = try demuxer.stream(0)
    let decoder = try Decoder.open(stream, of: path, threads: 1, limits)
    let packet = try Packet.make()
    let frame = try Frame.make()
    let filtered = try Frame.make()
    var filter: PictureFilter?
    var pictures: [Picture] = []
    var isOpen = false
    var isAtEnd = false
    func finish(_ frame: borrowing Frame) throws {
      if pictures.count < count { pictures.append(try scaled(frame, wishes)) }
    }
    while !isAtEnd && pictures.count < count {
      isAtEnd = try !demuxer.read(into: packet)
      if isAtEnd { try decoder.sendEnd() } else { try decoder.send(packet) }
      while try decoder.receive(into: frame) == .ready {
        frame.raw.pointee.pts = frame.raw.pointee.best_effort_timestamp
        frame.raw.pointee.sample_aspect_ratio = av_guess_sample_aspect_ratio(demuxer.raw, stream, frame.raw)
        if !isOpen {
          filter = try PictureFilter.open(
            like: frame, timeBase: decoder.timeBase, rotation: wishes.rotation, isMirrored: false,
            fields: wishes.fields, colour: wishes.colour,
            largest: wishes.size ?? (Int(frame.raw.pointee.width), Int(frame.raw.pointee.height)))
          isOpen = true
        }
        if filter == nil {
          try finish(frame)
        } else {
          try filter?.send(frame)
          while try filter?.receive(into: filtered) == .ready { try finish(filtered) }
        }
      }
    }
    try filter?.sendEnd()
    while try filter?.receive(into: filtered) == .ready { try finish(filtered) }
    return pictures
  }

  private static func scaled(_ frame: borrowing Frame, _ wishes: Wishes) throws -> Picture {
    let source = Scaler.Source(frame)
    let size = wishes.size ?? (Int(source.width), Int(source.height))
    let scaler = try Scaler.open(
      from: source, width: size.width, height: size.height, format: AV_PIX_FMT_YUV420P, matrix: AVCOL_SPC_BT709,
      sampleAspect: wishes.isFitted ? source.sampleAspect : nil)
    let output = try Frame.make()
    try scaler.scale(frame, into: output)
    let raw = output.raw.pointee
    let (width, height) = (Int(raw.width), Int(raw.height))
    let chroma = ((width + 1) / 2, (height + 1) / 2)
    return Picture(
      width: width, height: height, y: plane(raw.data.0, raw.linesize.0, (width, height)),
      cb: plane(raw.data.1, raw.linesize.1, chroma), cr: plane(raw.data.2, raw.linesize.2, chroma))
  }

  private static func plane(
    _ data: UnsafeMutablePointer<UInt8>?, _ line: Int32, _ size: (width: Int, height: Int)
  ) -> [UInt8] {
    guard let data else { return [] }
    return (0..<size.height).flatMap { row in
      Array(UnsafeBufferPointer(start: data + row * Int(line), count: size.width))
    }
  }
}
