internal import CFFmpeg

/// How a source's channels become those that are delivered, and which of them anybody hears.
struct ChannelMix: Equatable {
  /// The source's channels that are heard, by number.
  var heard: [Int]
  /// Each delivered channel's share of each of the source's, row by row; `nil` where FFmpeg knows the layout.
  var matrix: [Double]?
  /// What is not heard, in words, where a layout does not say what the channels are.
  var loss: String?

  /// Layouts of more channels have no usual order.
  private static let mostUsual = 8
  /// What libswresample can hold.
  private static let mostChannels = 64

  /// Standard layouts are mixed by the standard's coefficients (ITU-R BS.775). A single channel is heard on all sides
  /// as loud as it is, whatever its label. Of channels that nothing names the first ones are heard, where recorders put
  /// their mix.
  init(_ layout: UnsafePointer<AVChannelLayout>, outputs: Int) {
    let inputs = Int(layout.pointee.nb_channels)
    if inputs == 1 {
      self.init(heard: [0], matrix: Array(repeating: 1, count: outputs))
    } else if layout.pointee.order == AV_CHANNEL_ORDER_AMBISONIC {
      var matrix = Array(repeating: 0.0, count: inputs * outputs)
      for output in 0..<outputs { matrix[output * inputs] = 1 }
      let words = "ambisonic sound of \(inputs) channels: only the first, which is all around, is heard"
      self.init(heard: [0], matrix: matrix, loss: words)
    } else if let heard = ChannelMix.heard(of: layout, outputs: outputs) {
      self.init(heard: heard)
    } else {
      self.init(firstOf: inputs, outputs: outputs)
    }
  }

  private init(heard: [Int], matrix: [Double]? = nil, loss: String? = nil) {
    self.heard = heard
    self.matrix = matrix
    self.loss = loss
  }

  private init(firstOf inputs: Int, outputs: Int) {
    let count = min(inputs, outputs)
    var matrix = Array(repeating: 0.0, count: inputs * outputs)
    for channel in 0..<count { matrix[channel * inputs + channel] = 1 }
    let words =
      "its \(inputs) channels have no known layout: only the first\(count == 1 ? " is" : " \(count) are") heard"
    self.init(heard: Array(0..<count), matrix: matrix, loss: inputs > count ? words : nil)
  }

  /// The channels of which FFmpeg takes something; `nil` for a layout that it cannot mix.
  private static func heard(of layout: UnsafePointer<AVChannelLayout>, outputs: Int) -> [Int]? {
    let inputs = Int(layout.pointee.nb_channels)
    var output = AVChannelLayout()
    defer { av_channel_layout_uninit(&output) }
    av_channel_layout_default(&output, Int32(outputs))
    if layout.pointee.order == AV_CHANNEL_ORDER_UNSPEC {
      guard inputs <= mostUsual else { return nil }
      var usual = AVChannelLayout()
      defer { av_channel_layout_uninit(&usual) }
      av_channel_layout_default(&usual, Int32(inputs))
      return heard(named: &usual, &output)
    }
    return heard(named: layout, &output)
  }

  private static func heard(
    named layout: UnsafePointer<AVChannelLayout>, _ output: UnsafePointer<AVChannelLayout>
  ) -> [Int]? {
    let inputs = Int(layout.pointee.nb_channels)
    if av_channel_layout_compare(layout, output) == 0 { return Array(0..<inputs) }
    guard inputs <= mostChannels else { return nil }
    var shares = Array(repeating: 0.0, count: mostChannels * mostChannels)
    let level = 0.5.squareRoot()
    let result = swr_build_matrix2(
      layout, output, level, level, 0, .greatestFiniteMagnitude, 1, &shares, mostChannels,
      AV_MATRIX_ENCODING_NONE, nil)
    if result < 0 {
      // It has said why, which is no error here.
      _ = LibraryLog.takeLastLine()
      return nil
    }
    return (0..<inputs).filter { channel in
      (0..<Int(output.pointee.nb_channels)).contains { shares[$0 * mostChannels + channel] != 0 }
    }
  }
}
