internal import CFFmpeg
internal import FerryCore
internal import Synchronization

/// Writes the packets of a rendition's chunks into its file in order, whichever chunk is encoded first.
///
/// Packets of the chunk that is next go to the file at once; those of later ones wait.
final class ChunkJoin: @unchecked Sendable {
  /// Held by whoever touches what follows.
  private let lock = Mutex(())
  private let path: String
  private let recipe: VideoRecipe
  /// Fragments that are expected.
  private let segments: Int
  private var writer: FragmentWriter?
  /// The decoder's configuration, which must be the same in every chunk: the file has one.
  private var configuration: [UInt8] = []
  /// The chunk whose packets go to the file.
  private var current = 0
  private var waiting: [Int: [UnsafeMutablePointer<AVPacket>]] = [:]
  private var ended: Set<Int> = []
  private var written = 0
  /// When the first packet is decoded.
  private var firstDecoded: Int64 = 0
  private var bucket: LeakyBucket?

  init(_ path: String, _ rendition: Rendition, _ recipe: VideoRecipe, segments: Int) {
    self.path = path
    self.recipe = recipe
    self.segments = segments
    writer = nil
    bucket = rendition.codec.isCapped ? LeakyBucket(rendition, frameRate: recipe.frameRate) : nil
  }

  /// Whether the joined stream keeps to the rendition's cap.
  var keepsToCap: Bool { lock.withLock { _ in bucket?.isKept ?? true } }

  /// Says which encoder a chunk's packets will come from.
  func begin(_ encoder: borrowing Encoder) throws(MediaError) {
    try lock.withLock { _ throws(MediaError) in try opened(for: encoder) }
  }

  private func opened(for encoder: borrowing Encoder) throws(MediaError) {
    let own = bytes(encoder.raw.pointee.extradata, Int(encoder.raw.pointee.extradata_size))
    if writer != nil {
      if own == configuration { return }
      throw MediaError(.encode, path, code: ferry_INVALIDDATA, detail: "its chunks have different headers")
    }
    configuration = own
    writer = try FragmentWriter.open(path, for: encoder, language: "und", segments: segments)
  }

  /// Takes a packet of a chunk, leaving it empty.
  func take(_ packet: borrowing Packet, of chunk: Int) throws(MediaError) {
    try lock.withLock { _ throws(MediaError) in try taken(packet, of: chunk) }
  }

  private func taken(_ packet: borrowing Packet, of chunk: Int) throws(MediaError) {
    if chunk == current { return try write(packet) }
    let own = try unwrap(av_packet_alloc(), .write, path)
    av_packet_move_ref(own, packet.raw)
    waiting[chunk, default: []].append(own)
  }

  /// A chunk has no more packets.
  func end(_ chunk: Int) throws(MediaError) {
    try lock.withLock { _ throws(MediaError) in try close(chunk) }
  }

  private func close(_ chunk: Int) throws(MediaError) {
    ended.insert(chunk)
    let packet = try Packet.make()
    while ended.remove(current) != nil {
      current += 1
      for own in waiting.removeValue(forKey: current) ?? [] {
        var own: UnsafeMutablePointer<AVPacket>? = own
        av_packet_move_ref(packet.raw, own)
        av_packet_free(&own)
        try write(packet)
      }
    }
  }

  private func write(_ packet: borrowing Packet) throws(MediaError) {
    guard var writer = writer.take() else { throw MediaError(.write, path, code: ferry_EXIT) }
    let number = Int(packet.raw.pointee.pts)
    let isKey = packet.raw.pointee.flags & AV_PKT_FLAG_KEY != 0
    if isKey && number > 0 && number % recipe.segmentLength == 0 { try writer.cut() }
    // The encoder's note on its settings stands before the first picture; once a file is enough.
    if written > 0, recipe.pictures(ofChunk: current).lowerBound == number { packet.dropEncoderNote() }
    // Pictures are decoded one after the other at the constant rate. A chunk shorter than its encoder's delay, which only
    // the last can be, says otherwise.
    if written == 0 { firstDecoded = packet.raw.pointee.dts }
    packet.raw.pointee.dts = firstDecoded + Int64(written)
    bucket?.take(bits: Int(packet.raw.pointee.size) * 8)
    written += 1
    try writer.write(packet)
    self.writer = consume writer
  }

  /// Closes the file, which must hold `pictures` pictures.
  func finish(as name: String, pictures: Int) throws(MediaError) -> FragmentedFile {
    try lock.withLock { _ throws(MediaError) in try finished(as: name, pictures: pictures) }
  }

  private func finished(as name: String, pictures: Int) throws(MediaError) -> FragmentedFile {
    guard let writer = writer.take(), written == pictures, waiting.isEmpty else {
      throw MediaError(
        .encode, path, code: ferry_INVALIDDATA, detail: "\(pictures) pictures were encoded and \(written) written")
    }
    return try writer.finish(as: name)
  }

  deinit {
    for packet in waiting.values.joined() {
      var packet: UnsafeMutablePointer<AVPacket>? = packet
      av_packet_free(&packet)
    }
  }
}

extension Packet {
  /// Takes a leading NAL unit of x264's own kind (user data, unregistered) off a packet in Annex B.
  fileprivate func dropEncoderNote() {
    let data = bytes(raw.pointee.data, min(Int(raw.pointee.size), 4096))
    guard data.starts(with: [0, 0, 1, 6, 5]) || data.starts(with: [0, 0, 0, 1, 6, 5]) else { return }
    let end = data.indices.dropFirst(4).first { data[$0...].starts(with: [0, 0, 1]) }
    guard let end else { return }
    let start = data[end - 1] == 0 ? end - 1 : end
    raw.pointee.data += start
    raw.pointee.size -= Int32(start)
  }
}
