internal import CFFmpeg
package import FerryCore

/// Finds by reading packets what a container without a whole index does not tell: bit rates, and where key frames are.
///
/// Nothing is decoded. It ends as soon as nothing is left to find: of pictures whose key frames lie unevenly the
/// beginning is enough.
package enum PacketCount {
  /// A stream that is counted.
  private struct Count {
    let unit: Double
    let isPicture: Bool
    var bytes = 0
    var packets = 0
    var first: Double?
    var end = 0.0
    /// Packets from each key frame to the next, as long as that is always the same.
    var spacing: Int?
    var lastKey = 0
    var isUneven = false

    var length: Double { end - (first ?? end) }
    /// Of sound the beginning says enough.
    var isDone: Bool { isPicture ? isUneven : length > PacketCount.enoughSound }

    mutating func add(_ raw: AVPacket) {
      let stamp = raw.pts != ferry_NOPTS ? raw.pts : raw.dts
      if stamp != ferry_NOPTS {
        let time = Double(stamp) * unit
        first = min(first ?? time, time)
        end = max(end, time + Double(max(0, raw.duration)) * unit)
      }
      bytes += Int(raw.size)
      if isPicture, raw.flags & AV_PKT_FLAG_KEY != 0 { addKey() }
      packets += 1
    }

    private mutating func addKey() {
      let step = packets - lastKey
      lastKey = packets
      if packets == 0 { return }
      if let spacing, spacing != step { isUneven = true }
      spacing = step
    }

    /// `nil` when the key frames lie unevenly, or only the first picture is one.
    var keyFrameSpacing: Int? {
      guard let spacing, !isUneven, packets - lastKey <= spacing else { return nil }
      return spacing
    }
  }

  /// Seconds of sound that are counted.
  private static let enoughSound = 60.0

  /// `facts` with what the packets of `streams` tell.
  package static func completing(
    _ facts: SourceFacts, of path: String, streams: Set<Int>, limits: OpenLimits = OpenLimits()
  ) throws(MediaError) -> SourceFacts {
    let counts = try count(streams, of: path, limits)
    var result = facts
    for index in result.streams.indices {
      guard let count = counts[result.streams[index].index], count.length > 0 else { continue }
      if result.streams[index].bitRate == nil {
        result.streams[index].bitRate = Int(bounded: Double(count.bytes) * 8 / count.length)
      }
      result.streams[index].video?.keyFrameSpacing = count.keyFrameSpacing
    }
    return result
  }

  private static func count(
    _ streams: Set<Int>, of path: String, _ limits: OpenLimits
  ) throws(MediaError) -> [Int: Count] {
    let demuxer = try Demuxer.open(path, limits)
    try demuxer.keep(streams)
    var counts: [Int: Count] = [:]
    for index in streams {
      let stream = try demuxer.stream(index).pointee
      counts[index] = Count(
        unit: av_q2d(stream.time_base), isPicture: stream.codecpar.pointee.codec_type == AVMEDIA_TYPE_VIDEO)
    }
    let packet = try Packet.make()
    do throws(MediaError) {
      while counts.values.contains(where: { !$0.isDone }), try demuxer.read(into: packet) {
        counts[Int(packet.raw.pointee.stream_index)]?.add(packet.raw.pointee)
      }
    } catch {
      // Damage is for the decoding to judge; it is no source to copy.
      guard error.isInvalidData else { throw error }
      return [:]
    }
    return counts
  }
}
