internal import CFFmpeg
internal import FerryCore

/// Encodes one chunk of a rendition's pictures with an encoder of its own.
///
/// Nothing but the chunk's own pictures and the recipe decides its bytes: not its place in the title, not what is
/// encoded beside it, not the machine.
struct ChunkEncoder: Sendable {
  let rendition: Rendition
  let recipe: VideoRecipe
  let cap: BitRateCap
  let path: String

  /// Encodes the pictures of chunk `number` that come from `queue`, up to the chunk's last or the queue's end; whether
  /// more may come.
  func encode(_ number: Int, from queue: FrameQueue, to join: ChunkJoin) throws(MediaError) -> Bool {
    let pictures = recipe.pictures(ofChunk: number)
    let picture = try Frame.make()
    let packet = try Packet.make()
    guard try take(picture, from: queue) else { return false }
    let encoder = try VideoEncoder.open(rendition, recipe, cap, for: path)
    try join.begin(encoder)
    var mayHaveMore = true
    while mayHaveMore {
      let isLast = Int(picture.raw.pointee.pts) + 1 == pictures.upperBound
      picture.raw.pointee.pts = picture.raw.pointee.pts.subtracting(bounded: Int64(pictures.lowerBound))
      try encoder.send(picture)
      try drain(encoder, packet, number, to: join)
      if isLast { break }
      mayHaveMore = try take(picture, from: queue)
    }
    try encoder.sendEnd()
    try drain(encoder, packet, number, to: join)
    try join.end(number)
    return mayHaveMore
  }

  private func take(_ picture: borrowing Frame, from queue: FrameQueue) throws(MediaError) -> Bool {
    switch queue.take(into: picture) {
    case .cancelled: throw MediaError(.encode, path, code: ferry_EXIT)
    case .ended: return false
    case .frame: return true
    }
  }

  private func drain(
    _ encoder: borrowing Encoder, _ packet: borrowing Packet, _ chunk: Int, to join: ChunkJoin
  ) throws(MediaError) {
    while try encoder.receive(into: packet) == .ready {
      let first = Int64(recipe.pictures(ofChunk: chunk).lowerBound)
      packet.raw.pointee.pts = packet.raw.pointee.pts.adding(bounded: first)
      packet.raw.pointee.dts = packet.raw.pointee.dts.adding(bounded: first)
      packet.raw.pointee.duration = 1
      try join.take(packet, of: chunk)
    }
  }
}
