internal import CFFmpeg
internal import FerryCore

/// Streams that appear only while a file is read, of a kind that the title has none of: nothing was planned for them.
///
/// Of kinds that it has, `Successors` tells.
struct Newcomers {
  private var known = 0
  private var hasPicture = true
  private var hasSound = true
  private(set) var words: String?

  init() {}

  /// `known` streams were there when the file was opened.
  init(known: Int, used recipe: Recipe) {
    self.known = known
    hasPicture = recipe.video != nil
    hasSound = recipe.audio?.sourceStream != nil
  }

  /// Takes note of a packet of a stream that is not used.
  mutating func see(_ index: Int, _ stream: UnsafeMutablePointer<AVStream>?, at time: Double) {
    guard words == nil, index >= known, let stream, stream.isPlayed else { return }
    let isSound = stream.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_AUDIO
    if isSound ? hasSound : hasPicture { return }
    let codec = String(cString: avcodec_get_name(stream.pointee.codecpar.pointee.codec_id))
    words = "\(isSound ? "sound" : "a picture") (stream \(index), \(codec)) begins only at \(seconds(time))"
  }
}
