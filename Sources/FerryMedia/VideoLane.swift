internal import CFFmpeg
internal import FerryCore

/// Encodes one rendition, and hands each picture on to the next smaller one, which scales from it.
struct VideoLane: Sendable {
  let rendition: Rendition
  let recipe: VideoRecipe
  let path: String
  /// Fragments that are expected.
  let segments: Int
  let next: FrameQueue?

  func run(_ queue: FrameQueue) throws(MediaError) -> TranscodeOutcome.VideoOutcome {
    let encoder = try VideoEncoder.open(rendition, recipe, for: path)
    var writer = try FragmentWriter.open(path, for: encoder, language: "und", segments: segments)
    let packet = try Packet.make()
    let input = try Frame.make()
    let scaled = try Frame.make()
    let shared = try Frame.make()
    var scaler: Scaler?
    var scalerSource: Scaler.Source?
    var frames = 0

    taking: while true {
      switch queue.take(into: input) {
      case .cancelled: throw MediaError(.encode, path, code: ferry_EXIT)
      case .ended: break taking
      case .frame: break
      }
      let number = input.raw.pointee.pts
      let source = Scaler.Source(input)
      if source != scalerSource {
        scaler =
          source.isReady(width: rendition.width, height: rendition.height)
          ? nil : try Scaler.open(from: source, width: rendition.width, height: rendition.height)
        scalerSource = source
      }
      switch scaler {
      case .none: try scaled.refer(to: input)
      case .some(let scaler): try scaler.scale(input, into: scaled)
      }
      scaled.raw.pointee.pts = number
      if let next {
        try shared.refer(to: scaled)
        if !next.push(shared) { throw MediaError(.encode, path, code: ferry_EXIT) }
      }
      try encoder.send(scaled)
      frames += 1
      try drain(encoder, packet, into: &writer)
    }
    next?.end()
    if frames == 0 { throw MediaError(.encode, path, code: ferry_INVALIDDATA, detail: "there was no picture") }
    try encoder.sendEnd()
    try drain(encoder, packet, into: &writer)
    let file = try writer.finish(as: rendition.name + ".mp4")
    return try TranscodeOutcome.VideoOutcome(
      file, of: path, rendition, frameRate: recipe.frameRate, frames: frames, isCopied: false)
  }

  private func drain(
    _ encoder: borrowing Encoder, _ packet: borrowing Packet, into writer: inout FragmentWriter
  ) throws(MediaError) {
    while try encoder.receive(into: packet) == .ready {
      packet.raw.pointee.duration = 1
      let isKey = packet.raw.pointee.flags & AV_PKT_FLAG_KEY != 0
      let number = Int(packet.raw.pointee.pts)
      if isKey && number > 0 && number % recipe.segmentLength == 0 { try writer.cut() }
      try writer.write(packet)
    }
  }
}

extension TranscodeOutcome.VideoOutcome {
  /// Reads the codec string from the finished file.
  init(
    _ file: FragmentedFile, of path: String, _ rendition: Rendition, frameRate: Rational, frames: Int, isCopied: Bool
  ) throws(MediaError) {
    guard let codec = CodecString.of(path, initialisation: file.initialisation, codec: rendition.codec) else {
      throw MediaError(.encode, path, code: ferry_INVALIDDATA, detail: "its header has no decoder configuration")
    }
    self.init(
      file: file, rendition: rendition, frameRate: frameRate, codec: codec, frames: frames, isCopied: isCopied)
  }
}
